// Bundlers: a strict site serves their output, and Chromium runs it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { APP, ask, page, run, serve } from "./tools.mjs";

/** Makes an empty folder for the output. */
function folder(name) {
  const path = join(APP, "dist", name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}

async function asked(path, texts, csp) {
  const server = await serve(path, texts, csp);
  try {
    await ask(server.url);
  } finally {
    server.close();
  }
}

export async function esbuild(options = { format: "iife" }) {
  const { build } = await import("esbuild");
  const out = folder("esbuild");
  await build({ entryPoints: [join(APP, "page.mjs")], bundle: true, minify: true, outfile: join(out, "page.js"), logLevel: "error", ...options });
  await asked(out, { "/index.html": page("page.js", options.format === "esm" ? "module" : "classic") });
}

/** The bundle for Node contains everything: it runs in another folder. */
export async function esbuildForNode() {
  const { build } = await import("esbuild");
  const out = folder("esbuild-node");
  await build({ entryPoints: [join(APP, "require.cjs")], bundle: true, platform: "node", outfile: join(out, "alone.cjs"), logLevel: "error" });
  if (run(process.execPath, [join(out, "alone.cjs")], { cwd: "/" }) !== "works") throw new Error("the bundle does not run on its own");
}

/** A default project: a page, a script, and no configuration. */
function viteProject(name) {
  const root = join(APP, name);
  mkdirSync(root, { recursive: true });
  for (const file of ["page.mjs", "tried.mjs", "seeds.mjs"]) writeFileSync(join(root, file), readFileSync(join(APP, file)));
  writeFileSync(join(root, "index.html"), page("/page.mjs"));
  return root;
}

export async function viteBuild(name) {
  const { build } = await import(name);
  const root = viteProject(name);
  await build({ root, logLevel: "error" });
  await asked(join(root, "dist"));
}

export async function viteDev(name) {
  const { createServer } = await import(name);
  const root = viteProject(`${name}-dev`);
  const server = await createServer({ root, logLevel: "error", server: { port: 0, host: "127.0.0.1" }, cacheDir: join(root, ".vite") });
  try {
    await server.listen();
    await ask(`http://127.0.0.1:${server.httpServer.address().port}/`);
  } finally {
    await server.close();
  }
}

export async function webpack() {
  const { default: webpack } = await import("webpack");
  const out = folder("webpack");
  const stats = await new Promise((done, failed) => webpack({
    mode: "production", context: APP, entry: "./page.mjs", output: { path: out, filename: "page.js" }, performance: { hints: false },
  }, (error, stats) => (error ? failed(error) : done(stats))));
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString({ colors: false }).slice(0, 1500));
  await asked(out, { "/index.html": page("page.js", "classic") });
}

export async function rollup() {
  const [{ rollup }, { default: resolve }] = [await import("rollup"), await import("@rollup/plugin-node-resolve")];
  const out = folder("rollup");
  const warnings = [];
  const bundle = await rollup({ input: join(APP, "page.mjs"), plugins: [resolve({ browser: true })], onwarn: (warning) => warnings.push(warning.message) });
  await bundle.write({ file: join(out, "page.js"), format: "iife" });
  if (warnings.length > 0) throw new Error(warnings.join("; "));
  await asked(out, { "/index.html": page("page.js", "classic") });
}

export async function parcel(bin) {
  const out = folder("parcel");
  writeFileSync(join(APP, "parcel.html"), page("page.mjs"));
  run(bin, ["build", "parcel.html", "--dist-dir", out, "--cache-dir", join(out, ".cache"), "--no-source-maps"]);
  await asked(out, { "/index.html": readFileSync(join(out, "parcel.html")) });
}

/** An unused import leaves nothing in the bundle: importing has no side effects. */
export async function unused() {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({ stdin: { contents: 'import { Totp } from "otp-core";', resolveDir: APP }, bundle: true, format: "esm", write: false, logLevel: "error" });
  if (outputFiles[0].text.length > 200) throw new Error(`${outputFiles[0].text.length} bytes are left of what nobody uses`);
}
