// Adding an account: a key URI that is pasted, or a new key.
import { KeyUri } from "./pkg/index.web.js";
import { Account } from "./accounts.js";
import { $, complain, fillRandom } from "./dom.js";
import { errorText } from "./words.js";

const KEY_BYTES = { SHA1: 20, SHA256: 32, SHA512: 64 };

/** `enrolled(account, isNew)` takes what came of it. */
export function startEnrolment(enrolled) {
  $("paste").addEventListener("submit", (event) => {
    event.preventDefault();
    const input = $("uri");
    const text = input.value.trim();
    if (text === "") return complain(input, "Paste a key URI first.");
    attempt(input, () => enrolled(new Account(KeyUri.parse(text)), false));
  });

  $("issue").addEventListener("submit", (event) => {
    event.preventDefault();
    const input = $("account");
    const account = input.value.trim();
    if (account === "") return complain(input, "Whose account is it?");
    const algorithm = $("algorithm").value;
    const secret = fillRandom(new Uint8Array(KEY_BYTES[algorithm]));
    const type = $("type").value;
    attempt(input, () => {
      const uri = KeyUri.create({
        type,
        secret,
        algorithm,
        account,
        issuer: $("issuer").value.trim(),
        digits: Number($("digits").value),
        ...(type === "totp" && { period: Number($("period").value) }),
      });
      enrolled(new Account(uri), true);
    });
    secret.fill(0);
  });

  $("type").addEventListener("change", () => {
    $("period").disabled = $("type").value === "hotp";
  });
  for (const id of ["uri", "account"]) {
    $(id).addEventListener("input", () => complain($(id)));
  }
}

/** Empties both forms: what was pasted has a secret in it. */
export function resetEnrolment() {
  for (const form of [$("paste"), $("issue")]) form.reset();
  $("period").disabled = false;
  for (const id of ["uri", "account"]) complain($(id));
}

function attempt(input, action) {
  try {
    action();
  } catch (error) {
    complain(input, errorText(error));
  }
}
