// Objects in the memory of the module. `free`, `using` or garbage collection wipes them.
import { OtpError } from "./error.js";
import { core } from "./main.js";

/** An object that the module has already made. A constructor takes it in place of its arguments. */
export class Made {
  constructor(number, facts) {
    this.number = number;
    this.facts = facts;
  }
}

// Some runtimes do not have it. There, only `free` wipes.
const registry = typeof FinalizationRegistry === "undefined"
  ? undefined
  : new FinalizationRegistry((number) => core().release(number));

/** Returns the number of an object of the class `kind`. */
export let numberOf;

export class Handle {
  #number;

  static {
    numberOf = (value, kind, name) => {
      if (!(value instanceof kind)) throw new OtpError("type", `${name} has to be ${kind.called}`);
      if (value.#number === 0) throw new OtpError("freed", "the object has been freed");
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
