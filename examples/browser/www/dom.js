// Helpers of all views.
import { PAGE, SAY } from "./words.js";

export const $ = (id) => document.getElementById(id);

/** Whole seconds of Unix time. The core reads no clock: this is the one place that does. */
export const now = () => Math.floor(Date.now() / 1000);

export const fillRandom = (bytes) => crypto.getRandomValues(bytes);

/** Makes an element with properties and children. Text is never read as markup. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Writes "287082" as "287 082": people read codes out in groups. */
export function grouped(code) {
  if (code.length < 6) return code;
  const half = code.length === 9 ? 3 : Math.ceil(code.length / 2);
  return code.match(new RegExp(`.{1,${half}}`, "g")).join(" ");
}

/** Puts the words into the page, which has only their names. */
export function fillWords() {
  for (const place of document.querySelectorAll("[data-words]")) place.textContent = PAGE[place.dataset.words];
  for (const place of document.querySelectorAll("[data-placeholder]")) place.placeholder = PAGE[place.dataset.placeholder];
  for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", PAGE[place.dataset.label]);
}

export function announce(text) {
  $("announce").textContent = text;
}

/** Copies a text, and says so on the button. */
export async function copy(button, text) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = SAY.copied;
  } catch {
    button.textContent = SAY.notCopied;
  }
  announce(button.textContent);
  button.disabled = true;
  setTimeout(() => {
    button.textContent = label;
    button.disabled = false;
  }, 1500);
}

/** Shows an error at its field, or removes it. */
export function complain(input, message) {
  const place = $(`${input.id}-error`);
  place.textContent = message ?? "";
  if (message) {
    input.setAttribute("aria-invalid", "true");
    input.focus();
  } else {
    input.removeAttribute("aria-invalid");
  }
}
