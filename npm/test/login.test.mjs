// The login in one call: what lets somebody in, and that nothing else does.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Hotp, OtpError, Policy, Refused, Totp, confirmedState, disableState, enableState, enrolmentState, logIn, logInAny, readState,
  repairState, resynchronise, unlockState,
} from "otp-core";

const KEY = new TextEncoder().encode("12345678901234567890");
const OTHER = new TextEncoder().encode("abcdefghijklmnopqrst");

/** A store of one state that compares and swaps. */
class Store {
  state = enrolmentState();
  swap = (old, next) => {
    if (this.state !== old) return 0;
    this.state = next;
    return 1;
  };
  logIn(engine, code, now, more) {
    return logIn({ engine, code, now, load: () => this.state, swap: this.swap, ...more });
  }
  /** The verdict, whether it lets anybody in or not. */
  async judge(...given) {
    try {
      return await this.logIn(...given);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      assert.equal(error.kind, error.verdict.kind);
      assert.equal(error.record.verdict, error.kind);
      return error.verdict;
    }
  }
}

test("a code is accepted once", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  const { message, record, ...verdict } = await store.judge(totp, "287082", 59);
  assert.deepEqual(verdict, { kind: "accepted", movingFactor: 1, drift: 0, failures: 0, confirms: true });
  assert.match(message, /accepted/);
  assert.equal(record.line, "kind=code verdict=accepted failures=0 failures_before=0 moving_factor=1 drift=0");
  assert.equal((await store.judge(totp, "287082", 60)).kind, "replayed");
  // The code of step 0 was passed over.
  assert.equal((await store.judge(totp, "755224", 59)).kind, "replayed");
  const next = await store.judge(totp, "359152", 59);
  assert.deepEqual([next.kind, next.drift, next.confirms], ["accepted", 1, false]);
});

test("guesses are slowed down", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  for (let tries = 4; tries > 0; tries--) {
    const verdict = await store.judge(totp, "000000", 1000);
    assert.deepEqual([verdict.kind, verdict.triesLeft, verdict.until], ["rejected", tries, undefined]);
  }
  assert.equal((await store.judge(totp, "000000", 1000)).until, 1030);
  assert.deepEqual(readState(store.state, 1000), {
    lifecycle: "unconfirmed", requiresCode: false, failures: 5, drift: 0, nextFactor: 0, lockedUntil: 1030,
  });
  // The right code gets the same answer.
  const locked = await store.judge(totp, totp.codeAt(1029), 1029);
  assert.deepEqual([locked.kind, locked.until], ["locked", 1030]);
  assert.equal((await store.judge(totp, totp.codeAt(1030), 1030)).kind, "accepted");
  assert.equal((await store.judge(totp, "12345", 1030)).kind, "malformed");
});

test("code that forgets to look at the verdict lets nobody in", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  let isIn = false;
  const lazy = async (code) => {
    if (await store.logIn(totp, code, 59)) isIn = true;
  };
  await assert.rejects(lazy("000000"), { name: "OtpError", kind: "rejected" });
  assert.equal(isIn, false);
  await lazy("287082");
  assert.equal(isIn, true);
});

test("what is not a number of rows opens nothing", async () => {
  const totp = new Totp(KEY);
  const answers = [true, false, undefined, null, "1", {}, [1], -1, 0.5, NaN, { changes: 1 }, Symbol.iterator];
  for (const answer of answers) {
    const store = new Store();
    await assert.rejects(store.logIn(totp, "287082", 59, { swap: () => answer }), { kind: "type" }, String(answer));
  }
  // Drivers may count in BigInt, and take their time.
  assert.equal((await new Store().logIn(totp, "287082", 59, { swap: async () => 1n })).kind, "accepted");
  for (const load of [() => undefined, () => null, () => ({ state: enrolmentState() })]) {
    await assert.rejects(new Store().logIn(totp, "287082", 59, { load }), { kind: "type" });
  }
});

