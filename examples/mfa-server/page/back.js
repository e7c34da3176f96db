// The browser's back button, and reloads. The history only contains the name of a view.

/** The text after a reload, by the view that was shown before. */
const LOST = {
  enrol: "The page was loaded again, so the authenticator was not set up. Log in to start again with a new QR code.",
  replacement: "The page was loaded again, so you are logged out. Your new recovery code is not shown again. If you did not keep it, log in and replace it.",
  challenge: "The page was loaded again. Log in again.",
  recovery: "The page was loaded again. Log in again.",
};

/**
 * Starts to listen to the back button. Returns a text about what the last reload lost. All views
 * after the first one share one entry of the history, so the back button leads to the first entry.
 * This then calls `back`, which shows a view and returns its name.
 */
export function begin(back) {
  const { view } = history.state ?? {};
  addEventListener("popstate", ({ state }) => {
    if (!state?.view) remember(back());
  });
  // The browser asks the user before it leaves the page.
  addEventListener("beforeunload", (event) => {
    if (history.state?.view === "replacement") event.preventDefault();
  });
  if (!view || view === "login") return "";
  return LOST[view] ?? "The page was loaded again, so you are logged out.";
}

/** Remembers the view that is now shown. */
export function remember(view) {
  const inside = Boolean(history.state?.view);
  if (view === "login") {
    // The history is at its first entry, or is going there.
    if (!inside || history.state.view === view) return;
    // If the page is reloaded meanwhile, the text must not be about the previous view.
    history.replaceState({ view }, "");
    history.back();
  } else if (inside) {
    history.replaceState({ view }, "");
  } else {
    history.pushState({ view }, "");
  }
}
