// Mistakes that the tests of the package have to notice: `CONTROL=… node --import ./test/control.mjs`.
import { Attempt, KeyUri, RecoverySet, Totp } from "otp-core";

const patch = (holder, name, make) => {
  const { value } = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, { value: make(value), configurable: true, writable: true });
};

const CONTROLS = {
  "another-step": () => patch(Totp.prototype, "codeAt", (codeAt) => function (now) {
    return codeAt.call(this, typeof now === "bigint" ? now + 30n : now + 30);
  }),
  "not-strict": () => patch(Attempt.prototype, "settle", (settle) => function (committed) {
    return settle.call(this, Boolean(committed));
  }),
  "settled-twice": () => patch(Attempt.prototype, "settle", (settle) => function (committed) {
    return (this.verdict ??= settle.call(this, committed));
  }),
  "peeked": () => patch(Totp.prototype, "attempt", (attempt) => function (state, code, ...rest) {
    return Object.assign(attempt.call(this, state, code, ...rest), { right: code === "287082" });
  }),
  "input-in-message": () => patch(KeyUri, "parse", (parse) => (uri, options) => {
    try {
      return parse.call(KeyUri, uri, options);
    } catch (error) {
      error.message += ` in ${uri}`;
      throw error;
    }
  }),
  "no-kind": () => patch(Totp.prototype, "codeAt", (codeAt) => function (now) {
    return codeAt.call(this, Math.floor(Number(now)));
  }),
  "codes-in-bytes": () => patch(RecoverySet, "generate", (generate) => (...args) => {
    const { set, codes } = generate.apply(RecoverySet, args);
    const toBytes = set.toBytes.bind(set);
    return { codes, set: Object.assign(set, { toBytes: () => {
      const bytes = toBytes();
      bytes.set(new TextEncoder().encode(codes[0].replaceAll("-", "")), 200);
      return bytes;
    } }) };
  }),
};

CONTROLS[process.env.CONTROL]();
