// The page of the guide about JavaScript: its code runs, and keeps the rows of one user apart.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { KeyUri, enrolmentState, readState } from "otp-core";
import { read } from "./data.mjs";

// Node 18 does not have it.
globalThis.crypto ??= (await import("node:crypto")).webcrypto;

const PAGE = read("docs/guide/browser.md");
/** A block of a document, by the name that the text gives it. */
const block = (text, name) => text.slice(text.lastIndexOf(`\`${name}\``)).match(/```js\n([^]*?)```/)[1];

/** The files of the page, in a folder from which the package is found. */
const folder = mkdtempSync(fileURLToPath(new URL("guide-", import.meta.url)));
const [{ check, enrol, mustAsk }, { keyOf, open, seal }, { words }] = await (async () => {
  try {
    const names = ["login", "seal", "words"];
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const name of names) writeFileSync(join(folder, `${name}.js`), block(PAGE, `${name}.js`));
    return await Promise.all(names.map((name) => import(pathToFileURL(join(folder, `${name}.js`)))));
  } finally {
    rmSync(folder, { recursive: true });
  }
})();

/** A database that knows the statements of the page, and no other. */
function database() {
  let rows = [];
  const remove = (which) => {
    const before = rows.length;
    rows = rows.filter((row) => !which(row));
    return before - rows.length;
  };
  const update = (next, which) => rows.filter(which).map((row) => (row.state = next)).length;
  const statements = {
    "SELECT id, state FROM otp WHERE user = ?": (user) => rows.filter((row) => row.user === user).map((row) => ({ ...row })),
    "SELECT uri, state FROM otp WHERE id = ? AND user = ?": (id, user) => rows.filter((row) => row.id === id && row.user === user).map((row) => ({ ...row })),
    "SELECT state FROM otp WHERE id = ?": (id) => rows.filter((row) => row.id === id).map(({ state }) => ({ state })),
    "INSERT INTO otp (id, user, uri, state) VALUES (?, ?, ?, ?)": (id, user, uri, state) => rows.push({ id, user, uri, state }),
    "DELETE FROM otp WHERE id = ? AND state = ?": (id, state) => remove((row) => row.id === id && row.state === state),
    "UPDATE otp SET state = ? WHERE id = ? AND state = ?": (next, id, old) => update(next, (row) => row.id === id && row.state === old),
  };
  const run = async (statement, ...values) => statements[statement](...values);
  return { all: run, run, rows: () => rows };
}

const USER = "alice@example.com";
const now = () => Math.floor(Date.now() / 1000);

test("the page enrols, asks and logs in", async () => {
  const [db, key] = [database(), await keyOf(new Uint8Array(32).fill(7))];
  assert.equal(await mustAsk(db, USER), false);
  await enrol(db, key, USER);
  assert.equal(await mustAsk(db, USER), false);
  // The page was closed before the scan.
  const { id, svg } = await enrol(db, key, USER);
  assert.match(svg, /^<svg/);
  assert.deepEqual(db.rows().map((row) => row.id), [id]);
  // Another row of this user, as an attacker with the password inserts it at the same time.
  await db.run("INSERT INTO otp (id, user, uri, state) VALUES (?, ?, ?, ?)", "other", USER, db.rows()[0].uri, enrolmentState());
  assert.equal(db.rows()[0].state, db.rows()[1].state);

  const uri = await open(key, [USER, id], db.rows()[0].uri);
  const code = KeyUri.parse(uri).engine().codeAt(now());
  const log = [];
  const typed = (text) => check(db, key, USER, id, text, (line) => log.push(line));
  assert.deepEqual(await typed("abc"), { accepted: false, words: "This is not a code. Type the digits that the app shows." });
  assert.deepEqual(await typed(code), { accepted: true });
  assert.deepEqual(await typed(code), { accepted: false, words: "This code was used. Wait for the next one." });
  assert.deepEqual(log.map((line) => line.match(/verdict=(\w+)/)[1]), ["malformed", "accepted", "replayed"]);
  // One code confirms one row, and the other enrolment is gone.
  assert.deepEqual(db.rows().map(({ id, state }) => [id, readState(state, now()).lifecycle]), [[id, "active"]]);
  // An enrolment that was on its way cannot be confirmed.
  await db.run("INSERT INTO otp (id, user, uri, state) VALUES (?, ?, ?, ?)", "late", USER, await seal(key, [USER, "late"], uri), enrolmentState());
  await assert.rejects(check(db, key, USER, "late", code, () => {}), /has an authenticator already/);
  assert.equal(await mustAsk(db, USER), true);
  await assert.rejects(enrol(db, key, USER), /has an authenticator already/);
});

test("a sealed secret opens only in its row, under its key", async () => {
  const key = await keyOf(new Uint8Array(32));
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

test("each refusal has words, and a wait is in seconds", () => {
  assert.equal(words({ kind: "locked", until: 1030 }, 1000), "Wait 30 seconds.");
  assert.equal(words({ kind: "rejected", until: 1030, triesLeft: 0, failuresLeft: 95 }, 1000), "Wrong code. Wait 30 seconds.");
  assert.equal(words({ kind: "rejected", triesLeft: 4, failuresLeft: 99 }, 1000), "Wrong code. 4 tries left.");
  assert.match(words({ kind: "rejected", until: 1030, triesLeft: 0, failuresLeft: 0 }, 1000), /disabled now. Use a recovery code/);
  assert.match(words({ kind: "disabled" }, 1000), /recovery code/);
  assert.match(words({ kind: "conflict" }, 1000), /Try again/);
});
