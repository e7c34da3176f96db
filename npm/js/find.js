// The search for the authenticators that show a code.
import { options, text, time } from "./args.js";
import { readWindow } from "./codes.js";
import { authenticatorParts } from "./login.js";
import { core, json, write } from "./main.js";

export function findCode(given) {
  const { authenticators, code, now, window } = options(given, ["authenticators", "code", "now", "window"]);
  const { past, future } = readWindow(window);
  const parts = authenticatorParts(authenticators, "authenticators");
  const [codeLen] = write(text(code, "code"), ...parts);
  return json(core().find_code(codeLen, authenticators.length, time(now), past, future)).found;
}
