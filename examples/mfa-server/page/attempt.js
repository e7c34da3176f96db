// Runs one action of a view at a time. If it fails, tells the user the problem and its field.

import { Refusal } from "./api.js";
import { fieldOf, overOf, textOf, waitOf, whyOf } from "./words.js";

const $ = (id) => document.getElementById(id);

/** Problems of fields that need no request: a text for each field's id. */
export class Wrong extends Error {
  constructor(fields) {
    super("fields are wrong");
    this.fields = fields;
  }
}

let busy = false;
/** The views in which the user has to wait. Each has its reason, its end and its timer. */
const waits = new Map();

/** Runs an action of a view. If the tokens have expired, calls `over` with a text for the user. */
export async function attempt(view, action, over) {
  if (busy) return;
  if (waits.has(view)) return hear(view);
  clear(view);
  busy = true;
  enable(view);
  try {
    await action();
  } catch (problem) {
    if (problem.kind === "aborted") return;
    const words = problem instanceof Refusal && overOf(problem);
    if (words) over(words);
    // The action may have changed the view before it failed.
    else tell(document.querySelector("main > section:not([hidden])").id, problem);
  } finally {
    busy = false;
    enable(view);
  }
}

/** Disables or enables the buttons of a view. With `aria-disabled`, a button keeps the focus. */
function enable(view) {
  for (const button of $(view).querySelectorAll(".act")) {
    if (busy || waits.has(view)) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

/** Removes the errors of a view. If the view has a wait, the user hears it again. */
export function clear(view) {
  for (const error of $(view).querySelectorAll(".error")) error.textContent = "";
  for (const input of $(view).querySelectorAll("input")) input.removeAttribute("aria-invalid");
  if (waits.has(view)) hear(view);
}

function tell(view, problem) {
  if (problem.status === 429 && problem.retryAfter > 0) return wait(view, whyOf(view, problem), problem.retryAfter);
  const trouble = $(view).querySelector(".trouble");
  if (!(problem instanceof Refusal || problem instanceof Wrong)) {
    trouble.textContent = "This page has a problem. Load it again.";
    reportError(problem);
    return;
  }
  const field = problem.fields ? undefined : fieldOf(view, problem);
  const fields = Object.entries(problem.fields ?? (field ? { [field]: textOf(view, problem) } : {}));
  if (!fields.length) {
    trouble.textContent = textOf(view, problem);
    return;
  }
  for (const [id, text] of fields) {
    $(id).setAttribute("aria-invalid", "true");
    $(`${id}-error`).textContent = text;
  }
  const first = $(fields[0][0]);
  first.focus();
  first.select();
}

// A wait. The user sees every second of it. A screen reader says only its start and its end.

function wait(view, why, seconds) {
  waits.set(view, { why, until: Date.now() + 1000 * seconds });
  hear(view);
  tick(view);
}

function waitText(view) {
  const { why, until } = waits.get(view);
  return waitOf(why, Math.max(1, Math.ceil((until - Date.now()) / 1000)));
}

function hear(view) {
  const trouble = $(view).querySelector(".trouble");
  trouble.classList.add("heard");
  trouble.textContent = waitText(view);
}

function tick(view) {
  const turn = waits.get(view);
  if (Date.now() >= turn.until) {
    endWait(view);
    $(view).querySelector(".trouble").textContent = "You can try again now.";
    return;
  }
  const seen = $(view).querySelector(".wait");
  const text = waitText(view);
  if (seen.textContent !== text) seen.textContent = text;
  turn.timer = setTimeout(tick, 250, view);
}

/** Ends the wait of a view, or of all views, without a text. Another user does not have to wait. */
export function endWait(view) {
  for (const name of view ? [view] : [...waits.keys()]) {
    clearTimeout(waits.get(name)?.timer);
    waits.delete(name);
    $(name).querySelector(".wait").textContent = "";
    $(name).querySelector(".trouble").classList.remove("heard");
    $(name).querySelector(".trouble").textContent = "";
    enable(name);
  }
}
