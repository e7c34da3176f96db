// Starts the page, and says so if it does not start: a script that did not come, or a browser that forbids WebAssembly.
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
