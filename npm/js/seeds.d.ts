import type { Algorithm, ErrorKind, ModuleSource, NotRead, State } from "./index.js";

export interface PskcOptions {
  /**
   * The key of an encrypted file: 16, 24 or 32 bytes. The manufacturer sends it apart from the
   * file.
   */
  key?: Uint8Array;
  /** The passphrase of an encrypted file, in place of the key. */
  passphrase?: string;
  /**
   * The most iterations of PBKDF2 that a file may ask for, 1,000,000 unless given. A file that
   * asks for more is an error before anything is computed.
   */
  maxIterations?: number;
  /**
   * Accepts encrypted values without a MAC, which RFC 6030 section 6.1 advises against. A wrong
   * key or a changed file is then found only by chance. A MAC that is present is checked in any
   * case.
   */
  allowMissingMac?: boolean;
}

/** Reads a PSKC file (RFC 6030) of hardware tokens: plain, or encrypted with AES-CBC. */
export function readPskc(file: string | Uint8Array, options?: PskcOptions): SeedToken[];

/** The content of a column of a CSV file. `other` is ignored. */
export type CsvColumn =
  | "serial" | "secret" | "type" | "digits" | "period" | "counter" | "drift" | "algorithm" | "user" | "manufacturer"
  | "model" | "keyId" | "issuer" | "startDate" | "expiryDate" | "other";

export interface CsvOptions {
  /** The type of a token, if the file does not say it: `hotp` unless given. */
  type?: "totp" | "hotp";
  /** The hash of a token, if the file does not say it: `SHA1` unless given. */
  algorithm?: Algorithm;
  /** The number of digits, if the file does not say it: 6 unless given. */
  digits?: number;
  /** The seconds of a time step, if the file does not say it: 30 unless given. */
  period?: number;
  /**
   * The columns, for a file in another form. The first line is then a token. Without it, the file
   * names them.
   */
  columns?: CsvColumn[];
  /** The character between cells. Without it, it is the one that the file uses. */
  separator?: string;
  /** The encoding of secrets: `either`, unless given, takes hexadecimal and Base32. */
  encoding?: "either" | "hex" | "base32";
}

/**
 * Reads a CSV file of hardware tokens: of Entra ID, Token2, Deepnet, Feitian, PingID or YubiKey,
 * or in the columns of the options.
 */
export function readCsv(file: string | Uint8Array, options?: CsvOptions): SeedToken[];

/** A token. `uri` is its key URI, and `state` is its first state. */
export type SeedToken =
  | {
      kind: "read";
      uri: string;
      state: State;
      serial?: string;
      manufacturer?: string;
      model?: string;
      keyId?: string;
      issuer?: string;
      friendlyName?: string;
      user?: string;
      startDate?: string;
      expiryDate?: string;
    }
  | (NotRead & { serial?: string; state?: State });

/** Starts the module of this entry, `otp-core/seeds.wasm`, as `init` of `otp-core` does. */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void>;

/** The error class of `otp-core`. */
export class OtpError extends Error {
  readonly name: "OtpError";
  readonly kind: ErrorKind;
  readonly offset?: number;
}
