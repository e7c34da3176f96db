// The package in Node: what people type and paste, by the table that the core is tested with.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Pepper, Policy, RecoverySet, Totp, recoveryState } from "otp-core";

const table = readFileSync(new URL("../../../tests/data/pasted.txt", import.meta.url), "utf8");
const unescaped = (text) => text
  .replaceAll("\\n", "\n").replaceAll("\\r", "\r").replaceAll("\\t", "\t")
  .replace(/\\u\{([0-9a-f]+)\}/g, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)));
const rows = (kind) => table.split("\n")
  .filter((line) => line.startsWith(`${kind}\t`))
  .map((line) => line.split("\t"))
  .map(([, outcome, why, text]) => ({ outcome, why, text: unescaped(text) }));

test("codes", () => {
  const totp = new Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  for (const { outcome, why, text } of rows("code")) {
    assert.equal(totp.verifyAt(text, 59).kind, outcome === "read" ? "accepted" : "malformed", why);
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

test("recovery codes", () => {
  const pepper = new Pepper(1, new Uint8Array(32).fill(7));
  const user = "user 17";
  const { set } = RecoverySet.generate((bytes) => crypto.getRandomValues(bytes), pepper, user);
  for (const { outcome, why, text } of rows("recovery")) {
    // None of them is in the set: what was read is a wrong code.
    const redemption = set.redeem(pepper, user, recoveryState(), text, 0, new Policy());
    assert.equal(redemption.settle(true).kind, outcome === "read" ? "rejected" : "malformed", why);
  }
});