test("a statement that changes more than one row is an error, and is not tried again", async () => {
  const error = { name: "OtpError", kind: "type", message: "swap changed more than one row: is the id of the row missing in its WHERE?" };
  const [engine, state] = [new Totp(KEY), confirmedState()];
  // Two rows with one state, and an UPDATE that does not name the row.
  const rows = [state, state];
  let swaps = 0;
  const update = (old, next) => {
    swaps++;
    return rows.reduce((count, row, index) => (row === old ? ((rows[index] = next), count + 1) : count), 0);
  };
  await assert.rejects(logIn({ engine, code: "000000", now: 59, load: () => rows[0], swap: update }), error);
  assert.deepEqual([swaps, ...rows.map((row) => readState(row, 59).failures)], [1, 1, 1]);
  for (const code of ["287082", "000000"]) {
    for (const count of [2, 2n, 3, 2n ** 40n]) {
      const given = { code, now: 59 };
      await assert.rejects(logIn({ ...given, engine, load: () => state, swap: () => count }), error);
      await assert.rejects(logInAny({ ...given, load: () => [{ engine, state }], swap: () => [count] }), error);
      const any = { ...given, load: () => [{ engine, state }, { engine: new Totp(OTHER), state: confirmedState({ failures: 1 }) }] };
      await assert.rejects(logInAny({ ...any, swap: (changes) => changes.map((_, index) => (index === 0 ? 0 : count)) }), { name: "OtpError" });
    }
  }
});

test("what changes no state is not stored", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  const states = [];
  const kind = async (code, now, more) => {
    let swaps = 0;
    const swap = (old, next) => (swaps++, states.push(next), store.swap(old, next));
    return [(await store.judge(totp, code, now, { swap, ...more })).kind, swaps];
  };
  assert.deepEqual(await kind("287082", 59), ["accepted", 1]);
  assert.deepEqual(await kind("287082", 59), ["replayed", 0]);
  assert.deepEqual(await kind("12345", 59), ["malformed", 0]);
  assert.deepEqual(await kind("000000", 59, { policy: new Policy({ freeTries: 1 }) }), ["rejected", 1]);
  assert.deepEqual(await kind("000000", 59), ["locked", 0]);
  store.state = disableState(store.state);
  assert.deepEqual(await kind("000000", 9999), ["disabled", 0]);
  assert.equal(states.length, 2);
});

test("an error of the store comes out, and nobody is let in", async () => {
  const totp = new Totp(KEY);
  const down = () => { throw new RangeError("the database is down"); };
  await assert.rejects(new Store().logIn(totp, "287082", 59, { load: down }), { name: "RangeError" });
  await assert.rejects(new Store().logIn(totp, "287082", 59, { swap: down }), { name: "RangeError" });
});

test("of 32 requests with one code, one is accepted", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  const wait = () => new Promise((resolve) => setTimeout(resolve, 1));
  const requests = Array.from({ length: 32 }, () => store.logIn(totp, "287082", 59, {
    load: async () => (await wait(), store.state),
    swap: async (old, next) => (await wait(), store.swap(old, next)),
  }));
  const answers = await Promise.allSettled(requests);
  assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 1);
  for (const { reason } of answers) assert.ok([undefined, "replayed", "conflict"].includes(reason?.kind));
});

test("a race that is always lost is a conflict after ten tries", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  let swaps = 0;
  await assert.rejects(store.logIn(totp, "287082", 59, { swap: () => (swaps++, 0) }), (error) => {
    assert.equal(error.kind, "conflict");
    assert.equal(error.record.line, "kind=code verdict=conflict failures=0 failures_before=0");
    return true;
  });
  assert.equal(swaps, 10);
});

