// Texts that people type and paste, from the table of the core's tests.
import assert from "node:assert/strict";
import { webcrypto as crypto } from "node:crypto";
import { test } from "node:test";
import { Pepper, Totp, generateRecoveryCodes, redeem } from "otp-core";
import { read } from "./data.mjs";

const table = read("tests/data/pasted.txt");
const unescaped = (text) => text
  .replaceAll("\\n", "\n").replaceAll("\\r", "\r").replaceAll("\\t", "\t")
  .replace(/\\u\{([0-9a-f]+)\}/g, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)));
const rows = (kind) => table.split("\n")
  .filter((line) => line.startsWith(`${kind}\t`))
  .map((line) => line.split("\t"))
  .map(([, outcome, why, text]) => ({ outcome, why, text: unescaped(text) }));

test("codes", () => {
  const totp = new Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  assert.ok(rows("code").length > 10);
  for (const { outcome, why, text } of rows("code")) {
    if (outcome === "read") assert.notEqual(totp.verifyAt(text, 59), null, why);
    else assert.throws(() => totp.verifyAt(text, 59), { kind: "malformed" }, why);
  }
});

test("secrets", () => {
  for (const { outcome, why, text } of rows("secret")) {
    if (outcome === "read") assert.equal(new Totp(text).codeAt(59), "287082", why);
    else {
      const kind = outcome === "malformed" ? "secret-base32" : `secret-${outcome}`;
      assert.throws(() => new Totp(text), { kind }, why);
    }
  }
});

test("recovery codes", async () => {
  const pepper = new Pepper(1, new Uint8Array(32).fill(7));
  const user = "user 17";
  const stored = generateRecoveryCodes({ pepper, user, fillRandom: (bytes) => crypto.getRandomValues(bytes) });
  for (const { outcome, why, text } of rows("recovery")) {
    // None of them is in the set: what was read is a wrong code.
    const redeemed = redeem({ pepper, user, code: text, now: 0, load: () => stored, swap: () => 1 });
    await assert.rejects(redeemed, { kind: outcome === "read" ? "rejected" : "malformed" }, why);
  }
});
