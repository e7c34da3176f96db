// The views, and how the user gets from one to another.

import * as api from "./api.js";
import { Wrong, attempt, clear, endWait } from "./attempt.js";
import * as back from "./back.js";
import * as keep from "./keep.js";
import { dayOf, hindranceOf } from "./words.js";

const $ = (id) => document.getElementById(id);
const form = (name) => document.querySelector(`#${name} form`);

/** The state of the page. A reload loses all of it. */
let view = "login";
let mfaToken, accessToken, email;
let creating = false;
/** The kinds of factors that the user can use now. */
let ways = { otp: false, recovery: false };

/** The field that gets the focus. In the other views, the heading gets it. */
const FIRST = { login: "email", challenge: "otp", recovery: "typed-recovery" };

function show(name, notice = "") {
  view = name;
  for (const section of document.querySelectorAll("main > section")) {
    section.hidden = section.id !== view;
    clear(section.id);
  }
  $("notice").textContent = notice;
  $("leave").hidden = view === "login";
  $("leave").textContent = accessToken ? "Log out" : "Cancel";
  const heading = $(`${view}-heading`);
  document.title = heading.textContent;
  const first = view === "login" && $("email").value ? "password" : FIRST[view];
  (first ? $(first) : heading).focus();
  back.remember(view);
}

const SECRETS = ["qr", "secret", "recovery-code", "new-recovery-code", "list", "who", "paper"];

function forget(...ids) {
  for (const id of ids) $(id).replaceChildren();
  $("open-app").removeAttribute("href");
}

/** Returns to the first view. Requests on their way are aborted, and waits end. */
function leave(notice, { keepEmail = false } = {}) {
  api.abort();
  endWait();
  mfaToken = accessToken = undefined;
  if ($("sure").open) $("sure").close("no");
  const kept = keepEmail ? $("email").value || email : "";
  email = undefined;
  for (const input of document.querySelectorAll("input")) input.value = "";
  $("email").value = kept ?? "";
  forget(...SECRETS);
  show("login", notice);
}

const over = (notice) => leave(notice, { keepEmail: true });
const run = (name, action) => attempt(name, action, over);

function on(name, action) {
  form(name).addEventListener("submit", (event) => {
    event.preventDefault();
    run(name, action);
  });
}

function typed(id, otherwise) {
  const text = $(id).value;
  if (!text.trim()) throw new Wrong({ [id]: otherwise });
  return text;
}

// The password, and new accounts.

function mode(isCreating) {
  creating = isCreating;
  $("login-heading").textContent = document.title = creating ? "Create an account" : "Log in";
  form("login").querySelector(".act").textContent = creating ? "Create the account" : "Log in";
  $("password").autocomplete = creating ? "new-password" : "current-password";
  $("password-hint").hidden = !creating;
  $("mode-text").textContent = creating ? "Do you have one?" : "New here?";
  $("mode").textContent = creating ? "Log in" : "Create an account";
  // A wait for passwords does not apply to new accounts.
  endWait("login");
  clear("login");
}

$("mode").addEventListener("click", () => {
  mode(!creating);
  $("notice").textContent = "";
  $("email").focus();
});
// The wait is for the account whose address was typed.
$("email").addEventListener("input", () => endWait("login"));

on("login", async () => {
  const [name, password] = [$("email").value.trim(), $("password").value];
  const missing = { ...(!name && { email: "Type your email address." }), ...(!password && { password: "Type your password." }) };
  if (Object.keys(missing).length) throw new Wrong(missing);
  if (creating) {
    await api.signUp(name, password);
    mode(false);
    $("notice").textContent = "Your account is made.";
  }
  const login = await api.logIn(name, password);
  email = name;
  if (login.tokens) {
    // The second factor is optional on this server, and the user does not have one yet.
    accessToken = login.tokens.access_token;
    email = api.emailOf(login.tokens.id_token);
    await enrol(accessToken);
  } else if (login.authenticators.length) {
    secondFactor(login.mfaToken, login.authenticators);
  } else {
    await enrol(login.mfaToken);
  }
  $("password").value = "";
});

// Enrolment, with a token that allows it.

let enrolling;

async function enrol(bearer, from) {
  const enrolment = await api.associate(bearer);
  const svg = new DOMParser().parseFromString(await api.qrCode(bearer, enrolment.barcode_uri), "image/svg+xml");
  enrolling = { bearer, from };
  $("qr").replaceChildren(document.importNode(svg.documentElement, true));
  $("open-app").href = enrolment.barcode_uri;
  $("secret").textContent = grouped(enrolment.secret);
  const [recoveryCode] = enrolment.recovery_codes ?? [];
  $("recovery-step").hidden = !recoveryCode;
  $("recovery-code").textContent = grouped(recoveryCode ?? "");
  $("first-code").value = "";
  $("enrol-lead").hidden = $("cancel").hidden = !from;
  show("enrol");
}

