// The page: the account that it shows, and its clock.
import { init } from "./pkg/index.js";
import { Accounts } from "./accounts.js";
import { CodeView } from "./code_view.js";
import { $, announce, element, now } from "./dom.js";
import { resetEnrolment, startEnrolment } from "./enrol.js";
import { RecoveryView } from "./recovery_view.js";
import { VerdictBox } from "./verify_view.js";
import { storageText } from "./say.js";
import { PAGE, PLACE, SAY, STORAGE } from "./words.js";

const accounts = new Accounts();
/** The account that the page shows. It is undefined while the user adds one. */
let current;

const code = new CodeView(complainOfStorage);
const recovery = new RecoveryView(complainOfStorage);
const verify = new VerdictBox({
  form: "verify",
  input: "submitted",
  verdict: "verdict",
  countdown: "countdown",
  check: (text, at) => current.verify(text, at),
  failed: complainOfStorage,
  state: () => current?.row.state,
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
    document.title = PAGE.title;
    return;
  }
  document.title = SAY.documentTitle(account.name);
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

/** Shows the place where the accounts are kept. */
function place() {
  $("keep").checked = accounts.isKept;
  const [title, note] = accounts.isKept ? PLACE.kept : PLACE.tab;
  $("place").textContent = title;
  $("keep-note").textContent = note;
  const { damaged } = accounts;
  $("damaged").hidden = damaged.length === 0;
  $("damaged-text").textContent = STORAGE.damaged(damaged.length);
}

/** Shows an error of the storage and what to do. Any other error is a mistake of the page. */
function complainOfStorage(error) {
  const text = storageText(error);
  $("trouble").hidden = false;
  $("trouble-text").textContent = text;
  if (error.kind === "gone" || error.kind === "changed") accounts.refresh();
}

/** Runs an action on the storage, and shows its error. */
async function attempt(action) {
  $("trouble").hidden = true;
  try {
    await action();
  } catch (error) {
    complainOfStorage(error);
  }
}

/** Shows the changes of another tab. */
function changed() {
  const { id } = current ?? {};
  const same = accounts.list.find((account) => account.id === id);
  if (current !== undefined && same === undefined) {
    open(accounts.list[0]);
    return;
  }
  if (same !== undefined && same !== current) {
    open(same);
    return;
  }
  list();
  recovery.render();
  second = undefined;
  tick();
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

startEnrolment(async (uri, isNew) => {
  const account = await accounts.add(uri);
  open(account, isNew);
  $("view-heading").focus();
  announce(SAY.added(account.name));
}, () => open(undefined), complainOfStorage);
$("add").addEventListener("click", () => {
  open(undefined);
  $("enrol-heading").focus();
});
$("remove").addEventListener("click", () => {
  const { name } = current;
  if (!confirm(SAY.confirmRemoval(name))) return;
  attempt(async () => {
    await accounts.remove(current);
    open(accounts.list[0]);
    $(current ? "view-heading" : "enrol-heading").focus();
    announce(SAY.removed(name));
  });
});
$("remove-damaged").addEventListener("click", () => attempt(async () => {
  await accounts.removeDamaged();
  list();
}));
$("keep").addEventListener("change", () => attempt(async () => {
  try {
    await accounts.keep($("keep").checked);
  } finally {
    // This tab now knows the accounts that another tab has added.
    changed();
  }
}));

await init();
await attempt(() => accounts.open(changed));
$("loading").hidden = true;
open(accounts.list[0]);
setInterval(tick, 200);
document.addEventListener("visibilitychange", tick);
navigator.serviceWorker?.register("sw.js");
