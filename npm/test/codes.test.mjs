// Codes, against the tables of the RFCs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hotp, Totp } from "otp-core";

const ascii = (text) => new TextEncoder().encode(text);
const KEYS = {
  SHA1: ascii("12345678901234567890"),
  SHA256: ascii("12345678901234567890123456789012"),
  SHA512: ascii("1234567890123456789012345678901234567890123456789012345678901234"),
};

test("RFC 6238 appendix B", () => {
  const rows = [
    [59, "94287082", "46119246", "90693936"],
    [1111111109, "07081804", "68084774", "25091201"],
    [1111111111, "14050471", "67062674", "99943326"],
    [1234567890, "89005924", "91819424", "93441116"],
    [2000000000, "69279037", "90698825", "38618901"],
    [20000000000, "65353130", "77737706", "47863826"],
  ];
  for (const [now, ...codes] of rows) {
    Object.keys(KEYS).forEach((algorithm, column) => {
      const totp = new Totp(KEYS[algorithm], { algorithm, digits: 8 });
      assert.equal(totp.codeAt(now), codes[column], `${algorithm} at ${now}`);
      totp.free();
    });
  }
});

test("RFC 4226 appendix D", () => {
  const hotp = new Hotp(KEYS.SHA1);
  const codes = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
  codes.forEach((code, counter) => assert.equal(hotp.code(counter), code));
  assert.deepEqual(hotp.verify("969429", 0), { counter: 3 });
  assert.equal(hotp.verify("969429", 0, 2), null);
  assert.equal(hotp.verify("969429", 4), null);
});

test("steps, and what is left of one", () => {
  const totp = new Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", { period: 60, t0: 100 });
  assert.equal(totp.stepAt(159), 0);
  assert.equal(totp.stepAt(160), 1);
  assert.equal(totp.secondsRemainingAt(159), 1);
  assert.equal(totp.secondsRemainingAt(160), 60);
  assert.equal(totp.period, 60);
  assert.match(new Hotp(KEYS.SHA1).code(2 ** 53 - 1), /^\d{6}$/);
});

test("a window", () => {
  const totp = new Totp(KEYS.SHA1);
  const code = totp.codeAt(59);
  assert.deepEqual(totp.verifyAt(code, 59), { step: 1, drift: 0 });
  assert.deepEqual(totp.verifyAt("287 082", 89), { step: 1, drift: -1 });
  assert.deepEqual(totp.verifyAt(code, 29), { step: 1, drift: 1 });
  assert.equal(totp.verifyAt(code, 90), null);
  assert.equal(totp.verifyAt(code, 90, { past: 2 }).drift, -2);
  assert.equal(totp.verifyAt(code, 89, { past: 0 }), null);
  assert.equal(totp.verifyAt(code, 29, { future: 0 }), null);
  assert.throws(() => totp.verifyAt("28708x", 59), {
    kind: "malformed",
    message: "malformed code: not a digit of a code at byte 5",
  });
});
