// Exports of Google Authenticator.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { KeyUri, readExport } from "otp-core";

const varint = (number) => (number < 128 ? [number] : [(number & 127) | 128, ...varint(number >> 7)]);
const bytes = (field, value) => [field << 3 | 2, ...varint(value.length), ...value];
const number = (field, value) => [field << 3, ...varint(value)];
const text = (field, value) => bytes(field, new TextEncoder().encode(value));
const secret = bytes(1, new TextEncoder().encode("12345678901234567890"));
const entry = (...fields) => bytes(1, fields.flat());
const uri = (...fields) =>
  `otpauth-migration://offline?data=${encodeURIComponent(Buffer.from(fields.flat()).toString("base64"))}`;

test("accounts come out as key URIs", () => {
  const { part, parts, entries } = readExport(uri(
    entry(secret, text(2, "alice"), text(3, "ACME"), number(4, 2), number(5, 2), number(6, 2)),
    entry(secret, text(2, "ACME:door"), number(6, 1), number(7, 7)),
  ));
  assert.deepEqual([part, parts], [1, 1]);
  assert.equal(entries[0].uri, `${KeyUri.create({
    secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", issuer: "ACME", account: "alice", algorithm: "SHA256", digits: 8,
  })}`);
  assert.deepEqual([entries[1].issuer, entries[1].account], ["ACME", "door"]);
  const door = KeyUri.parse(entries[1].uri);
  assert.deepEqual([door.type, door.counter], ["hotp", 7]);
});

test("an entry that cannot be read hides no other, and is named", () => {
  const read = readExport(uri(
    entry(secret, text(2, "good")),
    entry(secret, text(2, "md5"), text(3, "Big"), number(4, 4)),
    entry(bytes(1, []), text(2, "empty")),
    entry(secret, text(2, "bell\u0007")),
    entry(secret, text(2, 'a "quoted" \\ name')),
    number(3, 2),
    number(4, 1),
  ));
  assert.deepEqual([read.part, read.parts], [2, 2]);
  assert.deepEqual(
    read.entries.map((one) => [one.kind, one.issuer, one.account, one.reason]),
    [
      ["read", "", "good", undefined],
      ["refused", "Big", "md5", "export-algorithm-unsupported"],
      ["refused", "", "empty", "export-secret-missing"],
      ["refused", "", "", "export-name-control-character"],
      ["read", "", 'a "quoted" \\ name', undefined],
    ],
  );
  assert.deepEqual(structuredClone(read), read);
  assert.deepEqual(JSON.parse(JSON.stringify(read)), read);
});

test("what is no export is an error", () => {
  assert.throws(() => readExport("otpauth://totp/a"), { kind: "export-scheme-unsupported" });
  assert.throws(() => readExport("otpauth-migration://offline?data=CjE"), { kind: "export-payload-truncated" });
  assert.throws(() => readExport(7), { kind: "type" });
});

test("a secret in another encoding is named", () => {
  const read = (secret) => () => KeyUri.create({ secret });
  assert.throws(read("3132333435363738393031323334353637383930"), { kind: "secret-other-encoding" });
  assert.throws(read("I7FFCmtSuSFguUDtXMsfTebpQGk"), { kind: "secret-mixed-case", offset: 5 });
});