test("a state is a text", async () => {
  assert.match(enrolmentState(), /^[0-9a-f]{76}$/);
  const store = new Store();
  await store.logIn(new Totp(KEY), "287082", 59);
  const copy = JSON.parse(JSON.stringify(structuredClone({ state: store.state }))).state;
  assert.deepEqual(readState(copy, 59), { lifecycle: "active", requiresCode: true, failures: 0, drift: 0, nextFactor: 2 });
  assert.equal(readState(disableState(copy), 59).lifecycle, "disabled");
  assert.equal(enableState(disableState(copy)), copy);
  assert.equal(readState(unlockState(disableState(copy)), 59).lifecycle, "disabled");
  assert.equal(readState(copy, 59).disabledBy, undefined);
  assert.equal(readState(disableState(copy), 59).disabledBy, "host");
  assert.throws(() => readState(copy.slice(0, 74), 0), { kind: "state-length" });
  // One state has one text, or a store could not compare it.
  assert.throws(() => readState(copy.toUpperCase().replace("02", "0F"), 0), { kind: "state-length" });
  assert.throws(() => readState("0".repeat(76), 0), { kind: "state-version" });
  assert.throws(() => readState(`${copy.slice(0, 2)}ff${copy.slice(4)}`, 0), { kind: "state-impossible" });
});

test("a state of 24 bytes is read, and what is used up stays used up", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  // Version 1: confirmed by the code of step 1, with two wrong codes since then.
  store.state = `0105${"0000"}${"00000002"}${"0000000000000001"}${"00".repeat(8)}`;
  assert.equal(store.state.length, 48);
  assert.deepEqual(readState(store.state, 59), { lifecycle: "active", requiresCode: true, failures: 2, drift: 0, nextFactor: 2 });
  assert.equal((await store.judge(totp, "287082", 59)).kind, "replayed");
  assert.equal((await store.judge(totp, "359152", 59)).kind, "accepted");
  assert.equal(store.state.length, 76);
  assert.equal((await store.judge(totp, "359152", 59)).kind, "replayed");
});

test("users come along from another system", () => {
  const state = confirmedState({ lastUsed: 41152263, drift: -1, failures: 3 });
  assert.deepEqual(readState(state, 0), { lifecycle: "active", requiresCode: true, failures: 3, drift: -1, nextFactor: 41152264 });
  assert.equal(readState(confirmedState({ nextCounter: 7 }), 0).nextFactor, 7);
  assert.throws(() => confirmedState({ drift: 40000 }), { kind: "state-impossible" });
  assert.throws(() => confirmedState({ last: 1 }), { kind: "option" });
  // With a time, every code would be replayed.
  for (const lastUsed of [1234567890, 1234567890000]) {
    const message = "lastUsed is a time step or a counter, not a time: engine.stepAt(seconds)";
    assert.throws(() => confirmedState({ lastUsed }), { kind: "counter", message });
  }
  assert.equal(readState(confirmedState({ nextCounter: 1234567890 }), 0).nextFactor, 1234567890);
});

test("what cannot be judged", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  await assert.rejects(store.logIn(totp, "287082", Date.now()), { kind: "time-too-far", message: /seconds, not milliseconds/ });
  await store.logIn(totp, "287082", 59);
  await assert.rejects(store.logIn(new Totp(KEY, { period: 60 }), "287082", 59), { kind: "other-engine" });
  await assert.rejects(store.logIn(new Hotp(KEY), "287082", 59), { kind: "other-engine" });
  await assert.rejects(store.logIn({}, "287082", 59), { kind: "type" });
  await assert.rejects(store.logIn(totp, 287082, 59), { kind: "type" });
});

test("HOTP is verified from its counter on", async () => {
  const [hotp, store] = [new Hotp(KEY, { counter: 2 }), new Store()];
  assert.notEqual((await store.judge(hotp, "287082", 0)).kind, "accepted");
  assert.equal((await store.judge(hotp, "254676", 0)).movingFactor, 5);
  assert.equal(readState(store.state, 0).nextFactor, 6);
});

