/// <reference lib="esnext.disposable" />
// Times are whole seconds of Unix time, `Math.floor(Date.now() / 1000)`. Steps, counters and
// times are safe integers.

/** The hash below HMAC. Many authenticator apps know only SHA-1. */
export type Algorithm = "SHA1" | "SHA256" | "SHA512";

/**
 * Every error that the package throws. The message is for people, and does not contain secrets or
 * input.
 */
export class OtpError extends Error {
  readonly name: "OtpError";
  /** The kind of error, for programs. These names do not change. */
  readonly kind: ErrorKind;
  /** The position in the text, in bytes of UTF-8. */
  readonly offset?: number;
  constructor(kind: ErrorKind, message: string, offset?: number, options?: ErrorOptions);
  toJSON(): { name: "OtpError"; kind: ErrorKind; message: string; offset?: number };
}

/**
 * A code that was checked and not accepted. Only the process that threw it has its fields: a call
 * of a Durable Object or a worker has to catch it, and return `verdict`.
 */
export class Refused extends OtpError {
  /** The answer for the user. */
  readonly verdict: Refusal;
  /** For the audit log. */
  readonly record: AuditRecord;
  toJSON(): ReturnType<OtpError["toJSON"]> & { verdict: Refusal; record: AuditRecord };
}

/** The part of a key URI that an error is about. */
export type UriPart =
  | "scheme" | "type" | "label" | "secret" | "issuer" | "algorithm" | "digits" | "period"
  | "counter" | "encoder" | "parameter";

/** The problem with a part of a key URI. */
export type UriProblem =
  | "missing" | "duplicate" | "escape" | "not-utf8" | "control-character" | "character"
  | "other-encoding" | "after-padding" | "not-a-number" | "out-of-range" | "unsupported" | "refused";

/** The part of an export that an error is about. The last seven are parts of an entry. */
export type ExportPart =
  | "scheme" | "host" | "path" | "data" | "payload" | "version" | "batch-size" | "batch-index" | "batch-id" | "entry"
  | "secret" | "name" | "issuer" | "algorithm" | "digits" | "type" | "counter";

/** The problem with a part of an export. */
export type ExportProblem =
  | "missing" | "duplicate" | "escape" | "character" | "after-padding" | "last-group" | "buffer-too-small" | "truncated"
  | "out-of-range" | "not-a-field" | "wire-type" | "unsupported" | "not-utf8" | "control-character";

export type ErrorKind =
  | `uri-${UriPart}-${UriProblem}`
  | `export-${ExportPart}-${ExportProblem}`
  /** An error of `otp-core/seeds`: the part of the file, and its problem. */
  | `seeds-${string}`
  | "secret-empty" | "secret-short" | "secret-long" | "secret-zero" | "secret-base32" | "secret-mixed-case" | "secret-other-encoding"
  | "label-control-character"
  | "algorithm" | "digits" | "period" | "window" | "policy" | "counter"
  | "time" | "time-before-t0" | "time-too-far" | "period-too-long" | "other-engine" | "none-confirmed" | "codes"
  | "state-length" | "state-version" | "state-impossible"
  | "pepper-short" | "pepper-long" | "pepper-zero" | "recovery-length"
  | "recovery-pepper" | "recovery-mismatch" | "recovery-state" | "recovery-user" | "recovery-exhausted"
  | "recovery-set-length" | "recovery-set-version" | "recovery-set-impossible"
  | "random-failed" | "random-repeats"
  | "qr-too-long" | "engine"
  /** A code that was not accepted: see `Refused`. */
  | Refusal["kind"]
  /** An argument of another type, or an unknown option. */
  | "type" | "option"
  /** An object that has been freed. */
  | "freed"
  /** The WebAssembly module is missing, or the runtime refuses it, or the package is incomplete. */
  | "module-missing" | "module-refused" | "internal"
  | "memory";

/**
 * Starts the module before the first call. It is optional: otherwise the first call starts the
 * module synchronously. `otp-core/bare` needs it, because it does not contain the module.
 * `source` is the module, its bytes, a response, or the URL of `otp-core/otp_core.wasm`, which
 * `init` fetches.
 */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void>;
