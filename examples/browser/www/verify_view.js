// A box that takes codes and shows the verdict; while it is locked, how long.
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

  /** `judge(code, now)` gives a verdict, `state()` the state that it is judged under; `failed` is told of an error. */
  constructor({ form, input, verdict, countdown, judge, failed, state, period }) {
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
        verdict = await judge(this.#input.value, now());
      } catch (error) {
        // Nothing was stored, so nothing is told of the code.
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
    // What was counted down belongs to another account.
    this.#countdown.hidden = true;
    this.tick(now());
  }

  /** The wait is over by itself, and the last verdict with it. */
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
    // Read-only and not disabled: who is in the field stays there.
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
