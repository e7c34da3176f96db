// The exports of the package.
export { Hotp, Totp } from "./codes.js";
export { OtpError, Refused } from "./error.js";
export { readExport } from "./export.js";
export { findCode } from "./find.js";
export { KeyUri } from "./key_uri.js";
export { logIn, logInAny, resynchronise } from "./login.js";
export { init } from "./main.js";
export { Policy } from "./policy.js";
export { Pepper, generateRecoveryCodes, readRecoverySet, redeem } from "./recovery.js";
export {
  confirmedState, disableState, enableState, enrolmentState, readState, recoveryState, repairState, unlockState,
} from "./state.js";
