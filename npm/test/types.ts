// The types of the package: TypeScript compiles this file, and nothing runs it. Each
// `@ts-expect-error` is a mistake that the types have to notice. If they do not, the compiler
// fails.
import {
  Hotp, KeyUri, Pepper, Policy, Refused, Totp, confirmedState, enrolmentState, findCode, generateRecoveryCodes, init, logIn, logInAny, readState, redeem, repairState,
} from "otp-core";
import { readCsv, readPskc } from "otp-core/seeds";
import type { Accepted, ErrorKind, OtpError, Refusal, State } from "otp-core";

const policy = new Policy({ freeTries: 3, window: { past: 2 }, drift: { max: 20 } });
const totp = new Totp(new Uint8Array(20), { digits: 8, period: 60 });
const code: string = totp.codeAt(59);
const step: number = totp.stepAt(59);
let state: State = enrolmentState();
const swap = async (_: State, next: State) => {
  state = next;
  return 1;
};

function tell(verdict: Refusal): string {
  switch (verdict.kind) {
    case "rejected": return `${verdict.triesLeft} left, ${verdict.until ?? "no wait"}`;
    case "locked": return new Date(1000 * verdict.until).toString();
    case "replayed": case "disabled": case "malformed": case "conflict": return verdict.message;
    default: {
      const nothing: never = verdict;
      return nothing;
    }
  }
}

export async function second(): Promise<Accepted | string> {
  await init();
  try {
    return await logIn({ engine: totp, code, now: 59, load: () => state, swap, policy });
  } catch (error) {
    if (error instanceof Refused) return tell(error.toJSON().verdict) + error.toJSON().record.line;
    throw error;
  }
}
export const several = logInAny({ code, now: 59, load: () => [{ engine: totp, state }], swap: (changes) => changes.map(() => 1) });
several.then(({ authenticator }) => authenticator + 1);
const rows = [{ id: "row", engine: totp, state }];
logInAny({ code, now: 59, load: () => rows, swap: (changes) => changes.map(({ id }) => id.length) }).then(({ id }) => id.length);
policy.guessBound(totp, { days: 30 });

const uri = KeyUri.parse("otpauth://totp/x?secret=", { strict: true });
const engine: Totp | Hotp = uri.engine();
const counter: number | undefined = uri.counter;
const pepper = new Pepper(1, new Uint8Array(32));
const issued = generateRecoveryCodes({ pepper, user: "user" });
redeem({ pepper, user: "user", code: issued.codes[0], now: 59, load: () => issued, swap: () => 1n });
for (const found of findCode({ authenticators: [{ engine: totp, state }], code, now: 59, window: { past: 5 } })) {
  const told: number | string = found.kind === "found" ? found.movingFactor : found.message;
  [found.index, told];
}
generateRecoveryCodes({ pepper, user: "user", length: "digits", replace: issued.set });
readPskc("", { passphrase: "x", maxIterations: 10, allowMissingMac: true });
for (const token of readCsv("", { columns: ["serial", "secret", "other"], separator: ";", encoding: "hex" })) if (token.kind === "read") KeyUri.parse(token.uri);
using freed = new Totp(new Uint8Array(20));

export function isNoSecret(error: OtpError): boolean {
  const kind: ErrorKind = "uri-secret-missing";
  return error.kind === kind;
}
export const isLost: boolean = readState(state, 59).disabledBy === "host";
repairState(confirmedState({ lastUsed: totp.stepAt(59) }), totp, 59);

export const used = [step, engine, counter, freed];

// @ts-expect-error A boolean is not a number of rows.
logIn({ engine: totp, code, now: 59, load: () => state, swap: () => true });
// @ts-expect-error `undefined` is not a number of rows.
logIn({ engine: totp, code, now: 59, load: () => state, swap: () => {} });
// @ts-expect-error A span names its unit.
policy.guessBound(totp, 86400);
// @ts-expect-error Only time-based codes have a clock to repair.
repairState(state, new Hotp(""), 59);
// @ts-expect-error A code is a text.
totp.verifyAt(287082, 59);
// @ts-expect-error A time is a number.
totp.codeAt("59");
// @ts-expect-error There is no such option.
new Totp("", { digit: 8 });
// @ts-expect-error There is no such algorithm.
new Totp("", { algorithm: "MD5" });
// @ts-expect-error There is no such column.
readCsv("", { columns: ["secrets"] });
// @ts-expect-error Another word for a length is not known.
generateRecoveryCodes({ pepper, user: "user", length: "letters" });
// @ts-expect-error There is no such kind.
export const kind: ErrorKind = "uri-secret-wrong";
// @ts-expect-error It has no public constructor.
new KeyUri();
