// Checks a module before it is measured: `node check.mjs MODULE` asks it for known codes and texts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const { instance: { exports: core } } = await WebAssembly.instantiate(readFileSync(process.argv[2]));
// The host uses the last page of memory: neither the stack nor statics reach there.
const base = core.memory.grow(1) * 65536;
const bytes = () => new Uint8Array(core.memory.buffer);
const put = (at, data) => bytes().set(typeof data === "string" ? new TextEncoder().encode(data) : data, base + at);
const text = (at, len) => new TextDecoder().decode(bytes().slice(base + at, base + at + len));
const [KEY, CODE, STATE, URI, OUT] = [0, 128, 256, 512, 2048];
const key = "12345678901234567890";

if (core.code) {
  put(KEY, key);
  assert.equal(core.code(base + KEY, 20, 0, 59n, base + CODE), 1);
  assert.equal(text(CODE, 6), "287082", "the code of RFC 6238");
  assert.equal(core.verify(base + KEY, 20, 0, 89n, base + CODE, 6), -1n);
  assert.equal(core.verify(base + KEY, 20, 0, 90n, base + CODE, 6), 1000n);
}
if (core.attempt) {
  put(STATE, [2, ...new Array(37).fill(0)]);
  const attempt = () => core.attempt(base + KEY, 20, 0, 59n, base + CODE, 6, base + STATE);
  assert.deepEqual([attempt(), attempt()], [0, 1], "accepted, then replayed");
}
if (core.read_uri) {
  const uri = "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8";
  put(URI, uri);
  assert.equal(core.read_uri(base + URI, uri.length, 59n, base + OUT), 8);
  assert.equal(text(OUT, 8), "94287082");
  const len = core.write_uri(base + URI, uri.length, base + OUT, 1024);
  assert.match(text(OUT, len), /^otpauth:\/\/totp\/ACME:alice\?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&/);
  if (core.svg) {
    const length = core.svg(base + URI, uri.length, base + OUT, 32768);
    assert.match(text(OUT, length), /^<svg .*<\/svg>$/);
  }
}
if (core.redeem) {
  put(KEY, new Uint8Array(32).fill(7));
  put(URI, crypto.getRandomValues(new Uint8Array(1024)));
  // Confirmed, and for recovery codes.
  put(STATE, [2, 65, ...new Array(36).fill(0)]);
  assert.equal(core.make_codes(base + KEY, base + URI, 1024, base + OUT, base + OUT + 512), 1);
  const redeem = () => core.redeem(base + KEY, base + OUT, base + STATE, base + OUT + 512 + 48, 24, 59n);
  assert.deepEqual([redeem(), redeem()], [9, 99], "redeemed once");
}
