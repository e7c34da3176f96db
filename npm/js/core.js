// The WebAssembly module: how it starts, and how texts and bytes get into its memory and out of
// it. `src/` has its functions and the order of their arguments.
import { OtpError } from "./error.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The first call gets the module or its bytes from `make`. */
export function createCore(make) {
  let wasm;
  let memory = new Uint8Array(0);
  let numbers;
  // The address of the arguments, how many bytes fit there, and how many are written.
  let [start, room, used] = [0, 0, 0];

  function run(module) {
    wasm = new WebAssembly.Instance(module).exports;
  }

  /** Starts the module synchronously. */
  function begin() {
    if (make === undefined) {
      throw new OtpError("module-missing", "there is no WebAssembly module yet: await init(source) first");
    }
    try {
      const given = make();
      run(isModule(given) ? given : new WebAssembly.Module(given));
    } catch (error) {
      throw refused(error);
    }
  }

  /** The functions of the module. */
  const core = () => {
    if (wasm === undefined) begin();
    return wasm;
  };

  /** The memory of the module. After it has grown, the old view is empty. */
  function bytes() {
    if (memory.length === 0) {
      const { buffer } = core().memory;
      memory = new Uint8Array(buffer);
      numbers = new DataView(buffer);
    }
    return memory;
  }

  /** Reserves `len` bytes for new arguments. */
  function reserve(len) {
    used = 0;
    if (len <= room) return;
    room = 0;
    // Powers of two, so that it is seldom done.
    const wanted = Math.max(256, 2 ** Math.ceil(Math.log2(len)));
    start = core().input(wanted) >>> 0;
    if (start === 0) throw new OtpError("memory", "there is not enough memory for an argument of this length");
    // The module frees larger ones after the call.
    room = wanted > 65536 ? 0 : wanted;
  }

  /** Writes one argument after the others, and returns its length in bytes. */
  function put(value) {
    const to = bytes();
    const at = start + used;
    let len;
    if (typeof value !== "string") {
      to.set(value, at);
      len = value.length;
    } else {
      len = value.length;
      // A loop is quicker than the encoder for texts as short as codes.
      let index = len < 24 ? 0 : len + 1;
      for (; index < len; index++) {
        const unit = value.charCodeAt(index);
        if (unit > 127) break;
        to[at + index] = unit;
      }
      if (index !== len) len = encoder.encodeInto(value, to.subarray(at)).written;
    }
    used += len;
    return len;
  }

  /** Writes arguments, and returns their lengths in bytes. */
  function write(...values) {
    let most = 0;
    for (const value of values) most += typeof value === "string" ? 3 * value.length : value.length;
    reserve(most);
    return values.map(put);
  }

  /** Writes the only argument, and returns its length in bytes. */
  function writeOne(value) {
    reserve(3 * value.length);
    return put(value);
  }

  function answer(len) {
    if (len === 0) return "";
    const at = wasm.output() >>> 0;
    return decoder.decode(bytes().subarray(at, at + len));
  }

  /** Returns the answer of a call as a text, or throws its error. */
  function text(result) {
    return answer(check(result));
  }

  /**
   * Returns the answer as `text` does, and wipes it in the module. It is for answers that are
   * secrets.
   */
  function secret(result) {
    const told = text(result);
    wasm.wipe();
    return told;
  }

  function check(result) {
    if (result === -1) {
      const { reason, message, offset } = JSON.parse(answer(wasm.output_len()));
      throw new OtpError(reason, message, offset);
    }
    return result;
  }

  /**
   * Calls `read` with a view of the memory, the address of the answer, and its text from byte
   * `from`.
   */
  function parts(len, from, read) {
    const at = wasm.output() >>> 0;
    const text = decoder.decode(bytes().subarray(at + from, at + len));
    return read(numbers, at, text);
  }

  /** Returns a number of the answer by its index. */
  function float(index) {
    bytes();
    return numbers.getFloat64((wasm.output() >>> 0) + 8 * index, true);
  }

  /**
   * Starts the module before the first call. It takes a module, its bytes, a response or a URL.
   * Without a source it takes the module of the package. A second call changes nothing.
   */
  async function init(source) {
    if (wasm !== undefined) return;
    let given = await source;
    if (given === undefined) {
      if (make === undefined) throw new OtpError("module-missing", "init needs a module, its bytes, a response or a URL");
      given = make();
    }
    try {
      const module = await compile(given);
      if (wasm === undefined) run(module);
    } catch (error) {
      throw refused(error);
    }
  }

  return { core, write, writeOne, text, secret, check, float, parts, init, json: (result) => JSON.parse(text(result)) };
}

const isModule = (value) => Object.prototype.toString.call(value) === "[object WebAssembly.Module]";

async function compile(given) {
  if (isModule(given)) return given;
  if (typeof given === "string" || given instanceof URL) given = await fetch(given);
  if (typeof given?.arrayBuffer === "function") {
    if (given.ok === false) throw new Error(`the server answered ${given.status}`);
    given = await given.arrayBuffer();
  }
  return WebAssembly.compile(given);
}

function refused(cause) {
  if (cause instanceof OtpError) return cause;
  const hint = "a Content Security Policy needs 'wasm-unsafe-eval'; an old browser needs `await init()` first; in workerd, bundle with the condition `workerd`";
  return new OtpError("module-refused", `the WebAssembly module cannot be started: ${cause?.message} (${hint})`, undefined, { cause });
}
