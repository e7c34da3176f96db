// Key URIs. They are texts in JavaScript already, so nothing of them stays in the module.
import { counter, options, period, secretFlags, small, text } from "./args.js";
import { Hotp, Totp } from "./codes.js";
import { OtpError } from "./error.js";
import { Made } from "./handle.js";
import { check, core, secret as secretText, view, write, writeOne } from "./main.js";

const TYPES = ["totp", "hotp", "steam"];
const ALGORITHMS = ["SHA1", "SHA256", "SHA512"];
const decoder = new TextDecoder();

export class KeyUri {
  #uri;

  /** Use `KeyUri.parse` or `KeyUri.create`. */
  constructor(made, uri) {
    if (!(made instanceof Made)) throw new OtpError("type", "use KeyUri.parse or KeyUri.create");
    this.#uri = uri;
    const said = view(made.number);
    const data = new DataView(said.buffer, said.byteOffset, said.length);
    const number = data.getFloat64(0, true);
    this.type = TYPES[said[8]];
    const labels = decoder.decode(said.subarray(16));
    const line = labels.indexOf("\n");
    this.issuer = labels.slice(0, line);
    this.account = labels.slice(line + 1);
    this.algorithm = ALGORITHMS[said[9]];
    this.digits = said[10];
    this.secretBits = data.getUint32(12, true);
    if (said[8] === 1) this.counter = number;
    else this.period = number;
  }

  static parse(uri, given) {
    const strict = given !== undefined && options(given, ["strict"]).strict;
    if (strict !== false && strict !== true && strict !== undefined) throw new OtpError("type", "strict has to be true or false");
    const len = writeOne(text(uri, "uri"));
    return new KeyUri(new Made(check(core().uri_parse(len, strict ? 1 : 0))), uri);
  }

  static create(given) {
    const known = ["type", "secret", "issuer", "account", "algorithm", "digits", "period", "counter", "allowShort"];
    const { type = "totp", secret, issuer = "", account = "", algorithm = "SHA1", digits = 6, ...rest } = options(given, known);
    const kind = TYPES.indexOf(text(type, "type"));
    if (kind === -1) throw new OtpError("type", "type has to be totp, hotp or steam");
    const number = kind === 1 ? counter(rest.counter ?? 0) : period(rest.period ?? 30);
    const flags = secretFlags(secret, rest.allowShort);
    const [secretLen, algorithmLen, issuerLen, accountLen] = write(
      secret, text(algorithm, "algorithm"), text(issuer, "issuer"), text(account, "account"));
    const uri = secretText(core().uri_create(
      secretLen, flags, algorithmLen, small(digits, 0), kind, number, issuerLen, accountLen));
    return KeyUri.parse(uri);
  }

  engine() {
    const number = check(core().uri_engine(writeOne(this.#uri)));
    return this.type === "hotp" ? new Hotp(new Made(number)) : new Totp(new Made(number, { period: this.period }));
  }

  exposeSecret() {
    return secretText(core().uri_secret(writeOne(this.#uri)));
  }

  toString() {
    return secretText(core().uri_text(writeOne(this.#uri)));
  }

  toQrSvg() {
    return secretText(core().uri_svg(writeOne(this.#uri)));
  }
}
