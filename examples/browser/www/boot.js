// Starts the page, and says so if it does not start: a script that did not come, or a browser that forbids WebAssembly.
import("./main.js").catch((error) => {
  document.getElementById("loading").hidden = true;
  document.getElementById("failed").hidden = false;
  const isForbidden = error?.name === "OtpError" && error.kind === "module-refused";
  document.getElementById("failed-text").textContent = isForbidden
    ? "This browser does not let the page use WebAssembly. Allow it for this page, or use another browser. What is kept on this device stays there."
    : "A part of the page could not be loaded. Look at your connection and load the page again. What is kept on this device stays there.";
  throw error;
});
