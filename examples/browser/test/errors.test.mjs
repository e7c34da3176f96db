// The package in Node: what goes wrong is an Error with a kind, and tells nothing of what was passed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as api from "otp-core";

const { Hotp, KeyUri, Policy, Totp, freshState, readState, startingState } = api;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const uri = (rest) => () => KeyUri.parse(`otpauth://totp/alice?${rest}`);

const CASES = [
  ["uri-scheme-unsupported", () => KeyUri.parse("https://example.com")],
  ["uri-type-unsupported", () => KeyUri.parse("otpauth://motp/x")],
  ["uri-label-control-character", () => KeyUri.parse(`otpauth://totp/%1b?secret=${SECRET}`)],
  ["uri-secret-missing", uri("issuer=x")],
  ["uri-secret-character", uri(`secret=${SECRET}1`)],
  ["uri-secret-duplicate", uri(`secret=${SECRET}&secret=${SECRET}`)],
  ["uri-algorithm-unsupported", uri(`secret=${SECRET}&algorithm=MD5`)],
  ["uri-digits-out-of-range", uri(`secret=${SECRET}&digits=5`)],
  ["uri-period-not-a-number", uri(`secret=${SECRET}&period=x`)],
  ["uri-counter-not-a-number", () => KeyUri.parse(`otpauth://hotp/x?secret=${SECRET}&counter=`)],
  ["uri-secret-refused", () => KeyUri.parse("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", { strict: true })],
  ["secret-long", uri(`secret=${"A".repeat(208)}`)],
  ["secret-empty", () => new Totp("")],
  ["secret-short", () => new Totp(new Uint8Array(15))],
  ["secret-base32", () => new Totp(`${SECRET}1`)],
  ["label-control-character", () => KeyUri.create({ secret: SECRET, issuer: "a\nb" })],
  ["algorithm", () => new Totp(SECRET, { algorithm: "MD5" })],
  ["digits", () => new Totp(SECRET, { digits: 5 })],
  ["digits", () => new Hotp(SECRET, { digits: 6.5 })],
  ["period", () => new Totp(SECRET, { period: 0 })],
  ["period", () => new Totp(SECRET, { period: -30 })],
  ["window", () => new Totp(SECRET).verifyAt("000000", 0, { past: 101 })],
  ["window", () => new Hotp(SECRET).verify("000000", 0, 101)],
  ["counter", () => new Hotp(SECRET).code(-1)],
  ["counter", () => startingState("7")],
  ["time-before-t0", () => new Totp(SECRET, { t0: 100 }).codeAt(99)],
  ["time-before-t0", () => new Totp(SECRET, { t0: 100 }).verifyAt("000000", 99)],
  ["qr-too-long", () => KeyUri.create({ secret: SECRET, account: "x".repeat(3000) }).toQrSvg()],
  ["type", () => new Totp(20)],
  ["type", () => new Totp(new ArrayBuffer(20))],
  ["type", () => KeyUri.parse(undefined)],
  ["type", () => KeyUri.create({ secret: SECRET, type: "motp" })],
  ["type", () => new Totp(SECRET).verifyAt(287082, 59)],
  ["type", () => readState("", 0)],
  ["type", () => new Policy(7)],
  ["type", () => new Totp(SECRET, { allowShort: 1 })],
  ["option", () => new Totp(SECRET, { digit: 8 })],
  ["option", () => KeyUri.create({ [SECRET]: 1 })],
];

for (const [index, [kind, call]] of CASES.entries()) {
  test(`${kind}, ${index}`, () => {
    assert.throws(call, (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, "OtpError");
      assert.equal(error.kind, kind);
      assert.ok(error.message.length > 10);
      const told = [error.message, JSON.stringify(error), String(error), error.stack].join("\n");
      for (const secret of [SECRET, SECRET.slice(0, 8), "JBSWY3DP", "287082"]) {
        assert.ok(!told.includes(secret), `${secret} in: ${told}`);
      }
      return true;
    });
  });
}

test("times that are none", () => {
  const totp = new Totp(SECRET);
  const bad = [
    -1, 0.5, Date.now() / 1000 + 0.001, NaN, Infinity, -Infinity, 2 ** 53, "59", null, undefined, new Date(59), [59], {},
    -1n, 2n ** 64n, true,
  ];
  for (const now of bad) {
    assert.throws(() => totp.codeAt(now), { kind: "time" }, String(now));
    assert.throws(() => totp.attempt(freshState(), "000000", now, new Policy()), { kind: "time" });
  }
  for (const now of [0, -0, 2 ** 53 - 1, 0n, 2n ** 64n - 1n]) assert.match(totp.codeAt(now), /^\d{6}$/);
});

test("offsets", () => {
  assert.throws(uri(`secret=${SECRET}1`), { offset: 28 + SECRET.length });
  assert.throws(() => new Totp(`${SECRET}!`), { offset: SECRET.length });
});

test("every kind that is thrown is in the types, and the other way round", () => {
  const types = readFileSync(new URL("../src/types.d.ts", import.meta.url), "utf8");
  const union = types.slice(types.indexOf("export type ErrorKind"), types.indexOf("export interface HotpOptions"));
  const typed = new Set(union.match(/"[a-z0-9-]+"/g).map((kind) => kind.slice(1, -1)));
  const rust = readFileSync(new URL("../src/error.rs", import.meta.url), "utf8")
    + readFileSync(new URL("../src/args.rs", import.meta.url), "utf8")
    + readFileSync(new URL("../src/verifier.rs", import.meta.url), "utf8");
  const thrown = new Set([
    ...[...rust.matchAll(/(?:Fault::new|Self::new|fault)\(\s*"([a-z0-9-]+)"/g)].map((found) => found[1]),
    ...[...rust.matchAll(/=> "([a-z0-9-]+)",/g)].map((found) => found[1]),
  ]);
  assert.deepEqual([...thrown].sort(), [...typed].sort());
});

test("what was freed is not used again", () => {
  for (const value of [new Totp(SECRET), new Policy(), KeyUri.create({ secret: SECRET })]) {
    value.free();
    assert.throws(() => (value.toString === Object.prototype.toString ? (value.codeAt ?? value.guessBound).call(value, 6) : value.toString()));
  }
});

test("what is exported", () => {
  assert.deepEqual(Object.keys(api).sort(), [
    "Attempt", "Hotp", "KeyUri", "Pepper", "Policy", "RecoverySet", "Redemption", "Totp",
    "disableState", "freshState", "readExport", "readState", "recoveryState", "resetState", "startingState",
  ]);
});
