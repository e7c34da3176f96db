// Key URIs, read and written, and their QR codes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hotp, KeyUri, Totp } from "otp-core";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

test("a URI is read", () => {
  const uri = KeyUri.parse(`otpauth://totp/ACME%20Co:alice@example.com?secret=${SECRET}&digits=8&algorithm=SHA256`);
  assert.deepEqual({ ...uri }, {
    type: "totp", issuer: "ACME Co", account: "alice@example.com", algorithm: "SHA256", digits: 8, period: 30, secretBits: 160,
  });
  assert.equal(uri.exposeSecret(), SECRET);
  assert.ok(uri.engine() instanceof Totp);
  assert.equal(uri.engine().period, 30);
});

test("HOTP and Steam", () => {
  const door = KeyUri.parse(`otpauth://hotp/door?secret=${SECRET}&counter=9007199254740991`);
  assert.equal(door.counter, 2 ** 53 - 1);
  assert.equal(door.period, undefined);
  assert.ok(door.engine() instanceof Hotp);
  assert.equal(door.engine().code(1), "287082");
  assert.throws(() => KeyUri.parse(`otpauth://hotp/door?secret=${SECRET}&counter=9007199254740992`), {
    kind: "uri-counter-out-of-range",
  });
  const steam = KeyUri.parse(`otpauth://steam/game?secret=${SECRET}`);
  assert.equal(steam.digits, 5);
  assert.equal(steam.engine().codeAt(59), "PV9M4");
});

test("a URI is written, and read again", () => {
  const uri = KeyUri.create({ secret: SECRET, issuer: "ACME Co", account: "zoë:1", digits: 8, period: 60 });
  const text = uri.toString();
  assert.equal(text, `otpauth://totp/ACME%20Co:zo%C3%AB%3A1?secret=${SECRET}&issuer=ACME%20Co&algorithm=SHA1&digits=8&period=60`);
  assert.equal(KeyUri.parse(text).account, "zoë:1");
  const hotp = KeyUri.create({ type: "hotp", secret: new Uint8Array(20).fill(0xff), counter: 7 });
  assert.match(`${hotp}`, /^otpauth:\/\/hotp\/\?secret=7{32}&algorithm=SHA1&digits=6&counter=7$/);
});

test("short secrets are for who asks for them", () => {
  const short = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP";
  assert.equal(KeyUri.parse(short).secretBits, 80);
  assert.throws(() => KeyUri.parse(short, { strict: true }), { kind: "uri-secret-refused" });
  assert.throws(() => new Totp("JBSWY3DPEHPK3PXP"), { kind: "secret-short" });
  assert.equal(new Totp("JBSWY3DPEHPK3PXP", { allowShort: true }).codeAt(0).length, 6);
});

test("a QR code is an SVG", () => {
  const svg = KeyUri.create({ secret: SECRET }).toQrSvg();
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 (\d+) \1" .*<\/svg>$/);
  assert.doesNotMatch(svg, /script|href/);
  // The tests of the page read it back with another decoder.
});

test("a key URI shows its facts and not its secret", () => {
  const uri = KeyUri.create({ secret: SECRET, issuer: "ACME", account: "alice" });
  for (const shown of [JSON.stringify(uri), JSON.stringify(structuredClone(uri)), Object.keys(uri).join()]) {
    assert.ok(!shown.includes(SECRET.slice(0, 8)));
  }
  assert.equal(JSON.parse(JSON.stringify(uri)).account, "alice");
});
