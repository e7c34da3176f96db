// Freed objects are wiped, wherever they were in the module's memory. It reads that memory
// directly.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

const file = createRequire(import.meta.url).resolve("otp-core/otp_core.wasm");

test("a pepper leaves no copy, however many objects come after it", () => {
  const { exports: module } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)));
  const memory = () => Buffer.from(module.memory.buffer);
  const add = (key) => {
    const at = module.input(key.length);
    memory().set(key, at);
    return module.pepper_new(1, key.length);
  };
  const key = Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 37 + 101) & 255));
  const number = add(key);
  assert.ok(memory().includes(key), "the pepper is in the memory while it is in use");
  // The list of objects grows, and moves.
  for (let more = 0; more < 100; more++) add(Buffer.alloc(32, 1 + more));
  module.release(number);
  assert.equal(memory().indexOf(key), -1, "a copy is left in the memory");
});
