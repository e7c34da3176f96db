// The WebAssembly module: how it is started, and how texts and bytes get into it and out of it. Its functions and the
// order of their arguments are in `src/`.
import { OtpError } from "./error.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** `make` gives the module or its bytes, when the first call needs it. */
export function createCore(make) {
  let wasm;
  let memory = new Uint8Array(0);
  let numbers;
  // Where arguments go, and how much fits there.
  let [start, room, used] = [0, 0, 0];

  function run(module) {
    wasm = new WebAssembly.Instance(module).exports;
  }

  /** Starts without waiting. */
  function begin() {
    if (make === undefined) {
      throw new OtpError("module-missing", "there is no WebAssembly module yet: await init(…) first");
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

  /** The memory of the module. If it has grown, the view that was there before is empty. */
  function bytes() {
    if (memory.length === 0) {
      const { buffer } = core().memory;
      memory = new Uint8Array(buffer);
      numbers = new DataView(buffer);
    }
    return memory;
  }

  /** Makes room for so many bytes of arguments, and starts over. */
  function reserve(len) {
    used = 0;
    if (len <= room) return;
    room = 0;
    // In steps, so that it is seldom done.
    const wanted = Math.max(256, 2 ** Math.ceil(Math.log2(len)));
    start = core().input(wanted) >>> 0;
    if (start === 0) throw new OtpError("memory", "there is no memory left for so long an argument");
    // Larger ones are given back by the module after the call.
    room = wanted > 65536 ? 0 : wanted;
  }

  /** Writes one argument behind the others, and returns its length there. */
  function put(value) {
    const to = bytes();
    const at = start + used;
    let len;
    if (typeof value !== "string") {
      to.set(value, at);
      len = value.length;
    } else {
      len = value.length;
      // Codes are short, and quicker by hand.
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

  /** Writes arguments, and returns their lengths. */
  function write(...values) {
    let most = 0;
    for (const value of values) most += typeof value === "string" ? 3 * value.length : value.length;
    reserve(most);
    return values.map(put);
  }

  /** Writes the only argument, and returns its length. */
  function writeOne(value) {
    reserve(3 * value.length);
    return put(value);
  }

  function answer(len) {
    if (len === 0) return "";
    const at = wasm.output() >>> 0;
    return decoder.decode(bytes().subarray(at, at + len));
  }

  /** The answer of a call, a text; or its error. */
  function text(result) {
    return answer(check(result));
  }

  /** As `text`, for an answer that is a secret: the module does not keep it until the next call. */
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

  /** Calls `read` with the numbers of the memory, where the answer lies in it, and its text from `from` on. */
  function parts(len, from, read) {
    const at = wasm.output() >>> 0;
    const text = decoder.decode(bytes().subarray(at + from, at + len));
    return read(numbers, at, text);
  }

  /** A number of the answer, by its index. */
  function float(index) {
    bytes();
    return numbers.getFloat64((wasm.output() >>> 0) + 8 * index, true);
  }

  /**
   * Starts before the first call, and waits for it: of a module, its bytes, a response or a URL, or of what the package
   * has inside. Whatever comes second changes nothing.
   */
  async function init(source) {
    if (wasm !== undefined) return;
    let given = await source;
    if (given === undefined) {
      if (make === undefined) throw new OtpError("module-missing", "init takes a module, its bytes, a response or a URL");
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
  const hint = "a Content Security Policy needs 'wasm-unsafe-eval'; an old browser needs `await init()` first";
  return new OtpError("module-refused", `the WebAssembly module cannot be started: ${cause?.message} (${hint})`, undefined, { cause });
}
