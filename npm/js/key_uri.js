// Key URIs. They are texts of JavaScript, so the module does not keep them.
import { counter, flag, options, period, secretFlags, small, text } from "./args.js";
import { Hotp, Totp } from "./codes.js";
import { OtpError } from "./error.js";
import { Made } from "./handle.js";
import { check, core, parts, secret as secretText, write, writeOne } from "./main.js";

const TYPES = ["totp", "hotp", "steam"];
const ALGORITHMS = ["SHA1", "SHA256", "SHA512"];

export class KeyUri {
  #uri;

  /** Only `KeyUri.parse` and `KeyUri.create` call it. */
  constructor(made, uri) {
    if (!(made instanceof Made)) throw new OtpError("type", "use KeyUri.parse or KeyUri.create");
    this.#uri = uri;
    parts(made.number, 16, (numbers, at, labels) => {
      const line = labels.indexOf("\n");
      const type = numbers.getUint8(at + 8);
      this.type = TYPES[type];
      this.issuer = labels.slice(0, line);
      this.account = labels.slice(line + 1);
      this.algorithm = ALGORITHMS[numbers.getUint8(at + 9)];
      this.digits = numbers.getUint8(at + 10);
      this.secretBits = numbers.getUint32(at + 12, true);
      this[type === 1 ? "counter" : "period"] = numbers.getFloat64(at, true);
    });
  }

  static parse(uri, given) {
    const isStrict = given !== undefined && flag(options(given, ["strict"]).strict, "strict");
    const len = writeOne(text(uri, "uri"));
    return new KeyUri(new Made(check(core().uri_parse(len, isStrict ? 1 : 0))), uri);
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
