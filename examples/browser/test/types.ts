// What TypeScript makes of the package: compiled, never run. Each `@ts-expect-error` is a mistake that
// the types have to notice, and the compiler complains where they do not.
import { Hotp, KeyUri, Pepper, Policy, RecoverySet, Totp, freshState, recoveryState } from "otp-core";
import type { ErrorKind, OtpError, Verdict } from "otp-core";

const policy = new Policy({ freeTries: 3, window: { past: 2 } });
const totp = new Totp(new Uint8Array(20), { digits: 8, period: 60n });
const code: string = totp.codeAt(59);
const step: bigint = totp.stepAt(59n);

const attempt = totp.attempt(freshState(), code, 59, policy);
const stored: Uint8Array = attempt.nextState;

function tell(verdict: Verdict): string {
  switch (verdict.kind) {
    case "accepted": return `drift ${verdict.drift}, ${verdict.movingFactor + 1n}`;
    case "rejected": return `${verdict.triesLeft} left, ${verdict.until ?? "no wait"}`;
    case "locked": return new Date(1000 * verdict.until).toString();
    case "replayed": case "disabled": case "malformed": case "conflict": return verdict.message;
    default: {
      const nothing: never = verdict;
      return nothing;
    }
  }
}
tell(attempt.settle(true));

const uri = KeyUri.parse("otpauth://totp/x?secret=", { strict: true });
const engine: Totp | Hotp = uri.engine();
const counter: bigint | undefined = uri.counter;
const { set, codes } = RecoverySet.generate((bytes) => crypto.getRandomValues(bytes), new Pepper(1, stored), "user");
codes.map((shown) => set.redeem(new Pepper(1, stored), "user", recoveryState(), shown, 59, policy).settle(true).kind);

export function isNoSecret(error: OtpError): boolean {
  const kind: ErrorKind = "uri-secret-missing";
  return error.kind === kind;
}
export const used = [step, engine, counter];

// @ts-expect-error A promise is no commit.
attempt.settle(Promise.resolve(true));
// @ts-expect-error A code is a text.
totp.verifyAt(287082, 59);
// @ts-expect-error A time is a number.
totp.codeAt("59");
// @ts-expect-error There is no such option.
new Totp("", { digit: 8 });
// @ts-expect-error There is no such algorithm.
new Totp("", { algorithm: "MD5" });
// @ts-expect-error There is no such kind.
export const kind: ErrorKind = "uri-secret-wrong";
// @ts-expect-error Drift is known of accepted codes alone.
export const drift = attempt.settle(true).drift;
