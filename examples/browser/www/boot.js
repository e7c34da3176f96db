// Starts the page. If a script does not arrive, or the browser forbids WebAssembly, it says so.
try {
  const { fillWords } = await import("./dom.js");
  fillWords();
  await import("./main.js");
} catch (error) {
  document.getElementById("loading").hidden = true;
  document.getElementById("failed").hidden = false;
  if (error?.name === "OtpError" && error.kind === "module-refused") {
    const { SAY } = await import("./words.js");
    document.getElementById("failed-text").textContent = SAY.forbidden;
  }
  throw error;
}
