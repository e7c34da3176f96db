// Seed files of hardware tokens. They have a module of their own, which is as large as all the rest.
import { bytes, options, period, small, text } from "./args.js";
import { OtpError } from "./error.js";
import { core, init, json, write } from "./main.js";

const file = (value) => (typeof value === "string" ? value : bytes(value, "file"));

function tokens(result) {
  const { tokens } = json(result);
  core().wipe();
  return tokens;
}

export function readPskc(given, unlock) {
  const { key, passphrase } = options(unlock, ["key", "passphrase"]);
  if (key !== undefined && passphrase !== undefined) throw new OtpError("option", "give the key or the passphrase");
  let [kind, opener] = [0, ""];
  if (key !== undefined) [kind, opener] = [1, bytes(key, "key")];
  if (passphrase !== undefined) [kind, opener] = [2, text(passphrase, "passphrase")];
  const [fileLen, openerLen] = write(file(given), opener);
  return tokens(core().seeds_pskc(fileLen, kind, openerLen));
}

export function readCsv(given, defaults) {
  const wanted = options(defaults, ["type", "algorithm", "digits", "period"]);
  const { type = "hotp", algorithm = "SHA1", digits = 6 } = wanted;
  if (type !== "hotp" && type !== "totp") throw new OtpError("type", "type has to be hotp or totp");
  const seconds = period(wanted.period ?? 30);
  const [fileLen, algorithmLen] = write(file(given), text(algorithm, "algorithm"));
  return tokens(core().seeds_csv(fileLen, type === "totp" ? 1 : 0, algorithmLen, small(digits, 0), seconds));
}

export { OtpError, init };