export type ModuleSource = WebAssembly.Module | ArrayBuffer | ArrayBufferView | Response | URL | string;

/**
 * An object in the memory of the module. `free`, `using` or garbage collection wipes it. The
 * types include TypeScript's library `esnext.disposable`, which TypeScript 5.2 brought.
 */
interface Freed {
  free(): void;
  [Symbol.dispose](): void;
}

export interface HotpOptions {
  /** `SHA1` unless given. */
  algorithm?: Algorithm;
  /** 6 to 10, 6 unless given. */
  digits?: number;
  /** The first counter that is accepted in a login, 0 unless given. */
  counter?: number;
  /** Takes secrets under 128 bits too, which real services issue. */
  allowShort?: boolean;
}

export interface TotpOptions {
  /** `SHA1` unless given. */
  algorithm?: Algorithm;
  /** 6 to 10, 6 unless given. */
  digits?: number;
  /** Seconds that a code lasts, 30 unless given. */
  period?: number;
  /** The Unix time in seconds at which step 0 begins, 0 unless given. */
  t0?: number;
  /** Takes secrets under 128 bits too, which real services issue. */
  allowShort?: boolean;
}

/** Time steps that are accepted besides the current one, 0 to 100 each way; 1 unless given. */
export interface WindowOptions {
  past?: number;
  future?: number;
}

/**
 * Time-based codes (RFC 6238). The module keeps the HMAC key schedule, and does not keep the
 * secret.
 */
export class Totp implements Freed {
  /**
   * Takes the shared secret as Base32 or as bytes, at least 128 bits of it. Without options it is
   * SHA-1, 6 digits and 30 seconds: what every authenticator app speaks.
   */
  constructor(secret: string | Uint8Array, options?: TotpOptions);
  /** Seconds that a code lasts. */
  readonly period: number;
  /** Returns the code at a time, with its leading zeros. */
  codeAt(now: number): string;
  /** Returns how many seconds the code of a time still lasts, at least 1. */
  secondsRemainingAt(now: number): number;
  /** Returns the time step of a time. */
  stepAt(now: number): number;
  /**
   * Checks what a person typed, with one step before and one after unless `window` says
   * otherwise. Returns `null` for a wrong code, and throws `malformed` for what cannot be one.
   *
   * It keeps no state: it accepts the same code as often as it is asked. Behind a login use
   * `logIn`.
   */
  verifyAt(code: string, now: number, window?: WindowOptions): { step: number; drift: number } | null;
  free(): void;
  [Symbol.dispose](): void;
}

/**
 * Counter-based codes (RFC 4226). The module keeps the HMAC key schedule, and does not keep the
 * secret.
 */
export class Hotp implements Freed {
  /**
   * Takes the shared secret as Base32 or as bytes, at least 128 bits of it. Without options it is
   * SHA-1 and 6 digits.
   */
  constructor(secret: string | Uint8Array, options?: HotpOptions);
  /**
   * Returns the code of a counter. A device that shows codes stores the next counter before it
   * shows one.
   */
  code(counter: number): string;
  /**
   * Checks what a person typed against a counter and those after it, ten unless `lookAhead` says
   * otherwise (0 to 100). Returns `null` for a wrong code, and throws `malformed` for what cannot
   * be one. It keeps no state: see `logIn`.
   */
  verify(code: string, counter: number, lookAhead?: number): { counter: number } | null;
  free(): void;
  [Symbol.dispose](): void;
}

export interface KeyUriOptions {
  /** `totp` unless given. */
  type?: "totp" | "hotp" | "steam";
  /** Base32, or the bytes themselves. A new one is `crypto.getRandomValues(new Uint8Array(20))`. */
  secret: string | Uint8Array;
  /** The service that issues the key. */
  issuer?: string;
  /** The name of the account. */
  account?: string;
  /** `SHA1` unless given. */
  algorithm?: Algorithm;
  /** 6 to 10, 6 unless given. */
  digits?: number;
  /** For TOTP: seconds that a code lasts, 30 unless given. */
  period?: number;
  /** For HOTP: the counter of the first code, 0 unless given. */
  counter?: number;
  /** Takes secrets under 128 bits too. */
  allowShort?: boolean;
}

