// Chromium without a bundler: modules, workers, service workers, a plain script, and a module that
// the page loads.
import { join } from "node:path";
import { build } from "esbuild";
import { APP, STRICT, ask, page, serve } from "./tools.mjs";

/** Bundles a script that imports `otp-core` by its name. */
async function bundled(name) {
  const { outputFiles } = await build({ entryPoints: [join(APP, name)], bundle: true, format: "iife", write: false, logLevel: "error" });
  return outputFiles[0].text;
}

async function site(texts, csp) {
  const server = await serve(APP, { "/favicon.ico": "", ...texts }, csp);
  try {
    await ask(server.url);
  } finally {
    server.close();
  }
}

const told = (promise) => `${promise}.then((text) => { document.title = text; }, (error) => { document.title = "failed: " + error.stack; });`;

/** The modules of the package, imported by their path. */
export async function bareModules() {
  const { outputFiles } = await build({
    entryPoints: [join(APP, "tried.mjs")], bundle: true, format: "esm", write: false, logLevel: "error",
    plugins: [{ name: "path", setup: (setup) => setup.onResolve({ filter: /^otp-core$/ }, () => ({ path: "/node_modules/otp-core/index.js", external: true })) }],
  });
  await site({
    "/index.html": page("main.js"), "/tried.js": outputFiles[0].text,
    "/main.js": `import { tried } from "./tried.js"; ${told("tried()")}`,
  });
}

export const moduleWorker = async () => site({
  "/index.html": page("main.js"), "/worker.js": await bundled("worker.mjs"),
  "/main.js": told('new Promise((done) => { new Worker("worker.js", { type: "module" }).onmessage = ({ data }) => done(data); })'),
}, STRICT.replace("require-trusted-types-for 'script'; trusted-types 'none'", ""));

export const classicWorker = async () => site({
  "/index.html": page("main.js"),
  "/worker.js": `importScripts("/node_modules/otp-core/global.js");
    postMessage(new otpCore.Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").codeAt(59) === "287082" ? "works" : "failed");`,
  "/main.js": told('new Promise((done) => { new Worker("worker.js").onmessage = ({ data }) => done(data); })'),
}, STRICT.replace("require-trusted-types-for 'script'; trusted-types 'none'", ""));

const serviceWorkerMain = (type) => told(`(async () => {
  await navigator.serviceWorker.register("sw.js"${type});
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
  return (await fetch("/tried")).text();
})()`);

export async function serviceWorker(type) {
  const csp = STRICT.replace("require-trusted-types-for 'script'; trusted-types 'none'", "connect-src 'self'");
  const texts = { "/index.html": page("main.js"), "/main.js": serviceWorkerMain(type === "module" ? ', { type: "module" }' : "") };
  await site({ ...texts, "/sw.js": await bundled("service_worker.mjs") }, csp);
}

export const plainScript = () => site({
  "/index.html": `<!doctype html><title>…</title><script src="/node_modules/otp-core/global.js"></script><script src="main.js"></script>`,
  "/main.js": 'document.title = new otpCore.Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").codeAt(59) === "287082" ? "works" : "failed";',
});

/** `otp-core/bare`: a response, bytes, a module and a URL. */
export const brought = () => site({
  "/index.html": page("main.js"),
  "/main.js": told(`(async () => {
    const url = "/node_modules/otp-core/otp_core.wasm";
    const code = async (source, query) => {
      const { Totp, init } = await import("/node_modules/otp-core/bare.js?" + query);
      let kind;
      try { new Totp(new Uint8Array(20).fill(1)); } catch (error) { kind = error.kind; }
      if (kind !== "module-missing") return "failed: before init it is " + kind;
      await init(source);
      return new Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").codeAt(59);
    };
    const bytes = await (await fetch(url)).arrayBuffer();
    const codes = [
      await code(fetch(url), 1), await code(bytes, 2), await code(new Uint8Array(bytes), 3),
      await code(await WebAssembly.compile(bytes), 4), await code(url, 5), await code(new URL(url, location), 6),
    ];
    return codes.every((code) => code === "287082") ? "works" : "failed: " + codes;
  })()`),
}, `${STRICT}; connect-src 'self'`);

/**
 * A site that forbids WebAssembly: the import works, and the first call names the missing
 * permission.
 */
export const forbidden = () => site({
  "/index.html": page("main.js"),
  "/main.js": `import { Totp } from "/node_modules/otp-core/index.js";
    try { new Totp(new Uint8Array(20).fill(1)); document.title = "failed: it runs"; } catch (error) {
      const isTold = error.name === "OtpError" && error.kind === "module-refused" && error.message.includes("'wasm-unsafe-eval'");
      document.title = isTold ? "works" : "failed: " + error;
    }`,
}, "default-src 'none'; script-src 'self'");
