// For Node: the module is read from beside this file.
import { readFileSync } from "node:fs";
import { initSync } from "./otp_core.js";

initSync({ module: readFileSync(new URL("./otp_core_bg.wasm", import.meta.url)) });

export * from "./exports.js";
