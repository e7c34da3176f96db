// The page in Chromium: by keyboard, by screen reader, in light and dark, on a phone.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { namelessControls, paleTexts } from "./in_page.mjs";
import { SHOTS, close, issue, paste, shown, verify, withPage } from "./page.mjs";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

after(close);

test("from enrolment to verdict by keyboard alone", () => withPage(async (page) => {
  const focused = () => page.evaluate(() => {
    const { activeElement: here } = document;
    return here.id || here.textContent.trim();
  });
  /**
   * Presses Tab until a control has the focus. It fails if the keyboard does not reach the
   * control.
   */
  const tabTo = async (name) => {
    for (let steps = 0; steps < 25; steps++) {
      await page.keyboard.press("Tab");
      if (await focused() === name) return;
    }
    assert.fail(`${name} is out of reach of the keyboard`);
  };
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to the content");
  await page.keyboard.press("Enter");
  await tabTo("issuer");
  await page.keyboard.type("ACME");
  await tabTo("account");
  await page.keyboard.type("alice");
  await tabTo("Issue");
  await page.keyboard.press("Enter");
  await page.locator("#view").waitFor();
  assert.equal(await focused(), "view-heading");
  const code = await shown(page);
  await tabTo("submitted");
  const outline = await page.locator("#submitted").evaluate((field) => getComputedStyle(field).outlineStyle);
  assert.equal(outline, "solid", "the focus can be seen");
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
  await page.getByText("Accepted").waitFor();
  assert.equal(await focused(), "submitted");
  await tabTo("make");
  await page.keyboard.press("Space");
  assert.equal(await focused(), "codes");
  await tabTo("kept");
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "recovery-code");
}));

test("everything has a name, and what changes is announced", () => withPage(async (page) => {
  const nameless = () => page.evaluate(namelessControls);
  assert.deepEqual(await nameless(), [], "controls without a name");
  await issue(page);
  assert.deepEqual(await nameless(), [], "controls without a name");
  await page.getByRole("img", { name: "QR code for an authenticator app" }).waitFor();
  await page.getByRole("timer", { name: /^\d+ seconds left$/ }).waitFor();
  assert.match(await page.locator("#announce").innerText(), /alice@example\.com was added/);
  for (const id of ["verdict", "recovery-verdict", "announce"]) {
    assert.equal(await page.locator(`#${id}`).getAttribute("role"), "status");
  }
  const levels = await page.evaluate(() => [...document.querySelectorAll("h1, h2, h3")]
    .filter((heading) => heading.checkVisibility()).map((heading) => heading.tagName));
  assert.equal(levels.filter((level) => level === "H1").length, 1);
}));

for (const colorScheme of ["light", "dark"]) {
  test(`contrast, ${colorScheme}`, () => withPage(async (page) => {
    await paste(page, `otpauth://totp/ACME:alice?secret=${SECRET}`);
    await verify(page, "000000");
    const pale = await page.evaluate(paleTexts, ":disabled, .mark");
    assert.deepEqual(pale, [], "texts under 4.5 to 1");
  }, { colorScheme }));

  test(`screenshots, ${colorScheme}`, () => withPage(async (page) => {
    const shot = (name) => page.screenshot({ path: `${SHOTS}${name}-${colorScheme}.png`, fullPage: true });
    await shot("empty");
    await issue(page);
    await verify(page, await shown(page));
    await page.getByRole("button", { name: "Make ten codes" }).click();
    await shot("enrolled");
    await page.setViewportSize({ width: 390, height: 844 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `nothing sticks out on a phone, ${wide}`);
    await shot("phone");
  }, { colorScheme }));
}

for (const Digits of ["6", "7", "8"]) {
  test(`codes of ${Digits} digits fit at every width`, () => withPage(async (page) => {
    await issue(page, { Digits });
    for (const width of [320, 360, 390, 480, 640, 860, 861, 900, 1024, 1280, 1600]) {
      await page.setViewportSize({ width, height: 900 });
      const [row, code, ring] = await page.evaluate(() => [".code-row", "#code", "#ring"].map((selector) => {
        const { left, right } = document.querySelector(selector).getBoundingClientRect();
        return { left, right };
      }));
      const fits = code.left >= row.left && code.right <= ring.left && ring.right <= row.right;
      assert.ok(fits, `${Digits} digits at ${width} px`);
      const size = await page.locator("#code").evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
      assert.ok(size >= 24, `${Digits} digits at ${width} px are ${size} px large`);
    }
  }));
}

for (const width of [390, 1024, 1280, 1600]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`screenshot, ${width} px, ${colorScheme}`, () => withPage(async (page) => {
      await issue(page, { Digits: "8" });
      await page.getByRole("button", { name: "Make ten codes" }).click();
      await page.locator("#codes code").first().waitFor();
      await page.screenshot({ path: `${SHOTS}width-${width}-${colorScheme}.png`, fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `nothing sticks out, ${wide}`);
    }, { colorScheme, viewport: { width, height: 900 } }));
  }
}

test("who asked for less motion gets none", () => withPage(async (page) => {
  await issue(page);
  const moving = () => page.locator("#hand").evaluate((hand) => getComputedStyle(hand).transitionDuration);
  assert.equal(await moving(), "0s");
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await page.clock.setFixedTime(1000 * 1234567895);
  await page.waitForFunction(() => !document.getElementById("ring").classList.contains("starting"));
  assert.equal(await moving(), "1s");
}, { reducedMotion: "reduce" }));