on("enrol", async () => {
  const tokens = await api.otp(enrolling.bearer, typed("first-code", "Type the code that the app shows."));
  const notice = enrolling.from === "lost"
    ? "Your authenticator is set up. Remove the old one below."
    : "Your authenticator is set up.";
  stopEnrolling();
  await enter(tokens, notice);
});

function stopEnrolling() {
  enrolling = undefined;
  forget("qr", "secret", "recovery-code");
}

function cancel() {
  stopEnrolling();
  show("account", "Nothing was added.");
}
$("cancel").addEventListener("click", cancel);

const grouped = (text) => text.replaceAll(/.{4}(?=.)/g, "$& ");

// A challenge or a recovery code. Codes go to the server as the user typed or pasted them.

const OFF = "Your authenticator is switched off.";

/** Shows the view for a factor that the user can use. */
function secondFactor(token, authenticators) {
  const works = (kind) => authenticators.some((entry) => entry.authenticator_type === kind && !entry.disabled);
  ways = { otp: works("otp"), recovery: works("recovery-code") };
  if (!ways.otp && !ways.recovery) {
    leave(`${OFF} You have no recovery code that works. Ask the people who run this service for help.`, { keepEmail: true });
    return;
  }
  mfaToken = token;
  $("otp").value = $("typed-recovery").value = "";
  showWays();
  if (ways.otp) show("challenge");
  else toRecovery();
}

function showWays() {
  $("can-recover").hidden = !ways.recovery;
  $("cannot-recover").hidden = ways.recovery;
  $("can-use-code").hidden = !ways.otp;
}

const toRecovery = () => show("recovery", `${OFF} Use your recovery code.`);

on("challenge", async () => {
  const code = typed("otp", "Type the code that the app shows.");
  try {
    await enter(await api.otp(mfaToken, code));
  } catch (refusal) {
    if (!isDisabled(refusal) || !ways.recovery) throw refusal;
    ways.otp = false;
    showWays();
    toRecovery();
  }
});

const isDisabled = ({ kind, message }) => kind === "access_denied" && /disabled/.test(message);

$("use-recovery").addEventListener("click", () => show("recovery"));
$("use-code").addEventListener("click", () => show("challenge"));

on("recovery", async () => {
  const tokens = await api.recover(mfaToken, typed("typed-recovery", "Type your recovery code."));
  $("typed-recovery").value = "";
  take(tokens);
  replacement(tokens.recovery_code, true, async () => {
    await refresh();
    show("lost");
  });
});

/** Shows a recovery code, which may replace an old one. `next` leads to the next view. */
function replacement(code, replaces, next) {
  $("new-recovery-code").textContent = grouped(code);
  $("old-is-void").hidden = !replaces;
  $("kept").onclick = () => run("replacement", async () => {
    await next();
    forget("new-recovery-code");
  });
  show("replacement");
}

// After the second factor.

function take(tokens) {
  accessToken = tokens.access_token;
  if (tokens.id_token) email = api.emailOf(tokens.id_token);
  mfaToken = undefined;
  $("who").textContent = email;
}

/** Logs the user in. The code is used up, so this must also work if the list cannot be loaded. */
async function enter(tokens, notice) {
  take(tokens);
  const problem = await refresh().then(() => undefined, (problem) => problem);
  if (problem?.kind !== "aborted") show("account", notice);
  if (problem) throw problem;
}

const KINDS = { otp: "Authenticator app", "recovery-code": "Recovery code" };

