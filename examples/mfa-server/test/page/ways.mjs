// The user's ways through the page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { challenge, enrol, focused, logIn, logOut, notice, plain, scan, server, submit, user, view, withPage } from "../page.mjs";
import { code, start } from "../server.mjs";

/** Returns the whole page without spaces, including hidden parts. Keys are shown in groups. */
const anywhere = async (page) => (await page.content()).replaceAll(/\s/g, "");

const listed = (page) => page.locator("#list li").allInnerTexts()
  .then((texts) => texts.map((text) => text.split("\n")[0]));

suite("ways through the page", { concurrency: 3 }, () => {
  test("a new user signs up, scans, confirms and is in", () => withPage(async (page, answers) => {
    await page.getByRole("button", { name: "Create an account" }).click();
    await view(page, "Create an account");
    await page.getByLabel("Email").fill("Zoë@example.com");
    await page.getByLabel("Password").fill("correct horse battery");
    await page.getByRole("button", { name: "Create the account" }).click();
    await view(page, "Set up your authenticator");

    const { barcode_uri: uri, secret, recovery_codes: [recoveryCode] } = answers["/mfa/associate"];
    assert.equal(await scan(page.getByRole("img", { name: "QR code for an authenticator app" })), uri, "the scanned URI");
    assert.match(uri, /^otpauth:\/\/totp\/demo:zo%C3%AB%40example\.com\?secret=/);
    await page.getByRole("button", { name: "Copy key" }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
    await page.getByRole("button", { name: "Copy code" }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), recoveryCode);

    await submit(page, "6 digits", "000 000");
    await page.getByText("That is not the code.").waitFor();
    await submit(page, "6 digits", code(secret));
    await view(page, "Your account");
    assert.equal(await page.locator("#who").innerText(), "zoë@example.com");
    assert.deepEqual(await listed(page), ["Recovery code", "Authenticator app"]);
    for (const shown of [secret, recoveryCode]) {
      assert.ok(!(await anywhere(page)).includes(shown), "keys are not shown any more");
    }
  }));

  test("the QR code can be scanned in dark mode too", () => withPage(async (page, answers) => {
    await logIn(page, await user());
    await view(page, "Set up your authenticator");
    assert.equal(await scan(page.locator("#enrol")), answers["/mfa/associate"].barcode_uri);
    assert.ok(await page.getByRole("link", { name: "Open in an authenticator app" }).isHidden(), "there is a mouse");
  }, { colorScheme: "dark" }));

  test("a phone opens its own authenticator app", () => withPage(async (page, answers) => {
    await logIn(page, await user());
    await view(page, "Set up your authenticator");
    const link = page.getByRole("link", { name: "Open in an authenticator app" });
    assert.equal(await link.getAttribute("href"), answers["/mfa/associate"].barcode_uri);
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "open-app", "the keyboard reaches it");
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, "nothing is wider than the screen");
    await page.getByRole("button", { name: "Cancel" }).click();
    await view(page, "Log in");
    assert.ok(!(await anywhere(page)).includes("otpauth:"), "the key is gone from the page");
  }, { viewport: { width: 320, height: 800 }, isMobile: true, hasTouch: true }));

  test("each code logs in once", () => withPage(async (page) => {
    const { email, secret } = await enrol(page, await user());
    const used = code(secret);
    await logOut(page);
    await challenge(page, email);
    await submit(page, "6 digits", used);
    await view(page, "Your account");
    await logOut(page);
    await challenge(page, email);
    await submit(page, "6 digits", used);
    await page.getByText("This code was used before.").waitFor();
    assert.equal(await focused(page), "otp", "the field has the focus");
    await submit(page, "6 digits", code(secret, 30));
    await view(page, "Your account");
  }));

  test("a pasted code goes to the server as it is", () => withPage(async (page) => {
    const { email, secret } = await enrol(page, await user());
    await logOut(page);
    await challenge(page, email);
    const digits = code(secret);
    // Full-width digits, as some keyboards type them, and no-break spaces. The text is longer
    // than seven characters.
    const pasted = `\u00a0 ${[...digits].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join("\u00a0")} \u00a0`;
    await page.getByLabel("6 digits").filter({ visible: true }).focus();
    await page.keyboard.insertText(pasted);
    const sent = page.waitForRequest("**/oauth/token");
    await page.keyboard.press("Enter");
    assert.equal((await sent).postDataJSON().otp, pasted);
    await view(page, "Your account");
  }));

  test("a recovery code logs in once, is replaced, and leads to another device", () => withPage(async (page) => {
    const { email, recoveryCode } = await enrol(page, await user());
    const recover = async (text) => {
      await logOut(page);
      await challenge(page, email);
      await page.getByRole("button", { name: "Use your recovery code" }).click();
      await view(page, "Enter your recovery code");
      await submit(page, "Recovery code", text);
    };
    await recover(recoveryCode.toLowerCase());
    await view(page, "Your new recovery code");
    const next = await plain(page.locator("#new-recovery-code"));
    assert.ok(next.length === 24 && next !== recoveryCode);
    await page.getByRole("button", { name: "I have kept it" }).click();
    await view(page, "Is your device lost?");
    assert.ok(!(await anywhere(page)).includes(next), "it is shown once");
    await page.getByRole("button", { name: "Set up another device" }).click();
    await view(page, "Set up your authenticator");
    await submit(page, "6 digits", code(await plain(page.locator("#secret")), -30));
    await view(page, "Your account");
    assert.equal(await notice(page), "Your authenticator is set up. Remove the old one below.");

    await recover(recoveryCode);
    await page.getByText("That is not your recovery code").waitFor();
    await submit(page, "Recovery code", next);
    await view(page, "Your new recovery code");
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("button", { name: "Not now" }).click();
    await view(page, "Your account");
  }));

  test("a recovery code can be downloaded and printed", () => withPage(async (page) => {
    const email = await user();
    await page.evaluate(() => {
      window.print = () => { window.printed = true; };
    });
    await logIn(page, email);
    await view(page, "Set up your authenticator");
    const secret = await plain(page.locator("#secret"));
    const recoveryCode = await plain(page.locator("#recovery-code"));
    await keeps(page, email, recoveryCode);
    await submit(page, "6 digits", code(secret, -30));
    await view(page, "Your account");
    await logOut(page);
    await challenge(page, email);
    await page.getByRole("button", { name: "Use your recovery code" }).click();
    await submit(page, "Recovery code", recoveryCode);
    await view(page, "Your new recovery code");
    await keeps(page, email, await plain(page.locator("#new-recovery-code")));
  }));

  async function keeps(page, email, recoveryCode) {
    const today = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(new Date());
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).filter({ visible: true }).click();
    const download = await downloading;
    assert.equal(download.suggestedFilename(), "recovery-code.txt");
    const file = await readFile(await download.path(), "utf8");
    assert.ok(file.replaceAll(/\s/g, "").includes(recoveryCode), file);
    assert.ok(file.includes(email) && file.includes(today), file);

    await page.getByRole("button", { name: "Print" }).filter({ visible: true }).click();
    assert.ok(await page.evaluate(() => window.printed));
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.emulateMedia({ media: "print" });
    const paper = await page.locator("body").innerText();
    assert.deepEqual(paper.split("\n").filter(Boolean), [
      `Recovery code for ${new URL(page.url()).host}`, recoveryCode.replaceAll(/.{4}(?=.)/g, "$& "), `Account: ${email}`, `Date: ${today}`,
    ]);
    await page.emulateMedia({ media: "screen" });
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await page.locator("#paper").textContent(), "");
  }

  test("another device is added, and there is a way back", () => withPage(async (page) => {
    const { email, secret } = await enrol(page, await user());
    const add = page.getByRole("button", { name: "Add another device" });
    await add.click();
    await view(page, "Set up your authenticator");
    assert.ok(await page.locator("#recovery-step").isHidden(), "the recovery code stays");
    await page.getByRole("button", { name: "Cancel" }).filter({ visible: true }).click();
    await view(page, "Your account");
    assert.equal(await notice(page), "Nothing was added.");
    assert.deepEqual(await listed(page), ["Recovery code", "Authenticator app"]);
    await add.click();
    await view(page, "Set up your authenticator");
    const other = await plain(page.locator("#secret"));
    await submit(page, "6 digits", code(other, -30));
    await view(page, "Your account");
    assert.deepEqual(await listed(page), ["Recovery code", "Authenticator app 1", "Authenticator app 2"]);
    for (const one of [secret, other]) {
      await logOut(page);
      await challenge(page, email);
      await submit(page, "6 digits", code(one));
      await view(page, "Your account");
    }
    await page.getByRole("button", { name: "Remove: Authenticator app 1" }).click();
    await page.getByText("Your other devices stay as they are.").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("Removed: Authenticator app 1.").waitFor();
    assert.deepEqual(await listed(page), ["Recovery code", "Authenticator app"]);
  }));

  test("a recovery code can be replaced, and asked for again", () => withPage(async (page) => {
    const { email, recoveryCode } = await enrol(page, await user());
    await page.getByRole("button", { name: "Replace: Recovery code" }).click();
    await page.getByRole("button", { name: "Keep it" }).click();
    await page.getByRole("button", { name: "Replace: Recovery code" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Replace", exact: true }).click();
    await view(page, "Your new recovery code");
    const second = await plain(page.locator("#new-recovery-code"));
    assert.notEqual(second, recoveryCode);
    await page.getByRole("button", { name: "I have kept it" }).click();
    await view(page, "Your account");

    await page.getByRole("button", { name: "Remove: Recovery code" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("button", { name: "Get a recovery code" }).click();
    await view(page, "Your new recovery code");
    assert.ok(await page.getByText("Your old recovery code does not work").isHidden(), "there was none");
    const third = await plain(page.locator("#new-recovery-code"));
    await page.getByRole("button", { name: "I have kept it" }).click();
    await view(page, "Your account");

    await logOut(page);
    await challenge(page, email);
    await page.getByRole("button", { name: "Use your recovery code" }).click();
    for (const dead of [recoveryCode, second]) {
      await submit(page, "Recovery code", dead);
      await page.getByText("That is not your recovery code").waitFor();
      await page.evaluate(() => { document.querySelector("#typed-recovery-error").textContent = ""; });
    }
    await submit(page, "Recovery code", third);
    await view(page, "Your new recovery code");
  }));

  test("the page asks before it removes an authenticator", () => withPage(async (page) => {
    const { email } = await enrol(page, await user());
    const remove = page.getByRole("button", { name: "Remove: Authenticator app" });
    await remove.click();
    await page.getByRole("button", { name: "Keep it" }).click();
    assert.deepEqual(await listed(page), ["Recovery code", "Authenticator app"]);
    await remove.click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("Nothing is set up.").waitFor();
    assert.deepEqual(await listed(page), []);
    assert.equal(await focused(page), "account-heading", "the focus is not lost with the button");
    await logOut(page);
    await enrol(page, email);
  }));

  test("an expired mfa_token leads back to the login, with a text", async () => {
    const own = await start();
    try {
      await withPage(async (page) => {
        const email = await user(own);
        await logIn(page, email);
        await view(page, "Set up your authenticator");
        const database = `${own.folder}/mfa-server.db`;
        execFileSync("sqlite3", ["-cmd", ".timeout 10000", database, "UPDATE mfa_tokens SET expires_at = 0"]);
        await submit(page, "6 digits", "123456");
        await view(page, "Log in");
        assert.equal(await notice(page), "That took too long. Log in again.");
        assert.equal(await page.getByLabel("Email").inputValue(), email, "the address stays for the next login");
        assert.equal(await focused(page), "password");
      }, { on: own });
    } finally {
      await own.stop();
    }
  });

  test("the back button goes one view back, and neither loses nor repeats anything", () => withPage(async (page) => {
    const { email, recoveryCode } = await enrol(page, await user());
    await page.goBack();
    await page.getByText("You are still logged in.").waitFor();
    await page.getByRole("button", { name: "Add another device" }).click();
    await view(page, "Set up your authenticator");
    await page.goBack();
    await view(page, "Your account");
    await logOut(page);

    await challenge(page, email);
    await page.getByRole("button", { name: "Use your recovery code" }).click();
    await page.goBack();
    await view(page, "Enter your code");
    await page.goBack();
    await view(page, "Log in");
    assert.equal(await page.getByLabel("Email").inputValue(), email);
    await page.goForward();
    await view(page, "Log in");

    await challenge(page, email);
    await page.getByRole("button", { name: "Use your recovery code" }).click();
    await submit(page, "Recovery code", recoveryCode);
    await view(page, "Your new recovery code");
    const next = await plain(page.locator("#new-recovery-code"));
    const sent = [];
    page.on("request", (request) => sent.push(request.url()));
    await page.goBack();
    await page.getByText("Keep your new recovery code first.").waitFor();
    assert.equal(await plain(page.locator("#new-recovery-code")), next);
    assert.deepEqual(sent, [], "nothing is sent again");
  }));

  test("a reload forgets everything, and the page says what was lost", () => withPage(async (page) => {
    const { email, recoveryCode } = await enrol(page, await user());
    await page.reload();
    await view(page, "Log in");
    assert.match(await notice(page), /loaded again, so you are logged out/);
    await page.reload();
    await view(page, "Log in");
    assert.equal(await notice(page), "", "it says so once");

    await challenge(page, email);
    await page.getByRole("button", { name: "Use your recovery code" }).click();
    await submit(page, "Recovery code", recoveryCode);
    await view(page, "Your new recovery code");
    const asked = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.type());
      return dialog.accept();
    });
    await page.reload();
    await view(page, "Log in");
    assert.deepEqual(asked, ["beforeunload"], "the browser asks before the code is lost");
    assert.match(await notice(page), /recovery code is not shown again/);
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie, location.href]), [0, 0, "", `${server.address}/`]);
    assert.ok(!JSON.stringify(await page.evaluate(() => history.state)).includes(email));
  }));

  test("a user who leaves while a code is being checked stays logged out", () => withPage(async (page) => {
    const { email, secret } = await enrol(page, await user());
    await logOut(page);
    await challenge(page, email);
    let arrived;
    const arrival = new Promise((resolve) => { arrived = resolve; });
    await page.route("**/oauth/token", async (route) => {
      arrived();
      await new Promise((resolve) => { setTimeout(resolve, 300); });
      await route.continue().catch(() => {});
    });
    await submit(page, "6 digits", code(secret));
    await arrival;
    await page.getByRole("button", { name: "Cancel" }).filter({ visible: true }).click();
    await view(page, "Log in");
    await page.waitForTimeout(600);
    await view(page, "Log in");
    assert.equal(await page.getByRole("alert").filter({ hasText: /./ }).count(), 0);
  }));

  test("no foreign script may run in the page, and no other page may frame it", async () => {
    const response = await fetch(`${server.address}/`);
    const policy = response.headers.get("content-security-policy");
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|data:|blob:|\*/);
    assert.doesNotMatch(await response.text(), /<style|style=|<script>|\son\w+=/);
    const denied = await fetch(`${server.address}/page/qr-code`, {
      method: "POST", headers: { "content-type": "application/json" }, body: '{"barcode_uri": "otpauth://totp/a?secret=AAAAAAAA"}',
    });
    assert.equal(denied.status, 401, "QR codes are for those who enrol");
  });
});
