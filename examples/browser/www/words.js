// Every word of the page. To translate the page, translate this file. Three texts are elsewhere:
// - the two sentences of index.html for a page that does not start;
// - the name in manifest.webmanifest;
// - messages that only the core has, in English.

const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

/** The words of index.html, by `data-words`, `data-placeholder` or `data-label`. */
export const PAGE = {
  skip: "Skip to the content",
  title: "One-time codes",
  accounts: "Accounts",
  noAccounts: "None yet.",
  addAccount: "Add account",
  storage: "Storage",
  loading: "Loading…",
  removeDamaged: "Remove the damaged accounts",
  enrol: "Add an account",
  enrolLead: "Paste the key URI that a service gave you, or issue a key yourself and scan it with a phone.",
  paste: "Paste a key URI",
  uri: "Key URI",
  uriHint: "It is the text of the QR code. It begins with otpauth:// or otpauth-migration://",
  add: "Add",
  picture: "Or a picture of its QR code",
  pictureHint: "A screenshot or a photo. The page reads it here and does not keep it.",
  issueHeading: "Issue a new key",
  service: "Service",
  account: "Account",
  parameters: "Parameters",
  type: "Type",
  byTime: "By time",
  byCounter: "By counter",
  hash: "Hash",
  digits: "Digits",
  period: "Period",
  seconds30: "30 seconds",
  seconds60: "60 seconds",
  parametersHint: "Many apps know only the first choice of each.",
  issue: "Issue",
  remove: "Remove",
  code: "Code",
  copyCode: "Copy code",
  nextCode: "Next code",
  lastCounter: "This is the last code of this key. Ask the service for a new key.",
  verify: "Verify",
  verifyLead: "It checks a code as a service does: each code works once, and guesses are slowed down.",
  submitted: "Code from the app",
  setup: "Set up another device",
  setupHint: "Scan it with an authenticator app. A person who sees it can make your codes.",
  forTyping: "For typing",
  copyUri: "Copy key URI",
  recoveryCodes: "Recovery codes",
  recoveryLead: "Ten codes for the day when you lose your phone. Each works once.",
  make: "Make ten codes",
  shownOnce: "They are shown only now.",
  copy: "Copy",
  print: "Print",
  save: "Save",
  kept: "I have kept them",
  recoveryCode: "Recovery code",
  redeem: "Redeem",
  remake: "Replace all by new ones",
  keep: "Keep on this device",
  next: "Next",
  keepThem: "Print them, or keep them with your passwords.",
  serviceExample: "ACME Co",
  accountExample: "alice@example.com",
  yourCodes: "Your recovery codes",
};

/** The place of the accounts. */
export const PLACE = {
  kept: ["Kept on this device", "Keys are in this browser’s storage, unencrypted. Nothing is sent anywhere."],
  tab: ["Only in this tab", "Keys are in the memory of this tab. They are gone when you close it. Nothing is sent anywhere."],
};

/** Words that the scripts put into the page. */
export const SAY = {
  copied: "Copied",
  notCopied: "The browser refused",
  nameless: "Without a name",
  forbidden: "This browser does not let the page use WebAssembly. Allow it for this page, or use another browser. Accounts that are kept on this device stay there.",
  documentTitle: (name) => `${name} – One-time codes`,
  added: (name) => `${name} was added.`,
  removed: (name) => `${name} was removed.`,
  confirmRemoval: (name) => `Remove ${name}? This deletes its key.`,
  pasteFirst: "Paste a key URI first.",
  whoseAccount: "Whose account is it?",
  noPicture: "This is not a picture that the browser can read.",
  noQrCode: "The picture does not show a QR code. Take it closer, straight and with more light.",
  tooLongForQr: "This URI is too long for a QR code.",
  secondsLeft: (seconds) => `${seconds} seconds left`,
  facts: { hash: "Hash", digits: "Digits", key: "Key", counter: "Counter", period: "Period" },
  bits: (bits) => `${bits} bits`,
  seconds: (seconds) => `${seconds} s`,
  confirmNewCodes: "The codes you have now will no longer work. Make new ones?",
  codesHidden: "The codes are no longer shown.",
  codesOf: (name) => `Recovery codes of ${name}`,
  codesFile: (name) => `Recovery codes of ${name}. Each works once.`,
  codesLeft: (left, all) => `${left} of ${all} left`,
  waitIsOver: ["Try again", "The wait is over."],
  tryAgainIn: (time) => `Try again in ${time}`,
};

/** The problem with a key URI, by the kind of the core's error. */
export const URI = {
  "uri-scheme-unsupported": "This is not a key URI: those begin with otpauth://",
  "uri-type-unsupported": "Only totp, hotp and steam are known here.",
  "uri-secret-missing": "There is no secret in this URI.",
  "uri-secret-duplicate": "There are two secrets in this URI. It is damaged, or somebody has changed it.",
  "uri-secret-character": "The secret has a character that is not Base32: it is made of A to Z and 2 to 7.",
  "uri-algorithm-unsupported": "The hash has to be SHA1, SHA256 or SHA512.",
  "uri-digits-out-of-range": "The number of digits has to be 6 to 10.",
  "secret-long": "The secret is too long: it has to be at most 128 bytes.",
  "label-control-character": "The name has a control character, a line separator or a text-direction override.",
};

/** Errors of the storage, and what to do. */
export const STORAGE = {
  refused: "This browser does not let the page store anything here, so nothing was changed. This is usual in a private window: untick “Keep on this device”, or use another window.",
  full: "The storage of this device is full, so nothing was changed. Free some space on the device, then try again.",
  gone: "This account was removed in another tab.",
  changed: "Another tab was faster. The page now shows its change: try again.",
  damaged: (number) => `${count(number, "account", "accounts")} on this device cannot be read: the storage is damaged. Enrol again with the service, and remove the damaged accounts here.`,
};

/** The rest after an export. */
export const EXPORT = {
  nameless: "An account without a name",
  notAdded: (account, reason) => `${account} could not be added. ${reason}`,
  part: (part, parts) => `This was part ${part} of ${parts}: add the other QR codes too.`,
  empty: "This export has no accounts.",
};

/** The answers to a code: a title, and a sentence. */
export const VERDICT = {
  accepted: "Accepted",
  confirmed: "The enrolment is confirmed.",
  redeemed: (left) => ["Redeemed", `${count(left, "code is", "codes are")} left.`],
  replayed: ["Used before", "This code was accepted once. Wait for the next one."],
  rejected: (left) => ["Wrong code", `${count(left, "try", "tries")} left before a wait.`],
  rejectedAndLocked: ["Wrong code", "Too many in a row: now there is a wait."],
  locked: ["Locked", "No code is checked before the wait is over."],
  disabled: ["Disabled", "Too many wrong codes. Enrol the account again."],
  malformed: (reason) => ["Not a code", `${reason.replace(/^malformed (recovery )?code: (a (recovery )?code here has )?/, "It takes ").replace(/^It takes (?!\d)/, "It has a character that does not belong there: ")}.`],
  conflict: ["Try again", "Another request was faster."],
  nextCounter: "It is the next one.",
  countersAhead: (codes) => `The device was ${count(codes, "code", "codes")} ahead.`,
  currentStep: "It is the current code.",
  otherStep: (steps, seconds) => `It is ${count(Math.abs(steps), "step", "steps")} ${steps < 0 ? "old" : "early"}: the clocks are up to ${seconds} seconds apart.`,
};
