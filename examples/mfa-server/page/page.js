// The views, and which leads to which.

import * as api from "./api.js";

const $ = (id) => document.getElementById(id);
const form = (view) => document.querySelector(`#${view} form`);

/** What a reload forgets. */
let mfaToken, accessToken, email;
let creating = false;

function show(view, notice = "") {
  for (const section of document.querySelectorAll("main > section")) {
    section.hidden = section.id !== view;
    for (const error of section.querySelectorAll(".error")) error.textContent = "";
  }
  $("notice").textContent = notice;
  $("log-out").hidden = view === "login";
  const heading = document.querySelector(`#${view} h1`);
  document.title = heading.textContent;
  heading.focus();
  if (view === "login") $("email").focus();
  if (view === "challenge") $("otp").focus();
  if (view === "recovery") $("typed-recovery").focus();
}

function leave(notice) {
  mfaToken = accessToken = email = undefined;
  // Whoever comes next is not the one who has to wait.
  clearTimeout(countdown);
  for (const button of document.querySelectorAll("main button")) button.disabled = false;
  for (const input of document.querySelectorAll("input")) input.value = "";
  for (const secret of ["qr", "secret", "recovery-code", "new-recovery-code", "list", "who"]) $(secret).replaceChildren();
  show("login", notice);
}

/** Runs what a view does, once at a time, and tells what went wrong in that view. */
async function attempt(section, input, action) {
  const error = section.querySelector(".error");
  const button = section.querySelector("button.primary, #replace");
  if (button.disabled) return;
  error.textContent = "";
  input?.removeAttribute("aria-invalid");
  button.disabled = true;
  try {
    await action();
  } catch (refusal) {
    if (isOver(refusal)) {
      leave("That took too long. Log in again.");
    } else if (refusal.status === 429) {
      return countDown(error, button, refusal);
    } else {
      error.textContent = WORDS[refusal.message] ?? refusal.message;
      input?.setAttribute("aria-invalid", "true");
      input?.select();
    }
  }
  button.disabled = false;
}

/** What the server says to programs, for people. */
const WORDS = {
  "Invalid otp_code.": "That is not the code. Check the app, and that the phone's clock is right.",
  "The otp_code was used before. Wait for the next one.": "This code was used before. Wait for the next one.",
  "MFA Authorization rejected.": "That is not your recovery code, or it was used before.",
};

/** The token that stands for the password has run out, or was spent elsewhere. */
function isOver({ kind, message }) {
  return kind === "expired_token" || kind === "invalid_token" || /^mfa_token was used/.test(message) || /^Malformed mfa_token/.test(message);
}

let countdown;

/** Nothing can be sent before the wait is over. */
function countDown(error, button, { retryAfter }) {
  const until = Date.now() + 1000 * retryAfter;
  const tick = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    if (seconds > 0) {
      error.textContent = `Too many wrong codes. Try again in ${wait(seconds)}.`;
      countdown = setTimeout(tick, 250);
    } else {
      error.textContent = "";
      button.disabled = false;
    }
  };
  tick();
}

