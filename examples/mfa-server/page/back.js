// The browser's back button, and what a reload loses. Only the name of a view is in the history.

/** What a reload says, by the view that it was in. */
const LOST = {
  enrol: "The page was loaded again, so the authenticator was not set up. Log in to start again with a new QR code.",
  replacement: "The page was loaded again, so you are logged out. Your new recovery code is not shown again. If you did not keep it, log in and replace it.",
  challenge: "The page was loaded again. Log in again.",
  recovery: "The page was loaded again. Log in again.",
};

/**
 * Begins, and returns what the last reload lost. The views behind the first one share one entry of the history, so
 * that the back button leads from it to the first entry: then `back` is called, and says which view it led to.
 */
export function begin(back) {
  const { view } = history.state ?? {};
  addEventListener("popstate", ({ state }) => {
    if (!state?.view) remember(back());
  });
  // It asks before it goes.
  addEventListener("beforeunload", (event) => {
    if (history.state?.view === "replacement") event.preventDefault();
  });
  if (!view || view === "login") return "";
  return LOST[view] ?? "The page was loaded again, so you are logged out.";
}

/** The view that is shown now. */
export function remember(view) {
  const inside = Boolean(history.state?.view);
  if (view === "login") {
    // It is the first entry, or on its way there.
    if (!inside || history.state.view === view) return;
    // A reload on the way must not speak of the view before.
    history.replaceState({ view }, "");
    history.back();
  } else if (inside) {
    history.replaceState({ view }, "");
  } else {
    history.pushState({ view }, "");
  }
}
