// Errors on the page: their words, their field, and where the focus goes.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { answerOnce, challenge, enrol, focused, logIn, logOut, notice, patchOnce, server, submit, user, view, withPage } from "../page.mjs";
import { code } from "../server.mjs";

/** Returns the description of a field that is marked as wrong. */
async function wrong(page, label) {
  const field = page.getByLabel(label, { exact: true }).filter({ visible: true });
  assert.equal(await field.getAttribute("aria-invalid"), "true", `${label} is marked`);
  return field.evaluate(({ attributes }) => attributes["aria-describedby"].value.split(" ")
    .map((id) => document.getElementById(id)).filter((text) => text.checkVisibility())
    .map((text) => text.textContent).find(Boolean));
}

const marked = (page) => page.locator("[aria-invalid]").filter({ visible: true }).count();

suite("trouble on the page", { concurrency: 3 }, () => {
  test("an error is at its field, and the first wrong field has the focus", () => withPage(async (page) => {
    const send = page.getByRole("button", { name: "Log in", exact: true });
    await send.click();
    assert.equal(await wrong(page, "Email"), "Type your email address.");
    assert.equal(await wrong(page, "Password"), "Type your password.");
    assert.equal(await focused(page), "email");
    const email = await user();
    await page.getByLabel("Email").fill(email);
    await send.click();
    assert.equal(await marked(page), 1);
    assert.equal(await focused(page), "password");

    await logIn(page, email, "a wrong password");
    await page.getByText("Wrong email or password.").waitFor();
    assert.equal(await wrong(page, "Password"), "Wrong email or password.");
    assert.equal(await marked(page), 1, "the email is not marked");
    assert.equal(await focused(page), "password");

    await page.getByRole("button", { name: "Create an account" }).click();
    assert.equal(await marked(page), 0);
    const create = page.getByRole("button", { name: "Create the account" });
    await page.getByLabel("Email").fill("nobody");
    await create.click();
    await page.getByText("This is not an email address.").waitFor();
    assert.match(await wrong(page, "Email"), /not an email address/);
    await page.getByLabel("Email").fill(`new-${email}`);
    await page.getByLabel("Password").fill("short");
    await create.click();
    await page.getByText("Choose a longer password").waitFor();
    assert.equal(await wrong(page, "Password"), "Choose a longer password: 8 characters at least.");
    await page.getByLabel("Password").fill("long".repeat(100));
    await create.click();
    await page.getByText("Choose a shorter password").waitFor();
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password").fill("correct horse battery");
    await create.click();
    await page.getByText("If you have one, log in.").waitFor();
    assert.match(await wrong(page, "Email"), /No account can be made with this address/);
    await answerOnce(page, "dbconnections/signup", 400, { error: "signup_disabled", error_description: "Public signup is disabled." });
    await create.click();
    await page.getByText("New accounts cannot be made here. If you have one, log in.").waitFor();
    assert.equal(await marked(page), 0);
  }));

  test("malformed, wrong and used codes have their own words", () => withPage(async (page) => {
    const { email, secret } = await enrol(page, await user());
    await logOut(page);
    await challenge(page, email);
    await submit(page, "6 digits", " ");
    assert.equal(await wrong(page, "6 digits"), "Type the code that the app shows.");
    for (const malformed of ["12345", "1234567", "abcdef", "+12345"]) {
      await submit(page, "6 digits", malformed);
      await page.getByText("A code has 6 digits.").waitFor();
      assert.equal(await page.getByLabel("6 digits").filter({ visible: true }).inputValue(), malformed, "the user can correct it");
      await page.evaluate(() => { document.querySelector("#otp-error").textContent = ""; });
    }
    await submit(page, "6 digits", "000000");
    await page.getByText("That is not the code.").waitFor();
    assert.match(await wrong(page, "6 digits"), /That is not the code/);
    const used = code(secret);
    await submit(page, "6 digits", used);
    await view(page, "Your account");
    await logOut(page);
    await challenge(page, email);
    await submit(page, "6 digits", used);
    await page.getByText("This code was used before. Wait for the next one.").waitFor();
    await page.getByRole("button", { name: "Use your recovery code" }).click();
    await submit(page, "Recovery code", "ABCD EFGH");
    await page.getByText("A recovery code has 24 letters and digits.").waitFor();
  }));

  test("a wait shows a countdown, and a screen reader says its start and its end once", () => withPage(async (page) => {
    const { email, secret } = await enrol(page, await user());
    await logOut(page);
    await challenge(page, email);
    for (let guess = 0; guess < 5; guess++) {
      await submit(page, "6 digits", "000000");
      await page.getByText("That is not the code.").waitFor();
      await page.evaluate(() => { document.querySelector("#otp-error").textContent = ""; });
    }
    await hearAll(page);
    await submit(page, "6 digits", code(secret));
    const wait = page.locator(".wait").filter({ hasText: /Too many wrong codes\. Try again in \d+ seconds\./ });
    await wait.waitFor();
    const seconds = async () => Number(/(\d+) second/.exec(await wait.innerText())[1]);
    const first = await seconds();
    assert.ok(first > 20 && first <= 30, `${first}`);
    await page.waitForFunction((first) => !document.querySelector("#challenge .wait").textContent.includes(first - 1)
      && !document.querySelector("#challenge .wait").textContent.includes(first), first);
    assert.ok(await seconds() < first - 1, "the countdown");
    const start = await page.evaluate(() => window.said);
    assert.equal(start.length, 1, `said once: ${start}`);
    assert.match(start[0], /^Too many wrong codes\. Try again in \d+ seconds\.$/);
    assert.ok(!(await page.locator("main").ariaSnapshot()).includes(await wait.innerText()), "a screen reader ignores the countdown");
    const button = page.getByRole("button", { name: "Continue" });
    assert.ok(await button.isDisabled(), "the button says that it is disabled");
    await button.focus();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Continue", "and keeps the focus");

    // A recovery code has its own count, and another user does not have to wait.
    await page.getByRole("button", { name: "Use your recovery code" }).click();
    assert.ok(await page.getByRole("button", { name: "Continue" }).isEnabled());
    await page.getByRole("button", { name: "Cancel" }).filter({ visible: true }).click();
    await enrol(page, await user());
  }));

/** Records the text of every live region. */
  const hearAll = (page) => page.evaluate(() => {
    window.said = [];
    const observer = new MutationObserver((changes) => {
      const regions = changes.map(({ target }) => (target.nodeType === 1 ? target : target.parentElement)
        ?.closest("[role=alert], [role=status], [aria-live]"));
      for (const region of new Set(regions)) {
        if (region?.textContent && region.checkVisibility()) window.said.push(region.textContent);
      }
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });

  test("a wait after wrong passwords has its own words", () => withPage(async (page) => {
    const email = await user();
    const guess = () => fetch(`${server.address}/oauth/token`, {
      method: "POST", body: new URLSearchParams({ grant_type: "password", client_id: "page", username: email, password: "a guess" }),
    });
    while ((await guess()).status === 403);
    await logIn(page, email);
    await page.locator(".wait").getByText(/^Too many wrong passwords\. Try again in \d+ seconds\.$/).waitFor();
    assert.equal(await marked(page), 0, "no field is wrong");
    assert.equal(await page.getByLabel("Password").inputValue(), "correct horse battery");
    // Another account can be made.
    await page.locator("#mode").click();
    assert.ok(await page.getByRole("button", { name: "Create the account" }).isEnabled());
    assert.equal(await page.getByRole("alert").filter({ hasText: /./ }).count(), 0);
    await answerOnce(page, "dbconnections/signup", 429, { error: "too_many_requests", error_description: "Too many sign-ups. Try again in 1800 seconds." }, { "retry-after": "1800" });
    await page.getByRole("button", { name: "Create the account" }).click();
    await page.locator(".wait").getByText("Too many accounts were made from your network. Try again in 30 minutes.").waitFor();
    await page.locator("#mode").click();
    await answerOnce(page, "oauth/token", 429, { error: "too_many_requests", error_description: "Too many requests at the same time. Try again." }, { "retry-after": "1" });
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await page.locator(".wait").getByText("The server is busy. Try again in 1 second.").waitFor();
  }));

  test("a wait for a password ends, and says so", () => withPage(async (page) => {
    const email = await user();
    await hearAll(page);
    await answerOnce(page, "oauth/token", 429, { error: "too_many_attempts", error_description: "…" }, { "retry-after": "3" });
    await logIn(page, email);
    await page.getByText("You can try again now.").waitFor();
    const said = await page.evaluate(() => window.said);
    assert.deepEqual(said, ["Too many tries. Try again in 3 seconds.", "You can try again now."]);
    assert.equal(await page.getByLabel("Password").inputValue(), "correct horse battery", "what was typed is there");
    await answerOnce(page, "oauth/token", 429, { error: "too_many_attempts", error_description: "…" }, { "retry-after": "900" });
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await page.getByText("Try again in 15 minutes.").first().waitFor();
    // The wait is for the account that was typed.
    const other = await user();
    await page.getByLabel("Email").fill(other);
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await view(page, "Set up your authenticator");
  }));

  test("each failure of the server has its words, and the typed text stays", () => withPage(async (page) => {
    const email = await user();
    const fails = async (words) => {
      await page.getByText(words).waitFor();
      assert.equal(await marked(page), 0, "no field is wrong");
      assert.equal(await page.getByLabel("Password").inputValue(), "correct horse battery");
    };
    const send = () => page.getByRole("button", { name: "Log in", exact: true }).click();
    await page.context().setOffline(true);
    await logIn(page, email);
    await fails("The server cannot be reached.");
    await page.context().setOffline(false);
    for (const [status, body, words] of [
      [503, { error: "temporarily_unavailable", error_description: "…" }, "The server is busy. Try again in a moment."],
      [503, "<h1>503</h1>", "The server is busy. Try again in a moment."],
      [500, { error: "server_error", error_description: "…" }, "The server has a problem. Try again later."],
      [502, "<h1>Bad Gateway</h1>", "The server has a problem. Try again later."],
      [403, "<h1>Forbidden</h1>", "The answer of the server cannot be read."],
      [200, "<h1>Welcome to the hotel</h1>", "The answer of the server cannot be read."],
      [429, { error: "too_many_attempts", error_description: "…" }, "Too many tries. Wait a minute, then try again."],
    ]) {
      await answerOnce(page, "oauth/token", status, body);
      await send();
      await fails(words);
    }
    await page.route("**/oauth/token", (route) => route.abort("connectionreset"), { times: 1 });
    await send();
    await fails("The server cannot be reached.");
    await send();
    await view(page, "Set up your authenticator");
  }));

  test("an error after the login does not change the view", () => withPage(async (page) => {
    await enrol(page, await user());
    await answerOnce(page, "mfa/associate", 503, { error: "temporarily_unavailable", error_description: "…" });
    const add = page.getByRole("button", { name: "Add another device" });
    await add.press("Enter");
    await page.getByText("The server is busy.").waitFor();
    assert.equal(await focused(page), "add", "the focus is not lost");
    await page.getByRole("button", { name: "Remove: Authenticator app" }).click();
    await page.context().setOffline(true);
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("The server cannot be reached.").waitFor();
    assert.equal(await page.locator("#list li").count(), 2);
    assert.equal(await focused(page), "Remove", "the focus is where it was");
    await page.context().setOffline(false);
    await answerOnce(page, "mfa/associate", 401, { error: "invalid_token", error_description: "…" });
    await add.click();
    await view(page, "Log in");
    assert.equal(await notice(page), "You were logged in for too long. Log in again.");
  }));

  test("if the list cannot be loaded, the user is logged in and can try again", () => withPage(async (page) => {
    const busy = () => answerOnce(page, "mfa/authenticators", 503, { error: "temporarily_unavailable", error_description: "…" }, { "retry-after": "1" });
    await logIn(page, await user());
    await view(page, "Set up your authenticator");
    await busy();
    await submit(page, "6 digits", code((await page.locator("#secret").innerText()).replaceAll(" ", ""), -30));
    await view(page, "Your account");
    await page.getByText("The server is busy. Try again in a moment.").waitFor();
    assert.equal(await notice(page), "Your authenticator is set up.");
    const again = page.getByRole("button", { name: "Try again" });
    await again.click();
    const remove = page.getByRole("button", { name: "Remove: Authenticator app" });
    await remove.click();
    assert.ok(await again.isHidden());
    await busy();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("The server is busy.").waitFor();
    assert.equal(await page.locator("#list li").count(), 0, "it may be gone");
    assert.equal(await focused(page), "account-heading");
    await again.click();
    await page.getByText("Nothing is set up.").waitFor();
    assert.equal(await focused(page), "account-heading");
  }));

  test("a device that is switched off leads to the recovery code", () => withPage(async (page) => {
    const { email, secret } = await enrol(page, await user());
    await logOut(page);
    await challenge(page, email);
    await answerOnce(page, "oauth/token", 403, { error: "access_denied", error_description: "The authenticator is disabled." });
    await submit(page, "6 digits", code(secret));
    await view(page, "Enter your recovery code");
    assert.match(await notice(page), /switched off\. Use your recovery code/);
    assert.equal(await focused(page), "typed-recovery");
    assert.ok(await page.getByRole("button", { name: "Use the authenticator app" }).isHidden(), "the page offers no code that cannot be right");
    await answerOnce(page, "oauth/token", 403, { error: "access_denied", error_description: "The authenticator is disabled." });
    await submit(page, "Recovery code", "A".repeat(24));
    await page.getByText("Your recovery code is switched off after too many wrong tries. Ask the people").waitFor();
  }));

  const LIST = "mfa/authenticators";
  const allOff = (entries) => entries.map((entry) => ({ ...entry, disabled: true }));
  const otpOff = (entries) => entries.map((entry) => (entry.type === "otp" ? { ...entry, disabled: true } : entry));

  test("a login whose devices are all switched off leads to the recovery code, and to another device", () => withPage(async (page) => {
    const { email, recoveryCode } = await enrol(page, await user());
    await logOut(page);
    await patchOnce(page, LIST, otpOff);
    await logIn(page, email);
    await view(page, "Enter your recovery code");
    assert.equal(await notice(page), "Your authenticator is switched off. Use your recovery code.");
    assert.ok(await page.getByRole("button", { name: "Use the authenticator app" }).isHidden());
    await page.goBack();
    await view(page, "Log in");

    await patchOnce(page, LIST, otpOff);
    await logIn(page, email);
    await submit(page, "Recovery code", recoveryCode);
    await view(page, "Your new recovery code");
    await patchOnce(page, LIST, otpOff);
    await page.getByRole("button", { name: "I have kept it" }).click();
    await view(page, "Set up your device again");
    await page.getByText("After that, remove the old one from your account.").waitFor();
    await page.getByRole("button", { name: "Set up another device" }).click();
    await view(page, "Set up your authenticator");
    const secret = await page.locator("#secret").innerText();
    await patchOnce(page, LIST, ([recovery, old, ...others]) => [recovery, { ...old, disabled: true }, ...others.map((other) => ({ ...other, locked_until: new Date(Date.now() + 600_000).toISOString() }))]);
    await submit(page, "6 digits", code(secret.replaceAll(" ", ""), -30));
    await view(page, "Your account");
    assert.equal(await notice(page), "Your authenticator is set up. Remove the old one below.");
    const entries = page.locator("#list li");
    assert.match(await entries.nth(1).innerText(), /^Authenticator app 1\nSwitched off\nAdded /);
    assert.match(await entries.nth(2).innerText(), /^Authenticator app 2\nLocked after too many wrong codes, for 10 minutes\nAdded /);
    await page.getByRole("button", { name: "Remove: Authenticator app 1" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("Removed: Authenticator app 1.").waitFor();
    await logOut(page);
    await challenge(page, email);
    await submit(page, "6 digits", code(secret.replaceAll(" ", "")));
    await view(page, "Your account");
    assert.equal(await entries.count(), 2);
  }));

  test("if no factor works, the page tells the user where to get help", () => withPage(async (page) => {
    const { email } = await enrol(page, await user());
    await logOut(page);
    await patchOnce(page, LIST, allOff);
    await logIn(page, email);
    await page.getByText("Ask the people who run this service for help.").filter({ visible: true }).waitFor();
    assert.match(await notice(page), /switched off\. You have no recovery code that works\./);
    await view(page, "Log in");
    assert.equal(await page.getByLabel("Email").inputValue(), email);
  }));

  test("without a recovery code, the page tells the user where to get help", () => withPage(async (page) => {
    const { email } = await enrol(page, await user());
    await page.getByRole("button", { name: "Remove: Recovery code" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("Removed: Recovery code.").waitFor();
    await logOut(page);
    await challenge(page, email);
    assert.ok(await page.getByText("You have no recovery code that works. Ask the people").isVisible());
    assert.ok(await page.getByRole("button", { name: "Use your recovery code" }).isHidden());
    await answerOnce(page, "oauth/token", 403, { error: "access_denied", error_description: "The authenticator is disabled." });
    await submit(page, "6 digits", "123456");
    await page.getByText("Your authenticator is switched off").waitFor();
    await view(page, "Enter your code");
  }));

  test("the focus is never lost, even while the server works", () => withPage(async (page) => {
    const email = await user();
    await page.route("**/oauth/token", async (route) => {
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      await route.continue();
    });
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password").fill("correct horse battery");
    await page.evaluate(() => {
      window.losses = [];
      setInterval(() => {
        if (document.activeElement === document.body) window.losses.push(document.title);
      }, 20);
    });
    await page.getByRole("button", { name: "Log in", exact: true }).press("Enter");
    await view(page, "Set up your authenticator");
    assert.deepEqual(await page.evaluate(() => window.losses), []);
  }));
});