function wait(seconds) {
  if (seconds < 100) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

function on(view, action) {
  const input = form(view).querySelector("input");
  form(view).addEventListener("submit", (event) => {
    event.preventDefault();
    attempt($(view), input, action);
  });
}

// A password, or an account of one's own.

function mode(isCreating) {
  creating = isCreating;
  $("login-heading").textContent = document.title = creating ? "Create an account" : "Log in";
  form("login").querySelector("button").textContent = creating ? "Create the account" : "Log in";
  $("password").autocomplete = creating ? "new-password" : "current-password";
  $("password-hint").hidden = !creating;
  $("mode-text").textContent = creating ? "Have one?" : "New here?";
  $("mode").textContent = creating ? "Log in" : "Create an account";
  document.querySelector("#login .error").textContent = "";
  $("email").focus();
}
$("mode").addEventListener("click", () => mode(!creating));

on("login", async () => {
  const [name, password] = [$("email").value.trim(), $("password").value];
  if (!name || !password) throw new Error("An email and a password are needed.");
  if (creating) {
    await api.signUp(name, password);
    mode(false);
  }
  const login = await api.logIn(name, password);
  $("password").value = "";
  if (login.tokens) {
    // The second factor is optional here, and there is none yet.
    accessToken = login.tokens.access_token;
    email = api.emailOf(login.tokens.id_token);
    await enrol(accessToken);
  } else {
    mfaToken = login.mfaToken;
    if (login.enrolled) {
      await api.challenge(mfaToken);
      $("otp").value = "";
      show("challenge");
    } else {
      await enrol(mfaToken);
    }
  }
});

// Enrolment, by whichever token allows it.

let enrolling;

async function enrol(bearer) {
  enrolling = bearer;
  const enrolment = await api.associate(bearer);
  const svg = new DOMParser().parseFromString(await api.qrCode(bearer, enrolment.barcode_uri), "image/svg+xml");
  $("qr").replaceChildren(document.importNode(svg.documentElement, true));
  $("secret").textContent = grouped(enrolment.secret);
  const [recoveryCode] = enrolment.recovery_codes ?? [];
  $("recovery-step").hidden = !recoveryCode;
  $("recovery-code").textContent = grouped(recoveryCode ?? "");
  $("first-code").value = "";
  show("enrol");
}

on("enrol", async () => {
  const tokens = await api.otp(enrolling, digits($("first-code")));
  for (const secret of ["qr", "secret", "recovery-code"]) $(secret).replaceChildren();
  await enter(tokens, "Your authenticator is set up.");
});

const grouped = (text) => text.replaceAll(/.{4}(?=.)/g, "$& ");

function digits(input) {
  const code = input.value.replaceAll(/\s/g, "");
  if (!/^\d{6}$/.test(code)) throw new Error("The code has 6 digits.");
  return code;
}

// A challenge, or a recovery code.

on("challenge", async () => enter(await api.otp(mfaToken, digits($("otp")))));

$("use-recovery").addEventListener("click", () => show("recovery"));
$("use-code").addEventListener("click", () => show("challenge"));

on("recovery", async () => {
  const typed = $("typed-recovery").value.trim();
  if (!typed) throw new Error("A recovery code is needed.");
  const tokens = await api.recover(mfaToken, typed);
  $("typed-recovery").value = "";
  $("new-recovery-code").textContent = grouped(tokens.recovery_code);
  $("kept").onclick = () => {
    $("new-recovery-code").replaceChildren();
    enter(tokens).catch((error) => leave(error.message));
  };
  show("replacement");
});

// Behind the second factor.

async function enter(tokens, notice) {
  accessToken = tokens.access_token;
  if (tokens.id_token) email = api.emailOf(tokens.id_token);
  mfaToken = undefined;
  $("who").textContent = email;
  await refresh();
  show("account", notice);
}

const KINDS = { otp: "Authenticator app", "recovery-code": "Recovery code" };

async function refresh() {
  const entries = (await api.list(accessToken)).filter((entry) => entry.active).map((entry) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const kind = KINDS[entry.authenticator_type];
    const state = document.createElement("small");
    state.textContent = "Active";
    name.append(kind, state);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Remove";
    button.setAttribute("aria-label", `Remove: ${kind}`);
    button.addEventListener("click", () => remove(entry.id, kind));
    item.append(name, button);
    return item;
  });
  $("list").replaceChildren(...entries);
  $("list").hidden = !entries.length;
}

function remove(id, kind) {
  $("sure-heading").textContent = `Remove: ${kind}`;
  $("sure-text").textContent = kind === KINDS.otp
    ? "Codes of the app will not let you in any more, and the recovery code goes with it. At your next login you set up another."
    : "Without it nobody can let you in when the device is lost. You get another when you set up an authenticator anew.";
  $("sure").returnValue = "no";
  $("sure").onclose = () => {
    if ($("sure").returnValue !== "yes") return;
    attempt($("account"), null, async () => {
      await api.remove(accessToken, id);
      await refresh();
      $("notice").textContent = $("list").hidden
        ? "Nothing is set up any more. At your next login you set up an authenticator."
        : `Removed: ${kind}.`;
      $("account-heading").focus();
    });
  };
  $("sure").showModal();
}

$("replace").addEventListener("click", () => attempt($("account"), null, () => enrol(accessToken)));
$("log-out").addEventListener("click", () => leave("You are logged out."));

for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText($(button.dataset.copy).textContent.replaceAll(" ", ""));
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not copied: select it";
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

mode(false);
show("login");