/**
 * A key URI, `otpauth://totp/…`: the text of the QR code that enrols an app. `JSON.stringify`
 * leaves the secret out.
 */
export class KeyUri {
  private constructor();
  /**
   * Reads a key URI, leniently as apps do: separators in the secret, labels of any form, secrets
   * under 128 bits. `strict` refuses what the specification does not allow.
   */
  static parse(uri: string, options?: { strict?: boolean }): KeyUri;
  /** Makes a key URI. */
  static create(options: KeyUriOptions): KeyUri;
  readonly type: "totp" | "hotp" | "steam";
  /** The service that issued the key. It is empty if the URI does not name it. */
  readonly issuer: string;
  /** The name of the account. It may be empty. */
  readonly account: string;
  readonly algorithm: Algorithm;
  /** The number of digits of a code. With Steam it is 5 symbols. */
  readonly digits: number;
  /** Seconds that a code lasts. HOTP does not have it. */
  readonly period?: number;
  /** The counter of the first code that has not been used. Only HOTP has it. */
  readonly counter?: number;
  /** The length of the shared secret. */
  readonly secretBits: number;
  /** Makes the engine: `Hotp` if `type` is `hotp`, otherwise `Totp`. */
  engine(): Totp | Hotp;
  /** Returns the shared secret in Base32, for typing. */
  exposeSecret(): string;
  /** Returns the URI in its canonical form, with the secret in it. */
  toString(): string;
  /** Returns the QR code, as SVG. A person who sees it has the shared secret. */
  toQrSvg(): string;
}

export interface PolicyOptions {
  /** For TOTP. */
  window?: WindowOptions;
  /** For HOTP: counters that are accepted beyond the next one, 0 to 100; 10 unless given. */
  lookAhead?: number;
  /** The longest period of TOTP that is verified, in seconds; 120 unless given. */
  longestPeriod?: number;
  /** Failures until the first wait, 5 unless given. */
  freeTries?: number;
  /** Seconds of the first wait, 30 unless given. Each is twice the one before. */
  firstWait?: number;
  /** Seconds of the longest wait, 3600 unless given. */
  longestWait?: number;
  /** Failures in a row that disable the authenticator, 100 unless given. */
  maxFailures?: number;
  /** Wrong codes that no login refills: 30 unless given, and another one each 86,400 seconds. */
  budget?: { guesses?: number; refill?: number };
  /**
   * For hardware tokens, whose clocks are never corrected. The verifier learns up to `max` steps
   * of drift from accepted codes, and at most `change` (1) from each. The window grows by a step
   * for each `widenEvery` steps of silence, up to `widenMost`.
   */
  drift?: { max: number; change?: number; widenEvery?: number; widenMost?: number };
  /**
   * The reach of `resynchronise`: hours in both directions for TOTP (1 to 24), counters ahead for
   * HOTP, and 2 or 3 codes.
   */
  resynchronisation?: { hours?: number; counters?: number; codes?: number };
}

/**
 * The settings of a verifier: one value for a whole service. Without a `policy`, a function uses
 * `new Policy()`.
 */
export class Policy implements Freed {
  constructor(options?: PolicyOptions);
  /**
   * Returns the highest chance that an attacker who knows the password guesses a code within so
   * many days, 365 unless given and at most 36,525. It holds for a store that compares and swaps,
   * however often the owner logs in.
   */
  guessBound(engine: Totp | Hotp, span?: { days?: number }): number;
  free(): void;
  [Symbol.dispose](): void;
}

/**
 * The state of an authenticator: a text of at most 128 hexadecimal digits. It is not secret.
 * Store it beside the secret. Each state has only one text, so a store can compare texts. They
 * are the bytes that the Rust crate stores.
 */
