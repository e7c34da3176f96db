// Lets the user keep a secret that is shown only once: copy, download or print it.

import { dayOf } from "./words.js";

const $ = (id) => document.getElementById(id);

/** Returns the lines of the downloaded file and of the printed page. */
function sheet(code, account) {
  return { title: `Recovery code for ${location.host}`, code, account: `Account: ${account}`, date: `Date: ${dayOf(new Date())}` };
}

/** Makes a screen reader say a text. Other users see it on the page already. */
function say(text) {
  $("heard").textContent = text;
}

/** Shows a text on the button itself for two seconds. */
function answer(button, text) {
  const label = (button.dataset.label ??= button.textContent);
  button.textContent = text;
  say(text);
  setTimeout(() => { button.textContent = label; say(""); }, 2000);
}

/** Sets up the buttons. `account()` returns the user's address. */
export function setUp(account) {
  const each = (name, action) => {
    for (const button of document.querySelectorAll(`[data-${name}]`)) {
      button.addEventListener("click", () => action(button, $(button.dataset[name]).textContent));
    }
  };

  each("copy", async (button, text) => {
    try {
      await navigator.clipboard.writeText(text.replaceAll(" ", ""));
      answer(button, "Copied");
    } catch {
      answer(button, "Not copied: select it");
    }
  });

  each("download", (button, code) => {
    const text = `${Object.values(sheet(code, account())).join("\n\n")}\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = "recovery-code.txt";
    link.click();
    // Some browsers read the file a moment later.
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    answer(button, "Downloaded");
  });

  each("print", () => window.print());

  // The browser's own print command gives the same page as the button.
  addEventListener("beforeprint", () => {
    const shown = [...document.querySelectorAll("[data-print]")].find((button) => button.checkVisibility());
    if (!shown) return;
    const lines = Object.entries(sheet($(shown.dataset.print).textContent, account())).map(([name, text]) => {
      const line = document.createElement(name === "code" ? "code" : "p");
      line.textContent = text;
      return line;
    });
    $("paper").replaceChildren(...lines);
  });
  addEventListener("afterprint", () => $("paper").replaceChildren());
}
