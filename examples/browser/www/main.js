// The page: which account is shown, and the clock that drives it.
import { Accounts } from "./accounts.js";
import { CodeView } from "./code_view.js";
import { $, announce, element, now } from "./dom.js";
import { resetEnrolment, startEnrolment } from "./enrol.js";
import { RecoveryView } from "./recovery_view.js";
import { VerdictBox } from "./verify_view.js";

const accounts = new Accounts();
const save = () => accounts.save();
/** The account that is shown; undefined where one is being added. */
let current;

const code = new CodeView(accounts);
const recovery = new RecoveryView(accounts);
const verify = new VerdictBox({
  form: "verify",
  input: "submitted",
  verdict: "verdict",
  countdown: "countdown",
  judge: (text, at) => current.verify(text, at, save),
  state: () => current?.state,
  period: () => (current.isHotp ? undefined : current.engine.period),
});

function open(account, isNew = false) {
  current = account;
  resetEnrolment();
  $("enrol").hidden = account !== undefined;
  $("view").hidden = account === undefined;
  list();
  if (account === undefined) {
    code.hide();
    recovery.hide();
    document.title = "One-time codes";
    return;
  }
  document.title = `${account.name} – One-time codes`;
  code.show(account, isNew);
  recovery.show(account);
  verify.reset();
  second = undefined;
  tick();
}

function list() {
  $("no-accounts").hidden = accounts.list.length > 0;
  $("accounts").replaceChildren(...accounts.list.map((account) => {
    const initial = [...(account.uri.issuer || account.name)][0].toUpperCase();
    const avatar = element("span", { className: "avatar" }, initial);
    avatar.setAttribute("aria-hidden", "true");
    const button = element("button", { type: "button", className: "account" }, avatar,
      element("span", { className: "names" },
        element("span", { className: "name" }, account.uri.issuer || account.name),
        element("span", { className: "quiet" }, account.uri.issuer ? account.uri.account : "")));
    if (account === current) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => {
      open(account);
      $("view-heading").focus();
    });
    return element("li", {}, button);
  }));
  $("add").toggleAttribute("disabled", current === undefined);
  place();
}

/** Says where things are kept, at all times. */
function place() {
  $("keep").checked = accounts.kept;
  $("place").textContent = accounts.kept ? "Kept on this device" : "Only in this tab";
  $("keep-note").textContent = accounts.kept
    ? "Keys lie unencrypted in this browser’s storage. Nothing is sent anywhere."
    : "Keys are in the memory of this tab, and gone when it is closed. Nothing is sent anywhere.";
}

let second;
function tick() {
  const at = now();
  if (at === second || current === undefined) return;
  second = at;
  code.tick(at);
  verify.tick(at);
  recovery.tick(at);
}

startEnrolment((account, isNew) => {
  accounts.add(account);
  open(account, isNew);
  $("view-heading").focus();
  announce(`${account.name} was added.`);
}, () => open(undefined));
$("add").addEventListener("click", () => {
  open(undefined);
  $("enrol-heading").focus();
});
$("remove").addEventListener("click", () => {
  const { name } = current;
  if (!confirm(`Remove ${name}? Its key is gone then.`)) return;
  accounts.remove(current);
  open(accounts.list[0]);
  $(current ? "view-heading" : "enrol-heading").focus();
  announce(`${name} was removed.`);
});
$("keep").addEventListener("change", () => {
  accounts.keep($("keep").checked);
  place();
});

$("loading").hidden = true;
open(accounts.list[0]);
setInterval(tick, 200);
document.addEventListener("visibilitychange", tick);
navigator.serviceWorker?.register("sw.js");