test("several authenticators: a code of one is no failure of another", async () => {
  const engines = [new Totp(KEY), new Totp(OTHER)];
  const rows = [confirmedState(), confirmedState({ failures: 2 })];
  const any = (code, now, more) => logInAny({
    code, now,
    load: async () => engines.map((engine, index) => ({ engine, state: rows[index] })),
    swap: async (changes) => changes.map(({ index, old, next }) => {
      assert.equal(rows[index], old);
      rows[index] = next;
      return 1;
    }),
    ...more,
  });
  const accepted = await any("287082", 59);
  assert.deepEqual([accepted.kind, accepted.authenticator, accepted.record.authenticator], ["accepted", 0, 0]);
  assert.equal(readState(rows[1], 59).failures, 0);
  await assert.rejects(any("287082", 59), { kind: "replayed" });
  await assert.rejects(any("000000", 59), { kind: "rejected" });
  assert.deepEqual(rows.map((state) => readState(state, 59).failures), [1, 1]);
  await assert.rejects(any("359152", 59, { swap: (changes) => changes.map((_, index) => index) }), { kind: "conflict" });
  for (const swap of [() => 1, () => [1, 1, 1], () => [true, true], () => undefined]) {
    await assert.rejects(any("359152", 59, { swap }), { kind: "type" });
  }
  const none = logInAny({ code: "287082", now: 59, load: () => [], swap: () => [] });
  await assert.rejects(none, { kind: "none-confirmed" });
});

test("the id of a row travels with its authenticator, in whatever order the rows come", async () => {
  const table = new Map([["phone", [new Totp(KEY), confirmedState()]], ["tablet", [new Totp(OTHER), confirmedState()]]]);
  const expected = new Map([...table].map(([id, [, state]]) => [id, state]));
  let [loads, lost] = [0, 1];
  const any = (code) => logInAny({
    code, now: 59,
    load: () => {
      const rows = [...table].map(([id, [engine, state]]) => ({ id, engine, state }));
      return loads++ % 2 === 0 ? rows : rows.reverse();
    },
    swap: (changes) => {
      if (lost-- > 0) return changes.map(() => 0);
      return changes.map(({ id, old, next }) => {
        assert.equal(expected.get(id), old);
        expected.set(id, next);
        table.get(id)[1] = next;
        return 1;
      });
    },
  });
  const accepted = await any("287082");
  assert.deepEqual([accepted.id, loads], ["phone", 2]);
  await assert.rejects(any("287082"), { kind: "replayed" });
  await assert.rejects(any("000000"), { kind: "rejected" });
  assert.deepEqual([...table.values()].map(([, state]) => readState(state, 59).failures), [1, 1]);
});

test("a token that has gone astray is found by two codes in a row, which let nobody in", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  store.state = confirmedState();
  const [now, theirs] = [1234567890, 1234567650];
  const code = (steps) => totp.codeAt(theirs + 30 * steps);
  await assert.rejects(store.logIn(totp, code(0), now), { kind: "rejected" });
  const again = (codes) => resynchronise({ engine: totp, codes, now: now + 30, load: () => store.state, swap: store.swap });
  await assert.rejects(again([code(0), code(2)]), { kind: "rejected" });
  await assert.rejects(again([code(0)]), { kind: "codes" });
  const found = await again([code(0), code(1)]);
  assert.deepEqual([found.kind, found.drift, found.record.kind], ["resynchronised", -8, "resynchronisation"]);
  await assert.rejects(store.logIn(totp, code(1), now + 30), { kind: "replayed" });
  assert.equal((await store.logIn(totp, code(2), now + 60)).kind, "accepted");
  assert.equal(readState(store.state, now).drift, -8);
});

test("drift of a hardware token is learned within bounds", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  const policy = new Policy({ drift: { max: 20 } });
  for (let step = 10; step < 30; step++) {
    await store.logIn(totp, totp.codeAt(30 * step), 30 * (step + Math.min(step - 9, 3)), { policy });
  }
  assert.equal(readState(store.state, 0).drift, -3);
});

test("an administrator sees why an authenticator is disabled", async () => {
  const [totp, store, policy] = [new Totp(KEY), new Store(), new Policy({ maxFailures: 2, freeTries: 2 })];
  await store.judge(totp, "000000", 0, { policy });
  await store.judge(totp, "000000", 0, { policy });
  const { lifecycle, disabledBy } = readState(store.state, 0);
  assert.deepEqual([lifecycle, disabledBy], ["disabled", "failures"]);
  assert.equal(readState(disableState(store.state), 0).disabledBy, "host");
});

