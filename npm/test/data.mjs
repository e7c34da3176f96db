// The files that tests read, from the folder of the project. Where there is no disk, `places/` puts their texts in place of
// this module.
import { readFileSync } from "node:fs";

export const read = (file) => readFileSync(`../${file}`, "utf8");
