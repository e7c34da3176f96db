// `free()` is optional: garbage collection frees an object too. Only Node can be asked to collect.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Totp } from "otp-core";

test("engines that nobody freed are wiped after they are collected", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const code = new Totp(new Uint8Array(20).fill(1));
  const megabytes = [];
  for (let round = 0; round < 12; round++) {
    for (let made = 0; made < 10000; made++) new Totp(new Uint8Array(20).fill(round + 1));
    collect();
    // The registry is told after this.
    await new Promise((resolve) => setTimeout(resolve, 20));
    megabytes.push(process.memoryUsage().external / 1e6);
  }
  const [early, late] = [megabytes[2], megabytes.at(-1)];
  assert.ok(late < 1.5 * early, `the module grows: ${megabytes.map((size) => size.toFixed(1)).join(", ")} MB`);
  // One that is held is not.
  assert.equal(code.codeAt(59), new Totp(new Uint8Array(20).fill(1)).codeAt(59));
});
