// The page in Chromium: two tabs on one storage, and storage that is damaged, refused or full.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, paste, secondTab, shown, verify, withPage } from "./page.mjs";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const uri = (account) => `otpauth://totp/${account}?secret=${SECRET}`;

after(close);

const keep = async (page) => {
  await page.getByLabel("Keep on this device").check();
  await page.locator("#place", { hasText: "Kept on this device" }).waitFor();
};
const names = (page) => page.locator("#accounts .name").allInnerTexts();
const trouble = async (page) => {
  await page.locator("#trouble").waitFor();
  return page.locator("#trouble-text").innerText();
};

/** In a page: the next row that is read comes when `go` is called. */
function holdTheNextLoad() {
  const { get } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.get = function (key) {
    IDBObjectStore.prototype.get = get;
    const [request, held] = [get.call(this, key), {}];
    request.onsuccess = () => {
      held.result = request.result;
      globalThis.go = () => held.onsuccess();
    };
    return held;
  };
}

test("two tabs accept a code once", () => withPage(async (page, context) => {
  await paste(page, uri("alice"));
  await keep(page);
  const other = await secondTab(context);
  const code = await shown(page);
  // Both have loaded the state before either of them stores another.
  for (const tab of [page, other]) await tab.evaluate(holdTheNextLoad);
  const bothLoaded = async () => {
    for (const tab of [page, other]) await tab.waitForFunction(() => globalThis.go !== undefined);
    for (const tab of [page, other]) await tab.evaluate(() => globalThis.go());
  };
  const [, ...answers] = await Promise.all([bothLoaded(), verify(page, code), verify(other, code)]);
  assert.equal(answers.filter((answer) => answer.includes("Accepted")).length, 1, answers.join(" | "));
  assert.equal(answers.filter((answer) => answer.includes("Used before")).length, 1, answers.join(" | "));
  // And one after the other.
  assert.match(await verify(other, code), /Used before/);
  assert.match(await verify(page, code), /Used before/);
}));

test("two tabs lose no account", () => withPage(async (page, context) => {
  await paste(page, uri("alice"));
  await keep(page);
  const other = await secondTab(context);
  for (const [tab, name] of [[page, "bob"], [other, "carol"]]) {
    await tab.getByRole("button", { name: "Add account" }).click();
    await paste(tab, uri(name));
  }
  for (const tab of [page, other]) {
    await tab.waitForFunction(() => document.querySelectorAll("#accounts li").length === 3);
    assert.deepEqual((await names(tab)).sort(), ["alice", "bob", "carol"]);
  }
  await page.reload();
  await page.locator("#view").waitFor();
  assert.deepEqual((await names(page)).sort(), ["alice", "bob", "carol"]);
  // Removed in one, it is gone in the other.
  page.on("dialog", (dialog) => dialog.accept());
  const removed = await page.getByRole("heading", { level: 1 }).innerText();
  await page.getByRole("button", { name: "Remove" }).click();
  await other.waitForFunction(() => document.querySelectorAll("#accounts li").length === 2);
  assert.ok(!(await names(other)).includes(removed));
}));

test("what other tabs make of recovery codes is seen here", () => withPage(async (page, context) => {
  await paste(page, uri("alice"));
  await keep(page);
  await page.getByRole("button", { name: "Make ten codes" }).click();
  const [code] = await page.locator("#codes code").allInnerTexts();
  const other = await secondTab(context);
  await other.getByLabel("Recovery code", { exact: true }).fill(code);
  await other.getByRole("button", { name: "Redeem" }).click();
  await other.getByText("9 codes are left").waitFor();
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByText("9 of 10 left").waitFor();
}));

test("full storage changes nothing, tells nothing of the code, and says what helps", () => withPage(async (page) => {
  await paste(page, uri("alice"));
  await keep(page);
  const code = await shown(page);
  await page.evaluate(() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = () => { throw new DOMException("no room", "QuotaExceededError"); };
    globalThis.makeRoom = () => { IDBObjectStore.prototype.put = put; };
  });
  await page.getByLabel("Code from the app").fill(code);
  await page.getByRole("button", { name: "Verify" }).click();
  assert.match(await trouble(page), /storage of this device is full, so nothing was changed\. Free some space/);
  assert.equal(await page.locator("#verdict .answer").count(), 0, "no verdict");
  await page.evaluate(() => globalThis.makeRoom());
  assert.match(await verify(page, code), /Accepted/);
}));

test("a browser that refuses storage keeps the accounts in the tab", () => withPage(async (page) => {
  await paste(page, uri("alice"));
  await page.evaluate(() => { IDBFactory.prototype.open = () => { throw new DOMException("private", "SecurityError"); }; });
  await page.getByLabel("Keep on this device").click();
  assert.match(await trouble(page), /does not let the page store anything/);
  assert.equal(await page.locator("#place").innerText(), "Only in this tab");
  assert.ok(!await page.getByLabel("Keep on this device").isChecked());
  assert.match(await verify(page, await shown(page)), /Accepted/);
}));

