// Exports of Google Authenticator.
import { text } from "./args.js";
import { core, json, writeOne } from "./main.js";

export function readExport(uri) {
  const read = json(core().export_read(writeOne(text(uri, "uri"))));
  core().wipe();
  return read;
}
