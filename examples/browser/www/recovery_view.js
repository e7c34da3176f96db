// Recovery codes: the page shows them once, and redeems each of them once.
import { $, announce, copy, element } from "./dom.js";
import { VerdictBox } from "./verify_view.js";
import { SAY } from "./words.js";

const SLOTS = 10;

export class RecoveryView {
  #account;
  #failed;
  #box;
  /** The codes, only while they are on the screen. */
  #codes;

  /** `failed` gets the errors of the storage. */
  constructor(failed) {
    this.#failed = failed;
    $("make").addEventListener("click", () => this.#make());
    $("remake").addEventListener("click", () => {
      if (confirm(SAY.confirmNewCodes)) this.#make();
    });
    $("copy-codes").addEventListener("click", () => copy($("copy-codes"), this.#codes.join("\n")));
    $("print-codes").addEventListener("click", () => print());
    $("save-codes").addEventListener("click", () => this.#save());
    $("kept").addEventListener("click", () => {
      this.#forget();
      this.render();
      $("recovery-code").focus();
      announce(SAY.codesHidden);
    });
    this.#box = new VerdictBox({
      form: "redeem",
      input: "recovery-code",
      verdict: "recovery-verdict",
      countdown: "recovery-countdown",
      check: async (code, at) => {
        const verdict = await this.#account.redeem(code, at);
        this.render();
        return verdict;
      },
      failed,
      state: () => this.#account?.row.recovery?.state,
      period: () => undefined,
    });
  }

  show(account) {
    this.#account = account;
    this.#forget();
    this.#box.reset();
    this.render();
  }

  hide() {
    this.#account = undefined;
    this.#forget();
  }

  tick(at) {
    this.#box.tick(at);
  }

  async #make() {
    try {
      this.#codes = await this.#account.makeRecoveryCodes();
    } catch (error) {
      return this.#failed(error);
    }
    this.#box.reset();
    this.render();
    $("codes").replaceChildren(...this.#codes.map((code) => element("li", {}, element("code", {}, code))));
    $("codes-of").textContent = SAY.codesOf(this.#account.name);
    $("codes").focus();
  }

  /** Saves a text file that the page makes itself. */
  #save() {
    const text = [SAY.codesFile(this.#account.name), "", ...this.#codes, ""].join("\n");
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    element("a", { href: url, download: "recovery-codes.txt" }).click();
    URL.revokeObjectURL(url);
  }

  #forget() {
    this.#codes = undefined;
    $("codes").replaceChildren();
  }

  render() {
    const recovery = this.#account?.recovery;
    $("recovery-none").hidden = recovery !== undefined;
    $("recovery-shown").hidden = this.#codes === undefined;
    $("recovery-ready").hidden = recovery === undefined || this.#codes !== undefined;
    if (!recovery) return;
    const { remaining, used } = recovery;
    $("left").textContent = SAY.codesLeft(remaining, SLOTS);
    $("pips").replaceChildren(...used.map((isUsed) => element("span", { className: isUsed ? "used" : "" })));
  }
}
