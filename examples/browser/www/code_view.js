// The code of an account with its countdown ring, and the QR code for another device.
import { $, copy, element, grouped } from "./dom.js";
import { SAY } from "./words.js";

export class CodeView {
  #account;
  #shown;

  /** `failed` gets the errors of the storage. */
  constructor(failed) {
    $("copy").addEventListener("click", () => copy($("copy"), this.#shown));
    $("copy-uri").addEventListener("click", () => copy($("copy-uri"), this.#account.uri.toString()));
    $("setup").addEventListener("toggle", () => this.#draw());
    $("advance").addEventListener("click", async () => {
      try {
        await this.#account.advance();
        this.tick(0);
      } catch (error) {
        failed(error);
      }
    });
  }

  show(account, isNew) {
    this.#account = account;
    this.#shown = undefined;
    const { uri } = account;
    $("view-issuer").textContent = uri.account ? uri.issuer : "";
    $("view-heading").textContent = account.name;
    for (const id of ["ring", "next-line"]) $(id).hidden = account.isHotp;
    $("advance").hidden = !account.isHotp;
    $("setup").open = isNew;
    this.#draw();
    this.#facts(uri);
  }

  hide() {
    this.#account = undefined;
    for (const id of ["qr", "key", "code", "next", "view-issuer", "view-heading", "facts"]) $(id).replaceChildren();
  }

  tick(at) {
    const account = this.#account;
    const code = account.code(at);
    if (code !== this.#shown) {
      this.#shown = code;
      $("code").textContent = grouped(code);
      $("code").style.setProperty("--symbols", String(code.length));
      if (!account.isHotp) $("next").textContent = grouped(account.nextCode(at));
      else this.#facts(account.uri);
      $("advance").disabled = !account.hasNext && account.isHotp;
      $("last-counter").hidden = account.hasNext || !account.isHotp;
    }
    if (account.isHotp) return;
    const [left, period] = [account.engine.secondsRemainingAt(at), account.engine.period];
    $("seconds").textContent = String(left);
    $("ring").setAttribute("aria-label", SAY.secondsLeft(left));
    $("ring").classList.toggle("ending", left <= 5);
    // A new step starts at once: the hand does not run back.
    $("ring").classList.toggle("starting", left === period);
    $("hand").style.strokeDashoffset = String(1 - left / period);
  }

  #facts(uri) {
    const { facts } = SAY;
    const rows = [[facts.hash, uri.algorithm], [facts.digits, uri.digits], [facts.key, SAY.bits(uri.secretBits)]];
    if (this.#account.isHotp) rows.push([facts.counter, this.#account.row.counter]);
    else rows.push([facts.period, SAY.seconds(uri.period)]);
    $("facts").replaceChildren(...rows.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, String(value)))));
  }

  /** Shows the secret. It is in the page only while this part is open. */
  #draw() {
    const open = $("setup").open && this.#account;
    if (!open) {
      $("qr").replaceChildren();
      $("key").textContent = "";
      return;
    }
    const { uri } = this.#account;
    $("key").textContent = uri.exposeSecret().match(/.{1,4}/g).join(" ");
    try {
      const svg = new DOMParser().parseFromString(uri.toQrSvg(), "image/svg+xml");
      $("qr").replaceChildren(document.adoptNode(svg.documentElement));
    } catch (error) {
      if (error?.kind !== "qr-too-long") throw error;
      $("qr").textContent = SAY.tooLongForQr;
    }
  }
}
