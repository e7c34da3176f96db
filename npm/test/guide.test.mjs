// The page of the guide about JavaScript: its code runs on SQLite as Cloudflare's D1 has it, and
// keeps the devices of one user apart.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Miniflare } from "miniflare";
import { KeyUri, Pepper, enrolmentState, readState } from "otp-core";
import { read } from "./data.mjs";

const PAGE = read("docs/guide/browser.md");
/** A block of a document, by the name that the text gives it. */
const block = (text, name) => text.slice(text.lastIndexOf(`\`${name}\``)).match(/```\w+\n([^]*?)```/)[1];

/** The files of the page, in a folder from which the package is found. */
const folder = mkdtempSync(fileURLToPath(new URL("guide-", import.meta.url)));
const [store, { Denied, confirm, enrol, login, mustAsk, requiresCode, rowsOf }, { keyOf, open, seal }, { words }, recovery, administrator] = await (async () => {
  try {
    const names = ["store", "login", "seal", "words", "recovery", "administrator"];
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const name of names) writeFileSync(join(folder, `${name}.js`), block(PAGE, `${name}.js`));
    const modules = [];
    for (const name of names) modules.push(await import(pathToFileURL(join(folder, `${name}.js`))));
    return modules;
  } finally {
    rmSync(folder, { recursive: true });
  }
})();

const databases = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`DB${index}`, `db${index}`]));
const miniflare = new Miniflare({ modules: true, script: "", compatibilityDate: "2026-04-01", d1Databases: databases });
after(() => miniflare.dispose());
let used = 0;

const key = await keyOf(new Uint8Array(32).fill(7));
const pepper = new Pepper(1, new Uint8Array(32).fill(8));
const USER = "user 17";
const now = () => Math.floor(Date.now() / 1000);

/** A new database with the tables of the page, and what a user does on it. */
async function service() {
  const db = store.d1(await miniflare.getD1Database(`DB${used++}`));
  for (const table of PAGE.match(/```sql\n([^]*?)```/)[1].trim().split("\n")) await db.run(table);
  const log = [];
  const audit = (line) => log.push(line);
  const find = async (id) => (await rowsOf(db, USER)).find((row) => row.id === id);
  const self = {
    db, log,
    /** The code that the device of a row shows, in so many steps. */
    async code(id, steps = 0) {
      const row = await find(id);
      return KeyUri.parse(await open(key, [USER, id], row.uri)).engine().codeAt(now() + 30 * steps);
    },
    enrol: (proved = false, name = "alice@example.com") => enrol(db, key, USER, name, proved),
    confirm: (id, code, proved = false) => confirm(db, key, USER, id, code, proved, audit),
    login: (code) => login(db, key, USER, code, audit),
    recover: (code) => recovery.recover(db, pepper, USER, code, audit),
    newCodes: () => recovery.newCodes(db, pepper, USER),
    /** Enrols and confirms a device. */
    async device(proved = false) {
      const { id } = await self.enrol(proved);
      assert.equal((await self.confirm(id, await self.code(id), proved)).accepted, true);
      return id;
    },
    states: async () => Object.fromEntries((await rowsOf(db, USER)).map(({ id, state }) => [id, readState(state, now())])),
  };
  return self;
}

test("enrol, confirm, log in", async () => {
  const { db, log, ...a } = await service();
  assert.equal(await mustAsk(db, USER), false);
  await assert.rejects(a.login("000000"), (error) => error instanceof Denied && error.status === 409);
  await a.enrol();
  assert.equal(await mustAsk(db, USER), false);
  // The page was closed before the scan.
  const { id, svg } = await a.enrol();
  assert.match(svg, /^<svg/);
  assert.deepEqual((await rowsOf(db, USER)).map((row) => row.id), [id]);

  const malformed = { accepted: false, words: "This is not a code. Type the digits that the app shows.", first: false };
  assert.deepEqual(await a.confirm(id, "abc"), malformed);
  const code = await a.code(id);
  assert.deepEqual(await a.confirm(id, code), { accepted: true, first: true });
  assert.equal(await mustAsk(db, USER), true);
  assert.deepEqual(await a.login(code), { accepted: false, words: "This code was used. Wait for the next one." });
  assert.deepEqual(await a.login(await a.code(id, 1)), { accepted: true });
  assert.deepEqual(await a.login("000000"), { accepted: false, words: "Wrong code. 4 tries left." });
  assert.deepEqual(log.map((line) => line.match(/verdict=(\w+)/)[1]), ["malformed", "accepted", "replayed", "accepted", "rejected"]);
});

test("a name that no key URI can have is the fault of the request", async () => {
  const { db, ...a } = await service();
  for (const name of ["a\nb", "a\u202eb", "x".repeat(3000)]) {
    await assert.rejects(a.enrol(false, name), (error) => error instanceof Denied && error.status === 400 && error.message.length > 10);
  }
  assert.deepEqual(await rowsOf(db, USER), []);
});