export type State = string;

/** Returns the state of a new enrolment. The first code that is accepted confirms it. */
export function enrolmentState(): State;
/** Returns the state of a user who comes from another system, with what that system knows. */
export function confirmedState(known?: KnownState): State;

export interface KnownState {
  /**
   * The time step or the counter of the last accepted code. It is not a time: if the other system
   * stored the seconds `t`, give `engine.stepAt(t)`. From 1,000,000,000 on it is an error, because
   * that is a time in seconds.
   */
  lastUsed?: number;
  /** The counter of the next code. With TOTP it is the first time step that was not used. */
  nextCounter?: number;
  /** Time steps that the client's clock is off, negative if it is behind. */
  drift?: number;
  /** Wrong codes in a row. */
  failures?: number;
}

/**
 * Returns the state of a user's recovery codes. It is separate, so that a disabled authenticator
 * does not disable the recovery codes.
 */
export function recoveryState(): State;
/** Disables an authenticator, such as a lost one. */
export function disableState(state: State): State;
/**
 * Enables one disabled authenticator, a lost one too, and clears the failures and the wait. It is
 * for administrators: see `disabledBy` of `readState` first. Used codes stay used.
 */
export function enableState(state: State): State;
/**
 * Clears the failures and the wait, and refills the budget. An attacker has all tries again, and
 * `guessBound` does not count that. Does not enable a disabled authenticator.
 */
export function unlockState(state: State): State;
/**
 * Repairs the state of a user whose last code was accepted while the server's clock was ahead:
 * every code is `replayed` until the time has reached it. Codes up to one step after the current
 * one stay used. A state of counters does not change.
 */
export function repairState(state: State, engine: Totp, now: number): State;
/** Returns the facts of a state at a time. */
export function readState(state: State, now: number): StateReport;

export interface StateReport {
  lifecycle: "unconfirmed" | "active" | "disabled";
  /**
   * The reason, if it is disabled: too many failures in a row, or `disableState`. Do not enable a
   * lost authenticator (`host`) only because its user is locked out.
   */
  disabledBy?: "failures" | "host";
  /** True if a login has to ask for a code. */
  requiresCode: boolean;
  /** Failures in a row. */
  failures: number;
  /** Steps that the client's clock is known to be off. */
  drift: number;
  /**
   * The lowest time step or counter that is still acceptable. Codes of lower steps are refused.
   * Absent if no step is left.
   */
  nextFactor?: number;
  /** The end of the wait, if it is in the future. */
  lockedUntil?: number;
}

type Awaitable<T> = T | Promise<T>;
/**
 * The number of rows that a statement changed: 1 if it found the old state, 0 if another request
 * was faster. Any other number is an error, and the login fails.
 */
export type Rows = number | bigint;

export interface LoginOptions {
  engine: Totp | Hotp;
  /** The code that the person typed. */
  code: string;
  now: number;
  /** Reads the state: `SELECT state FROM otp WHERE id = ?`. */
  load: () => Awaitable<State>;
  /**
   * Replaces the state, only if the store still holds the old one: `UPDATE otp SET state = ?
   * WHERE id = ? AND state = ?`. It returns the number of rows that this changed. Any other
   * result is an error. It is called only for an accepted or a wrong code: never if the code is
   * replayed, malformed, locked or disabled.
   */
  swap: (old: State, next: State) => Awaitable<Rows>;
  policy?: Policy;
}

/**
 * Checks a code and stores the next state: a login in one call. Returns the verdict for an
 * accepted code. Throws `Refused` with the verdict for every other one. If another request was
 * faster, it loads and checks again, up to ten times.
 *
 * Do not forget `await`: `if (logIn(…))` lets everybody in, because a promise is true.
 *
 * If `load` or `swap` throws, `logIn` throws that error, and the login fails.
 */
export function logIn(options: LoginOptions): Promise<Accepted>;

