import type { Algorithm, ErrorKind, ModuleSource, NotRead, State } from "./index.js";

/** Reads a PSKC file (RFC 6030) of hardware tokens, plain, or encrypted with AES-CBC under a key or a passphrase. */
export function readPskc(file: string | Uint8Array, unlock?: { key?: Uint8Array; passphrase?: string }): SeedToken[];

/**
 * Reads a CSV file of hardware tokens: of Entra ID, Token2, Deepnet, Feitian, PingID or YubiKey. The options hold for a
 * token of which the file does not say it; it is `hotp` unless given.
 */
export function readCsv(
  file: string | Uint8Array,
  defaults?: { type?: "totp" | "hotp"; algorithm?: Algorithm; digits?: number; period?: number },
): SeedToken[];

/** A token: `uri` is its key URI, and `state` the one that a verifier starts from. */
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

/** As `init` of `otp-core`, for the module of this part: `otp-core/seeds.wasm`. */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void>;

/** As `OtpError` of `otp-core`. */
export class OtpError extends Error {
  readonly name: "OtpError";
  readonly kind: ErrorKind;
  readonly offset?: number;
}
