// The trial of every place: it uses each part of the package. It returns "works" or throws.
import {
  KeyUri, OtpError, Pepper, Totp, enrolmentState, generateRecoveryCodes, init, logIn, readState, redeem,
} from "otp-core";

export async function tried(source) {
  if (source !== undefined) await init(source);
  const is = (what, actual, expected) => {
    if (actual !== expected) throw new Error(`${what}: ${actual}, and not ${expected}`);
  };
  const engine = new Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  is("code", engine.codeAt(59), "287082");
  let state = enrolmentState();
  const swap = async (old, next) => (state === old ? ((state = next), 1) : 0);
  const log = () => logIn({ engine, code: "287 082", now: 59, load: async () => state, swap });
  is("login", (await log()).kind, "accepted");
  const again = await log().catch((error) => error);
  is("replay", again.kind, "replayed");
  is("its class", again instanceof OtpError, true);
  is("state", readState(state, 59).nextFactor, 2);
  const uri = KeyUri.create({ secret: new Uint8Array(20).fill(1), issuer: "ACME", account: "zoë" });
  is("QR code", uri.toQrSvg().startsWith("<svg "), true);
  is("key URI", KeyUri.parse(`${uri}`).account, "zoë");
  const pepper = new Pepper(1, new Uint8Array(32).fill(7));
  // Node 18 has no global crypto: there the caller brings it.
  let next = 1;
  const fillRandom = globalThis.crypto ? undefined : (bytes) => bytes.forEach((_, at) => (bytes[at] = (next = (next * 48271) % 0x7fffffff)));
  const issued = generateRecoveryCodes({ pepper, user: "user", fillRandom });
  const redeemed = await redeem({ pepper, user: "user", code: issued.codes[0], now: 59, load: () => issued, swap: () => 1 });
  is("recovery", redeemed.remaining, 9);
  engine.free();
  return "works";
}
