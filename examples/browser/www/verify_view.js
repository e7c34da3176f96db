// A box that takes codes and shows the verdict. While it is locked, it shows the time that is left.
import { readState } from "./pkg/index.js";
import { $, element, now } from "./dom.js";
import { clock, verdictText } from "./say.js";
import { SAY } from "./words.js";

const MARKS = { good: "✓", fair: "!", bad: "✕" };

export class VerdictBox {
  #input;
  #button;
  #verdict;
  #countdown;
  #state;

  /**
   * `check(code, now)` returns a verdict, and `state()` the state of the account. `failed` gets
   * the errors.
   */
  constructor({ form, input, verdict, countdown, check, failed, state, period }) {
    this.#input = $(input);
    this.#verdict = $(verdict);
    this.#countdown = $(countdown);
    this.#state = state;
    this.#button = $(form).querySelector("button[type=submit]");
    $(form).addEventListener("submit", async (event) => {
      event.preventDefault();
      if (this.#input.value.trim() === "" || this.#button.disabled) return this.#input.focus();
      let verdict;
      try {
        verdict = await check(this.#input.value, now());
      } catch (error) {
        // Nothing was stored, so the page must not show a verdict.
        return failed(error);
      }
      this.#show(verdictText(verdict, period()));
      if (["accepted", "redeemed", "rejected"].includes(verdict.kind)) this.#input.value = "";
      this.tick(now());
      if (!this.#input.readOnly) this.#input.focus();
    });
    this.#input.addEventListener("input", () => this.#verdict.replaceChildren());
  }

  reset() {
    this.#input.value = "";
    this.#verdict.replaceChildren();
    // The old countdown belongs to another account.
    this.#countdown.hidden = true;
    this.tick(now());
  }

  /** Shows the end of a wait. It replaces the last verdict. */
  tick(at) {
    const state = this.#state();
    const until = state && readState(state, at).lockedUntil;
    const locked = until !== undefined;
    if (!locked && !this.#countdown.hidden) this.#show(["fair", ...SAY.waitIsOver]);
    if (locked && !this.#verdict.hasChildNodes()) {
      this.#show(verdictText({ kind: "locked", until }));
    }
    this.#countdown.hidden = !locked;
    if (locked) this.#countdown.textContent = SAY.tryAgainIn(clock(until - at));
    // The field is read-only and not disabled, so that it keeps the focus.
    this.#input.readOnly = locked;
    this.#button.disabled = locked;
  }

  #show([tone, title, detail]) {
    const mark = element("span", { className: "mark" }, MARKS[tone]);
    mark.setAttribute("aria-hidden", "true");
    this.#verdict.replaceChildren(element("div", { className: `answer ${tone}` },
      mark, element("div", {}, element("strong", {}, title), element("p", {}, detail))));
  }
}
