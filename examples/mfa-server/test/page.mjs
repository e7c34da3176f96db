// The objects that all tests of the page share: one Chromium and one server.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import jsQR from "jsqr";
import { chromium } from "playwright-core";
import { PNG } from "pngjs";
import { PASSWORD, code, signUp, start } from "./server.mjs";

export const SHOTS = fileURLToPath(new URL("../../../target/screenshots/mfa-server/", import.meta.url));
mkdirSync(SHOTS, { recursive: true });

export const server = await start();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});

export async function close() {
  await browser.close();
  await server.stop();
}

/**
 * Browser contexts that no test uses now, by their options. A new one takes as long as a login,
 * and the page stores nothing in it.
 */
const idle = new Map();

async function profile(options) {
  const name = JSON.stringify(options);
  if (!idle.has(name)) idle.set(name, []);
  const context = idle.get(name).pop() ?? await browser.newContext({ viewport: { width: 900, height: 1000 }, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  return { context, giveBack: () => idle.get(name).push(context) };
}

/**
 * Runs a test on a page of its own. An error of the page, or a request to another host, fails the
 * test. `answers` has the server's answers by the path of the request.
 */
export async function withPage(test, { on = server, ...options } = {}) {
  const { context, giveBack } = await profile(options);
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  const problems = [];
  const answers = {};
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    // Chromium logs each error status of the server, and that it is offline.
    if (message.type() === "error" && !/a status of [45]|net::ERR_/.test(message.text())) problems.push(message.text());
  });
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "blob:" && origin !== on.address) problems.push(`a request to ${origin}`);
  });
  page.on("response", async (response) => {
    const { pathname } = new URL(response.url());
    if (response.headers()["content-type"] === "application/json") answers[pathname] = await response.json().catch(() => null);
  });
  await page.goto(`${on.address}/`);
  await view(page, "Log in");
  await test(page, answers);
  assert.deepEqual(problems, [], "problems of the page");
  await page.close();
  giveBack();
}

/** Checks that this heading's view is the only one that is shown. */
export async function view(page, heading) {
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
  assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1, "one heading");
}

export const notice = (page) => page.locator("#notice").innerText();

/** Returns the id of the element that has the focus, or its name if it has no id. */
export const focused = (page) => page.evaluate(() => {
  const { id, textContent, tagName } = document.activeElement;
  return id || (tagName === "BODY" ? "nothing" : textContent.trim());
});

/** Replaces the server's next answer by this one. */
export function answerOnce(page, path, status, body, headers = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const contentType = typeof body === "string" ? "text/html" : "application/json";
  return page.route(`**/${path}`, (route) => route.fulfill({ status, body: text, contentType, headers }), { times: 1 });
}

/** Changes the server's next answer. */
export function patchOnce(page, path, patch) {
  return page.route(`**/${path}`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: patch(await response.json()) });
  }, { times: 1 });
}

let users = 0;
/** Signs up a user, and returns the address. */
export async function user(on = server) {
  const email = `user${users++}@example.com`;
  await signUp(on, email);
  return email;
}

export async function logIn(page, email, password = PASSWORD) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
}

/** Fills in a field, and sends the form. */
export async function submit(page, label, text) {
  const field = page.getByLabel(label, { exact: true }).filter({ visible: true });
  await field.fill(text);
  await field.press("Enter");
}

/** Reads a QR code from the screen, with a library that is not ours. */
export async function scan(locator) {
  const png = PNG.sync.read(await locator.screenshot());
  return jsQR(new Uint8ClampedArray(png.data), png.width, png.height)?.data;
}

export const plain = async (locator) => (await locator.innerText()).replaceAll(/\s/g, "");

/** Goes from the password to the account, with the previous step's code. Two more can follow. */
export async function enrol(page, email) {
  await logIn(page, email);
  await view(page, "Set up your authenticator");
  const secret = await plain(page.locator("#secret"));
  const recoveryCode = await plain(page.locator("#recovery-code"));
  await submit(page, "6 digits", code(secret, -30));
  await view(page, "Your account");
  return { email, secret, recoveryCode };
}

export async function logOut(page) {
  await page.getByRole("button", { name: "Log out" }).click();
  await view(page, "Log in");
}

export async function challenge(page, email) {
  await logIn(page, email);
  await view(page, "Enter your code");
}