async function refresh() {
  const entries = await api.list(accessToken).catch((problem) => {
    // The old list may be out of date.
    $("list").replaceChildren();
    for (const id of ["list", "none", "add", "new-code"]) $(id).hidden = true;
    $("again").hidden = false;
    if (view === "account") $("account-heading").focus();
    throw problem;
  });
  $("again").hidden = true;
  $("add").hidden = false;
  const otps = entries.filter((entry) => entry.authenticator_type === "otp");
  const hasCode = entries.length > otps.length;
  $("list").replaceChildren(...entries.map((entry) => {
    if (entry.authenticator_type !== "otp") return row(entry, KINDS[entry.authenticator_type], [["Replace", () => regenerate(true)], ["Remove", remove]]);
    const number = otps.length > 1 ? ` ${otps.indexOf(entry) + 1}` : "";
    return row(entry, `${KINDS.otp}${number}`, [["Remove", (...of) => remove(...of, otps.length === 1)]]);
  }));
  $("list").hidden = !entries.length;
  $("none").hidden = Boolean(otps.length);
  $("add").textContent = otps.length ? "Add another device" : "Set up a device";
  $("new-code").hidden = hasCode || !otps.length;
  // Texts for the view after a recovery.
  const isOff = otps.every((entry) => entry.disabled);
  $("lost-heading").textContent = isOff ? "Set up your device again" : "Is your device lost?";
  $("lost-lead").textContent = isOff
    ? `${OFF} Set it up again now. After that, remove the old one from your account.`
    : "Set up another one now. After that, remove the lost one from your account.";
}

/** Returns a list entry with its buttons. Each button has a name and an action. */
function row(entry, title, buttons) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const lines = [hindranceOf(entry), ...timesOf(entry)].map((text, i) => {
    const line = document.createElement("small");
    line.textContent = text;
    if (i === 0) line.className = "hindrance";
    return line;
  });
  name.append(title, ...lines.filter((line) => line.textContent));
  const actions = document.createElement("div");
  actions.className = "row";
  actions.append(...buttons.map(([label, action]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "act";
    button.textContent = label;
    button.setAttribute("aria-label", `${label}: ${title}`);
    button.addEventListener("click", () => action(entry, title));
    return button;
  }));
  item.append(name, actions);
  return item;
}

function timesOf({ created_at: created, last_auth: used }) {
  const times = [created && `Added ${dayOf(new Date(created))}`, used && `Last used ${dayOf(new Date(used))}`];
  return times.filter(Boolean);
}

async function regenerate(replaces) {
  const text = "You get a new recovery code. The code that you have stops working at once.";
  if (replaces && !await ask("Replace: Recovery code", text, "Replace")) return;
  run("account", async () => {
    const { recovery_code: code } = await api.newRecoveryCode(accessToken);
    replacement(code, replaces, async () => {
      await refresh();
      show("account", "Your new recovery code is the one that works.");
    });
  });
}
$("new-code").addEventListener("click", () => regenerate(false));

async function remove({ id, authenticator_type: kind }, title, isLast = false) {
  const text = kind !== "otp"
    ? "Without it, you cannot log in if you lose your devices."
    : isLast
      ? "Its codes do not let you in any more, and the recovery code goes with it. At your next login you set up another."
      : "Its codes do not let you in any more. Your other devices stay as they are.";
  if (!await ask(`Remove: ${title}`, text, "Remove")) return;
  run("account", async () => {
    await api.remove(accessToken, id).catch((refusal) => {
      // Somebody else has removed it already.
      if (refusal.status !== 404) throw refusal;
    });
    await refresh();
    $("notice").textContent = `Removed: ${title}.`;
    // The button that had the focus does not exist any more.
    $("account-heading").focus();
  });
}

/** Asks the user. Returns whether the answer is yes. */
function ask(heading, text, yes) {
  $("sure-heading").textContent = heading;
  $("sure-text").textContent = text;
  $("sure-yes").textContent = yes;
  $("sure").returnValue = "no";
  $("sure").showModal();
  return new Promise((resolve) => {
    $("sure").onclose = () => resolve($("sure").returnValue === "yes");
  });
}

$("again").addEventListener("click", () => run("account", async () => {
  await refresh();
  $("account-heading").focus();
}));
$("add").addEventListener("click", () => run("account", () => enrol(accessToken, "account")));
$("anew").addEventListener("click", () => run("lost", () => enrol(accessToken, "lost")));
$("skip").addEventListener("click", () => show("account"));
$("leave").addEventListener("click", () => (accessToken ? leave("You are logged out.") : leave("", { keepEmail: true })));

/** The view after the browser's back button. Nothing is sent twice, and no shown code is lost. */
const BACK = {
  enrol: () => (enrolling?.from ? cancel() : leave("", { keepEmail: true })),
  challenge: () => leave("", { keepEmail: true }),
  recovery: () => (ways.otp ? show("challenge") : leave("", { keepEmail: true })),
  replacement: () => { $("notice").textContent = "Keep your new recovery code first."; },
  lost: () => show("account"),
  account: () => { $("notice").textContent = "You are still logged in. To leave, log out."; },
};

keep.setUp(() => email);
mode(false);
const lost = back.begin(() => {
  if ($("sure").open) $("sure").close("no");
  else BACK[view]?.();
  return view;
});
show("login", lost);
