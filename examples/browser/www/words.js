// What the page says of errors and verdicts.

const URI = {
  "uri-scheme-unsupported": "This is not a key URI: those begin with otpauth://",
  "uri-type-unsupported": "Only totp, hotp and steam are known here.",
  "uri-secret-missing": "There is no secret in this URI.",
  "uri-secret-duplicate": "There are two secrets in this URI. It is damaged, or somebody is trying something.",
  "uri-secret-character": "The secret has a character that is not Base32: it is made of A to Z and 2 to 7.",
  "uri-algorithm-unsupported": "The hash is none of SHA1, SHA256 and SHA512.",
  "uri-digits-out-of-range": "The number of digits has to be 6 to 10.",
  "secret-long": "The secret is longer than the 128 bytes that can be held here.",
  "label-control-character": "The name has a control character, a line separator or a text-direction override.",
};

/** A sentence for an error of the core. What it does not know, the core says itself. */
export function errorText(error) {
  if (error?.name !== "OtpError") throw error;
  return sentence(error.kind, error.message);
}

function sentence(kind, message) {
  if (URI[kind]) return URI[kind];
  const text = message.replace(/ \(at byte \d+[^)]*\)$/, "");
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

const STORAGE = {
  refused: "This browser does not let the page store anything here, so nothing was changed. In a private window that is usual: untick “Keep on this device”, or use another window.",
  full: "The storage of this device is full, so nothing was changed. Make room on the device, then try again.",
  gone: "This account was removed in another tab.",
  changed: "Another tab was faster. What you see now is what it made: try again.",
};

/** What the storage did not do, and what helps. */
export function storageText(error) {
  if (STORAGE[error?.kind] === undefined) throw error;
  return STORAGE[error.kind];
}

export function damagedText(number) {
  return `${count(number, "account", "accounts")} on this device cannot be read: the storage is damaged. Enrol anew with the service, and remove what is left of it here.`;
}

/** What is left to do after an export: accounts that could not be read, and other QR codes. */
export function restText(part, parts, entries) {
  const refused = entries.filter((entry) => entry.kind === "refused");
  const words = refused.map(({ issuer, account, reason, message }) =>
    `${[issuer, account].filter(Boolean).join(" ") || "An account without a name"} could not be added. ${sentence(reason, message)}`);
  if (parts > 1) words.push(`This was part ${part} of ${parts}: add the other QR codes too.`);
  if (entries.length === 0) words.push("This export has no accounts.");
  return words.join(" ");
}

const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

/** How an answer looks, what it says, and what follows from it. */
export function verdictText(verdict, period) {
  switch (verdict.kind) {
    case "accepted":
      return ["good", "Accepted", [drift(verdict.drift, period), verdict.confirms ? "The enrolment is confirmed." : ""].join(" ").trim()];
    case "redeemed":
      return ["good", "Redeemed", `${count(verdict.remaining, "code is", "codes are")} left.`];
    case "replayed":
      return ["fair", "Used before", "This code was accepted once. Wait for the next one."];
    case "rejected":
      return verdict.until === undefined
        ? ["bad", "Wrong code", `${count(verdict.triesLeft, "try", "tries")} left before a wait.`]
        : ["bad", "Wrong code", "Too many in a row: now there is a wait."];
    case "locked":
      return ["bad", "Locked", "Nothing is tried before the wait is over."];
    case "disabled":
      return ["bad", "Disabled", "Too many wrong codes. The account has to be enrolled anew."];
    case "malformed":
      return ["fair", "Not a code", `${verdict.message.replace(/^malformed (recovery )?code: (a (recovery )?code here has )?/, "It takes ").replace(/^It takes (?!\d)/, "It has a character that does not belong there: ")}.`];
    default:
      return ["fair", "Try again", "Another request was faster."];
  }
}

function drift(steps, period) {
  if (period === undefined) {
    return steps === 0 ? "It is the next one." : `The device was ${count(steps, "code", "codes")} ahead.`;
  }
  if (steps === 0) return "It is the current code.";
  const seconds = Math.abs(steps) * period;
  return `It is ${count(Math.abs(steps), "step", "steps")} ${steps < 0 ? "old" : "early"}: the clocks are up to ${seconds} seconds apart.`;
}

/** Seconds as m:ss, or h:mm:ss. */
export function clock(seconds) {
  const pad = (number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}
