// Turns the server's answers to programs into words for people.

/** By the view, then by `reason`, or by the text if there is no reason. */
const WORDS = {
  code: {
    malformed: "A code has 6 digits. Type the 6 digits that the app shows now.",
    used: "This code was used before. Wait for the next one.",
    "The authenticator is disabled.":
      "Your authenticator is switched off. Ask the people who run this service for help.",
    "Invalid otp_code.": "That is not the code. Check the app, and check that the phone's clock is right.",
  },
  recovery: {
    malformed: "A recovery code has 24 letters and digits.",
    "MFA Authorization rejected.": "That is not your recovery code, or you used it before.",
    "The authenticator is disabled.":
      "Your recovery code is switched off after too many wrong tries. Ask the people who run this service for help.",
  },
};

/** For all views, by the beginning of the text. */
const ANYWHERE = {
  "User is already enrolled": "An authenticator was set up meanwhile. Log in again to use it.",
  "user is blocked": "This account is blocked. Ask the people who run this service for help.",
  "The user has 10 authenticators": "You have 10 devices. Remove one of them first.",
};

/** The field for each error of a sign-up or a login. */
const FIELDS = { invalid_grant: "password", invalid_password: "password", invalid_email: "email", invalid_signup: "email" };

const SIGN_UP = {
  invalid_email: "This is not an email address. It looks like name@example.com.",
  invalid_signup: "No account can be made with this address. If you have one, log in.",
  signup_disabled: "New accounts cannot be made here. If you have one, log in.",
};

/** Returns a text if the token is not valid any more, so that the user has to log in again. */
export function overOf({ status, kind, message }) {
  if (kind === "expired_token") return "That took too long. Log in again.";
  if (status === 401 && kind === "invalid_token") return "You were logged in for too long. Log in again.";
  if (message === "Malformed mfa_token") return "This login has ended. Log in again.";
  return undefined;
}

/** Returns the field for a refusal, or `undefined` if it is not about a field. */
export function fieldOf(view, { status, kind }) {
  if (status < 400 || status >= 500 || status === 429) return undefined;
  if (view === "login") return FIELDS[kind];
  if (kind !== "invalid_grant") return undefined;
  return { enrol: "first-code", challenge: "otp", recovery: "typed-recovery" }[view];
}

/** Returns a text for the rule that the password breaks. */
function passwordText({ description }) {
  const { code, format } = description?.rules?.find((rule) => !rule.verified) ?? {};
  if (code === "lengthAtLeast") return `Choose a longer password: ${format[0]} characters at least.`;
  if (code === "lengthAtMost") return "Choose a shorter password.";
  return "Choose another password. This one is too easy to guess.";
}

export function textOf(view, { status, kind, reason, message, body }) {
  if (kind === "unreachable") return "The server cannot be reached. Check your connection, then try again.";
  if (kind === "timeout") return "The server did not answer in time. Try again.";
  if (status === 429) return "Too many tries. Wait a minute, then try again.";
  if (status === 503) return "The server is busy. Try again in a moment.";
  if (status >= 500) return "The server has a problem. Try again later.";
  if (kind === "unreadable") return "The answer of the server cannot be read. Try again.";
  const words = view === "recovery" ? WORDS.recovery : WORDS.code;
  const anywhere = Object.keys(ANYWHERE).find((text) => message.startsWith(text));
  if (anywhere) return ANYWHERE[anywhere];
  if (kind === "invalid_password") return passwordText(body);
  return SIGN_UP[kind] ?? words[reason] ?? words[message] ?? (message || "The server refused this, and gave no reason.");
}

/** The reason for a wait, by the beginning of the text. */
const WAITS = {
  "Too many wrong passwords": "Too many wrong passwords.",
  "Too many sign-ups": "Too many accounts were made from your network.",
  "Too many requests": "The server is busy.",
};

/** Returns the reason why the user has to wait. */
export function whyOf(view, { message }) {
  const known = Object.keys(WAITS).find((text) => message.startsWith(text));
  if (known) return WAITS[known];
  return { enrol: "Too many wrong codes.", challenge: "Too many wrong codes.", recovery: "Too many wrong recovery codes." }[view] ?? "Too many tries.";
}

export const waitOf = (why, seconds) => `${why} Try again in ${duration(seconds)}.`;

function duration(seconds) {
  if (seconds < 100) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" });
export const dayOf = (date) => DAY.format(date);

/** Returns why an authenticator cannot be used, or an empty text if it can be used. */
export function hindranceOf({ disabled, locked_until: until }) {
  if (disabled) return "Switched off";
  const seconds = (new Date(until) - Date.now()) / 1000;
  return seconds > 0 ? `Locked after too many wrong codes, for ${duration(Math.ceil(seconds))}` : "";
}
