// For browsers and bundlers: the module is fetched from beside this file.
import load from "./otp_core.js";

await load();

export * from "./exports.js";
