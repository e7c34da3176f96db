// The accounts: in the memory of this tab, and on the device only where the user asks for it.
import { KeyUri, Pepper, Refused, enrolmentState, generateRecoveryCodes, logIn, readRecoverySet, redeem } from "./pkg/index.js";
import { fillRandom, fromBase64, toBase64 } from "./dom.js";

const STORE = "one-time-codes";
const USER = "this account";

/** One account: both what a device knows of it, and what the service's verifier does. */
export class Account {
  /** @param {KeyUri} uri */
  constructor(uri) {
    this.id = crypto.randomUUID();
    this.uri = uri;
    this.engine = uri.engine();
    this.counter = uri.counter;
    this.state = enrolmentState();
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
    this.counter += 1;
  }

  /** Judges a code. `keep` stores what changed, and the verdict comes out thereafter. */
  verify(code, now, keep) {
    const swap = (old, next) => {
      if (this.state !== old) return 0;
      this.state = next;
      keep();
      return 1;
    };
    return verdictOf(logIn({ engine: this.engine, code, now, load: () => this.state, swap }));
  }

  /** Makes ten recovery codes, and returns them for the only time. */
  makeRecoveryCodes() {
    this.recovery?.pepper.free();
    const key = fillRandom(new Uint8Array(32));
    const pepper = new Pepper(1, key);
    const { set, state, codes } = generateRecoveryCodes({ pepper, user: USER });
    this.recovery = { set, state, pepper, key };
    return codes;
  }

  redeem(code, now, keep) {
    const { recovery } = this;
    const swap = (old, next) => {
      if (recovery.set !== old.set || recovery.state !== old.state) return 0;
      Object.assign(recovery, next);
      keep();
      return 1;
    };
    return verdictOf(redeem({ pepper: recovery.pepper, user: USER, code, now, load: () => recovery, swap }));
  }

  free() {
    this.engine.free();
    this.recovery?.pepper.free();
  }

  toJSON() {
    const { recovery } = this;
    return {
      uri: this.uri.toString(),
      state: this.state,
      counter: this.counter,
      recovery: recovery && {
        set: recovery.set,
        state: recovery.state,
        key: toBase64(recovery.key),
      },
    };
  }

  static fromJSON({ uri, state, counter, recovery }) {
    const account = new Account(KeyUri.parse(uri));
    account.state = state;
    if (counter !== undefined) account.counter = counter;
    if (recovery && isReadable(recovery.set)) {
      const key = fromBase64(recovery.key);
      account.recovery = { ...recovery, key, pepper: new Pepper(1, key) };
    }
    return account;
  }
}

/** What is shown: the page tells every verdict, also those that let nobody in. */
async function verdictOf(answer) {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused) return error.verdict;
    throw error;
  }
}

/** Whether this version reads a set. If it does not, new codes are made. */
function isReadable(set) {
  try {
    readRecoverySet(set);
    return true;
  } catch (error) {
    if (error.kind === "recovery-set-version") return false;
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