test("the password is not enough to add a device", async () => {
  const { db, ...a } = await service();
  const missing = (error) => error instanceof Denied && error.status === 403;
  const { id: theirs } = await a.enrol();
  // An attacker's row, begun in the same moment.
  await db.run("INSERT INTO otp (id, user, uri, state) VALUES (?, ?, ?, ?)", "late", USER,
    await seal(key, [USER, "late"], `${KeyUri.create({ secret: new Uint8Array(20).fill(1), account: "x" })}`), enrolmentState());
  const late = await a.code("late");
  assert.deepEqual(await a.confirm(theirs, await a.code(theirs)), { accepted: true, first: true });
  assert.deepEqual(Object.keys(await a.states()), [theirs]);
  await assert.rejects(a.confirm("late", late), (error) => error instanceof Denied && error.status === 404);
  await assert.rejects(a.enrol(), missing);
  // One that is stored after it, and one of another user.
  const { id } = await a.enrol(true);
  await assert.rejects(a.confirm(id, await a.code(id)), missing);
  assert.deepEqual(await a.confirm(id, await a.code(id), true), { accepted: true, first: false });
  await assert.rejects(confirm(db, key, "user 18", id, "000000", true, () => {}), Denied);
});

test("of two enrolments that are confirmed in the same moment, one is", async () => {
  const { db, ...a } = await service();
  const rows = ["one", "two", "three"];
  const text = (byte) => `${KeyUri.create({ secret: new Uint8Array(20).fill(byte), account: "x" })}`;
  for (const [index, id] of rows.entries()) {
    await db.run("INSERT INTO otp (id, user, uri, state) VALUES (?, ?, ?, ?)", id, USER, await seal(key, [USER, id], text(index + 1)), enrolmentState());
  }
  const codes = await Promise.all(rows.map((id) => a.code(id)));
  const answers = await Promise.allSettled(rows.map((id, index) => a.confirm(id, codes[index])));
  assert.equal(answers.filter(({ value }) => value?.accepted).length, 1, JSON.stringify(answers));
  assert.equal(Object.values(await a.states()).filter(({ requiresCode }) => requiresCode).length, 1);
});

test("two devices: each code once, and a wrong code counts for both", async () => {
  const a = await service();
  const phone = await a.device();
  const tablet = await a.device(true);
  const failures = async () => Object.values(await a.states()).map((state) => state.failures);
  const [one, other] = [await a.code(phone, 1), await a.code(tablet, 1)];
  const answers = await Promise.all(Array.from({ length: 8 }, () => a.login(one)));
  assert.equal(answers.filter(({ accepted }) => accepted).length, 1, JSON.stringify(answers));
  assert.deepEqual(await a.login(other), { accepted: true });
  await a.login("000000");
  assert.deepEqual(await failures(), [1, 1]);
});

test("all states are stored or none", async () => {
  const a = await service();
  const [phone, tablet] = [await a.device(), await a.device(true)];
  const before = await a.states();
  // Another request changes a row between the load and the swap of this one.
  let races = 0;
  const db = {
    all: a.db.all,
    run: async (sql, ...values) => {
      if (races++ === 0) await a.db.run("UPDATE otp SET state = ? WHERE id = ?", enrolmentState(), tablet);
      return a.db.run(sql, ...values);
    },
  };
  assert.deepEqual(await login(db, key, USER, "000000", () => {}), { accepted: false, words: "Wrong code. 4 tries left." });
  assert.equal(races, 2);
  assert.equal((await a.states())[phone].failures, before[phone].failures + 1);
});

test("a lost phone: a recovery code, and then a new phone", async () => {
  const { db, log, ...a } = await service();
  const old = await a.device();
  const codes = await a.newCodes();
  assert.equal(codes.length, 10);
  assert.deepEqual(await a.recover("abc"), { accepted: false, words: "This is not a recovery code. Type all of it." });
  assert.deepEqual(await a.recover("A".repeat(24)), { accepted: false, words: "Wrong code. 4 tries left." });
  assert.deepEqual(await a.recover(codes[3]), { accepted: true });
  assert.match(log.at(-1), /kind=recovery verdict=redeemed/);
  // A finder of the phone stays out, and the password is still not enough.
  assert.deepEqual(await a.login(await a.code(old, 1)), { accepted: false, words: "This authenticator is disabled. Use a recovery code." });
  assert.equal(await mustAsk(db, USER), true);
  await assert.rejects(a.enrol(), Denied);
  assert.deepEqual(await a.recover(codes[3]), { accepted: false, words: "Wrong code. 4 tries left." });

  const phone = await a.device(true);
  assert.deepEqual(Object.keys(await a.states()), [phone]);
  assert.deepEqual(await a.login(await a.code(phone, 1)), { accepted: true });
  // New codes in place of the old ones.
  const others = await a.newCodes();
  assert.equal((await a.recover(codes[4])).accepted, false);
  assert.deepEqual(await a.recover(others[4]), { accepted: true });
});

