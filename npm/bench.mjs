// Compares the speed in Node with otplib 13 and otpauth 9 in one run: `node bench.mjs`. It prints
// medians. The libraries take turns, so that other work of the machine slows all of them down.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
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
// A turn is shorter than a time slice of the scheduler, so that few turns are interrupted.
const ROUNDS = 801, MILLISECONDS = 1;

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

// Each task returns the right answer.
for (const [task, peers] of Object.entries(TASKS)) {
  const expected = task.includes("right") || task.includes("parse");
  for (const [name, run] of Object.entries(peers)) assert.equal(run(), expected, `${name}: ${task}`);
}

function time(run, times) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) run();
  return Number(process.hrtime.bigint() - start) / times;
}

/**
 * A process that loads a library, makes one code and prints the processor time of all its
 * threads.
 */
const STARTS = {
  "otp-core": 'new (require("otp-core").Totp)(key).codeAt(59)',
  otplib: 'require("otplib").generateSync({ secret: key, epoch: 59 })',
  otpauth: 'new (require("otpauth").TOTP)({ secret: key }).generate({ timestamp: 59000 })',
};
const START_ROUNDS = 31;

function startOf(name) {
  const script = `const key = "${BASE32}"; const code = ${STARTS[name]};
    const { user, system } = process.cpuUsage(); console.log(code, user + system);`;
  const { stdout } = spawnSync(process.execPath, ["-e", script], { cwd: import.meta.dirname, encoding: "utf8" });
  const [code, microseconds] = stdout.split(" ");
  assert.equal(code, "287082", name);
  return Number(microseconds);
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
  report(task, times);
}
const starts = Object.fromEntries(names.map((name) => [name, []]));
for (let round = 0; round < START_ROUNDS; round++) {
  for (const name of names) starts[name].push(1000 * startOf(name));
}
report("process that makes one code, processor time", starts);

function report(task, times) {
  const medians = names.map((name) => median(times[name]) / 1000);
  const cell = (number) => number.toFixed(number < 10 ? 2 : number < 1000 ? 1 : 0);
  const ratios = medians.slice(1).map((other) => cell(other / medians[0]));
  console.log(`| ${[task, ...medians.map(cell), ...ratios].join(" | ")} |`);
}
