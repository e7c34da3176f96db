// Speed in Node, beside otplib 13 and otpauth 9, in one run: `node bench.mjs`. Medians of rounds that take
// turns, so that what else the machine does hits all alike.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { parse as otplibParse } from "@otplib/uri";
import { KeyUri, Totp, enrolmentState, logIn } from "otp-core";
import { URI as OtpauthUri, Secret as OtpauthSecret, TOTP as OtpauthTotp } from "otpauth";
import { verifySync } from "otplib";

const require = createRequire(import.meta.url);
const version = (name) => require(`./node_modules/${name}/package.json`).version;
const BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const URI = `otpauth://totp/ACME%20Co:alice@example.com?secret=${BASE32}&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30`;
const [NOW, RIGHT, WRONG] = [1234567890, "005924", "000000"];
const ROUNDS = 41, MILLISECONDS = 20;

const totp = new Totp(BASE32);
const otpauth = new OtpauthTotp({ secret: OtpauthSecret.fromBase32(BASE32) });
const fresh = enrolmentState();

const otplibVerify = (token) => verifySync({ secret: BASE32, token, epoch: NOW, epochTolerance: 30 }).valid;
const otpauthVerify = (token) => otpauth.validate({ token, timestamp: 1000 * NOW, window: 1 }) !== null;

const verify = (code) => ({
  "otp-core": () => totp.verifyAt(code, NOW) !== null,
  otplib: () => otplibVerify(code),
  otpauth: () => otpauthVerify(code),
});
const TASKS = {
  "verify ±1, right code": verify(RIGHT),
  "verify ±1, wrong code": verify(WRONG),
  "verify ±1, key read each time": {
    "otp-core": () => {
      const cold = new Totp(BASE32);
      const found = cold.verifyAt(WRONG, NOW);
      cold.free();
      return found !== null;
    },
    otplib: () => otplibVerify(WRONG),
    otpauth: () => new OtpauthTotp({ secret: BASE32 }).validate({ token: WRONG, timestamp: 1000 * NOW, window: 1 }) !== null,
  },
  "parse a key URI": {
    "otp-core": () => KeyUri.parse(URI).type === "totp",
    otplib: () => otplibParse(URI).type === "totp",
    otpauth: () => OtpauthUri.parse(URI) instanceof OtpauthTotp,
  },
};

// What is measured does what it says.
for (const [task, peers] of Object.entries(TASKS)) {
  const expected = task.includes("right") || task.includes("parse");
  for (const [name, run] of Object.entries(peers)) assert.equal(run(), expected, `${name}: ${task}`);
}

function time(run, times) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) run();
  return Number(process.hrtime.bigint() - start) / times;
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const names = ["otp-core", "otplib", "otpauth"];
console.log(`Node ${process.version}, otplib ${version("otplib")}, otpauth ${version("otpauth")}; medians in microseconds\n`);
console.log("| | otp-core | otplib | otpauth | otplib ÷ otp-core | otpauth ÷ otp-core |\n|---|--:|--:|--:|--:|--:|");
for (const [task, peers] of Object.entries(TASKS)) {
  const times = {}, counts = {};
  for (const name of Object.keys(peers)) {
    time(peers[name], 2000);
    counts[name] = Math.max(1, Math.floor((1e6 * MILLISECONDS) / time(peers[name], 2000)));
    times[name] = [];
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of Object.keys(peers)) times[name].push(time(peers[name], counts[name]));
  }
  const medians = names.map((name) => (times[name] ? median(times[name]) / 1000 : undefined));
  const cell = (number) => (number === undefined ? "" : number.toFixed(number < 10 ? 2 : 1));
  const ratios = medians.slice(1).map((other) => cell(other && other / medians[0]));
  console.log(`| ${[task, ...medians.map(cell), ...ratios].join(" | ")} |`);
}
