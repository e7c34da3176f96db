// Codes that are checked for a login. This file holds the verdict of the module back until the
// store has said how many rows it changed. It returns the verdict of an accepted code and throws
// every other one, so that code which forgets to look at the verdict lets nobody in.
import { callable, options, text, time } from "./args.js";
import { Engine } from "./codes.js";
import { OtpError, Refused } from "./error.js";
import { numberOf } from "./handle.js";
import { core, json, write } from "./main.js";
import { policyNumber } from "./policy.js";

/** As in the core. Each lost race means that another request was answered. */
const TRIES = 10;

/** Returns whether a statement has found its row. */
export function stored(rows) {
  const number = typeof rows === "bigint" ? Number(rows) : rows;
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new OtpError("type", "swap has to return how many rows the statement changed, 0 or 1 (is a return or an await missing?)");
  }
  // Two rows of one user may have the same state: a lost race would then be counted ten times.
  if (number > 1) {
    throw new OtpError("type", "swap changed more than one row: is the id of the row missing in its WHERE?");
  }
  return number === 1;
}

/**
 * Loads, checks and stores, again after each lost race. `check(loaded, lost)` asks the module.
 * `replace(loaded, answer)` asks the store, and returns whether it has stored the answer.
 */
export async function settle(load, check, replace) {
  for (let tries = TRIES; ; tries--) {
    const loaded = await load();
    const answer = check(loaded, 0);
    const isStored = answer.stores ? await replace(loaded, answer) : true;
    if (isStored) return finish(answer);
    if (tries === 1) return finish(check(loaded, 1));
  }
}

function finish({ verdict, record }) {
  if (!["accepted", "redeemed", "resynchronised"].includes(verdict.kind)) throw new Refused({ verdict, record });
  return { ...verdict, record };
}

export function loadedText(value, name) {
  if (typeof value !== "string") throw new OtpError("type", `load has to return ${name}, a string (is a return or an await missing?)`);
  return value;
}

/** Reads the options that the functions of this file share. */
function read(given, own) {
  const wanted = options(given, [...own, "now", "load", "swap", "policy"]);
  time(wanted.now);
  callable(wanted.load, "load");
  callable(wanted.swap, "swap");
  policyNumber(wanted.policy);
  return wanted;
}

export async function logIn(given) {
  const { engine, code, now, load, swap, policy } = read(given, ["engine", "code"]);
  numberOf(engine, Engine, "engine");
  text(code, "code");
  const check = (state, lost) => {
    const [stateLen, codeLen] = write(loadedText(state, "the state"), code);
    const answer = json(core().attempt(
      numberOf(engine, Engine, "engine"), policyNumber(policy), stateLen, codeLen, now, lost));
    return { ...answer, stores: answer.next !== undefined };
  };
  return settle(load, check, async (state, { next }) => stored(await swap(state, next)));
}

/** Engines and states as the module reads them: two numbers, then the bytes of the state. */
export function authenticatorParts(authenticators, name) {
  if (!Array.isArray(authenticators)) throw new OtpError("type", `${name} has to be an array of { engine, state }`);
  return authenticators.flatMap(({ engine, state }) => {
    const number = numberOf(engine, Engine, "engine");
    const bytes = new TextEncoder().encode(text(state, "state"));
    return [new Uint8Array(Uint32Array.of(number, bytes.length).buffer), bytes];
  });
}

export async function logInAny(given) {
  const { code, now, load, swap, policy } = read(given, ["code"]);
  text(code, "code");
  const check = (loaded, lost) => {
    const [codeLen] = write(code, ...authenticatorParts(loaded, "the result of load"));
    const answer = json(core().attempt_any(policyNumber(policy), loaded.length, codeLen, now, lost));
    const changes = answer.changes?.map(({ index, next }) => ({ index, id: loaded[index].id, old: loaded[index].state, next }));
    const { verdict } = answer;
    const id = loaded[verdict.authenticator]?.id;
    if (id !== undefined) verdict.id = id;
    return { ...answer, changes, stores: changes !== undefined };
  };
  const replace = async (_, { changes }) => {
    const rows = await swap(changes);
    if (!Array.isArray(rows) || rows.length !== changes.length) {
      throw new OtpError("type", "swap has to return an array: for each change how many rows it changed, 0 or 1");
    }
    return rows.map(stored).every(Boolean);
  };
  return settle(load, check, replace);
}

export async function resynchronise(given) {
  const { engine, codes, now, load, swap, policy } = read(given, ["engine", "codes"]);
  numberOf(engine, Engine, "engine");
  if (!Array.isArray(codes)) throw new OtpError("type", "codes has to be an array");
  const typed = codes.map((code) => new TextEncoder().encode(text(code, "a code")));
  const check = (state, lost) => {
    const parts = typed.flatMap((code) => [new Uint8Array(Uint32Array.of(code.length).buffer), code]);
    const lengths = write(...parts, loadedText(state, "the state"));
    const answer = json(core().resynchronise(
      numberOf(engine, Engine, "engine"), policyNumber(policy), lengths.at(-1), typed.length, now, lost));
    return { ...answer, stores: answer.next !== undefined };
  };
  return settle(load, check, async (state, { next }) => stored(await swap(state, next)));
}
