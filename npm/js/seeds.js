// Seed files of hardware tokens. They have a module of their own, which is as large as the main
// one.
import { bytes, flag, options, period, small, text } from "./args.js";
import { OtpError } from "./error.js";
import { core, init, json, write } from "./main.js";

const file = (value) => (typeof value === "string" ? value : bytes(value, "file"));

function tokens(result) {
  const { tokens } = json(result);
  core().wipe();
  return tokens;
}

/** The columns of a CSV file. The module knows them by their place in this list. */
const COLUMNS = [
  "other", "serial", "secret", "type", "digits", "period", "counter", "drift", "algorithm", "user", "manufacturer", "model",
  "keyId", "issuer", "startDate", "expiryDate",
];
const ENCODINGS = ["either", "hex", "base32"];

function listed(value, list, name) {
  const index = list.indexOf(value);
  if (index === -1) throw new OtpError("type", `${name} has to be one of: ${list.join(", ")}`);
  return index;
}

/** The code of an ASCII character between cells, 0 if none is given. */
function separatorCode(separator) {
  if (separator === undefined) return 0;
  if (!/^[\t -~]$/.test(text(separator, "separator")) || separator === '"') {
    throw new OtpError("type", "separator has to be one ASCII character, other than a quotation mark");
  }
  return separator.charCodeAt(0);
}

export function readPskc(given, wanted) {
  const { key, passphrase, maxIterations = 1000000, allowMissingMac } = options(
    wanted, ["key", "passphrase", "maxIterations", "allowMissingMac"]);
  if (small(maxIterations) === undefined) throw new OtpError("type", "maxIterations has to be a whole number of 32 bits");
  if (key !== undefined && passphrase !== undefined) throw new OtpError("option", "give the key or the passphrase");
  let [kind, opener] = [0, ""];
  if (key !== undefined) [kind, opener] = [1, bytes(key, "key")];
  if (passphrase !== undefined) [kind, opener] = [2, text(passphrase, "passphrase")];
  const [fileLen, openerLen] = write(file(given), opener);
  return tokens(core().seeds_pskc(fileLen, kind, openerLen, maxIterations, flag(allowMissingMac, "allowMissingMac") ? 1 : 0));
}

export function readCsv(given, settings) {
  const wanted = options(settings, ["type", "algorithm", "digits", "period", "columns", "separator", "encoding"]);
  const { type = "hotp", algorithm = "SHA1", digits = 6, columns = [], separator, encoding = "either" } = wanted;
  if (type !== "hotp" && type !== "totp") throw new OtpError("type", "type has to be hotp or totp");
  const seconds = period(wanted.period ?? 30);
  if (!Array.isArray(columns)) throw new OtpError("type", "columns has to be an array of names");
  const numbers = Uint8Array.from(columns, (column) => listed(column, COLUMNS, "a column"));
  const [character, secrets] = [separatorCode(separator), listed(encoding, ENCODINGS, "encoding")];
  const [fileLen, algorithmLen, columnsLen] = write(file(given), text(algorithm, "algorithm"), numbers);
  return tokens(core().seeds_csv(
    fileLen, type === "totp" ? 1 : 0, algorithmLen, small(digits, 0), seconds, columnsLen, character, secrets));
}

export { OtpError, init };
