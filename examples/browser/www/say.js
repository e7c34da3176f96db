// Chooses the words for errors and verdicts.
import { EXPORT, STORAGE, URI, VERDICT } from "./words.js";

/**
 * Returns a sentence for an error of the core. If the page has none, it is the message of the
 * core.
 */
export function errorText(error) {
  if (error?.name !== "OtpError") throw error;
  return sentence(error.kind, error.message);
}

function sentence(kind, message) {
  if (URI[kind]) return URI[kind];
  const text = message.replace(/ \(at byte \d+[^)]*\)$/, "");
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

/** Returns a sentence for an error of the storage: the problem, and what to do. */
export function storageText(error) {
  if (STORAGE[error?.kind] === undefined) throw error;
  return STORAGE[error.kind];
}

/** Returns the rest after an export: accounts that could not be read, and other QR codes. */
export function restText(part, parts, entries) {
  const refused = entries.filter((entry) => entry.kind === "refused");
  const words = refused.map(({ issuer, account, reason, message }) =>
    EXPORT.notAdded([issuer, account].filter(Boolean).join(" ") || EXPORT.nameless, sentence(reason, message)));
  if (parts > 1) words.push(EXPORT.part(part, parts));
  if (entries.length === 0) words.push(EXPORT.empty);
  return words.join(" ");
}

/** Returns the look of a verdict, its title and its sentence. */
export function verdictText(verdict, period) {
  switch (verdict.kind) {
    case "accepted":
      return ["good", VERDICT.accepted, [drift(verdict.drift, period), verdict.confirms ? VERDICT.confirmed : ""].join(" ").trim()];
    case "redeemed":
      return ["good", ...VERDICT.redeemed(verdict.remaining)];
    case "replayed":
      return ["fair", ...VERDICT.replayed];
    case "rejected":
      return ["bad", ...(verdict.until === undefined ? VERDICT.rejected(verdict.triesLeft) : VERDICT.rejectedAndLocked)];
    case "locked":
      return ["bad", ...VERDICT.locked];
    case "disabled":
      return ["bad", ...VERDICT.disabled];
    case "malformed":
      return ["fair", ...VERDICT.malformed(verdict.message)];
    default:
      return ["fair", ...VERDICT.conflict];
  }
}

function drift(steps, period) {
  if (period === undefined) return steps === 0 ? VERDICT.nextCounter : VERDICT.countersAhead(steps);
  return steps === 0 ? VERDICT.currentStep : VERDICT.otherStep(steps, Math.abs(steps) * period);
}

/** Seconds as m:ss, or h:mm:ss. */
export function clock(seconds) {
  const pad = (number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}
