// What lies in the module's memory: wiped by `free`, by `using`, or when nobody holds it any more.
import { OtpError } from "./error.js";
import { core } from "./main.js";

/** Passed to a constructor, the number that the module knows it by. */
export class Made {
  constructor(number, facts) {
    this.number = number;
    this.facts = facts;
  }
}

// Some runtimes have none: there `free` is what wipes.
const registry = typeof FinalizationRegistry === "undefined"
  ? undefined
  : new FinalizationRegistry((number) => core().release(number));

/** The number of an object of that class. */
export let numberOf;

export class Handle {
  #number;

  static {
    numberOf = (value, kind, name) => {
      if (!(value instanceof kind)) throw new OtpError("type", `${name} has to be ${kind.called}`);
      if (value.#number === 0) throw new OtpError("freed", "it was freed before");
      return value.#number;
    };
  }

  constructor(number) {
    this.#number = number;
    registry?.register(this, number, this);
  }

  free() {
    if (this.#number === 0) return;
    registry?.unregister(this);
    core().release(this.#number);
    this.#number = 0;
  }
}
if (Symbol.dispose) Handle.prototype[Symbol.dispose] = Handle.prototype.free;
