// The stores of accounts: the memory of this tab, or the storage of the device. Both compare and
// swap, so that two tabs neither lose an account nor accept a code twice.
import { rowsOf } from "./old_accounts.js";

const NAME = "one-time-codes";
const ROWS = "accounts";
const KEPT = "kept";

/** An error of the storage. `kind` is `refused`, `full`, `gone` or `changed`. */
export class StorageError extends Error {
  constructor(kind, cause) {
    super(`the storage: ${kind}`, { cause });
    this.kind = kind;
  }
}

/** The rows of this tab. */
export class Memory {
  #rows = new Map();

  async all() {
    return [...this.#rows.values()];
  }

  async get(id) {
    return this.#rows.get(id) ?? fail("gone");
  }

  async put(row) {
    this.#rows.set(row.id, row);
  }

  async remove(id) {
    this.#rows.delete(id);
  }

  /**
   * Replaces a row by its `change` if `isCurrent` still holds for it. Returns the number of
   * replaced rows.
   */
  async swap(id, isCurrent, change) {
    const row = this.#rows.get(id);
    if (row === undefined || !isCurrent(row)) return 0;
    this.#rows.set(id, change(row));
    return 1;
  }
}

/** The rows of this device, for all tabs. IndexedDB runs one writing transaction at a time. */
export class Device {
  #database;
  #channel = new BroadcastChannel(NAME);

  /** `changed` is called when another tab has written. */
  static async open(changed) {
    const device = new Device();
    device.#channel.onmessage = changed;
    try {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(ROWS, { keyPath: "id" });
      device.#database = await done(request);
    } catch (error) {
      throw new StorageError("refused", error);
    }
    // Another tab may delete the database.
    device.#database.onversionchange = () => device.#database.close();
    return device;
  }

  /** Deletes the database. */
  async delete() {
    this.#database.close();
    await done(indexedDB.deleteDatabase(NAME));
    this.#channel.postMessage("deleted");
    this.#channel.close();
  }

  all() {
    return this.#run("readonly", (rows) => done(rows.getAll()));
  }

  async get(id) {
    return await this.#run("readonly", (rows) => done(rows.get(id))) ?? fail("gone");
  }

  async put(row) {
    await this.#run("readwrite", (rows) => done(rows.put(row)));
  }

  /** Adds rows, but does not replace a row that is already there. */
  async add(added) {
    await this.#run("readwrite", async (rows) => {
      const ids = new Set(await done(rows.getAllKeys()));
      for (const row of added) if (!ids.has(row.id)) await done(rows.put(row));
    });
  }

  async remove(id) {
    await this.#run("readwrite", (rows) => done(rows.delete(id)));
  }

  swap(id, isCurrent, change) {
    return this.#run("readwrite", async (rows) => {
      const row = await done(rows.get(id));
      if (row === undefined || !isCurrent(row)) return 0;
      await done(rows.put(change(row)));
      return 1;
    });
  }

  /**
   * Runs `work` in a transaction. Returns its result after the transaction is complete, and tells
   * the other tabs.
   */
  async #run(mode, work) {
    try {
      const transaction = this.#database.transaction(ROWS, mode, { durability: "strict" });
      const completed = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
      });
      completed.catch(() => {});
      const result = await work(transaction.objectStore(ROWS));
      await completed;
      if (mode === "readwrite") this.#channel.postMessage("written");
      return result;
    } catch (error) {
      if (error instanceof StorageError) throw error;
      throw new StorageError(error.name === "QuotaExceededError" ? "full" : "refused", error);
    }
  }
}

function fail(kind) {
  throw new StorageError(kind);
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => {};
  });
}

/**
 * Moves the accounts that an older version of the page left in localStorage to the device. It
 * does so once: the lock makes a second tab wait, and find that nothing is left to move.
 */
export function takeOver(device) {
  const isOld = () => ![null, KEPT].includes(localStorage.getItem(NAME));
  if (!isOld()) return undefined;
  return navigator.locks.request(NAME, async () => {
    if (!isOld()) return;
    await device.add(rowsOf(localStorage.getItem(NAME)));
    // If the tab ends before this line, the next one adds the same rows: they have the same ids.
    setKept(true);
  });
}

/** Returns whether accounts are kept on this device. Without such a choice nothing is stored. */
export const isKept = () => localStorage.getItem(NAME) !== null;

export function setKept(kept) {
  try {
    if (kept) localStorage.setItem(NAME, KEPT);
    else localStorage.removeItem(NAME);
  } catch (error) {
    throw new StorageError(error.name === "QuotaExceededError" ? "full" : "refused", error);
  }
}
