// The module inside the JavaScript, in hexadecimal. No other form in plain text is smaller
// after gzip. `#hex` is this text, and the build decides which file has it.
import hex from "#hex";

export default () => {
  const text = hex();
  const { Buffer } = globalThis;
  if (typeof Uint8Array.fromHex === "function") return Uint8Array.fromHex(text);
  if (typeof Buffer?.from === "function") return Buffer.from(text, "hex");
  const value = (symbol) => (symbol & 15) + (symbol > 64 ? 9 : 0);
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    16 * value(text.charCodeAt(2 * index)) + value(text.charCodeAt(2 * index + 1)));
};