test("a user without recovery codes is answered like one who types a wrong one", async () => {
  const a = await service();
  assert.deepEqual(await a.recover("A".repeat(24)), { accepted: false, words: "Wrong code. 4 tries left." });
  assert.deepEqual(await a.recover("abc"), { accepted: false, words: "This is not a recovery code. Type all of it." });
});

test("one of two devices is lost, and found", async () => {
  const { db, ...a } = await service();
  const [phone, tablet] = [await a.device(), await a.device(true)];
  const { id } = await a.enrol(true);
  await recovery.lose(db, USER, id);
  await recovery.lose(db, USER, phone);
  const lifecycles = async () => Object.entries(await a.states()).map(([row, { lifecycle }]) => [row, lifecycle]);
  assert.deepEqual(await lifecycles(), [[phone, "disabled"], [tablet, "active"]]);
  const code = await a.code(phone, 1);
  assert.equal((await a.login(code)).accepted, false);
  assert.deepEqual(await a.login(await a.code(tablet, 1)), { accepted: true });
  await administrator.unlock(db, USER);
  assert.equal((await a.login(code)).accepted, false);
  await administrator.find(db, phone);
  assert.deepEqual(await a.login(code), { accepted: true });
});

test("an administrator ends waits, of the recovery codes too", async () => {
  const { db, ...a } = await service();
  const phone = await a.device();
  const codes = await a.newCodes();
  for (let guess = 0; guess < 5; guess++) {
    await a.login("000000");
    await a.recover("A".repeat(24));
  }
  const code = await a.code(phone, 1);
  assert.match((await a.login(code)).words, /^Wait \d+ seconds?\.$/);
  assert.match((await a.recover(codes[0])).words, /^Wait \d+ seconds?\.$/);
  await administrator.unlock(db, USER);
  assert.deepEqual(await a.login(code), { accepted: true });
  assert.deepEqual(await a.recover(codes[0]), { accepted: true });
});

test("a reset gives one recovery code, and the password stays not enough", async () => {
  const { db, ...a } = await service();
  const phone = await a.device();
  const codes = await a.newCodes();
  await a.enrol(true);
  const code = await administrator.reset(db, pepper, USER);
  assert.deepEqual(Object.entries(await a.states()).map(([id, { disabledBy }]) => [id, disabledBy]), [[phone, "host"]]);
  assert.equal(await mustAsk(db, USER), true);
  assert.equal((await a.recover(codes[0])).accepted, false);
  assert.deepEqual(await a.recover(code), { accepted: true });
  const next = await a.device(true);
  assert.deepEqual(Object.keys(await a.states()), [next]);
});

test("a sealed secret opens only in its row, under its key", async () => {
  const sealed = await seal(key, ["alice", "1"], "text");
  assert.equal(await open(key, ["alice", "1"], sealed), "text");
  assert.equal(await open(key, ["alice", "1"], sealed.buffer), "text");
  assert.equal(await open(key, ["alice", "1"], Array.from(sealed)), "text"); // as D1 returns it
  assert.notDeepEqual(await seal(key, ["alice", "1"], "text"), sealed);
  const other = await keyOf(new Uint8Array(32).fill(1));
  for (const [which, row] of [[key, ["bob", "1"]], [key, ["alice", "2"]], [other, ["alice", "1"]]]) {
    await assert.rejects(open(which, row, sealed), { name: "OperationError" });
  }
});

test("README.md shows the same files", () => {
  const readme = read("npm/README.md");
  for (const name of ["seal.js", "words.js"]) assert.equal(block(readme, name), block(PAGE, name));
});

test("each refusal has words, and numbers are English", () => {
  const rejected = (more) => ({ kind: "rejected", triesLeft: 0, failuresLeft: 95, ...more });
  assert.equal(words({ kind: "locked", until: 1030 }, 1000), "Wait 30 seconds.");
  assert.equal(words({ kind: "locked", until: 1001 }, 1000), "Wait 1 second.");
  assert.equal(words(rejected({ until: 1030 }), 1000), "Wrong code. Wait 30 seconds.");
  assert.equal(words(rejected({ triesLeft: 4 }), 1000), "Wrong code. 4 tries left.");
  assert.equal(words(rejected({ triesLeft: 1 }), 1000), "Wrong code. 1 try left.");
  const typed = (kind, what) => words({ kind }, 1000, what);
  const disabled = ["code", "enrolment", "recovery"].map((what) => typed("disabled", what));
  assert.deepEqual(["code", "enrolment", "recovery"].map((what) => words(rejected({ failuresLeft: 0 }), 1000, what)), disabled);
  assert.match(disabled[0], /Use a recovery code/);
  assert.match(disabled[1], /Begin the enrolment again/);
  assert.doesNotMatch(disabled[2], /Use a recovery code/);
  assert.match(typed("malformed", "recovery"), /not a recovery code/);
  assert.match(typed("conflict"), /Try again/);
});
