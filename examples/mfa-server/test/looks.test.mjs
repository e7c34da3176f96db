// The page in Chromium: by keyboard, by screen reader, in light and dark, on a phone.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { namelessControls, paleTexts } from "../../browser/test/in_page.mjs";
import { SHOTS, challenge, close, enrol, logIn, logOut, plain, submit, user, view, withPage } from "./page.mjs";
import { code } from "./server.mjs";

after(close);

/** Goes through all views, and calls `look` in each. */
async function everyView(page, look) {
  await look("log-in");
  await page.getByRole("button", { name: "Create an account" }).click();
  await look("sign-up");
  await page.locator("#mode").click();
  const email = await user();
  await logIn(page, email);
  await view(page, "Set up your authenticator");
  await look("enrol");
  const secret = await plain(page.locator("#secret"));
  const recoveryCode = await plain(page.locator("#recovery-code"));
  await submit(page, "6 digits", code(secret, -30));
  await view(page, "Your account");
  await look("account");
  await page.getByRole("button", { name: "Remove: Authenticator app" }).click();
  await look("remove");
  await page.getByRole("button", { name: "Keep it" }).click();
  await logOut(page);
  await challenge(page, email);
  await submit(page, "6 digits", "000000");
  await page.getByText("That is not the code.").waitFor();
  await look("challenge");
  await page.getByRole("button", { name: "Use your recovery code" }).click();
  await look("recovery");
  await submit(page, "Recovery code", recoveryCode);
  await view(page, "Your new recovery code");
  await look("replacement");
}

for (const colorScheme of ["light", "dark"]) {
  test(`every view, ${colorScheme}`, () => withPage((page) => everyView(page, async (name) => {
    assert.deepEqual(await page.evaluate(namelessControls), [], `${name}: controls without a name`);
    assert.deepEqual(await page.evaluate(paleTexts, ":disabled"), [], `${name}: texts under 4.5 to 1`);
    await page.screenshot({ path: `${SHOTS}${name}-${colorScheme}.png`, fullPage: true });
  }), { colorScheme }));
}

test("every view on a small phone", () => withPage((page) => everyView(page, async (name) => {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 320, `${name}: nothing sticks out, ${wide}`);
  await page.screenshot({ path: `${SHOTS}${name}-phone.png`, fullPage: true });
}), { viewport: { width: 320, height: 640 } }));

test("from the password to the account by keyboard alone", () => withPage(async (page) => {
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
  const tabTo = async (name) => {
    for (let steps = 0; steps < 12; steps++) {
      if (await focused() === name) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${name} is out of reach of the keyboard`);
  };
  const email = await user();
  assert.equal(await focused(), "email");
  await page.keyboard.type(email);
  await tabTo("password");
  await page.keyboard.type("correct horse battery");
  await tabTo("Log in");
  await page.keyboard.press("Enter");
  await view(page, "Set up your authenticator");
  assert.equal(await focused(), "enrol-heading", "a reader begins at the heading");
  await tabTo("Copy key");
  await tabTo("first-code");
  const outline = await page.locator("#first-code").evaluate((field) => getComputedStyle(field).outlineStyle);
  assert.equal(outline, "solid", "the focus can be seen");
  await page.keyboard.type(code(await plain(page.locator("#secret")), -30));
  await page.keyboard.press("Enter");
  await view(page, "Your account");
  assert.equal(await focused(), "account-heading");
  await tabTo("Remove");
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "Keep it", "nothing is removed by one key too many");
  await page.keyboard.press("Escape");
  await tabTo("replace");
  await page.keyboard.press("Enter");
  await view(page, "Set up your authenticator");
}));

test("what can be heard", () => withPage(async (page) => {
  await enrol(page, await user());
  assert.equal(await page.getByRole("status").innerText(), "Your authenticator is set up.");
  assert.equal(await page.title(), "Your account");
  assert.deepEqual(await page.evaluate(() => document.documentElement.lang), "en");
}));
