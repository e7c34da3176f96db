// What the package exports: everything but the ways to load the module, which the index files see to.
export {
  Attempt,
  Hotp,
  KeyUri,
  Pepper,
  Policy,
  RecoverySet,
  Redemption,
  Totp,
  disableState,
  freshState,
  readExport,
  readState,
  recoveryState,
  resetState,
  startingState,
} from "./otp_core.js";