test("a state that a fast clock has used up is repaired", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  const [now, ahead] = [1234567890, 1234567890 + 86400];
  await store.logIn(totp, totp.codeAt(ahead), ahead);
  assert.equal((await store.judge(totp, totp.codeAt(now + 60), now + 60)).kind, "replayed");
  const repaired = repairState(store.state, totp, now);
  assert.equal(readState(repaired, now).nextFactor, totp.stepAt(now) + 2);
  assert.equal(repairState(repaired, totp, now), repaired);
  store.state = repaired;
  assert.equal((await store.judge(totp, totp.codeAt(now), now)).kind, "replayed");
  assert.equal((await store.judge(totp, totp.codeAt(now + 60), now + 60)).kind, "accepted");
  assert.throws(() => repairState(repaired, new Hotp(KEY), now), { kind: "type" });
  assert.throws(() => repairState(repaired, totp, 1000 * now), { kind: "time-too-far" });
});

test("a policy", async () => {
  const strict = new Policy({ freeTries: 1, firstWait: 5, longestWait: 60, maxFailures: 2, window: { past: 0, future: 0 } });
  const [totp, store] = [new Totp(KEY), new Store()];
  assert.equal((await store.judge(totp, "000000", 0, { policy: strict })).until, 5);
  assert.equal((await store.judge(totp, "000000", 5, { policy: strict })).failuresLeft, 0);
  assert.equal((await store.judge(totp, "755224", 9, { policy: strict })).kind, "disabled");
  // In a year: 395 guesses, three candidates each.
  const bound = new Policy().guessBound(totp);
  assert.ok(bound > 0.001185 && bound < 0.001186);
  assert.ok(new Policy().guessBound(new Totp(KEY, { digits: 8 })) < 0.0000125);
  assert.ok(new Policy({ budget: { guesses: 10, refill: 10 * 86400 } }).guessBound(totp) < 0.00015);
  assert.equal(new Policy().guessBound(totp, { days: 365 }), bound);
  assert.ok(new Policy().guessBound(totp, { days: 1 }) < bound / 10);
  assert.throws(() => new Policy({ freeTries: 0 }), { kind: "policy" });
  assert.throws(() => new Policy({ firstWait: 100, longestWait: 50 }), { kind: "policy" });
  assert.throws(() => new Policy({ window: { past: 101 } }), { kind: "window" });
  assert.throws(() => new Policy({ drift: {} }), { kind: "policy" });
  assert.throws(() => new Policy({ drift: { max: -1 } }), { kind: "policy" });
  assert.throws(() => new Policy({ resynchronisation: { codes: 4 } }), { kind: "policy" });
  const slow = new Store().logIn(new Totp(KEY, { period: 300 }), "000000", 0);
  await assert.rejects(slow, { kind: "period-too-long" });
});

test("a span in another unit than days is noticed", () => {
  const [policy, totp] = [new Policy(), new Totp(KEY)];
  for (const days of [0.5, -1, NaN, "365", 365 * 86400, 365 * 86400000, 36526]) {
    assert.throws(() => policy.guessBound(totp, { days }), { kind: "time", message: /days/ }, String(days));
  }
  assert.throws(() => policy.guessBound(totp, 365 * 86400), { kind: "type" });
  assert.throws(() => policy.guessBound(totp, { seconds: 86400 }), { kind: "option" });
});

test("every result goes through JSON and structuredClone", async () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  const results = [
    await store.logIn(totp, "287082", 59), await store.judge(totp, "000000", 59), readState(store.state, 59), store.state,
    totp.verifyAt("287082", 59),
  ];
  for (const result of results) {
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
    assert.deepEqual(structuredClone(result), result);
  }
  const refused = await store.logIn(totp, "287082", 59).catch((error) => error);
  assert.ok(refused instanceof Refused && refused instanceof OtpError && refused instanceof Error);
  assert.equal(JSON.parse(JSON.stringify(refused)).verdict.kind, "replayed");
  structuredClone(refused);
});
