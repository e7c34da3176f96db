// Where accounts lie: in the memory of this tab, or on the device. Both compare and swap, so that two tabs neither lose an
// account nor accept a code twice.
const NAME = "one-time-codes";
const ROWS = "accounts";

/** Something of the storage went wrong. `kind` is `refused`, `full` or `gone`. */
export class StorageError extends Error {
  constructor(kind, cause) {
    super(`the storage: ${kind}`, { cause });
    this.kind = kind;
  }
}

/** Rows of this tab. */
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

  /** Replaces a row by `change` of it, if it is still as `isCurrent` wants it. Says how many rows that were. */
  async swap(id, isCurrent, change) {
    const row = this.#rows.get(id);
    if (row === undefined || !isCurrent(row)) return 0;
    this.#rows.set(id, change(row));
    return 1;
  }
}

/** Rows of this device, for all tabs: one transaction of IndexedDB at a time writes them. */
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
    // Another tab may delete it.
    device.#database.onversionchange = () => device.#database.close();
    return device;
  }

  /** Deletes all of it. */
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

  /** What is returned is stored: it comes after the transaction is complete, and the other tabs are told. */
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

/** Whether accounts are kept on this device. Nothing is stored to say no. */
export const isKept = () => localStorage.getItem(NAME) !== null;

export function setKept(kept) {
  try {
    if (kept) localStorage.setItem(NAME, "kept");
    else localStorage.removeItem(NAME);
  } catch (error) {
    throw new StorageError(error.name === "QuotaExceededError" ? "full" : "refused", error);
  }
}
