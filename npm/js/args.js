// Checks of the arguments. TypeScript's types are not checked at run time, so every argument is
// checked here.
import { OtpError } from "./error.js";

/** The end of the year 4999, as in the core. Milliseconds of this century are far beyond it. */
const LATEST = 95617584000;

const not = (name, what) => new OtpError("type", `${name} has to be ${what}`);

export function text(value, name) {
  if (typeof value !== "string") throw not(name, "a string");
  return value;
}

export function bytes(value, name) {
  if (!(value instanceof Uint8Array)) throw not(name, "a Uint8Array");
  return value;
}

export function callable(value, name) {
  if (typeof value !== "function") throw not(name, "a function");
  return value;
}

export const isWhole = (value) => Number.isSafeInteger(value) && value >= 0;

/** Whole seconds of Unix time. */
export function time(value) {
  if (!isWhole(value)) {
    throw new OtpError("time", "a time is whole seconds of Unix time from 0 on: Math.floor(Date.now() / 1000)");
  }
  if (value > LATEST) {
    throw new OtpError("time-too-far", "the time is after the year 5000: it is seconds, not milliseconds (Math.floor(Date.now() / 1000))");
  }
  return value;
}

export function counter(value) {
  if (!isWhole(value)) throw new OtpError("counter", "a counter is a safe integer from 0 on");
  return value;
}

export function period(value) {
  if (!isWhole(value)) throw new OtpError("period", "a period is whole seconds, at least 1");
  return value;
}

/**
 * Returns a number of 32 bits. Any other value becomes `otherwise`, which the module refuses with
 * its message.
 */
export const small = (value, otherwise) => (isWhole(value) && value < 2 ** 32 ? value : otherwise);

export function flag(value, name) {
  if (value !== undefined && typeof value !== "boolean") throw not(name, "true or false");
  return value === true;
}

/**
 * Checks an object of options. It refuses unknown names, so that a misspelt option is not
 * ignored.
 */
export function options(value, known) {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null) throw not("options", "an object");
  for (const name of Object.keys(value)) {
    // The message leaves the name out: if arguments are mixed up, it may be a secret.
    if (!known.includes(name)) throw new OtpError("option", `there is an unknown option, known are: ${known.join(", ")}`);
  }
  return value;
}

/** Returns how the module reads the shared secret: 1 means Base32, and 2 allows a short one. */
export function secretFlags(secret, allowShort) {
  const isText = typeof secret === "string";
  if (!isText && !(secret instanceof Uint8Array)) throw not("secret", "a string in Base32 or a Uint8Array");
  return (isText ? 1 : 0) + (flag(allowShort, "allowShort") ? 2 : 0);
}
