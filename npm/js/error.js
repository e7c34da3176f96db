// Errors of the package: each has a `kind`, and does not contain an argument.

export class OtpError extends Error {
  constructor(kind, message, offset, options) {
    super(message, options);
    this.kind = kind;
    if (offset !== undefined) this.offset = offset;
  }

  /**
   * Each entry of the package has a class of this name. An instance of one counts as an instance
   * of all.
   */
  static [Symbol.hasInstance](value) {
    return this === OtpError ? value?.name === "OtpError" : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  toJSON() {
    const { name, kind, message, offset } = this;
    return { name, kind, message, offset };
  }
}
Object.defineProperty(OtpError.prototype, "name", { value: "OtpError", configurable: true, writable: true });

/**
 * A code that was checked and not accepted. `verdict` is for the user, and `record` for the audit
 * log.
 */
export class Refused extends OtpError {
  constructor({ verdict, record }) {
    super(verdict.kind, verdict.message);
    this.verdict = verdict;
    this.record = record;
  }

  toJSON() {
    const { verdict, record } = this;
    return { ...super.toJSON(), verdict, record };
  }
}
