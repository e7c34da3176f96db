// The shared part of the tests of the page: Chromium, the page at a fixed time, and the controls.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import jsQR from "jsqr";
import { chromium } from "playwright-core";
import { PNG } from "pngjs";
import { serve } from "./serve.mjs";

export const SHOTS = fileURLToPath(new URL("../target/screenshots/", import.meta.url));
mkdirSync(SHOTS, { recursive: true });

/** Mistakes that a test has to notice: a file of the page, a text in it, and its replacement. */
const CONTROLS = {
  "another-key": ["code_view.js", "uri.toQrSvg()", 'uri.toQrSvg().replace(/M(\\d+) /g, (_, x) => `M${52 - x} `)'],
  "another-step": ["code_view.js", "account.code(at)", "account.code(at + 30)"],
  "state-not-stored": ["accounts.js", "({ ...row, state: next })", "row"],
  "set-not-stored": ["accounts.js", "({ ...row, recovery: { ...row.recovery, ...next } })", "row"],
  "wait-not-shown": ["verify_view.js", "if (locked) this.#countdown.textContent", "if (!at) this.#countdown.textContent"],
  "codes-stay": ["recovery_view.js", '$("codes").replaceChildren();', ""],
  "input-in-message": ["enrol.js", "errorText(error)", "errorText(error) + input.value"],
  "kept-unasked": ["accounts.js", "if (!isKept()) return;", "localStorage.setItem('kept', 'unasked');"],
  "no-label": ["index.html", '<label for="submitted"', '<label for="nothing"'],
  "not-by-keyboard": ["index.html", 'class="primary" data-words="issue"', 'class="primary" tabindex="-1" data-words="issue"'],
  "not-offline": ["sw.js", "if (kept) return kept;", ""],
  "fetched-elsewhere": ["index.html", "<body>", '<body><img src="http://127.0.0.2/x.png" alt="">'],
  "other-picture": ["picture.js", "[found.data]", '["otpauth://totp/x?secret=BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"]'],
  "left-behind": ["accounts.js", "await takeOver(this.store);", ""],
  "two-stores": ["store.js", "!isCurrent(row)", "false"],
  "verdict-of-full": ["verify_view.js", "return failed(error);", "failed(error); verdict = { kind: \"accepted\", drift: 0 };"],
  "small-row": ["style.css", "(100cqi - 88px)", "100cqi"],
  "own-word": ["code_view.js", "SAY.bits(uri.secretBits)", '`${uri.secretBits} bits`'],
  "pale": ["style.css", "--quiet: #56625d", "--quiet: #9aa5a0"],
};

const server = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});

export async function close() {
  await browser.close();
  server.close();
}

/** Runs a test on a page of its own, at `now`. An error in the page fails the test. */
export async function withPage(test, { now = 1234567890, failing = false, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1180, height: 900 }, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const problems = [];
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  page.on("pageerror", (error) => problems.push(error.message));
  context.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (origin !== new URL(server.url).origin) problems.push(`a request to ${origin}`);
  });
  await control(context);
  await page.clock.setFixedTime(1000 * now);
  await page.goto(server.url);
  await page.locator("#enrol, #view").filter({ visible: true }).waitFor();
  try {
    await test(page, context);
  } finally {
    await context.close();
  }
  // A page that is made to fail reports it in the console too.
  if (!failing) assert.deepEqual(problems, [], "problems of the page");
}

/** The page in another tab, at the same time. */
export async function secondTab(context, now = 1234567890) {
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  await page.clock.setFixedTime(1000 * now);
  await page.goto(server.url);
  await page.locator("#enrol, #view").filter({ visible: true }).waitFor();
  return page;
}

async function control(context) {
  const name = process.env.CONTROL;
  if (!name) return;
  const [file, from, to] = CONTROLS[name];
  await context.route(`${server.url}${file === "index.html" ? "" : file}`, async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    if (!body.includes(from)) throw new Error(`the control ${name} does not apply`);
    await route.fulfill({ response, body: body.replaceAll(from, to) });
  });
}

export async function issue(page, { issuer = "ACME Co", account = "alice@example.com", ...choices } = {}) {
  await page.getByLabel("Service").fill(issuer);
  await page.getByLabel("Account", { exact: true }).fill(account);
  if (Object.keys(choices).length) await page.getByText("Parameters").click();
  for (const [label, value] of Object.entries(choices)) await page.getByLabel(label).selectOption(value);
  await page.getByRole("button", { name: "Issue" }).click();
  await page.locator("#view").waitFor();
}

export async function paste(page, uri) {
  await page.getByLabel("Key URI").fill(uri);
  await page.locator("#paste").getByRole("button", { name: "Add" }).click();
}

export async function verify(page, code) {
  await page.getByLabel("Code from the app").fill(code);
  await page.getByRole("button", { name: "Verify" }).click();
  await page.locator("#verdict .answer").waitFor();
  return page.locator("#verdict").innerText();
}

export const shown = async (page) => (await page.locator("#code").innerText()).replace(/\D/g, "");

export const keyOf = async (page) => (await page.locator("#key").innerText()).replaceAll(" ", "");

/** Returns the text that a phone would read from the screen. */
export async function scan(locator) {
  const { data, width, height } = PNG.sync.read(await locator.screenshot());
  return jsQR(new Uint8ClampedArray(data), width, height)?.data;
}

export function oathtool(...args) {
  return execFileSync("oathtool", args, { encoding: "utf8" }).trim();
}
