// Recovery codes: hashed under a pepper, shown once, used once.
import { bytes, callable, options, small, text, time } from "./args.js";
import { OtpError } from "./error.js";
import { Handle, numberOf } from "./handle.js";
import { loadedText, settle, stored } from "./login.js";
import { check, core, json, write, writeOne } from "./main.js";
import { policyNumber } from "./policy.js";

/** More than a set takes, even if some bytes have to be drawn again. */
const RANDOM_BYTES = 4096;
/** The symbols of a code: of Base32, or the decimal digits that `length: "digits"` stands for. */
const [SYMBOLS, DIGITS] = [24, 36];

export class Pepper extends Handle {
  static called = "a Pepper";

  constructor(keyId, key) {
    if (small(keyId) === undefined) throw new OtpError("type", "keyId has to be a whole number of 32 bits");
    super(check(core().pepper_new(keyId, writeOne(bytes(key, "bytes")))));
  }
}

/** The length as the module reads it. The module refuses 0 with a message of its own. */
function symbolsOf(length) {
  if (length === "digits") return DIGITS;
  return length === DIGITS ? 0 : small(length, 0);
}

export function generateRecoveryCodes(given) {
  const wanted = options(given, ["pepper", "user", "length", "replace", "fillRandom"]);
  const { pepper, user, length = SYMBOLS, replace, fillRandom = defaultRandom } = wanted;
  const number = numberOf(pepper, Pepper, "pepper");
  text(user, "user");
  if (replace !== undefined) text(replace, "replace");
  const random = new Uint8Array(RANDOM_BYTES);
  try {
    fill(callable(fillRandom, "fillRandom"), random);
    const [userLen, randomLen, oldLen] = write(user, random, replace ?? "");
    const issued = json(core().recovery_generate(number, userLen, randomLen, oldLen, symbolsOf(length)));
    core().wipe();
    // The state of the old set stays in use.
    if (replace !== undefined) delete issued.state;
    return issued;
  } finally {
    if (random.length > 0) random.fill(0);
  }
}

const defaultRandom = (array) => globalThis.crypto.getRandomValues(array);

function fill(fillRandom, random) {
  try {
    fillRandom(random);
  } catch (cause) {
    throw new OtpError("random-failed", "fillRandom failed, or there is no globalThis.crypto", undefined, { cause });
  }
  if (random.length !== RANDOM_BYTES) throw new OtpError("random-failed", "fillRandom has given the array away");
}

export const readRecoverySet = (set) => json(core().recovery_read(writeOne(text(set, "set"))));

export async function redeem(given) {
  const wanted = options(given, ["pepper", "user", "code", "now", "load", "swap", "policy"]);
  const { pepper, user, code, now, load, swap, policy } = wanted;
  numberOf(pepper, Pepper, "pepper");
  text(user, "user");
  text(code, "code");
  time(now);
  callable(load, "load");
  callable(swap, "swap");
  const check = (loaded, lost) => {
    const [set, state] = [loadedText(loaded?.set, "{ set, state }"), loadedText(loaded?.state, "{ set, state }")];
    const [userLen, setLen, stateLen, codeLen] = write(user, set, state, code);
    const answer = json(core().recovery_redeem(
      numberOf(pepper, Pepper, "pepper"), policyNumber(policy), userLen, setLen, stateLen, codeLen, now, lost));
    return { ...answer, stores: answer.next !== undefined };
  };
  const replace = async ({ set, state }, { next }) => stored(await swap({ set, state }, next));
  return settle(load, check, replace);
}
