// The page in Chromium: other programs read back what it shows, and what it refuses stays refused.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { SHOTS, close, issue, keyOf, oathtool, paste, scan, shown, verify, withPage } from "./page.mjs";

const NOW = 1234567890;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const URI = `otpauth://totp/ACME:alice?secret=${SECRET}&issuer=ACME`;

after(close);

test("what is enrolled can be scanned", () => withPage(async (page) => {
  await issue(page, { account: "zoë@example.com" });
  const expected = `otpauth://totp/ACME%20Co:zo%C3%AB%40example.com?secret=${await keyOf(page)}`
    + "&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30";
  assert.equal(await scan(page.locator("#qr")), expected, "the scanned URI");
  await page.getByRole("button", { name: "Copy key URI" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), expected);
}));

test("it can be scanned in the dark too", () => withPage(async (page) => {
  await issue(page);
  assert.match(await scan(page.locator("#setup")), /^otpauth:\/\/totp\/ACME%20Co:alice%40example\.com\?secret=/);
}, { colorScheme: "dark" }));

test("codes are oathtool's", async () => {
  const at = (seconds) => new Date(1000 * seconds).toISOString();
  for (const [Hash, Digits, Period] of [["SHA1", "6", "30"], ["SHA256", "8", "60"], ["SHA512", "7", "30"]]) {
    await withPage(async (page) => {
      await issue(page, { Hash, Digits, Period });
      const key = await keyOf(page);
      for (const now of [NOW, NOW + Number(Period) + 7]) {
        await page.clock.setFixedTime(1000 * now);
        const code = oathtool("-b", `--totp=${Hash.toLowerCase()}`, "-d", Digits, "-s", `${Period}s`, "-N", at(now), key);
        await page.waitForFunction((now) => document.getElementById("seconds").textContent === now,
          String(Period - (now % Period)));
        assert.equal(await shown(page), code, "oathtool's code");
        const next = oathtool("-b", `--totp=${Hash.toLowerCase()}`, "-d", Digits, "-s", `${Period}s`, "-N", at(now + Number(Period)), key);
        assert.equal((await page.locator("#next").innerText()).replace(/\D/g, ""), next);
      }
    }, { now: NOW });
  }
});

