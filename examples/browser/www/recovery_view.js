// Recovery codes: shown once, redeemed once each.
import { readRecoverySet } from "./pkg/index.js";
import { $, announce, copy, element } from "./dom.js";
import { VerdictBox } from "./verify_view.js";

const SLOTS = 10;

export class RecoveryView {
  #account;
  #accounts;
  #box;
  /** Only while they are on the screen. */
  #codes;

  constructor(accounts) {
    this.#accounts = accounts;
    $("make").addEventListener("click", () => this.#make());
    $("remake").addEventListener("click", () => {
      if (confirm("The codes you have now will no longer work. Make new ones?")) this.#make();
    });
    $("copy-codes").addEventListener("click", () => copy($("copy-codes"), this.#codes.join("\n")));
    $("kept").addEventListener("click", () => {
      this.#forget();
      this.#render();
      $("recovery-code").focus();
      announce("The codes are no longer shown.");
    });
    this.#box = new VerdictBox({
      form: "redeem",
      input: "recovery-code",
      verdict: "recovery-verdict",
      countdown: "recovery-countdown",
      judge: async (code, at) => {
        const verdict = await this.#account.redeem(code, at, () => this.#accounts.save());
        this.#render();
        return verdict;
      },
      state: () => this.#account?.recovery?.state,
      period: () => undefined,
    });
  }

  show(account) {
    this.#account = account;
    this.#forget();
    this.#box.reset();
    this.#render();
  }

  hide() {
    this.#account = undefined;
    this.#forget();
  }

  tick(at) {
    this.#box.tick(at);
  }

  #make() {
    this.#codes = this.#account.makeRecoveryCodes();
    this.#accounts.save();
    this.#box.reset();
    this.#render();
    $("codes").replaceChildren(...this.#codes.map((code) => element("li", {}, element("code", {}, code))));
    $("codes").focus();
  }

  #forget() {
    this.#codes = undefined;
    $("codes").replaceChildren();
  }

  #render() {
    const set = this.#account.recovery?.set;
    $("recovery-none").hidden = set !== undefined;
    $("recovery-shown").hidden = this.#codes === undefined;
    $("recovery-ready").hidden = set === undefined || this.#codes !== undefined;
    if (!set) return;
    const { remaining, used } = readRecoverySet(set);
    $("left").textContent = `${remaining} of ${SLOTS} left`;
    $("pips").replaceChildren(...used.map((isUsed) => element("span", { className: isUsed ? "used" : "" })));
  }
}
