// The part of the package with a module of its own.
import { KeyUri } from "otp-core";
import { readCsv } from "otp-core/seeds";

export function triedSeeds() {
  const [token] = readCsv("7,3132333435363738393031323334353637383930", { type: "totp", digits: 8 });
  const code = KeyUri.parse(token.uri).engine().codeAt(59);
  if (code !== "94287082") throw new Error(`a token of a seed file shows ${code}`);
}
