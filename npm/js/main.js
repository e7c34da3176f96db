// The main module of the package. The build replaces `#module` for each entry.
import module from "#module";
import { createCore } from "./core.js";

export const { core, write, writeOne, text, secret, check, float, parts, init, json } = createCore(module);
