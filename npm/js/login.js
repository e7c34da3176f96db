// Codes behind a login. What the module answers stays here until the store has said how many rows it changed: only then
// the verdict comes out. An accepted code is what is returned. Every other verdict is thrown, so that code which forgets
// to look at it lets nobody in.
import { callable, options, text, time } from "./args.js";
import { Engine } from "./codes.js";
import { OtpError, Refused } from "./error.js";
import { numberOf } from "./handle.js";
import { core, json, write } from "./main.js";
import { policyNumber } from "./policy.js";

/** As in the core: each lost race means that another request was answered. */
const TRIES = 10;

/** Whether a statement has found its row. */
export function stored(rows) {
  const number = typeof rows === "bigint" ? Number(rows) : rows;
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new OtpError("type", "swap has to return how many rows the statement changed, 0 or 1 (is a return or an await missing?)");
  }
  return number === 1;
}

/**
 * Judges what `load` gives and stores what follows, again for each lost race. `judge(loaded, lost)` asks the module, and
 * `replace(loaded, answer)` the store, which says whether it has stored it.
 */
export async function settle(load, judge, replace) {
  for (let tries = TRIES; ; tries--) {
    const loaded = await load();
    const answer = judge(loaded, 0);
    const isStored = answer.stores ? await replace(loaded, answer) : true;
    if (isStored) return finish(answer);
    if (tries === 1) return finish(judge(loaded, 1));
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

/** What the functions of this file take. */
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
  const judge = (state, lost) => {
    const [stateLen, codeLen] = write(loadedText(state, "the state"), code);
    const answer = json(core().attempt(
      numberOf(engine, Engine, "engine"), policyNumber(policy), stateLen, codeLen, now, lost));
    return { ...answer, stores: answer.next !== undefined };
  };
  return settle(load, judge, async (state, { next }) => stored(await swap(state, next)));
}

export async function logInAny(given) {
  const { code, now, load, swap, policy } = read(given, ["code"]);
  text(code, "code");
  const judge = (loaded, lost) => {
    if (!Array.isArray(loaded)) throw new OtpError("type", "load has to return an array of { engine, state }");
    const parts = [];
    for (const { engine, state } of loaded) {
      const number = numberOf(engine, Engine, "engine");
      // A state is ASCII, or it is refused.
      const bytes = new TextEncoder().encode(loadedText(state, "states"));
      parts.push(new Uint8Array(Uint32Array.of(number, bytes.length).buffer), bytes);
    }
    const [codeLen] = write(code, ...parts);
    const answer = json(core().attempt_any(policyNumber(policy), loaded.length, codeLen, now, lost));
    const changes = answer.changes?.map(({ index, next }) => ({ index, old: loaded[index].state, next }));
    return { ...answer, changes, stores: changes !== undefined };
  };
  const replace = async (_, { changes }) => {
    const rows = await swap(changes);
    if (!Array.isArray(rows) || rows.length !== changes.length) {
      throw new OtpError("type", "swap has to return an array: for each change how many rows it changed, 0 or 1");
    }
    return rows.map(stored).every(Boolean);
  };
  return settle(load, judge, replace);
}

export async function resynchronise(given) {
  const { engine, codes, now, load, swap, policy } = read(given, ["engine", "codes"]);
  numberOf(engine, Engine, "engine");
  if (!Array.isArray(codes)) throw new OtpError("type", "codes has to be an array");
  const typed = codes.map((code) => new TextEncoder().encode(text(code, "a code")));
  const judge = (state, lost) => {
    const parts = typed.flatMap((code) => [new Uint8Array(Uint32Array.of(code.length).buffer), code]);
    const lengths = write(...parts, loadedText(state, "the state"));
    const answer = json(core().resynchronise(
      numberOf(engine, Engine, "engine"), policyNumber(policy), lengths.at(-1), typed.length, now, lost));
    return { ...answer, stores: answer.next !== undefined };
  };
  return settle(load, judge, async (state, { next }) => stored(await swap(state, next)));
}
