// The settings of a verifier: one value for a whole service.
import { isWhole, options, period } from "./args.js";
import { Engine, readWindow } from "./codes.js";
import { OtpError } from "./error.js";
import { Handle, numberOf } from "./handle.js";
import { check, core, writeOne } from "./main.js";

/** In days. Half a day in seconds is more, so a wrong unit is noticed. */
const CENTURY = 36525;

/**
 * A setting as the module reads it. NaN stands for one that is left out, and `otherwise` is out
 * of range.
 */
const setting = (value, otherwise = 0) => {
  if (value === undefined) return NaN;
  return isWhole(value) ? value : otherwise;
};

export class Policy extends Handle {
  static called = "a Policy";

  constructor(given) {
    const known = [
      "window", "lookAhead", "longestPeriod", "freeTries", "firstWait", "longestWait", "maxFailures", "budget", "drift",
      "resynchronisation",
    ];
    const wanted = options(given, known);
    const { past, future } = wanted.window === undefined ? {} : readWindow(wanted.window);
    const { guesses, refill } = options(wanted.budget, ["guesses", "refill"]);
    const drift = options(wanted.drift, ["max", "change", "widenEvery", "widenMost"]);
    if (wanted.drift !== undefined && drift.max === undefined) throw new OtpError("policy", "drift needs max, in time steps");
    const { hours, counters, codes } = options(wanted.resynchronisation, ["hours", "counters", "codes"]);
    if (wanted.longestPeriod !== undefined) period(wanted.longestPeriod);
    const settings = Float64Array.of(
      setting(past, 255), setting(future, 255), setting(wanted.lookAhead, 255), setting(wanted.longestPeriod),
      setting(wanted.freeTries), setting(wanted.firstWait, 2 ** 40), setting(wanted.longestWait, 2 ** 40), setting(wanted.maxFailures),
      setting(guesses), setting(refill), setting(drift.max), setting(drift.change), setting(drift.widenEvery), setting(drift.widenMost),
      setting(hours), setting(counters), setting(codes));
    writeOne(new Uint8Array(settings.buffer));
    super(check(core().policy_new()));
  }

  guessBound(engine, given) {
    const { days = 365 } = options(given, ["days"]);
    if (!isWhole(days) || days > CENTURY) throw new OtpError("time", "days has to be a whole number up to 36525, a century");
    const number = numberOf(this, Policy, "this");
    return check(core().policy_guess_bound(number, numberOf(engine, Engine, "engine"), 86400 * days));
  }
}

/** Returns the number of a policy, and 0 for the default. */
export const policyNumber = (policy) => (policy === undefined ? 0 : numberOf(policy, Policy, "policy"));
