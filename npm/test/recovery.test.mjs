// Recovery codes.
import assert from "node:assert/strict";
import { webcrypto as crypto } from "node:crypto";
import { test } from "node:test";
import {
  Pepper, Totp, enrolmentState, generateRecoveryCodes, logIn, readRecoverySet, readState, recoveryState, redeem,
} from "otp-core";

const fillRandom = (bytes) => crypto.getRandomValues(bytes);
const pepper = new Pepper(1, new Uint8Array(32).fill(0x5a));
const user = "user 17";
const generate = (more) => generateRecoveryCodes({ pepper, user, fillRandom, ...more });

/** A store of one set and its state. */
class Store {
  constructor({ set, state }) {
    this.row = { set, state };
  }
  redeem(code, now, more) {
    return redeem({
      pepper, user, code, now, load: () => this.row,
      swap: (old, next) => {
        if (old.set !== this.row.set || old.state !== this.row.state) return 0;
        this.row = next;
        return 1;
      },
      ...more,
    });
  }
}

test("a code is redeemed once", async () => {
  const issued = generate();
  const { codes } = issued;
  assert.equal(new Set(codes).size, 10);
  for (const code of codes) assert.match(code, /^[0-9A-HJKMNP-TV-Z]{6}(-[0-9A-HJKMNP-TV-Z]{6}){3}$/);
  const store = new Store(issued);
  const redeemed = await store.redeem(codes[3].toLowerCase(), 59);
  assert.deepEqual([redeemed.kind, redeemed.slot, redeemed.remaining], ["redeemed", 3, 9]);
  assert.ok(!JSON.stringify(redeemed).includes(codes[3]));
  assert.equal(redeemed.record.line, "kind=recovery verdict=redeemed failures=0 failures_before=0 slot=3");
  assert.deepEqual(readRecoverySet(store.row.set), {
    remaining: 9, pepperKeyId: 1, length: 24, generation: 0, used: [false, false, false, true, false, false, false, false, false, false],
  });
  await assert.rejects(store.redeem(codes[3], 60), (error) => {
    assert.deepEqual([error.kind, error.verdict.triesLeft], ["rejected", 4]);
    return true;
  });
  await assert.rejects(store.redeem("ABC", 60), { kind: "malformed" });
  // To another user the codes are worth nothing.
  await assert.rejects(store.redeem(codes[5], 60, { user: "user 18" }), { kind: "recovery-mismatch" });
});

test("of 32 requests with one code, one is redeemed", async () => {
  const issued = generate();
  const store = new Store(issued);
  const answers = await Promise.allSettled(Array.from({ length: 32 }, () => store.redeem(issued.codes[0], 59)));
  assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 1);
});

test("a set that another request has changed meanwhile is judged again, and at last a conflict", async () => {
  const issued = generate();
  let swaps = 0;
  const lost = new Store(issued).redeem(issued.codes[0], 59, { swap: () => (swaps++, 0) });
  await assert.rejects(lost, { kind: "conflict" });
  assert.equal(swaps, 10);
});

test("a set is a text, and has no code in it", () => {
  const { set, state, codes } = generate();
  assert.match(set, /^[0-9a-f]{736}$/);
  assert.deepEqual(readState(state, 0).requiresCode, true);
  const ascii = set.match(/../g).map((byte) => String.fromCharCode(Number.parseInt(byte, 16))).join("");
  for (const code of codes) assert.ok(!ascii.includes(code.replaceAll("-", "")) && !set.includes(code));
  assert.throws(() => readRecoverySet(set.slice(0, -2)), { kind: "recovery-set-length" });
  assert.throws(() => readRecoverySet(`${set.slice(0, -1)}A`), { kind: "recovery-set-length" });
  assert.throws(() => readRecoverySet("0".repeat(768)), { kind: "recovery-set-version" });
  assert.throws(() => readRecoverySet(set.slice(0, 8) + "f".repeat(728)), { kind: "recovery-set-impossible" });
});