test("every word is in one file", () => withPage(async (page, context) => {
  // A translation: each text in marks.
  await context.route("**/words.js", async (route) => {
    const response = await route.fetch();
    const words = await response.text();
    await route.fulfill({ response, body: words.replace(/(["`])((?:[A-Z0-9]|\$\{)[^"`]*)\1/g, "$1«$2»$1") });
  });
  await page.reload();
  await page.locator("#uri").fill(URI);
  await page.locator("#paste button").click();
  await page.locator("#view").waitFor();
  await page.locator("#make").click();
  await page.locator("#submitted").fill("000000");
  await page.locator("#verify button").click();
  await page.locator("#verdict .answer").waitFor();
  const texts = await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      const isWord = /\p{L}{2}/u.test(data) && !parentElement.closest("noscript, code, option:not([data-words]), #failed-text");
      if (isWord) found.push(data.trim());
    }
    return found;
  });
  const values = ["ACME", "alice", "SHA1"];
  const own = texts.filter((text) => !text.startsWith("«") && !values.includes(text));
  assert.deepEqual(own, [], "words outside of words.js");
  assert.ok(texts.length > 60, `${texts.length} texts`);
}, { serviceWorkers: "block" }));

test("HOTP goes on by hand", () => withPage(async (page) => {
  await paste(page, `otpauth://hotp/door?secret=${SECRET}&counter=1`);
  assert.equal(await shown(page), "287082");
  await page.getByRole("button", { name: "Next code" }).click();
  assert.equal(await shown(page), "359152");
  assert.match(await verify(page, "755224"), /Used before/);
  assert.match(await verify(page, "359152"), /Accepted\s+The device was 1 code ahead/);
}));

test("HOTP ends at its last counter", () => withPage(async (page) => {
  await paste(page, `otpauth://hotp/door?secret=${SECRET}&counter=9007199254740990`);
  const before = await shown(page);
  await page.getByRole("button", { name: "Next code" }).click();
  await page.getByText("This is the last code of this key").waitFor();
  assert.notEqual(await shown(page), before);
  assert.ok(await page.getByRole("button", { name: "Next code" }).isDisabled());
}));

test("recovery codes can be printed and saved", () => withPage(async (page) => {
  await paste(page, URI);
  await page.getByRole("button", { name: "Make ten codes" }).click();
  const codes = await page.locator("#codes code").allInnerTexts();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save" }).click()]);
  const saved = readFileSync(await download.path(), "utf8");
  assert.match(saved, /^Recovery codes of alice\./);
  for (const code of codes) assert.ok(saved.includes(code));
  await page.evaluate(() => { globalThis.print = () => { document.title = "printed"; }; });
  await page.getByRole("button", { name: "Print" }).click();
  assert.equal(await page.title(), "printed");
  await page.emulateMedia({ media: "print" });
  const seen = (selector) => page.locator(selector).evaluate((element) => getComputedStyle(element).visibility === "visible" && element.checkVisibility());
  assert.ok(await seen("#codes") && await seen("#codes-of"), "the codes are on paper");
  for (const selector of ["#code", "#accounts", "#key"]) assert.ok(!await seen(selector), `${selector} is not on paper`);
}));

test("a code is accepted once, with its drift", () => withPage(async (page) => {
  await paste(page, URI);
  assert.match(await verify(page, "005 924"), /Accepted\s+It is the current code\. The enrolment is confirmed\./);
  assert.match(await verify(page, "005924"), /Used before/, "a replay is refused");
  await page.clock.setFixedTime(1000 * (NOW + 60));
  const old = oathtool("-b", "--totp", "-N", new Date(1000 * (NOW + 30)).toISOString(), SECRET);
  assert.match(await verify(page, old), /Accepted\s+It is 1 step old: the clocks are up to 30 seconds apart/);
  assert.match(await verify(page, "12345"), /Not a code\s+It takes 6 digits/);
}));

test("guesses are locked out, and the wait runs down", () => withPage(async (page) => {
  await paste(page, URI);
  for (let left = 4; left > 0; left--) {
    assert.match(await verify(page, "000000"), new RegExp(`Wrong code\\s+${left} (try|tries) left`));
  }
  assert.match(await verify(page, "000000"), /now there is a wait/);
  const countdown = page.locator("#countdown");
  assert.equal(await countdown.innerText(), "Try again in 0:30", "the countdown");
  assert.ok(await page.getByRole("button", { name: "Verify" }).isDisabled());
  await page.screenshot({ path: `${SHOTS}locked.png` });
  await page.clock.setFixedTime(1000 * (NOW + 21));
  await page.getByText("Try again in 0:09").waitFor();
  await page.clock.setFixedTime(1000 * (NOW + 30));
  await page.getByText("The wait is over.").waitFor();
  assert.ok(await countdown.isHidden());
  assert.match(await verify(page, await shown(page)), /Accepted/);
}));

test("a bad URI is told of, at its field, without the secret", () => withPage(async (page) => {
  const cases = [
    ["", /Paste a key URI first/],
    ["hello", /This is not a key URI: those begin with otpauth:\/\//],
    [`otpauth://totp/x?secret=${SECRET}1`, /not Base32/],
    ["otpauth://totp/x", /no secret/],
    [`otpauth://totp/x?secret=${SECRET}&secret=${SECRET}`, /two secrets/],
    [`otpauth://totp/x?secret=${SECRET}&period=0`, /^Period: out of range, expected 1 second or more\.$/],
  ];
  const field = page.getByLabel("Key URI");
  for (const [uri, message] of cases) {
    await paste(page, uri);
    const said = await page.locator("#uri-error").innerText();
    assert.match(said, message);
    assert.ok(!said.includes(SECRET.slice(0, 8)), "the message holds no secret");
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.ok(await field.evaluate((field) => field === document.activeElement));
  }
  await page.screenshot({ path: `${SHOTS}bad-uri.png` });
  await paste(page, URI);
  assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "alice");
}));

/** An export of Google Authenticator: fields of its messages, as bytes. */
function exported(...fields) {
  const bytes = (field, value) => [field << 3 | 2, value.length, ...value];
  const text = (field, value) => bytes(field, [...new TextEncoder().encode(value)]);
  const entry = (account, ...more) => bytes(1, [...text(1, "12345678901234567890"), ...text(2, account), ...more]);
  const payload = Buffer.from(fields.flatMap((field) => (typeof field === "string" ? entry(...field.split("!").map((part, at) => (at ? Number(part) : part))) : field)));
  return `otpauth-migration://offline?data=${encodeURIComponent(payload.toString("base64"))}`;
}

test("the accounts of an export are added, and the rest is told of", () => withPage(async (page) => {
  await paste(page, exported("alice", "bob"));
  assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "bob");
  await page.getByRole("button", { name: "Add account" }).click();
  // carol, md5 (algorithm 4), and part 2 of 2.
  await paste(page, exported("carol", "md5!32!4", [3 << 3, 2, 4 << 3, 1]));
  const said = await page.locator("#uri-error").innerText();
  assert.match(said, /^md5 could not be added\. Algorithm: not supported, expected SHA-1, SHA-256 or SHA-512\. This was part 2 of 2: add the other QR codes too\.$/);
  const listed = await page.locator("body").innerText();
  for (const name of ["alice", "bob", "carol"]) assert.ok(listed.includes(name), name);
}));

test("a picture of a QR code is read, by the page's own decoder", () => withPage(async (page) => {
  await paste(page, URI);
  await page.getByText("Set up another device").click();
  const picture = await page.locator("#qr").screenshot();
  await page.getByRole("button", { name: "Add account" }).click();
  const field = page.getByLabel("Or a picture of its QR code");
  const file = (name, buffer) => ({ name, mimeType: "image/png", buffer });
  await field.setInputFiles(file("empty.png", await page.locator(".wordmark").screenshot()));
  await page.getByText("The picture does not show a QR code").waitFor();
  await field.setInputFiles(file("broken.png", Buffer.from("no picture")));
  await page.getByText("This is not a picture that the browser can read").waitFor();
  await field.setInputFiles(file("code.png", picture));
  await page.waitForFunction(() => document.querySelectorAll("#accounts li").length === 2);
  await page.getByText("Set up another device").click();
  await page.locator("#key", { hasText: "GEZD" }).waitFor();
  assert.equal(await keyOf(page), SECRET);
}));

test("a picture is read by the browser, if it can; with all of its codes", () => withPage(async (page) => {
  await page.evaluate((texts) => {
    globalThis.BarcodeDetector = class {
      static getSupportedFormats = async () => ["qr_code"];
      detect = async () => texts.map((rawValue) => ({ rawValue }));
    };
  }, [exported("alice", "bob"), URI.replace("ACME:alice", "carol")]);
  const buffer = await page.locator(".wordmark").screenshot();
  await page.getByLabel("Or a picture of its QR code").setInputFiles({ name: "x.png", mimeType: "image/png", buffer });
  await page.waitForFunction(() => document.querySelectorAll("#accounts li").length === 3);
}));

test("recovery codes are shown once and redeemed once", () => withPage(async (page) => {
  await paste(page, URI);
  await page.getByRole("button", { name: "Make ten codes" }).click();
  const codes = await page.locator("#codes code").allInnerTexts();
  assert.equal(new Set(codes).size, 10);
  await page.getByRole("button", { name: "I have kept them" }).click();
  const content = await page.content();
  for (const code of codes) assert.ok(!content.includes(code), "codes are shown no more");
  const redeem = async (code) => {
    await page.getByLabel("Recovery code", { exact: true }).fill(code);
    await page.getByRole("button", { name: "Redeem" }).click();
    await page.locator("#recovery-verdict .answer").waitFor();
    return page.locator("#recovery-verdict").innerText();
  };
  assert.match(await redeem(codes[3].toLowerCase()), /Redeemed\s+9 codes are left/);
  assert.match(await page.locator("#left").innerText(), /9 of 10/);
  assert.match(await redeem(codes[3]), /Wrong code\s+4 tries left/, "redeemed once");
  assert.match(await redeem(codes[4]), /Redeemed\s+8 codes are left/);
  assert.match(await redeem("nonsense"), /Not a code/);
}));

test("keys are kept only where that is asked for", () => withPage(async (page) => {
  const stored = () => page.evaluate(async () => JSON.stringify([{ ...localStorage, ...sessionStorage }, await indexedDB.databases()]));
  await paste(page, URI);
  assert.equal(await stored(), "[{},[]]", "nothing is stored unasked");
  assert.equal(await page.locator("#place").innerText(), "Only in this tab");
  await page.getByLabel("Keep on this device").check();
  await page.locator("#place", { hasText: "Kept on this device" }).waitFor();
  assert.match(await verify(page, await shown(page)), /Accepted/);
  const code = await shown(page);
  await page.reload();
  await page.locator("#view").waitFor();
  assert.equal(await shown(page), code);
  assert.match(await verify(page, code), /Used before/);
  await page.getByLabel("Keep on this device").uncheck();
  await page.locator("#place", { hasText: "Only in this tab" }).waitFor();
  assert.equal(await stored(), "[{},[]]");
  page.on("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("heading", { name: "Add an account" }).waitFor();
  assert.ok(!(await page.content()).includes("alice</"));
}));

test("it works offline", () => withPage(async (page, context) => {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await context.setOffline(true);
  await page.reload().catch(() => assert.fail("the page is not there offline"));
  await page.locator("#enrol").waitFor();
  await issue(page);
  assert.match(await scan(page.locator("#qr")), /^otpauth:/);
  await context.setOffline(false);
}));
