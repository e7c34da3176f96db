// Times are whole seconds of Unix time, `Math.floor(Date.now() / 1000)`. Steps, counters and times are safe integers.

/** The hash below HMAC. Many authenticator apps know only SHA-1. */
export type Algorithm = "SHA1" | "SHA256" | "SHA512";

/** What is thrown, always. The message is for people, and holds neither secrets nor input. */
export class OtpError extends Error {
  readonly name: "OtpError";
  /** What went wrong, for programs. These names stay. */
  readonly kind: ErrorKind;
  /** Where in the text, in bytes of UTF-8. */
  readonly offset?: number;
  constructor(kind: ErrorKind, message: string, offset?: number, options?: ErrorOptions);
  toJSON(): { name: "OtpError"; kind: ErrorKind; message: string; offset?: number };
}

/** A code that was judged and lets nobody in. */
export class Refused extends OtpError {
  /** What to tell the user. */
  readonly verdict: Refusal;
  /** For the audit log. */
  readonly record: AuditRecord;
}

/** The part of a key URI that an error is about. */
export type UriPart =
  | "scheme" | "type" | "label" | "secret" | "issuer" | "algorithm" | "digits" | "period"
  | "counter" | "encoder" | "parameter";

/** What is wrong with a part of a key URI. */
export type UriProblem =
  | "missing" | "duplicate" | "escape" | "not-utf8" | "control-character" | "character"
  | "other-encoding" | "after-padding" | "not-a-number" | "out-of-range" | "unsupported" | "refused";

/** The part of an export that an error is about; the last seven are of an entry. */
export type ExportPart =
  | "scheme" | "host" | "path" | "data" | "payload" | "version" | "batch-size" | "batch-index" | "batch-id" | "entry"
  | "secret" | "name" | "issuer" | "algorithm" | "digits" | "type" | "counter";

/** What is wrong with a part of an export. */
export type ExportProblem =
  | "missing" | "duplicate" | "escape" | "character" | "after-padding" | "last-group" | "buffer-too-small" | "truncated"
  | "out-of-range" | "not-a-field" | "wire-type" | "unsupported" | "not-utf8" | "control-character";

export type ErrorKind =
  | `uri-${UriPart}-${UriProblem}`
  | `export-${ExportPart}-${ExportProblem}`
  /** Of `otp-core/seeds`: the part of the file, and what is wrong with it. */
  | `seeds-${string}`
  | "secret-empty" | "secret-short" | "secret-long" | "secret-base32" | "secret-mixed-case" | "secret-other-encoding"
  | "label-control-character"
  | "algorithm" | "digits" | "period" | "window" | "policy" | "counter"
  | "time" | "time-before-t0" | "time-too-far" | "period-too-long" | "other-engine" | "none-confirmed" | "codes"
  | "state-length" | "state-version" | "state-impossible"
  | "pepper-short" | "pepper-long"
  | "recovery-pepper" | "recovery-mismatch" | "recovery-state" | "recovery-user" | "recovery-exhausted"
  | "recovery-set-length" | "recovery-set-version" | "recovery-set-impossible"
  | "random-failed" | "random-repeats"
  | "qr-too-long" | "engine"
  /** A code that lets nobody in: see `Refused`. */
  | Refusal["kind"]
  /** An argument of another type, or an option that there is not. */
  | "type" | "option"
  /** It was freed before. */
  | "freed"
  /** There is no WebAssembly module yet, or the runtime refuses it; or the package is not whole. */
  | "module-missing" | "module-refused" | "internal"
  | "memory";

/**
 * Starts the module before the first call. Nobody has to: the first call does it without waiting. It helps where that is
 * slow or not allowed, and in `otp-core/bare`, which has no module inside. Of a `source` it takes the module, its bytes, a
 * response, or a URL, which is fetched: `otp-core/otp_core.wasm`.
 */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void>;
