// The accounts that an older version of the page stored in localStorage, as rows of the present
// store.
import { readRecoverySet } from "./pkg/index.js";

const fromBase64 = (text) => Uint8Array.from(atob(text), (symbol) => symbol.charCodeAt(0));

/** States and sets were in Base64 first, and in hexadecimal later. The bytes are the same. */
function hexadecimal(text) {
  if (/^[0-9a-f]{48,}$/.test(text)) return text;
  return Array.from(fromBase64(text), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Leaves out codes that this version cannot read. The user makes new ones. */
function recoveryOf({ set, state, key }) {
  const [setText, stateText] = [hexadecimal(set), hexadecimal(state)];
  try {
    readRecoverySet(setText);
  } catch {
    return undefined;
  }
  return { set: setText, state: stateText, key: fromBase64(key) };
}

function rowOf({ uri, state, counter, recovery }, id) {
  const row = { id, uri, state: hexadecimal(state) };
  if (counter !== undefined) row.counter = Number(counter);
  if (recovery) row.recovery = recoveryOf(recovery);
  return row;
}

/**
 * Returns the rows of a stored text. A part that cannot be read becomes a row that cannot be read
 * either, so that the page reports it. The ids depend only on the text: reading it again gives
 * the same rows.
 */
export function rowsOf(text) {
  let accounts;
  try {
    accounts = JSON.parse(text);
  } catch {
    accounts = undefined;
  }
  if (!Array.isArray(accounts)) return [{ id: "old", text }];
  return accounts.map((account, index) => {
    const id = `old-${index}`;
    try {
      return rowOf(account, id);
    } catch {
      return { id, text: JSON.stringify(account) };
    }
  });
}
