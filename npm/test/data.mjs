// Reads the files of the project for the tests. If a runtime does not have a disk, `places/`
// replaces this module with their texts.
import { readFileSync } from "node:fs";

export const read = (file) => readFileSync(`../${file}`, "utf8");