export interface AnyLoginOptions<Id = undefined> {
  code: string;
  now: number;
  /** Reads all authenticators of the user. `id` is that of the row, of any type. */
  load: () => Awaitable<{ engine: Totp | Hotp; state: State; id?: Id }[]>;
  /**
   * Replaces the states in one transaction, each as in `logIn`, and rolls back if one of them was
   * not found. It returns how many rows each change has changed. `id` is the one that `load`
   * returned with the state, and `index` its place there, counted from 0.
   */
  swap: (changes: { index: number; id: Id; old: State; next: State }[]) => Awaitable<Rows[]>;
  policy?: Policy;
}

/**
 * Logs in a user with several authenticators, as `logIn` does. A right code of one does not count
 * as a failure of another. It does not try an authenticator that was not confirmed, and throws
 * `none-confirmed` if there is no other. `authenticator` and `id` tell which one accepted the code.
 */
export function logInAny<Id = undefined>(
  options: AnyLoginOptions<Id>,
): Promise<Accepted & { authenticator: number; id: Id }>;

export interface FindOptions {
  /** All authenticators to search. */
  authenticators: { engine: Totp | Hotp; state: State }[];
  /** The code that the device shows. */
  code: string;
  now: number;
  /**
   * The steps to search before and after the expected one, 1 each unless given. With HOTP it is
   * counters.
   */
  window?: WindowOptions;
}

/**
 * An authenticator that shows the code, or one that could not be asked. `index` is its place in
 * `authenticators`.
 */
export type Found = { index: number } & ({ kind: "found"; movingFactor: number } | NotRead);

/**
 * Finds which of many authenticators show a code: for a help desk that holds a token without a
 * label. It also finds codes that are used up. It stores nothing and counts no failure.
 *
 * **It is not a login.** Codes of 6 digits match by chance: with 10,000 tokens and a window of 11
 * steps, one code in ten is also that of another token. Ask for the next code too.
 */
export function findCode(options: FindOptions): Found[];

/**
 * Finds the drift of a client whose clock or counter is too far off, by two codes in a row, or
 * three if the policy says so.
 *
 * **It is not a login.** Ask for the next code, and check it with `logIn`. Do not offer it to
 * users who only gave a password.
 */
export function resynchronise(options: Omit<LoginOptions, "code"> & { codes: string[] }): Promise<Resynchronised>;

export interface Accepted {
  kind: "accepted";
  /** The time step or the counter that the code belongs to. */
  movingFactor: number;
  /** Steps that the client's clock is off, or counters that it has gone ahead. */
  drift: number;
  /** Wrong codes since the last success. */
  failures: number;
  /** True for the first code, which confirms the enrolment. */
  confirms: boolean;
  message: string;
  record: AuditRecord;
}

export interface Resynchronised {
  kind: "resynchronised";
  drift: number;
  message: string;
  record: AuditRecord;
}

/**
 * The verdicts of codes that are not accepted. `message` is for logs; README.md has words for the
 * user.
 */
export type Refusal =
  /** The code is right, and has been used. It is not counted as a failure. */
  | { kind: "replayed"; message: string }
  /** A wrong code. It was counted as a failure. */
  | {
      kind: "rejected";
      /** Tries left before the next wait. 0 if it has begun. */
      triesLeft: number;
      /** The end of the wait, if one has begun. */
      until?: number;
      /** Failures left until the authenticator is disabled. 0 if it is disabled now. */
      failuresLeft: number;
      message: string;
    }
  /** The code was not checked, and no code will be before `until`. */
  | { kind: "locked"; until: number; message: string }
  /**
   * The code was not checked: the authenticator has too many failures in a row, or the host
   * disabled it.
   */
  | { kind: "disabled"; message: string }
  /** It is not formatted as a code. It is not counted as a failure. */
  | { kind: "malformed"; message: string }
  /** Other requests were faster, ten times. The verdict deliberately says nothing of the code. */
  | { kind: "conflict"; message: string };

