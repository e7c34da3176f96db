// The package in Node: the verifier, its sealed verdict, and its state.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hotp, Policy, Totp, disableState, freshState, readState, resetState, startingState } from "otp-core";

const KEY = new TextEncoder().encode("12345678901234567890");
const policy = new Policy();

/** A store of one state that compares and swaps. */
class Store {
  state = freshState();
  swap(old, next) {
    if (Buffer.compare(this.state, old) !== 0) return false;
    this.state = next;
    return true;
  }
  judge(engine, code, now) {
    const old = this.state;
    const attempt = engine.attempt(old, code, now, policy);
    return attempt.settle(this.swap(old, attempt.nextState));
  }
}

test("a code is accepted once", () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  const { message, ...verdict } = store.judge(totp, "287082", 59);
  assert.deepEqual(verdict, { kind: "accepted", movingFactor: 1n, drift: 0, confirms: true });
  assert.match(message, /accepted/);
  assert.equal(store.judge(totp, "287082", 60).kind, "replayed");
  // The code of step 0 was passed over.
  assert.equal(store.judge(totp, "755224", 59).kind, "replayed");
  const next = store.judge(totp, "359152", 59);
  assert.deepEqual([next.kind, next.drift, next.confirms], ["accepted", 1, false]);
});

test("guesses are slowed down", () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  for (let tries = 4; tries > 0; tries--) {
    const verdict = store.judge(totp, "000000", 1000);
    assert.deepEqual([verdict.kind, verdict.triesLeft, verdict.until], ["rejected", tries, undefined]);
  }
  assert.equal(store.judge(totp, "000000", 1000).until, 1030);
  assert.deepEqual(readState(store.state, 1000), {
    lifecycle: "unconfirmed", failures: 5, drift: 0, nextFactor: 0n, lockedUntil: 1030,
  });
  // The right code gets the same answer.
  const locked = store.judge(totp, totp.codeAt(1029), 1029);
  assert.deepEqual([locked.kind, locked.until], ["locked", 1030]);
  assert.equal(store.judge(totp, totp.codeAt(1030), 1030).kind, "accepted");
  assert.equal(store.judge(totp, "12345", 1030).kind, "malformed");
});

test("the verdict is sealed", async () => {
  const totp = new Totp(KEY);
  const attempt = totp.attempt(freshState(), "287082", 59, policy);
  assert.equal(attempt.changesState, true);
  // Nothing that can be read tells a right code from a wrong one before it is settled.
  const seen = (attempt) => [
    JSON.stringify(attempt).replace(/\d+/g, "N"),
    Object.getOwnPropertyNames(Object.getPrototypeOf(attempt)).sort().join(),
    attempt.toString(),
  ];
  assert.deepEqual(seen(attempt), seen(totp.attempt(freshState(), "000000", 59, policy)));
  // A promise that nobody waited for is no commit, and does not use the attempt up.
  for (const committed of [Promise.resolve(true), 1, "true", undefined, null, {}]) {
    assert.throws(() => attempt.settle(committed), { kind: "type" });
  }
  assert.equal(attempt.settle(true).kind, "accepted");
  assert.throws(() => attempt.settle(true), { name: "OtpError", kind: "settled" });
  assert.throws(() => attempt.nextState, { kind: "settled" });
  assert.equal(totp.attempt(freshState(), "287082", 59, policy).settle(false).kind, "conflict");
});

test("of a hundred requests with one code, one is accepted", () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  const old = store.state;
  const attempts = Array.from({ length: 100 }, () => totp.attempt(old, "287082", 59, policy));
  const verdicts = attempts.map((attempt) => attempt.settle(store.swap(old, attempt.nextState)).kind);
  assert.equal(verdicts.filter((kind) => kind === "accepted").length, 1);
  assert.equal(verdicts.filter((kind) => kind === "conflict").length, 99);
});

