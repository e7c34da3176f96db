// The main module of the package. `#module` is what the entry has inside; the build decides.
import module from "#module";
import { createCore } from "./core.js";

export const { core, write, writeOne, text, secret, check, float, parts, init, json } = createCore(module);
