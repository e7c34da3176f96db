// Import and require in one process: both have the same module.
import { createRequire } from "node:module";
import * as imported from "otp-core";
import { triedSeeds } from "./seeds.mjs";
import { tried } from "./tried.mjs";

const required = createRequire(import.meta.url)("otp-core");
if (required.Totp !== imported.Totp) throw new Error("import and require have a class each");
triedSeeds();
console.log(await tried());