test("a state goes through its bytes", () => {
  assert.equal(freshState().length, 38);
  assert.ok(freshState() instanceof Uint8Array);
  const store = new Store();
  store.judge(new Totp(KEY), "287082", 59);
  const copy = Uint8Array.from(Buffer.from(Buffer.from(store.state).toString("base64"), "base64"));
  assert.deepEqual(readState(copy, 59), { lifecycle: "active", failures: 0, drift: 0, nextFactor: 2n });
  assert.equal(readState(disableState(copy), 59).lifecycle, "disabled");
  assert.deepEqual(resetState(disableState(copy)), copy);
  assert.throws(() => readState(copy.slice(0, 37), 0), { kind: "state-length" });
  assert.throws(() => readState(new Uint8Array(38), 0), { kind: "state-version" });
  const impossible = copy.slice();
  impossible[1] = 0xff;
  assert.throws(() => readState(impossible, 0), { kind: "state-impossible" });
});

test("a state of 24 bytes is read, and what is used up stays used up", () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  // Version 1: confirmed by the code of step 1, with two wrong codes since then.
  store.state = Uint8Array.from([1, 0b101, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, ...new Array(8).fill(0)]);
  assert.equal(store.state.length, 24);
  assert.deepEqual(readState(store.state, 59), { lifecycle: "active", failures: 2, drift: 0, nextFactor: 2n });
  assert.equal(totp.attempt(store.state, "287082", 59, policy).changesState, false);
  assert.equal(totp.attempt(store.state, "287082", 59, policy).settle(true).kind, "replayed");
  assert.equal(store.judge(totp, "359152", 59).kind, "accepted");
  assert.equal(store.state.length, 38);
  assert.equal(store.judge(totp, "287082", 59).kind, "replayed");
  assert.equal(store.judge(totp, "359152", 59).kind, "replayed");
});

test("what cannot be judged", () => {
  const [totp, store] = [new Totp(KEY), new Store()];
  assert.throws(() => totp.attempt(store.state, "287082", Date.now(), policy), { kind: "time-too-far" });
  store.judge(totp, "287082", 59);
  assert.throws(() => new Totp(KEY, { period: 60 }).attempt(store.state, "287082", 59, policy), { kind: "other-engine" });
  assert.throws(() => new Hotp(KEY).attempt(store.state, "287082", 59, policy), { kind: "other-engine" });
});

test("HOTP is verified from its counter on", () => {
  const [hotp, store] = [new Hotp(KEY), new Store()];
  store.state = startingState(2);
  assert.equal(store.judge(hotp, "287082", 0).kind, "replayed");
  assert.deepEqual(store.judge(hotp, "254676", 0).movingFactor, 5n);
});

test("a policy", () => {
  const strict = new Policy({ freeTries: 1, firstWait: 5, longestWait: 60, maxFailures: 2, window: { past: 0, future: 0 } });
  const totp = new Totp(KEY);
  const first = totp.attempt(freshState(), "000000", 0, strict);
  const state = first.nextState;
  assert.equal(first.settle(true).until, 5);
  const second = totp.attempt(state, "000000", 5, strict);
  const disabled = second.nextState;
  assert.equal(second.settle(true).failuresLeft, 0);
  assert.equal(totp.attempt(disabled, "755224", 9, strict).settle(true).kind, "disabled");
  // In a year: 395 guesses, three candidates each.
  assert.ok(policy.guessBound() > 0.001185 && policy.guessBound() < 0.001186);
  assert.ok(policy.guessBound(8) < 0.0000125);
  assert.throws(() => new Policy({ freeTries: 0 }), { kind: "policy" });
  assert.throws(() => new Policy({ firstWait: 100, longestWait: 50 }), { kind: "policy" });
  assert.throws(() => new Policy({ window: { past: 101 } }), { kind: "window" });
  assert.throws(() => new Totp(KEY, { period: 300 }).attempt(freshState(), "000000", 0, policy), { kind: "period-too-long" });
});