test("a damaged account hides no other, and can be removed", () => withPage(async (page) => {
  await paste(page, uri("alice"));
  await keep(page);
  await page.evaluate(() => new Promise((resolve) => {
    const request = indexedDB.open("one-time-codes");
    request.onsuccess = () => {
      const rows = request.result.transaction("accounts", "readwrite").objectStore("accounts");
      for (const row of [{ id: "a", uri: "otpauth://totp/x" }, { id: "b", uri: "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", state: "00" }]) rows.put(row);
      rows.transaction.oncomplete = () => { request.result.close(); resolve(); };
    };
  }));
  await page.reload();
  await page.getByText("2 accounts on this device cannot be read").waitFor();
  assert.deepEqual(await names(page), ["alice"]);
  await page.getByRole("button", { name: "Remove the damaged accounts" }).click();
  await page.locator("#damaged").waitFor({ state: "hidden" });
  await page.reload();
  await page.locator("#view").waitFor();
  assert.ok(await page.locator("#damaged").isHidden());
  assert.deepEqual(await names(page), ["alice"]);
}));

/**
 * Stores accounts as older versions of the page did, and returns codes that they accept or
 * refuse.
 */
async function leaveOldAccounts(page, isBase64) {
  return page.evaluate(async ([uri, isBase64]) => {
    const core = await import("./pkg/index.js");
    const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
    const text = (hex) => (isBase64 ? base64(hex.match(/../g).map((byte) => Number.parseInt(byte, 16))) : hex);
    const key = new Uint8Array(32).fill(7);
    const issued = core.generateRecoveryCodes({ pepper: new core.Pepper(1, key), user: "this account" });
    const engine = core.KeyUri.parse(uri).engine();
    let state = core.enrolmentState();
    const [now, used] = [1234567890, engine.codeAt(1234567890)];
    await core.logIn({ engine, code: used, now, load: () => state, swap: (_, next) => ((state = next), 1) });
    const hotp = "otpauth://hotp/door?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=1";
    localStorage.setItem("one-time-codes", JSON.stringify([
      { uri, state: text(state), recovery: { set: text(issued.set), state: text(issued.state), key: base64(key) } },
      { uri: hotp, state: text(core.enrolmentState()), counter: isBase64 ? "2" : 2 },
    ]));
    return { used, next: engine.codeAt(now + 30), recovery: issued.codes[0] };
  }, [uri("alice"), isBase64]);
}

for (const [form, isBase64] of [["in hexadecimal", false], ["in Base64", true]]) {
  test(`accounts of an older version are taken over once, ${form}`, () => withPage(async (page, context) => {
    const { used, next, recovery } = await leaveOldAccounts(page, isBase64);
    // Two tabs at once: the accounts do not double.
    const [other] = await Promise.all([secondTab(context), page.reload()]);
    for (const tab of [page, other]) {
      await tab.locator("#view").waitFor();
      await tab.waitForFunction(() => document.querySelectorAll("#accounts li").length === 2);
      assert.equal(await tab.locator("#place").innerText(), "Kept on this device");
    }
    assert.equal(await page.evaluate(() => localStorage.getItem("one-time-codes")), "kept", "no key is left there");
    const open = (name) => page.locator("#accounts button", { hasText: name }).click();
    await open("alice");
    assert.match(await verify(page, used), /Used before/, "a used code stays used");
    assert.match(await verify(page, next), /Accepted/);
    await page.getByLabel("Recovery code", { exact: true }).fill(recovery);
    await page.getByRole("button", { name: "Redeem" }).click();
    await page.getByText("9 codes are left").waitFor();
    await open("door");
    assert.equal(await shown(page), "359152", "the counter came along");
    page.on("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Remove" }).click();
    await page.waitForFunction(() => document.querySelectorAll("#accounts li").length === 1);
    // Once: a removed account does not come back, and a used code stays used.
    await page.reload();
    await page.locator("#view").waitFor();
    assert.deepEqual(await names(page), ["alice"]);
    assert.match(await verify(page, next), /Used before/);
  }));
}

test("accounts of an older version that are damaged are reported", () => withPage(async (page) => {
  for (const [stored, count] of [['[{"uri":"otpauth://totp/x?secret=', "1 account"], ['{"a":1}', "1 account"], ['[{"uri":"x","state":"00"},{},7]', "3 accounts"]]) {
    await page.evaluate((text) => localStorage.setItem("one-time-codes", text), stored);
    await page.reload();
    await page.getByText(`${count} on this device cannot be read`).waitFor();
    await page.getByRole("button", { name: "Remove the damaged accounts" }).click();
    await page.locator("#damaged").waitFor({ state: "hidden" });
    await page.reload();
    await page.locator("#enrol").waitFor();
    assert.ok(await page.locator("#damaged").isHidden());
  }
}));

for (const [what, body, said] of [
  ["does not come", undefined, /could not be loaded.*connection/],
  ["is refused", 'throw Object.assign(new Error("x"), { name: "OtpError", kind: "module-refused" });', /does not let the page use WebAssembly/],
]) {
  test(`a module that ${what} is told of`, () => withPage(async (page, context) => {
    await context.route("**/pkg/index.js", (route) => (body === undefined
      ? route.abort()
      : route.fulfill({ contentType: "text/javascript", body: `${["init", "KeyUri", "Pepper", "Refused", "enrolmentState", "generateRecoveryCodes", "logIn", "readExport", "readRecoverySet", "readState", "redeem"].map((name) => `export const ${name} = undefined;`).join("")}${body}` })));
    await page.reload();
    await page.locator("#failed").waitFor();
    assert.match(await page.locator("#failed-text").innerText(), said);
  }, { failing: true, serviceWorkers: "block" }));
}