/** The record for an audit log, without a code or a secret. `line` has all of it in one line. */
export interface AuditRecord {
  kind: "code" | "resynchronisation" | "recovery";
  verdict: string;
  failures: number;
  failuresBefore: number;
  authenticator?: number;
  movingFactor?: number;
  drift?: number;
  slot?: number;
  until?: number;
  disabledBy?: "failures" | "host";
  line: string;
}

/** The key that recovery codes are hashed under. Keep it out of the database that has the sets. */
export class Pepper implements Freed {
  /**
   * Takes 14 to 64 bytes from a CSPRNG, and a number by which the host knows this pepper. Bytes
   * that are all zero are refused: a forgotten buffer has them.
   */
  constructor(keyId: number, bytes: Uint8Array);
  free(): void;
  [Symbol.dispose](): void;
}

/** Fills all of the array from a CSPRNG. */
export type FillRandom = (bytes: Uint8Array) => unknown;

/**
 * The hashes of a user's recovery codes, as hexadecimal digits. It does not contain the codes.
 * Each set has only one text.
 */
export type RecoverySet = string;

export interface RecoveryOptions {
  pepper: Pepper;
  /**
   * The identity of the user, which must never change. The set of one user accepts no code of
   * another.
   */
  user: string;
  /** `crypto.getRandomValues` unless given. */
  fillRandom?: FillRandom;
  /**
   * The number of symbols of a code: 23 to 32 of Crockford's Base32, 24 unless given. `"digits"`
   * makes codes of 36 decimal digits, for keypads without letters.
   */
  length?: number | "digits";
}

/**
 * Makes ten codes, of 120 bits unless `length` is given. Only the answer has the codes: show them
 * now.
 */
export function generateRecoveryCodes(options: RecoveryOptions): { set: RecoverySet; state: State; codes: string[] };
/** Makes new codes in place of all codes of an old set. Keep its state. */
export function generateRecoveryCodes(options: RecoveryOptions & { replace: RecoverySet }): { set: RecoverySet; codes: string[] };
/** Returns the facts of a set. */
export function readRecoverySet(set: RecoverySet): RecoverySetReport;

export interface RecoverySetReport {
  /** The number of codes that are left. */
  remaining: number;
  /** The number of the pepper that the codes are hashed under. */
  pepperKeyId: number;
  /** The number of symbols of a code. 36 symbols are decimal digits. */
  length: number;
  /** The number of times that the codes were replaced. */
  generation: number;
  /** For each code: true if it was used. */
  used: boolean[];
}

export interface RedeemOptions {
  pepper: Pepper;
  user: string;
  code: string;
  now: number;
  load: () => Awaitable<{ set: RecoverySet; state: State }>;
  /**
   * Replaces both in one transaction, only if the row of this user still holds `old.set` and
   * `old.state`. It is called as in `logIn`.
   */
  swap: (old: { set: RecoverySet; state: State }, next: { set: RecoverySet; state: State }) => Awaitable<Rows>;
  policy?: Policy;
}

/** Checks a recovery code and stores the next set and state, as `logIn` does. */
export function redeem(options: RedeemOptions): Promise<Redeemed>;

export interface Redeemed {
  kind: "redeemed";
  /** The slot of the code, counted from 0. */
  slot: number;
  /** The number of codes that are left. */
  remaining: number;
  message: string;
  record: AuditRecord;
}

/** An entry that cannot be read, and the reason. It does not hide the others. */
export interface NotRead {
  kind: "refused";
  reason: ErrorKind;
  message: string;
  offset?: number;
}

/**
 * Reads one QR code of an export of Google Authenticator, `otpauth-migration://offline?data=…`.
 * If `parts` is over 1, there are more QR codes.
 */
export function readExport(uri: string): AccountExport;

export interface AccountExport {
  /** The number of this QR code, counted from 1. */
  part: number;
  /** The number of QR codes. */
  parts: number;
  entries: ExportEntry[];
}

/**
 * An account of an export. `uri` is its key URI. Issuer and account are empty if the export does
 * not name them.
 */
export type ExportEntry = { issuer: string; account: string } & ({ kind: "read"; uri: string } | NotRead);
