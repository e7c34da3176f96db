// The module inside of the JavaScript, in hexadecimal: of all forms that are plain text, this one is the smallest after gzip.
// The build puts it in place of the name.
const hex = MODULE_IN_HEX;

export default () => {
  const { Buffer } = globalThis;
  if (typeof Uint8Array.fromHex === "function") return Uint8Array.fromHex(hex);
  if (typeof Buffer?.from === "function") return Buffer.from(hex, "hex");
  const value = (symbol) => (symbol & 15) + (symbol > 64 ? 9 : 0);
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    16 * value(hex.charCodeAt(2 * index)) + value(hex.charCodeAt(2 * index + 1)));
};
