// Every error is an Error with a kind, and does not contain an argument.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as api from "otp-core";
import { read } from "./data.mjs";

const { Hotp, KeyUri, OtpError, Policy, Totp, confirmedState, readState } = api;
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
  ["secret-zero", () => new Totp(new Uint8Array(20))], // a buffer that nobody filled
  ["secret-zero", () => KeyUri.create({ secret: new Uint8Array(20) })],
  ["secret-zero", () => KeyUri.parse(`otpauth://totp/x?secret=${"A".repeat(32)}`).engine()],
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
  ["counter", () => confirmedState({ nextCounter: "7" })],
  ["time-before-t0", () => new Totp(SECRET, { t0: 100 }).codeAt(99)],
  ["time-before-t0", () => new Totp(SECRET, { t0: 100 }).verifyAt("000000", 99)],
  ["qr-too-long", () => KeyUri.create({ secret: SECRET, account: "x".repeat(3000) }).toQrSvg()],
  ["type", () => new Totp(20)],
  ["type", () => new Totp(new ArrayBuffer(20))],
  ["type", () => KeyUri.parse(undefined)],
  ["type", () => KeyUri.create({ secret: SECRET, type: "motp" })],
  ["type", () => new Totp(SECRET).verifyAt(287082, 59)],
  ["type", () => readState(new Uint8Array(38), 0)],
  ["state-length", () => readState("", 0)],
  ["type", () => new Policy(7)],
  ["type", () => new Totp(SECRET, { allowShort: 1 })],
  ["option", () => new Totp(SECRET, { digit: 8 })],
  ["option", () => KeyUri.create({ [SECRET]: 1 })],
];

for (const [index, [kind, call]] of CASES.entries()) {
  test(`${kind}, ${index}`, () => {
    assert.throws(call, (error) => {
      assert.ok(error instanceof Error && error instanceof OtpError);
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
    59n, true,
  ];
  for (const now of bad) {
    for (const call of [() => totp.codeAt(now), () => totp.verifyAt("000000", now), () => readState(api.enrolmentState(), now)]) {
      assert.throws(call, { kind: "time" }, String(now));
    }
  }
  for (const now of [0, -0, 95617584000]) assert.match(totp.codeAt(now), /^\d{6}$/);
});

test("milliseconds are refused by everything that takes a time, with the hint", () => {
  const totp = new Totp(SECRET);
  for (const now of [Date.now(), 1234567890000, 95617584001]) {
    for (const call of [
      () => totp.codeAt(now), () => totp.stepAt(now), () => totp.secondsRemainingAt(now), () => totp.verifyAt("000000", now),
      () => new Totp(SECRET, { t0: now }), () => readState(api.enrolmentState(), now),
    ]) {
      assert.throws(call, { kind: "time-too-far", message: /seconds, not milliseconds/ });
    }
  }
});

test("offsets", () => {
  assert.throws(uri(`secret=${SECRET}1`), { offset: 28 + SECRET.length });
  assert.throws(() => new Totp(`${SECRET}!`), { offset: SECRET.length });
});

test("every kind that is thrown is in the types, and the other way round", () => {
  const types = read("npm/js/index.d.ts");
  const union = types.slice(types.indexOf("export type ErrorKind"), types.indexOf(" * Starts the module"));
  const typed = new Set(union.match(/"[a-z0-9-]+"/g).map((kind) => kind.slice(1, -1)).filter((kind) => kind !== "kind"));
  const sources = ["fault", "codes", "find", "login", "memory"].map((name) => read(`npm/src/${name}.rs`)).join("");
  const scripts = ["args", "codes", "core", "find", "handle", "key_uri", "login", "policy", "recovery", "seeds", "state"]
    .map((name) => read(`npm/js/${name}.js`)).join("");
  const thrown = new Set([
    ...[...sources.matchAll(/(?:Fault::new|Self::new|fault)\(\s*"([a-z0-9-]+)"/g)].map((found) => found[1]).filter((kind) => kind !== "malformed"),
    ...[...sources.matchAll(/=> "([a-z0-9-]+)",/g)].map((found) => found[1]),
    ...[...scripts.matchAll(/OtpError\("([a-z0-9-]+)"/g)].map((found) => found[1]).filter((kind) => kind !== "malformed"),
    "type",
  ]);
  assert.deepEqual([...thrown].sort(), [...typed].sort());
});

test("what was freed is not used again", () => {
  const totp = new Totp(SECRET);
  totp.free();
  totp.free();
  assert.throws(() => totp.codeAt(59), { kind: "freed" });
  const policy = new Policy();
  policy.free();
  assert.throws(() => policy.guessBound(new Totp(SECRET)), { kind: "freed" });
  // Its place in the module may belong to another by now.
  const other = new Totp(new Uint8Array(20).fill(1));
  assert.throws(() => totp.codeAt(59), { kind: "freed" });
  assert.notEqual(other.codeAt(59), "287082");
  for (const stranger of [{}, null, new Policy(), other]) {
    assert.throws(() => Hotp.prototype.code.call(stranger, 0), { kind: "type" });
  }
});

test("`using` frees, where there is such a thing", () => {
  const totp = new Totp(SECRET);
  if (!Symbol.dispose) return;
  totp[Symbol.dispose]();
  assert.throws(() => totp.codeAt(59), { kind: "freed" });
});

test("an error goes through JSON with its kind", () => {
  const error = (() => {
    try {
      return KeyUri.parse("otpauth://totp/x?secret=1");
    } catch (error) {
      return error;
    }
  })();
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    name: "OtpError", kind: "uri-secret-character", message: error.message, offset: 24,
  });
  assert.match(structuredClone(error).message, /secret/);
});

test("a runtime that refuses the module is told what to do", async () => {
  const { init } = await import("otp-core/bare");
  await assert.rejects(init(new Uint8Array(1)), {
    kind: "module-refused", message: /'wasm-unsafe-eval'.*`await init\(\)`.*in workerd, bundle with the condition `workerd`/,
  });
});

test("what is exported", () => {
  assert.deepEqual(Object.keys(api).filter((name) => name !== "default" && name !== "module.exports").sort(), [
    "Hotp", "KeyUri", "OtpError", "Pepper", "Policy", "Refused", "Totp", "confirmedState", "disableState", "enableState",
    "enrolmentState", "findCode", "generateRecoveryCodes", "init", "logIn", "logInAny", "readExport", "readRecoverySet", "readState",
    "recoveryState", "redeem", "repairState", "resynchronise", "unlockState",
  ]);
});
