// The page in Chromium: by keyboard, by screen reader, in light and dark, and on a phone.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { namelessControls, paleTexts } from "../../../browser/test/in_page.mjs";
import { SHOTS, answerOnce, challenge, enrol, focused, logIn, logOut, notice, patchOnce, plain, server, submit, user, view, withPage } from "../page.mjs";
import { code, signUp } from "../server.mjs";

/** An address that is longer than a line on a phone. */
const LONG = `${"someone.with.a.very.long.name".repeat(2)}@${"subdomain".repeat(6)}.example.com`;

/** Layout errors show at the narrowest width. With OTP_LONG=1, the other widths are tested too. */
const WIDTHS = process.env.OTP_LONG ? [1280, 390, 320] : [320];

/** Shows each view, and calls `look` in it. */
async function everyView(page, look) {
  await page.evaluate(() => {
    window.losses = [];
    // A callback per frame would draw every frame, which would be most of the time of this
    // test.
    setInterval(() => {
      if (document.activeElement === document.body) window.losses.push(document.title);
    }, 20);
  });
  await look("log-in");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await look("log-in-wrong");
  await page.getByRole("button", { name: "Create an account" }).click();
  await look("sign-up");
  await page.locator("#mode").click();
  await signUp(server, LONG);
  await logIn(page, LONG);
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
  await page.getByRole("button", { name: "Add another device" }).click();
  await view(page, "Set up your authenticator");
  await look("add");
  const off = (entries) => entries.map((entry) => (entry.type === "otp" ? { ...entry, disabled: true } : entry));
  await patchOnce(page, "mfa/authenticators", ([recovery, first, second]) => [
    recovery, ...off([first]), { ...second, locked_until: new Date(Date.now() + 900_000).toISOString() },
  ]);
  await submit(page, "6 digits", code(await plain(page.locator("#secret")), -30));
  await page.getByText("Authenticator app 2").waitFor();
  await look("several");
  await page.getByRole("button", { name: "Remove: Authenticator app 2" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("Removed: Authenticator app 2.").waitFor();
  await logOut(page);
  await patchOnce(page, "mfa/authenticators", off);
  await logIn(page, LONG);
  await view(page, "Enter your recovery code");
  await look("switched-off");
  await page.locator("#leave").click();
  await challenge(page, LONG);
  await submit(page, "6 digits", "000000");
  await page.getByText("That is not the code.").waitFor();
  await look("challenge");
  await answerOnce(page, "oauth/token", 429, { error: "too_many_attempts", error_description: "…" }, { "retry-after": "5000" });
  await submit(page, "6 digits", "000000");
  await page.getByText("Try again in").first().waitFor();
  await look("wait");
  await page.getByRole("button", { name: "Use your recovery code" }).click();
  await look("recovery");
  await submit(page, "Recovery code", recoveryCode);
  await view(page, "Your new recovery code");
  await look("replacement");
  await page.getByRole("button", { name: "I have kept it" }).click();
  await view(page, "Is your device lost?");
  await look("lost");
  await page.getByRole("button", { name: "Not now" }).click();
  for (const kind of ["Recovery code", "Authenticator app"]) {
    await page.getByRole("button", { name: `Remove: ${kind}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("button", { name: `Remove: ${kind}` }).waitFor({ state: "detached" });
  }
  await page.getByText("Nothing is set up.").waitFor();
  await look("nothing");
  assert.deepEqual(await page.evaluate(() => window.losses), [], "the focus is never lost");
}

/** Returns the levels of the visible headings, in order. */
const levels = () => [...document.querySelectorAll("h1, h2, h3")].filter((heading) => heading.checkVisibility())
  .map((heading) => Number(heading.tagName[1]));

/** Returns the number of elements that move. */
const moving = () => [...document.querySelectorAll("*")].map((element) => getComputedStyle(element))
  .filter((style) => style.animationName !== "none" || style.transitionDuration !== "0s").length;

suite("looks of the page", { concurrency: 3 }, () => {
  test("every view, on phones and wide, in light and dark", () => withPage((page) => everyView(page, async (name) => {
    assert.deepEqual(await page.evaluate(namelessControls), [], `${name}: controls without a name`);
    assert.equal(await page.evaluate(moving), 0, `${name}: nothing moves`);
    const headings = await page.evaluate(levels);
    assert.ok(headings.every((level, i) => level === 1 ? i === 0 : level - headings[i - 1] <= 1), `${name}: headings ${headings}`);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await page.evaluate(paleTexts, "[aria-disabled=true]"), [], `${name}, ${colorScheme}: texts under 4.5 to 1`);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${name}: nothing sticks out of ${width}: ${wide}`);
        await page.screenshot({ path: `${SHOTS}${name}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
  })));

  test("from the password to the account with only the keyboard", () => withPage(async (page) => {
    const tabTo = async (name) => {
      for (let steps = 0; steps < 12; steps++) {
        if (await focused(page) === name) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`${name} is out of reach of the keyboard`);
    };
    const email = await user();
    assert.equal(await focused(page), "email");
    await page.keyboard.type(email);
    await tabTo("password");
    await page.keyboard.type("correct horse battery");
    await tabTo("Log in");
    await page.keyboard.press("Enter");
    await view(page, "Set up your authenticator");
    assert.equal(await focused(page), "enrol-heading", "a screen reader begins at the heading");
    await tabTo("Copy key");
    await tabTo("first-code");
    const outline = await page.locator("#first-code").evaluate((field) => getComputedStyle(field).outlineStyle);
    assert.equal(outline, "solid", "the focus can be seen");
    await page.keyboard.type(code(await plain(page.locator("#secret")), -30));
    await page.keyboard.press("Enter");
    await view(page, "Your account");
    assert.equal(await focused(page), "account-heading");
    await tabTo("Remove");
    await page.keyboard.press("Enter");
    assert.equal(await focused(page), "Keep it", "one Enter too many removes nothing");
    await page.keyboard.press("Escape");
    assert.equal(await focused(page), "Remove", "the dialog gives the focus back");
    await tabTo("add");
    await page.keyboard.press("Enter");
    await view(page, "Set up your authenticator");
  }));

  test("fields have a hint for the browser, and accept any pasted text", () => withPage(async (page) => {
    const fields = await page.locator("input").evaluateAll((inputs) => inputs.map((input) => [
      input.labels[0].textContent, input.autocomplete, input.inputMode,
      ["maxlength", "minlength", "pattern", "min", "max"].filter((name) => input.hasAttribute(name)).join(),
    ]));
    assert.deepEqual(fields, [
      ["Email", "username", "", ""],
      ["Password", "current-password", "", ""],
      ["6 digits", "one-time-code", "numeric", ""],
      ["6 digits", "one-time-code", "numeric", ""],
      ["Recovery code", "off", "", ""],
    ]);
    await page.getByRole("button", { name: "Create an account" }).click();
    assert.equal(await page.getByLabel("Password").getAttribute("autocomplete"), "new-password");
  }));

  test("the texts for a screen reader", () => withPage(async (page) => {
    await enrol(page, await user());
    assert.equal(await notice(page), "Your authenticator is set up.");
    assert.equal(await page.title(), "Your account");
    assert.deepEqual(await page.evaluate(() => document.documentElement.lang), "en");
  }));
});
