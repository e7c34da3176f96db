// The accounts: in the memory of this tab, and on the device only where the user asks for it.
import { KeyUri, Pepper, Policy, RecoverySet, freshState, recoveryState, startingState } from "./pkg/index.web.js";
import { fillRandom, fromBase64, toBase64 } from "./dom.js";

const STORE = "one-time-codes";
export const POLICY = new Policy();
const USER = "this account";

/** One account: both what a device knows of it, and what the service's verifier does. */
export class Account {
  /** @param {KeyUri} uri */
  constructor(uri) {
    this.id = crypto.randomUUID();
    this.uri = uri;
    this.engine = uri.engine();
    this.counter = uri.counter;
    this.state = this.isHotp ? startingState(this.counter) : freshState();
    this.recovery = undefined;
  }

  get name() {
    return this.uri.account || this.uri.issuer || "Without a name";
  }

  get isHotp() {
    return this.uri.type === "hotp";
  }

  code(at) {
    return this.isHotp ? this.engine.code(this.counter) : this.engine.codeAt(at);
  }

  /** The code that comes after that of a time; undefined at the end of all time steps. */
  nextCode(at) {
    return this.isHotp ? undefined : this.engine.codeAt(at + this.engine.secondsRemainingAt(at));
  }

  /** A code of HOTP is shown only after the next counter was kept (RFC 4226 section 7.2). */
  advance() {
    this.counter += 1n;
  }

  /** Judges a code. `keep` stores what changed, and the verdict comes out thereafter. */
  verify(code, at, keep) {
    const loaded = this.state;
    const attempt = this.engine.attempt(loaded, code, at, POLICY);
    try {
      // One tab, one thread: nothing can have come between. A service compares and swaps here.
      this.state = attempt.nextState;
      keep();
      return attempt.settle(true);
    } finally {
      attempt.free();
    }
  }

  /** Makes ten recovery codes, and returns them for the only time. */
  makeRecoveryCodes() {
    this.recovery?.set.free();
    this.recovery?.pepper.free();
    const key = fillRandom(new Uint8Array(32));
    const pepper = new Pepper(1, key);
    const { set, codes } = RecoverySet.generate(fillRandom, pepper, USER);
    this.recovery = { set, pepper, key, state: recoveryState() };
    return codes;
  }

  redeem(code, at, keep) {
    const { set, pepper, state } = this.recovery;
    const redemption = set.redeem(pepper, USER, state, code, at, POLICY);
    try {
      this.recovery.set = RecoverySet.fromBytes(redemption.nextSet);
      this.recovery.state = redemption.nextState;
      set.free();
      keep();
      return redemption.settle(true);
    } finally {
      redemption.free();
    }
  }

  free() {
    this.engine.free();
    this.uri.free();
    this.recovery?.set.free();
    this.recovery?.pepper.free();
  }

  toJSON() {
    const { recovery } = this;
    return {
      uri: this.uri.toString(),
      state: toBase64(this.state),
      counter: this.counter?.toString(),
      recovery: recovery && {
        set: toBase64(recovery.set.toBytes()),
        state: toBase64(recovery.state),
        key: toBase64(recovery.key),
      },
    };
  }

  static fromJSON({ uri, state, counter, recovery }) {
    const account = new Account(KeyUri.parse(uri));
    account.state = fromBase64(state);
    if (counter !== undefined) account.counter = BigInt(counter);
    const set = recovery && readSet(fromBase64(recovery.set));
    if (set) {
      const key = fromBase64(recovery.key);
      account.recovery = { set, pepper: new Pepper(1, key), key, state: fromBase64(recovery.state) };
    }
    return account;
  }
}

/** A set, or nothing if an earlier version of this page kept it: then new codes are made. */
function readSet(bytes) {
  try {
    return RecoverySet.fromBytes(bytes);
  } catch (error) {
    if (error.kind === "recovery-set-version") return undefined;
    throw error;
  }
}

/** All of them. */
export class Accounts {
  list = [];
  kept = false;

  /** Reads what was kept on this device, if anything was. */
  constructor() {
    const stored = localStorage.getItem(STORE);
    if (stored === null) return;
    this.kept = true;
    this.list = JSON.parse(stored).map(Account.fromJSON);
  }

  add(account) {
    this.list.push(account);
    this.save();
  }

  remove(account) {
    this.list = this.list.filter((other) => other !== account);
    account.free();
    this.save();
  }

  keep(kept) {
    this.kept = kept;
    this.save();
  }

  save() {
    if (this.kept) localStorage.setItem(STORE, JSON.stringify(this.list));
    else localStorage.removeItem(STORE);
  }
}
