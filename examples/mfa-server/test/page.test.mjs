// The page in Chromium, as its user sees it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { alert, challenge, close, enrol, logIn, logOut, plain, scan, server, submit, user, view, withPage } from "./page.mjs";
import { code, start } from "./server.mjs";

after(close);

/** All of the page, in view or not, without the spaces that keys are grouped by. */
const anywhere = async (page) => (await page.content()).replaceAll(/\s/g, "");

const listed = (page) => page.locator("#list li").allInnerTexts()
  .then((texts) => texts.map((text) => text.split("\n")[0]));

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

  await submit(page, "6 digits", "12345");
  assert.equal(await alert(page), "The code has 6 digits.");
  await submit(page, "6 digits", "000 000");
  await page.getByText("That is not the code.").waitFor();
  await submit(page, "6 digits", code(secret));
  await view(page, "Your account");
  assert.equal(await page.locator("#who").innerText(), "zoë@example.com");
  assert.deepEqual(await listed(page), ["Recovery code", "Authenticator app"]);
  for (const shown of [secret, recoveryCode]) {
    assert.ok(!(await anywhere(page)).includes(shown), "keys are shown no more");
  }
}));

test("it can be scanned in the dark too", () => withPage(async (page, answers) => {
  await logIn(page, await user());
  await view(page, "Set up your authenticator");
  assert.equal(await scan(page.locator("#enrol")), answers["/mfa/associate"].barcode_uri);
}, { colorScheme: "dark" }));

test("each code lets in once", () => withPage(async (page) => {
  const email = await user();
  const { secret } = await enrol(page, email);
  const used = code(secret);
  for (const time of ["first", "second"]) {
    await logOut(page);
    await challenge(page, email);
    await submit(page, "6 digits", used);
    if (time === "first") await view(page, "Your account");
    else break;
  }
  await page.getByText("This code was used before.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "otp", "the field is at hand");
  await submit(page, "6 digits", code(secret, 30));
  await view(page, "Your account");
}));

test("a recovery code lets in once, and is replaced", () => withPage(async (page) => {
  const email = await user();
  const { recoveryCode } = await enrol(page, email);
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
  await page.getByRole("button", { name: "I have it" }).click();
  await view(page, "Your account");
  assert.ok(!(await anywhere(page)).includes(next), "it is shown once");
  await recover(recoveryCode);
  await page.getByText("That is not your recovery code").waitFor();
  await submit(page, "Recovery code", next);
  await view(page, "Your new recovery code");
}));

test("guesses end in a wait that is counted down", () => withPage(async (page) => {
  const email = await user();
  const { secret } = await enrol(page, email);
  await logOut(page);
  await challenge(page, email);
  for (let guess = 0; guess < 5; guess++) {
    await submit(page, "6 digits", "000000");
    await page.getByText("That is not the code.").waitFor();
    await page.getByLabel("6 digits").filter({ visible: true }).fill("");
    await page.evaluate(() => { document.querySelector("#challenge .error").textContent = ""; });
  }
  await submit(page, "6 digits", code(secret));
  const wait = page.getByText(/Too many wrong codes\. Try again in \d+ seconds\./);
  await wait.waitFor();
  const seconds = async () => Number(/(\d+) seconds/.exec(await wait.innerText())[1]);
  const first = await seconds();
  assert.ok(first > 20 && first <= 30, `${first}`);
  await page.waitForTimeout(1500);
  assert.ok(await seconds() < first, "the countdown");
  assert.ok(await page.getByRole("button", { name: "Continue" }).isDisabled());
  // Whoever comes next has nothing to wait for.
  await logOut(page);
  await enrol(page, await user());
}));

test("another device takes the place of the first", () => withPage(async (page) => {
  const email = await user();
  const { secret } = await enrol(page, email);
  await page.getByRole("button", { name: "Set up another device" }).click();
  await view(page, "Set up your authenticator");
  const other = await plain(page.locator("#secret"));
  assert.notEqual(other, secret);
  assert.ok(await page.locator("#recovery-step").isHidden(), "the recovery code stays");
  await submit(page, "6 digits", code(other, -30));
  await view(page, "Your account");
  assert.deepEqual(await listed(page), ["Recovery code", "Authenticator app"]);
  await logOut(page);
  await challenge(page, email);
  await submit(page, "6 digits", code(secret));
  await page.getByText("That is not the code.").waitFor();
  await submit(page, "6 digits", code(other));
  await view(page, "Your account");
}));

test("what is removed is asked about, and gone", () => withPage(async (page) => {
  const email = await user();
  await enrol(page, email);
  const remove = page.getByRole("button", { name: "Remove: Authenticator app" });
  await remove.click();
  await page.getByRole("button", { name: "Keep it" }).click();
  assert.deepEqual(await listed(page), ["Recovery code", "Authenticator app"]);
  await remove.click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("Nothing is set up any more.").waitFor();
  assert.deepEqual(await listed(page), []);
  await logOut(page);
  await enrol(page, email);
}));

test("an mfa_token that ran out leads back, and says so", async () => {
  const short = await start("--mfa-token-seconds", "1");
  try {
    await withPage(async (page) => {
      await logIn(page, await user(short));
      await view(page, "Set up your authenticator");
      await page.waitForTimeout(2000);
      await submit(page, "6 digits", "123456");
      await view(page, "Log in");
      assert.equal(await page.getByRole("status").innerText(), "That took too long. Log in again.");
    }, { on: short });
  } finally {
    await short.stop();
  }
});

test("what is wrong is said where it is wrong", () => withPage(async (page) => {
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  assert.equal(await alert(page), "An email and a password are needed.");
  await logIn(page, await user(), "a wrong password");
  await page.getByText("Wrong email or password.").waitFor();
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByLabel("Email").fill("nobody");
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.getByText("The email is not an address.").waitFor();
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.getByText("The server cannot be reached.").waitFor();
}));

test("a reload forgets everything", () => withPage(async (page) => {
  await enrol(page, await user());
  await page.reload();
  await view(page, "Log in");
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, ""]);
}));

test("nothing foreign may run in it, or frame it", async () => {
  const response = await fetch(`${server.address}/`);
  const policy = response.headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|data:|\*/);
  const denied = await fetch(`${server.address}/page/qr-code`, {
    method: "POST", headers: { "content-type": "application/json" }, body: '{"barcode_uri": "otpauth://totp/a?secret=AAAAAAAA"}',
  });
  assert.equal(denied.status, 401, "QR codes are for those who enrol");
});
