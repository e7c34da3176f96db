// The state of an authenticator: a text that the host stores. It does not contain a secret.
import { counter, isWhole, options, text, time } from "./args.js";
import { Totp } from "./codes.js";
import { OtpError } from "./error.js";
import { numberOf } from "./handle.js";
import { core, json, text as answer, writeOne } from "./main.js";

const [ENROLMENT, CONFIRMED, RECOVERY, DISABLE, ENABLE, UNLOCK, NEXT_COUNTER, LAST_USED, DRIFT, FAILURES, REPAIR] = Array(11).keys();

const make = (operation, state = "", number = 0) =>
  answer(core().state_make(operation, writeOne(text(state, "state")), number));

export const enrolmentState = () => make(ENROLMENT);
export const recoveryState = () => make(RECOVERY);
export const disableState = (state) => make(DISABLE, state);
export const enableState = (state) => make(ENABLE, state);
export const unlockState = (state) => make(UNLOCK, state);

export function repairState(state, engine, now) {
  numberOf(engine, Totp, "engine");
  return make(REPAIR, state, engine.stepAt(now));
}

/**
 * Time steps of 30 seconds are below it until the year 2920, and seconds have been above it since
 * 2001.
 */
const SECONDS = 1000000000;

/** A time in seconds would be a step of the far future, and every code would be replayed. */
function used(movingFactor) {
  if (counter(movingFactor) >= SECONDS) {
    throw new OtpError("counter", "lastUsed is a time step or a counter, not a time: engine.stepAt(seconds)");
  }
  return movingFactor;
}

export function confirmedState(given) {
  const { lastUsed, nextCounter, drift, failures } = options(given, ["lastUsed", "nextCounter", "drift", "failures"]);
  let state = make(CONFIRMED);
  if (lastUsed !== undefined) state = make(LAST_USED, state, used(lastUsed));
  if (nextCounter !== undefined) state = make(NEXT_COUNTER, state, counter(nextCounter));
  if (drift !== undefined) {
    if (!Number.isSafeInteger(drift)) throw new OtpError("type", "drift has to be a whole number of time steps");
    state = make(DRIFT, state, drift);
  }
  if (failures !== undefined) {
    if (!isWhole(failures)) throw new OtpError("type", "failures has to be a whole number");
    state = make(FAILURES, state, failures);
  }
  return state;
}

export function readState(state, now) {
  time(now);
  return json(core().state_read(writeOne(text(state, "state")), now));
}
