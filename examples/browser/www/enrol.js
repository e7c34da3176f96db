// Adding an account: a pasted key URI or export, a picture, or a new key.
import { KeyUri, readExport } from "./pkg/index.js";
import { $, complain, fillRandom } from "./dom.js";
import { textsIn } from "./picture.js";
import { errorText, restText } from "./say.js";
import { SAY } from "./words.js";

const KEY_BYTES = { SHA1: 20, SHA256: 32, SHA512: 64 };

/**
 * Calls `enrolled(uri, isNew)` for each account, `more()` to show the forms again, and `failed`
 * for errors of the storage.
 */
export function startEnrolment(enrolled, more, failed) {
  const read = async (text) => {
    if (!/^otpauth-migration:/i.test(text)) return enrolled(KeyUri.parse(text), false);
    const { part, parts, entries } = readExport(text);
    for (const entry of entries) if (entry.kind === "read") await enrolled(KeyUri.parse(entry.uri), false);
    const rest = restText(part, parts, entries);
    if (rest === "") return;
    more();
    complain($("uri"), rest);
  };

  $("paste").addEventListener("submit", (event) => {
    event.preventDefault();
    const input = $("uri");
    const text = input.value.trim();
    if (text === "") return complain(input, SAY.pasteFirst);
    attempt(input, failed, () => read(text));
  });

  $("picture").addEventListener("change", () => {
    const input = $("picture");
    const [file] = input.files;
    complain(input);
    if (file === undefined) return;
    attempt(input, failed, async () => {
      const texts = await textsIn(file).catch(() => undefined);
      if (texts === undefined) return complain(input, SAY.noPicture);
      if (texts.length === 0) return complain(input, SAY.noQrCode);
      for (const text of texts) await read(text);
    });
  });

  $("issue").addEventListener("submit", (event) => {
    event.preventDefault();
    const input = $("account");
    const account = input.value.trim();
    if (account === "") return complain(input, SAY.whoseAccount);
    const algorithm = $("algorithm").value;
    const secret = fillRandom(new Uint8Array(KEY_BYTES[algorithm]));
    const type = $("type").value;
    attempt(input, failed, async () => {
      const uri = KeyUri.create({
        type,
        secret,
        algorithm,
        account,
        issuer: $("issuer").value.trim(),
        digits: Number($("digits").value),
        ...(type === "totp" && { period: Number($("period").value) }),
      });
      await enrolled(uri, true);
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
  for (const id of ["uri", "picture", "account"]) complain($(id));
}

async function attempt(input, failed, action) {
  try {
    await action();
  } catch (error) {
    if (error?.name === "OtpError") complain(input, errorText(error));
    else failed(error);
  }
}
