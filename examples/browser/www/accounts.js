// The accounts and their operations. The store decides: a tab only shows what it read last.
import { KeyUri, Pepper, Refused, enrolmentState, generateRecoveryCodes, logIn, readRecoverySet, readState, redeem } from "./pkg/index.js";
import { fillRandom } from "./dom.js";
import { SAY } from "./words.js";
import { Device, Memory, StorageError, isKept, setKept, takeOver } from "./store.js";

const USER = "this account";
const LAST_COUNTER = Number.MAX_SAFE_INTEGER;

/** One account: the part of the device and the part of the service's verifier. */
export class Account {
  #accounts;

  /** @param {KeyUri} uri */
  constructor(accounts, row, uri = KeyUri.parse(row.uri)) {
    this.#accounts = accounts;
    this.uri = uri;
    this.engine = uri.engine();
    this.row = row;
    // It finds a damaged row now, and not at the next login.
    readState(row.state, 0);
    if (row.recovery) readState(row.recovery.state, 0);
  }

  static new(accounts, uri) {
    const row = { id: crypto.randomUUID(), uri: uri.toString(), state: enrolmentState() };
    if (uri.type === "hotp") row.counter = uri.counter;
    return new Account(accounts, row, uri);
  }

  get id() {
    return this.row.id;
  }

  get name() {
    return this.uri.account || this.uri.issuer || SAY.nameless;
  }

  get isHotp() {
    return this.uri.type === "hotp";
  }

  code(at) {
    return this.isHotp ? this.engine.code(this.row.counter) : this.engine.codeAt(at);
  }

  /** Returns the code of the next time step. */
  nextCode(at) {
    return this.engine.codeAt(at + this.engine.secondsRemainingAt(at));
  }

  /**
   * True if a code follows this one. HOTP ends with the largest integer that JavaScript counts
   * to.
   */
  get hasNext() {
    return this.row.counter < LAST_COUNTER;
  }

  /** Stores the next counter before its code is shown (RFC 4226 section 7.2). */
  async advance() {
    const { counter } = this.row;
    await this.#swap((row) => row.counter === counter, (row) => ({ ...row, counter: counter + 1 }));
  }

  /** Checks a code. Returns the verdict after the next state is stored. */
  verify(code, now) {
    const load = async () => (await this.#load()).state;
    const swap = (old, next) => this.#swap((row) => row.state === old, (row) => ({ ...row, state: next }));
    return verdictOf(logIn({ engine: this.engine, code, now, load, swap }));
  }

  /** Makes ten recovery codes, and returns them for the only time. */
  async makeRecoveryCodes() {
    const key = fillRandom(new Uint8Array(32));
    const { set, state, codes } = generateRecoveryCodes({ pepper: new Pepper(1, key), user: USER });
    const old = this.row.recovery?.set;
    const rows = await this.#swap((row) => row.recovery?.set === old, (row) => ({ ...row, recovery: { set, state, key } }));
    if (rows !== 1) throw new StorageError("changed");
    return codes;
  }

  async redeem(code, now) {
    const { recovery } = await this.#load();
    const load = async () => (await this.#load()).recovery;
    const swap = (old, next) => this.#swap(
      (row) => row.recovery.set === old.set && row.recovery.state === old.state,
      (row) => ({ ...row, recovery: { ...row.recovery, ...next } }));
    return verdictOf(redeem({ pepper: new Pepper(1, recovery.key), user: USER, code, now, load, swap }));
  }

  /** The recovery codes that are left, if there are any. */
  get recovery() {
    return this.row.recovery && { ...this.row.recovery, ...readRecoverySet(this.row.recovery.set) };
  }

  async #load() {
    this.row = await this.#accounts.store.get(this.id);
    return this.row;
  }

  async #swap(isCurrent, change) {
    const rows = await this.#accounts.store.swap(this.id, isCurrent, change);
    await this.#load();
    return rows;
  }
}

/** Returns every verdict, also one that is not accepted: the page shows it. */
async function verdictOf(answer) {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused) return error.verdict;
    throw error;
  }
}

/** All accounts. */
export class Accounts {
  list = [];
  /** The ids of rows that cannot be read. They stay until the user removes them. */
  damaged = [];
  store = new Memory();
  #changed;

  get isKept() {
    return this.store instanceof Device;
  }

  /** Reads the accounts that this device keeps. Calls `changed` when another tab has written. */
  async open(changed) {
    this.#changed = changed;
    if (!isKept()) return;
    this.store = await Device.open(() => this.refresh());
    await takeOver(this.store);
    await this.#read();
  }

  /** Reads the changes of another tab. */
  async refresh() {
    if (!isKept()) {
      // The other tab has the accounts in its memory now.
      this.store = new Memory();
    }
    await this.#read();
    this.#changed();
  }

  async #read() {
    const before = new Map(this.list.map((account) => [account.id, account]));
    this.damaged = [];
    this.list = (await this.store.all()).flatMap((row) => {
      try {
        const account = before.get(row.id) ?? new Account(this, row);
        account.row = row;
        return [account];
      } catch {
        this.damaged.push(row.id);
        return [];
      }
    });
  }

  async add(uri) {
    const account = Account.new(this, uri);
    await this.store.put(account.row);
    this.list.push(account);
    return account;
  }

  async remove(account) {
    await this.store.remove(account.id);
    this.list = this.list.filter((other) => other !== account);
  }

  async removeDamaged() {
    for (const id of this.damaged) await this.store.remove(id);
    this.damaged = [];
  }

  /** Moves all accounts to the device, or back into the memory of this tab. */
  async keep(kept) {
    if (kept === this.isKept) return;
    if (kept) {
      const device = await Device.open(() => this.refresh());
      try {
        for (const { id } of this.list) await device.put(await this.store.get(id));
        setKept(true);
      } catch (error) {
        await device.delete();
        throw error;
      }
      this.store = device;
      await this.#read();
    } else {
      const [memory, device] = [new Memory(), this.store];
      for (const row of await device.all()) await memory.put(row);
      setKept(false);
      this.store = memory;
      await device.delete();
      await this.#read();
    }
  }
}
