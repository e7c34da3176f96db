// The package in Node: recovery codes.
import assert from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { test } from "node:test";
import { Pepper, Policy, RecoverySet, Totp, freshState, recoveryState } from "otp-core";

const fill = (bytes) => crypto.getRandomValues(bytes);
const pepper = new Pepper(1, new Uint8Array(32).fill(0x5a));
const policy = new Policy();
const user = "user 17";

test("a code is redeemed once", () => {
  const { set, codes } = RecoverySet.generate(fill, pepper, user);
  assert.equal(new Set(codes).size, 10);
  for (const code of codes) assert.match(code, /^[0-9A-HJKMNP-TV-Z]{6}(-[0-9A-HJKMNP-TV-Z]{6}){3}$/);

  const redemption = set.redeem(pepper, user, recoveryState(), codes[3].toLowerCase(), 59, policy);
  const { message, ...verdict } = ((next) => ({ next, ...redemption.settle(true) }))(redemption.nextSet);
  assert.deepEqual([verdict.kind, verdict.slot, verdict.remaining], ["redeemed", 3, 9]);
  assert.doesNotMatch(message, new RegExp(codes[3]));
  assert.throws(() => redemption.settle(true), { kind: "settled" });

  const next = RecoverySet.fromBytes(verdict.next);
  assert.equal(next.remaining, 9);
  assert.ok(next.isUsed(3) && !next.isUsed(4) && next.isUsed(10));
  const again = next.redeem(pepper, user, recoveryState(), codes[3], 60, policy).settle(true);
  assert.deepEqual([again.kind, again.triesLeft], ["rejected", 4]);
  assert.equal(next.redeem(pepper, user, recoveryState(), codes[4], 60, policy).settle(false).kind, "conflict");
  assert.equal(next.redeem(pepper, user, recoveryState(), "ABC", 60, policy).settle(true).kind, "malformed");
  // To another user the codes are worth nothing.
  const ofAnother = () => set.redeem(pepper, "user 18", recoveryState(), codes[5], 60, policy);
  assert.throws(ofAnother, { kind: "recovery-mismatch" });
});

test("a set goes through its bytes, and has no code in them", () => {
  const { set, codes } = RecoverySet.generate((bytes) => randomFillSync(bytes), pepper, user);
  const bytes = set.toBytes();
  assert.equal(bytes.length, 368);
  assert.deepEqual(RecoverySet.fromBytes(bytes).toBytes(), bytes);
  for (const code of codes) assert.ok(!Buffer.from(bytes).includes(code.replaceAll("-", "")));
  assert.throws(() => RecoverySet.fromBytes(bytes.slice(0, -1)), { kind: "recovery-set-length" });
  assert.throws(() => RecoverySet.fromBytes(new Uint8Array(384)), { kind: "recovery-set-version" });
  const damaged = bytes.slice();
  damaged.fill(0xff, 4);
  assert.throws(() => RecoverySet.fromBytes(damaged), { kind: "recovery-set-impossible" });
});

test("new codes end the old ones", () => {
  const { set, codes } = RecoverySet.generate(fill, pepper, user);
  const other = set.regenerate(fill, pepper, user);
  assert.equal(other.set.redeem(pepper, user, recoveryState(), codes[0], 0, policy).settle(true).kind, "rejected");
  assert.equal(other.set.redeem(pepper, user, recoveryState(), other.codes[0], 0, policy).settle(true).kind, "redeemed");
});

test("randomness that is none is noticed", () => {
  const generate = (fill) => () => RecoverySet.generate(fill, pepper, user);
  assert.throws(generate(() => {}), { kind: "random-repeats" });
  assert.throws(generate((bytes) => bytes.fill(7)), { kind: "random-repeats" });
  assert.throws(generate(() => { throw new Error("out of entropy"); }), { kind: "random-failed" });
  assert.throws(generate((bytes) => structuredClone(bytes, { transfer: [bytes.buffer] })), { kind: "random-failed" });
  assert.throws(generate(undefined), { kind: "type" });
});

test("random bytes do not stay in JavaScript's array", () => {
  const arrays = [];
  RecoverySet.generate((bytes) => arrays.push(fill(bytes)), pepper, user);
  assert.ok(arrays.length >= 11);
  for (const bytes of arrays) assert.ok(bytes.every((byte) => byte === 0));
});

test("peppers", () => {
  assert.throws(() => new Pepper(1, new Uint8Array(13)), { kind: "pepper-short" });
  assert.throws(() => new Pepper(1, new Uint8Array(65)), { kind: "pepper-long" });
  assert.throws(() => new Pepper(2 ** 32, new Uint8Array(32)), { kind: "type" });
  const { set } = RecoverySet.generate(fill, pepper, user);
  const other = new Pepper(2, new Uint8Array(32).fill(0x5a));
  assert.throws(() => set.redeem(other, user, recoveryState(), "A".repeat(24), 0, policy), { kind: "recovery-pepper" });
  // The right number on other bytes is no guess either.
  const mixedUp = new Pepper(1, new Uint8Array(32).fill(0x5b));
  assert.throws(() => set.redeem(mixedUp, user, recoveryState(), "A".repeat(24), 0, policy), { kind: "recovery-mismatch" });
  assert.throws(() => RecoverySet.generate(fill, pepper, ""), { kind: "recovery-user" });
});

test("recovery codes have a state of their own", () => {
  const { set, codes } = RecoverySet.generate(fill, pepper, user);
  assert.throws(() => set.redeem(pepper, user, freshState(), codes[0], 0, policy), { kind: "recovery-state" });
  const totp = new Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  assert.throws(() => totp.attempt(recoveryState(), "287082", 59, policy), { kind: "other-engine" });
});
