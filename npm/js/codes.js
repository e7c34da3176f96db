// The engines: codes, and their verification without a state.
import { counter, options, period, secretFlags, small, text, time } from "./args.js";
import { OtpError } from "./error.js";
import { Handle, Made, numberOf } from "./handle.js";
import { check, core, float, secret as secretText, text as answer, write, writeOne } from "./main.js";

export class Engine extends Handle {
  static called = "a Totp or a Hotp";
}

/** Writes the secret and the algorithm, and returns the arguments for the module. */
function writeKey(secret, { algorithm = "SHA1", digits = 6, allowShort }) {
  const flags = secretFlags(secret, allowShort);
  const [secretLen, algorithmLen] = write(secret, text(algorithm, "algorithm"));
  return [secretLen, flags, algorithmLen, small(digits, 0)];
}

function match(result, read) {
  check(result);
  if (result === 0) return null;
  if (result === 2) throw new OtpError("malformed", answer(core().output_len()));
  return read();
}

export class Totp extends Engine {
  static called = "a Totp";

  constructor(secret, given) {
    if (secret instanceof Made) {
      super(secret.number);
      this.period = secret.facts.period;
      return;
    }
    const wanted = options(given, ["algorithm", "digits", "period", "t0", "allowShort"]);
    const seconds = period(wanted.period ?? 30);
    const t0 = time(wanted.t0 ?? 0);
    super(check(core().totp_new(...writeKey(secret, wanted), seconds, t0)));
    this.period = seconds;
  }

  codeAt(now) {
    return secretText(core().totp_code(numberOf(this, Totp, "this"), time(now)));
  }

  secondsRemainingAt(now) {
    return check(core().totp_seconds_remaining(numberOf(this, Totp, "this"), time(now)));
  }

  stepAt(now) {
    return check(core().totp_step(numberOf(this, Totp, "this"), time(now)));
  }

  verifyAt(code, now, window) {
    let [past, future] = [1, 1];
    if (window !== undefined) ({ past, future } = readWindow(window));
    const number = numberOf(this, Totp, "this");
    time(now);
    const len = writeOne(text(code, "code"));
    const result = core().totp_verify(number, len, now, past, future);
    return match(result, () => ({ step: float(0), drift: float(1) }));
  }
}

/** Reads a window. A number of steps that does not fit becomes 255, which the core refuses. */
export function readWindow(given) {
  const { past = 1, future = 1 } = options(given, ["past", "future"]);
  return { past: small(past, 255), future: small(future, 255) };
}

export class Hotp extends Engine {
  static called = "a Hotp";

  constructor(secret, given) {
    if (secret instanceof Made) {
      super(secret.number);
      return;
    }
    const wanted = options(given, ["algorithm", "digits", "counter", "allowShort"]);
    const first = counter(wanted.counter ?? 0);
    super(check(core().hotp_new(...writeKey(secret, wanted), first)));
  }

  code(movingFactor) {
    return secretText(core().hotp_code(numberOf(this, Hotp, "this"), counter(movingFactor)));
  }

  verify(code, movingFactor, lookAhead = 10) {
    const number = numberOf(this, Hotp, "this");
    counter(movingFactor);
    const len = writeOne(text(code, "code"));
    const result = core().hotp_verify(number, len, movingFactor, small(lookAhead, 255));
    return match(result, () => ({ counter: float(0) }));
  }
}
