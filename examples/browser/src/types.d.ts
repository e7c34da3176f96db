/** The hash below HMAC. Many authenticator apps know SHA-1 alone. */
export type Algorithm = "SHA1" | "SHA256" | "SHA512";

/** What is thrown, always: the message is for people, and holds neither secrets nor input. */
export interface OtpError extends Error {
  name: "OtpError";
  kind: ErrorKind;
  /** Where in the text, in bytes of UTF-8. */
  offset?: number;
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

/** What went wrong, for programs. These names stay. */
export type ErrorKind =
  | `uri-${UriPart}-${UriProblem}`
  | `export-${ExportPart}-${ExportProblem}`
  | "secret-empty" | "secret-short" | "secret-long" | "secret-base32" | "secret-mixed-case" | "secret-other-encoding"
  | "label-control-character"
  | "algorithm" | "digits" | "period" | "window" | "policy" | "counter"
  | "time" | "time-before-t0" | "time-too-far" | "period-too-long" | "other-engine"
  | "state-length" | "state-version" | "state-impossible"
  | "pepper-short" | "pepper-long"
  | "recovery-pepper" | "recovery-mismatch" | "recovery-state" | "recovery-user" | "recovery-exhausted"
  | "recovery-set-length" | "recovery-set-version" | "recovery-set-impossible"
  | "random-failed" | "random-repeats"
  | "qr-too-long" | "engine"
  /** Attempts and redemptions are settled once. */
  | "settled"
  /** An argument of another type, or an option that there is not. */
  | "type" | "option";

export interface HotpOptions {
  /** `SHA1` unless given. */
  algorithm?: Algorithm;
  /** 6 to 10, 6 unless given. */
  digits?: number;
  /** Takes secrets under 128 bits too, which real services issue. */
  allowShort?: boolean;
}

export interface TotpOptions extends HotpOptions {
  /** Seconds that a code lasts, 30 unless given. */
  period?: number | bigint;
  /** The Unix time in seconds at which step 0 begins, 0 unless given. */
  t0?: number | bigint;
}

export interface KeyUriOptions extends HotpOptions {
  /** `totp` unless given. */
  type?: "totp" | "hotp" | "steam";
  /** Base32, or the bytes themselves. */
  secret: string | Uint8Array;
  /** Who issues the key. */
  issuer?: string;
  /** Whose account it is. */
  account?: string;
  /** For TOTP: seconds that a code lasts, 30 unless given. */
  period?: number | bigint;
  /** For HOTP: the counter of the first code, 0 unless given. */
  counter?: number | bigint;
}

/** Time steps that are accepted besides the current one, 0 to 100 each way; 1 unless given. */
export interface WindowOptions {
  past?: number;
  future?: number;
}

export interface PolicyOptions {
  /** For TOTP. */
  window?: WindowOptions;
  /** For HOTP: counters that are accepted beyond the next one, 0 to 100; 10 unless given. */
  lookAhead?: number;
  /** The longest period of TOTP that is verified, in seconds; 120 unless given. */
  longestPeriod?: number | bigint;
  /** Failures until the first wait, 5 unless given. */
  freeTries?: number;
  /** Seconds of the first wait, 30 unless given. Each is twice the one before. */
  firstWait?: number;
  /** Seconds of the longest wait, 3600 unless given. */
  longestWait?: number;
  /** Failures in a row that disable the authenticator, 100 unless given. */
  maxFailures?: number;
}

/** The answer of `Totp.verifyAt`, which keeps no state. */
export type TotpVerification =
  | { kind: "accepted"; step: bigint; drift: number }
  | { kind: "rejected"; message: string }
  | { kind: "malformed"; message: string };

/** The answer of `Hotp.verify`, which keeps no state. */
export type HotpVerification =
  | { kind: "accepted"; counter: bigint }
  | { kind: "rejected"; message: string }
  | { kind: "malformed"; message: string };

/** A wrong code, which was counted. */
export interface Rejected {
  kind: "rejected";
  /** Tries left before the next wait; 0 where it has begun. */
  triesLeft: number;
  /** Until when nothing is tried, in seconds of Unix time, if a wait has begun. */
  until?: number;
  /** Failures left until the authenticator is disabled; 0 where it is now. */
  failuresLeft: number;
  message: string;
}

/** Answers that a code of either kind may get. */
export type Refusal =
  | Rejected
  /** Nothing was tried, and nothing will be before `until`, in seconds of Unix time. */
  | { kind: "locked"; until: number; message: string }
  /** Nothing was tried: too many failures in a row, or disabled by the host. */
  | { kind: "disabled"; message: string }
  /** It has not the form of a code. Not counted. */
  | { kind: "malformed"; message: string }
  /** The state was not stored. Nothing is told of the code. */
  | { kind: "conflict"; message: string };

/** The answer to a submitted code. Only `accepted` lets anybody in. */
export type Verdict =
  | {
      kind: "accepted";
      /** The time step or the counter that the code belongs to. */
      movingFactor: bigint;
      /** Steps that the client's clock is off, or counters that it has gone ahead. */
      drift: number;
      /** Whether this is the first code, the one that confirms the enrolment. */
      confirms: boolean;
      message: string;
    }
  /** The code is right, and was used. Not counted. */
  | { kind: "replayed"; message: string }
  | Refusal;

/** The answer to a submitted recovery code. Only `redeemed` lets anybody in. */
export type RecoveryVerdict =
  | {
      kind: "redeemed";
      /** The slot of the code, counted from 0. */
      slot: number;
      /** How many codes are left. */
      remaining: number;
      message: string;
    }
  | Refusal;

/** What the state of a verifier says. */
export interface StateReport {
  lifecycle: "unconfirmed" | "active" | "disabled";
  /** Failures in a row. */
  failures: number;
  /** Steps that the client's clock is known to be off. */
  drift: number;
  /** The lowest time step or counter that is still acceptable, while there is one. */
  nextFactor?: bigint;
  /** Until when nothing is tried, in seconds of Unix time, if that is in the future. */
  lockedUntil?: number;
}

/** Fills all of the array from a CSPRNG: `(bytes) => crypto.getRandomValues(bytes)`. */
export type FillRandom = (bytes: Uint8Array) => unknown;

/** A new set of recovery codes. */
export interface IssuedCodes {
  set: RecoverySet;
  /** To be shown now and never again. */
  codes: string[];
}

/** One QR code of an export: see `readExport`. */
export interface AccountExport {
  /** Which of them it is, counted from 1. */
  part: number;
  /** How many there are. */
  parts: number;
  entries: ExportEntry[];
}

/** An account of an export. Issuer and account are empty where the export has none that can be shown. */
export type ExportEntry =
  | { kind: "read"; issuer: string; account: string; uri: KeyUri }
  | { kind: "refused"; issuer: string; account: string; error: OtpError };