export type ModuleSource = WebAssembly.Module | ArrayBuffer | ArrayBufferView | Response | URL | string;

/** What lies in the module's memory. It is wiped by `free`, by `using`, or after nobody holds it any more. */
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

/** Time-based codes (RFC 6238). Holds the HMAC key schedule in the module, and no copy of the secret. */
export class Totp implements Freed {
  /**
   * Takes the shared secret as Base32 or as bytes, at least 128 bits of it. Without options it is SHA-1, 6 digits and 30
   * seconds: what every authenticator app speaks.
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
   * Checks what a person typed, with one step before and one after unless `window` says otherwise. Returns `null` for a wrong
   * code, and throws `malformed` for what cannot be one.
   *
   * It keeps no state: it accepts the same code as often as it is asked. Behind a login use `logIn`.
   */
  verifyAt(code: string, now: number, window?: WindowOptions): { step: number; drift: number } | null;
  free(): void;
  [Symbol.dispose](): void;
}

/** Counter-based codes (RFC 4226). Holds the HMAC key schedule in the module, and no copy of the secret. */
export class Hotp implements Freed {
  /** Takes the shared secret as Base32 or as bytes, at least 128 bits of it. Without options it is SHA-1 and 6 digits. */
  constructor(secret: string | Uint8Array, options?: HotpOptions);
  /** Returns the code of a counter. A device that shows codes stores the next counter before it shows one. */
  code(counter: number): string;
  /**
   * Checks what a person typed against a counter and those after it, ten unless `lookAhead` says otherwise (0 to 100).
   * Returns `null` for a wrong code, and throws `malformed` for what cannot be one. It keeps no state: see `logIn`.
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
  /** Who issues the key. */
  issuer?: string;
  /** Whose account it is. */
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

/** What enrols an authenticator: `otpauth://totp/…`, the text of its QR code. `JSON.stringify` leaves the secret out. */
export class KeyUri {
  private constructor();
  /**
   * Reads a key URI, leniently as apps do: separators in the secret, labels of any form, secrets under 128 bits.
   * `strict` refuses what the specification does not allow.
   */
  static parse(uri: string, options?: { strict?: boolean }): KeyUri;
  /** Makes a key URI. */
  static create(options: KeyUriOptions): KeyUri;
  readonly type: "totp" | "hotp" | "steam";
  /** Who issued the key; empty if the URI does not say. */
  readonly issuer: string;
  /** Whose account it is; may be empty. */
  readonly account: string;
  readonly algorithm: Algorithm;
  /** How many digits a code has; 5 symbols with Steam. */
  readonly digits: number;
  /** Seconds that a code lasts; not with HOTP. */
  readonly period?: number;
  /** The counter of the first code that has not been used; only with HOTP. */
  readonly counter?: number;
  /** The length of the shared secret. */
  readonly secretBits: number;
  /** Makes the engine: `Hotp` if `type` is `hotp`, otherwise `Totp`. */
  engine(): Totp | Hotp;
  /** Returns the shared secret in Base32, for typing. */
  exposeSecret(): string;
  /** Returns the URI in its canonical form, with the secret in it. */
  toString(): string;
  /** Returns the QR code, as SVG. Whoever sees it has the shared secret. */
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
   * For hardware tokens, whose clocks are never corrected: accepted codes teach up to `max` steps of drift, at most `change` (1)
   * with each. The window grows by a step for each `widenEvery` steps of silence, up to `widenMost`.
   */
  drift?: { max: number; change?: number; widenEvery?: number; widenMost?: number };
  /** How far `resynchronise` looks: hours either way for TOTP (1 to 24), counters ahead for HOTP; and 2 or 3 codes. */
  resynchronisation?: { hours?: number; counters?: number; codes?: number };
}

/** What a verifier allows: one value for a whole service. Every `policy` that is left out is `new Policy()`. */
export class Policy implements Freed {
  constructor(options?: PolicyOptions);
  /**
   * Returns the chance that somebody who knows the password guesses a code within so many seconds, at most; a year unless
   * given. It holds for a store that compares and swaps, however often the owner logs in.
   */
  guessBound(engine: Totp | Hotp, seconds?: number): number;
  free(): void;
  [Symbol.dispose](): void;
}

/**
 * The state of an authenticator: a text of hexadecimal digits, at most 128, none of it secret. Store it beside the secret.
 * One state has one text: a store may compare texts. They are the bytes that the Rust crate stores.
 */
export type State = string;

/** Returns the state of a new enrolment. The first code that is accepted confirms it. */
export function enrolmentState(): State;
/** Returns the state of a user who comes from another system, with what that system knows. */
export function confirmedState(known?: { lastUsed?: number; nextCounter?: number; drift?: number; failures?: number }): State;
/** Returns the state of a user's recovery codes. It is for recovery codes only: a disabled authenticator does not bar them. */
export function recoveryState(): State;
/** Disables an authenticator, such as a lost one. */
export function disableState(state: State): State;
/** What an administrator does for a disabled user: enabled, no failures, no wait. Used codes stay used. */
export function enableState(state: State): State;
/** As `enableState`, but a disabled one stays disabled. */
export function unlockState(state: State): State;
/** Returns what a state says at a time. */
export function readState(state: State, now: number): StateReport;

export interface StateReport {
  lifecycle: "unconfirmed" | "active" | "disabled";
  /** Whether a login has to ask for a code. */
  requiresCode: boolean;
  /** Failures in a row. */
  failures: number;
  /** Steps that the client's clock is known to be off. */
  drift: number;
  /** The lowest time step or counter that is still acceptable, while there is one. */
  nextFactor?: number;
  /** Until when nothing is tried, if that is in the future. */
  lockedUntil?: number;
}

type Awaitable<T> = T | Promise<T>;
/** How many rows a statement changed: 1 if it found the old state, 0 if another request was faster. */
export type Rows = number | bigint;

export interface LoginOptions {
  engine: Totp | Hotp;
  /** What the person typed. */
  code: string;
  now: number;
  /** Reads the state: `SELECT state FROM otp WHERE id = ?`. */
  load: () => Awaitable<State>;
  /**
   * Replaces the state, only if the store still holds the old one: `UPDATE otp SET state = ? WHERE id = ? AND state = ?`.
   * It returns how many rows that changed; nothing else is taken for an answer.
   */
  swap: (old: State, next: State) => Awaitable<Rows>;
  policy?: Policy;
}

/**
 * Checks a code and stores what follows from it: a login in one call. Returns for an accepted code. Throws `Refused`, with
 * the verdict, for every other one. If another request was faster, it loads and judges again, up to ten times.
 *
 * If `load` or `swap` throws, that error comes out, and nobody is let in.
 */
export function logIn(options: LoginOptions): Promise<Accepted>;

export interface AnyLoginOptions {
  code: string;
  now: number;
  /** Reads all authenticators of the user. */
  load: () => Awaitable<{ engine: Totp | Hotp; state: State }[]>;
  /**
   * Replaces the states in one transaction, each as in `logIn`, and rolls back if one of them was not found. It returns how
   * many rows each change has changed. `index` counts what `load` gave, from 0.
   */
  swap: (changes: { index: number; old: State; next: State }[]) => Awaitable<Rows[]>;
  policy?: Policy;
}

/** As `logIn`, for a user with several authenticators: a code of one is no failure of another. */
export function logInAny(options: AnyLoginOptions): Promise<Accepted & { authenticator: number }>;

/**
 * Finds a client whose clock or counter has gone too far, by two codes in a row (three if the policy says so).
 *
 * **It is no login.** Ask for the next code, and check that with `logIn`. Do not offer it to everybody who knows the password.
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
  /** Whether this is the first code, the one that confirms the enrolment. */
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

/** Verdicts that let nobody in. */
export type Refusal =
  /** The code is right, and was used. Not counted. */
  | { kind: "replayed"; message: string }
  /** A wrong code, which was counted. */
  | {
      kind: "rejected";
      /** Tries left before the next wait; 0 if it has begun. */
      triesLeft: number;
      /** Until when nothing is tried, if a wait has begun. */
      until?: number;
      /** Failures left until the authenticator is disabled; 0 if it is now. */
      failuresLeft: number;
      message: string;
    }
  /** Nothing was tried, and nothing will be before `until`. */
  | { kind: "locked"; until: number; message: string }
  /** Nothing was tried: too many failures in a row, or disabled by the host. */
  | { kind: "disabled"; message: string }
  /** It is not formatted as a code. Not counted. */
  | { kind: "malformed"; message: string }
  /** Other requests were faster, ten times. Nothing is told of the code. */
  | { kind: "conflict"; message: string };

/** What an audit log is told: no code and no secret. `line` is all of it in one line. */
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

/** The key that recovery codes are hashed under. Keep it out of the database that the sets are in. */
export class Pepper implements Freed {
  /** Takes 14 to 64 bytes from a CSPRNG, and the number that the host tells its peppers apart by. */
  constructor(keyId: number, bytes: Uint8Array);
  free(): void;
  [Symbol.dispose](): void;
}

/** Fills all of the array from a CSPRNG. */
export type FillRandom = (bytes: Uint8Array) => unknown;

/** The recovery codes of a user: a text of hexadecimal digits with hashes and no code. One set has one text. */
export type RecoverySet = string;

export interface RecoveryOptions {
  pepper: Pepper;
  /** The identity of the user, the same ever after: the set of one user is worth nothing to another. */
  user: string;
  /** `crypto.getRandomValues` unless given. */
  fillRandom?: FillRandom;
}

/** Makes ten codes of 120 bits. The codes are in the answer and nowhere else: show them now. */
export function generateRecoveryCodes(options: RecoveryOptions): { set: RecoverySet; state: State; codes: string[] };
/** Makes new codes in place of all of an old set. Its state goes on. */
export function generateRecoveryCodes(options: RecoveryOptions & { replace: RecoverySet }): { set: RecoverySet; codes: string[] };
/** Returns how many codes are left, and which were used. */
export function readRecoverySet(set: RecoverySet): { remaining: number; pepperKeyId: number; used: boolean[] };

export interface RedeemOptions {
  pepper: Pepper;
  user: string;
  code: string;
  now: number;
  load: () => Awaitable<{ set: RecoverySet; state: State }>;
  /** Replaces both in one transaction, if the store still holds both: `… WHERE codes = ? AND state = ?`. */
  swap: (old: { set: RecoverySet; state: State }, next: { set: RecoverySet; state: State }) => Awaitable<Rows>;
  policy?: Policy;
}

/** Checks a recovery code and stores what follows, as `logIn`. */
export function redeem(options: RedeemOptions): Promise<Redeemed>;

export interface Redeemed {
  kind: "redeemed";
  /** The slot of the code, counted from 0. */
  slot: number;
  /** How many codes are left. */
  remaining: number;
  message: string;
  record: AuditRecord;
}

/** What was not read, and why: one that cannot be read hides no other. */
export interface NotRead {
  kind: "refused";
  reason: ErrorKind;
  message: string;
  offset?: number;
}

/**
 * Reads one QR code of an export of Google Authenticator, `otpauth-migration://offline?data=…`. If `parts` is over 1, there
 * are more QR codes.
 */
export function readExport(uri: string): AccountExport;

export interface AccountExport {
  /** Which of them it is, counted from 1. */
  part: number;
  /** How many there are. */
  parts: number;
  entries: ExportEntry[];
}

/** An account of an export; `uri` is its key URI. Issuer and account are empty if the export has none that can be shown. */
export type ExportEntry = { issuer: string; account: string } & ({ kind: "read"; uri: string } | NotRead);
