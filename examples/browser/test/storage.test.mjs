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
  assert.match(await trouble(page), /storage of this device is full, so nothing was changed\. Make room/);
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
  await page.getByRole("button", { name: "Remove what is damaged" }).click();
  await page.locator("#damaged").waitFor({ state: "hidden" });
  await page.reload();
  await page.locator("#view").waitFor();
  assert.ok(await page.locator("#damaged").isHidden());
  assert.deepEqual(await names(page), ["alice"]);
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