test("new codes end the old ones, and the state goes on", async () => {
  const old = generate();
  const fresh = generate({ replace: old.set });
  assert.equal(fresh.state, undefined);
  const store = new Store({ set: fresh.set, state: old.state });
  await assert.rejects(store.redeem(old.codes[0], 0), { kind: "rejected" });
  assert.equal((await store.redeem(fresh.codes[0], 0)).kind, "redeemed");
});

test("codes of other lengths, and of digits", async () => {
  for (const [length, form, symbols] of [
    [23, /^[0-9A-HJKMNP-TV-Z-]{23,}$/, 23], [32, /^[0-9A-HJKMNP-TV-Z-]{32,}$/, 32], ["digits", /^\d{6}(-\d{6}){5}$/, 36],
  ]) {
    const issued = generate({ length });
    for (const code of issued.codes) {
      assert.match(code, form);
      assert.equal(code.replaceAll("-", "").length, symbols);
    }
    assert.equal(readRecoverySet(issued.set).length, symbols);
    const store = new Store(issued);
    assert.equal((await store.redeem(issued.codes[9], 0)).slot, 9);
    await assert.rejects(store.redeem("A".repeat(24), 0), { kind: "malformed" });
    // Another length in place of the old one.
    const replaced = generate({ replace: store.row.set, length: 26 });
    assert.deepEqual(
      [readRecoverySet(replaced.set).length, readRecoverySet(replaced.set).generation, replaced.codes[0].replaceAll("-", "").length],
      [26, 1, 26]);
  }
  // Under 112 bits a code needs a password hash, which the package does not have.
  for (const length of [0, 15, 16, 22, 33, 36, 300, 24.5, "24", null]) {
    assert.throws(() => generate({ length }), { kind: "recovery-length", message: /symbols/ }, String(length));
  }
});

test("randomness that is none is noticed", () => {
  const by = (fillRandom) => () => generate({ fillRandom });
  assert.throws(by(() => {}), { kind: "random-repeats" });
  assert.throws(by((bytes) => bytes.fill(7)), { kind: "random-repeats" });
  assert.throws(by(() => { throw new Error("out of entropy"); }), { kind: "random-failed" });
  assert.throws(by((bytes) => structuredClone(bytes, { transfer: [bytes.buffer] })), { kind: "random-failed" });
  assert.throws(by(7), { kind: "type" });
});

test("random bytes do not stay in JavaScript's array", () => {
  let kept;
  generate({ fillRandom: (bytes) => (kept = fillRandom(bytes)) });
  assert.ok(kept.length > 0 && kept.every((byte) => byte === 0));
});

test("peppers", async () => {
  assert.throws(() => new Pepper(1, new Uint8Array(13)), { kind: "pepper-short" });
  assert.throws(() => new Pepper(1, new Uint8Array(65)), { kind: "pepper-long" });
  assert.throws(() => new Pepper(1, new Uint8Array(32)), { kind: "pepper-zero" }); // a forgotten buffer
  assert.throws(() => new Pepper(2 ** 32, new Uint8Array(32)), { kind: "type" });
  assert.throws(() => generate({ user: "" }), { kind: "recovery-user" });
  const store = new Store(generate());
  const other = new Pepper(2, new Uint8Array(32).fill(0x5a));
  await assert.rejects(store.redeem("A".repeat(24), 0, { pepper: other }), { kind: "recovery-pepper" });
  // Other bytes under the right number do not count as a guess either.
  const mixedUp = new Pepper(1, new Uint8Array(32).fill(0x5b));
  await assert.rejects(store.redeem("A".repeat(24), 0, { pepper: mixedUp }), { kind: "recovery-mismatch" });
});

test("recovery codes have a state of their own", async () => {
  const { set, codes } = generate();
  await assert.rejects(new Store({ set, state: enrolmentState() }).redeem(codes[0], 0), { kind: "recovery-state" });
  const engine = new Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  const wrong = logIn({ engine, code: "287082", now: 59, load: recoveryState, swap: () => 1 });
  await assert.rejects(wrong, { kind: "other-engine" });
});
