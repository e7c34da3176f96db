// Tries the packed package in each place and prints a table. `node places.mjs` tries the quick
// places, and `node places.mjs all` every place.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as browser from "./browser.mjs";
import * as bundlers from "./bundlers.mjs";
import { APP, HERE, NPM, closeChromium, expectWorks, install, run } from "./tools.mjs";
import * as workerd from "./workerd.mjs";

const bin = (name) => join(HERE, "node_modules/.bin", name);
const version = (name) => JSON.parse(readFileSync(join(HERE, "node_modules", name, "package.json"), "utf8")).version;
const tests = "codes errors export find freed key_uri login pasted recovery seeds wiped".split(" ").map((name) => join(APP, `test/${name}.test.mjs`));

/** Import, require, and the tests of the package. */
function node(program) {
  expectWorks(run(program, ["node.mjs"]));
  expectWorks(run(program, ["require.cjs"]));
  run(program, ["--test", ...tests], { cwd: NPM });
}

/** The first code of README.md, with the right code and with a wrong one. */
function quickStart() {
  const [, code] = readFileSync(join(NPM, "README.md"), "utf8").match(/```js\n([^]*?)```/);
  const typed = (text) => code.replace('"123456"', text);
  if (typed("1") === code) throw new Error("it has no code to replace");
  writeFileSync(join(APP, "right.mjs"), typed("uri.engine().codeAt(Math.floor(Date.now() / 1000))"));
  writeFileSync(join(APP, "wrong.mjs"), typed('"12345x"'));
  run(process.execPath, ["right.mjs"]);
  try {
    run(process.execPath, ["wrong.mjs"]);
  } catch (error) {
    if (error.message.includes("malformed")) return;
    throw error;
  }
  throw new Error("a wrong code is let in");
}

const QUICK = [
  [`Node ${process.versions.node}: import, require`, () => {
    expectWorks(run(process.execPath, ["node.mjs"]));
    expectWorks(run(process.execPath, ["require.cjs"]));
  }],
  ["Node: the quick start of this page", quickStart],
  ["workerd: the tests of the package", workerd.suite],
  ["workerd: the Worker of this page with its Durable Object", () => workerd.durableObject()],
  ["workerd: `run.mjs` of this page, by plain esbuild and miniflare", workerd.plain],
  ["esbuild, for Node", bundlers.esbuildForNode],
  ["esbuild, of an unused import", bundlers.unused],
];

const vite = (name) => [
  [`Vite ${version(name)}, build`, () => bundlers.viteBuild(name)],
  [`Vite ${version(name)}, dev server`, () => bundlers.viteDev(name)],
];

const all = () => [
  ...[18, 20, 22, 24].map((major) => [`Node ${version(`node${major}`)}: import, require, the tests of the package`, () => node(join(HERE, `node_modules/node${major}/bin/node`))]),
  ...QUICK.slice(1, 4),
  [`wrangler ${version("wrangler")}: the Worker of this page`, () => workerd.durableObject(wranglerModules())],
  [`edge-runtime ${version("edge-runtime")} (Vercel)`, edgeRuntime],
  [`Deno ${version("deno")}, without a permission`, () => expectWorks(run(bin("deno"), ["run", "--no-prompt", "--node-modules-dir=manual", "deno.mjs"]))],
  [`Bun ${version("bun")}`, () => expectWorks(run(bin("bun"), ["run", "node.mjs"]))],
  ...QUICK.slice(4),
  ["esbuild, classic script", () => bundlers.esbuild()],
  ["esbuild, module", () => bundlers.esbuild({ format: "esm" })],
  ...["vite5", "vite6", "vite7", "vite8"].flatMap(vite),
  [`webpack ${version("webpack")}`, bundlers.webpack],
  [`Rollup ${version("rollup")}`, bundlers.rollup],
  [`Parcel ${version("parcel")}`, () => bundlers.parcel(bin("parcel"))],
  ["Chromium: modules without a bundler", browser.bareModules],
  ["Chromium: module worker", browser.moduleWorker],
  ["Chromium: classic worker, `importScripts`", browser.classicWorker],
  ["Chromium: service worker, classic", () => browser.serviceWorker("classic")],
  ["Chromium: service worker, module", () => browser.serviceWorker("module")],
  ["Chromium: plain `<script>`", browser.plainScript],
  ["Chromium: `otp-core/bare` with a response, bytes, a module, a URL", browser.brought],
  ["Chromium: a site that forbids WebAssembly is told of it", browser.forbidden],
];

/** Returns the files that `wrangler deploy` would upload. */
function wranglerModules() {
  return workerd.byWrangler(join(HERE, "node_modules/node22/bin/node"), join(HERE, "node_modules/wrangler/bin/wrangler.js"));
}

async function edgeRuntime() {
  return (await import("./edge.mjs")).edgeRuntime();
}

const rows = process.argv[2] === "all" ? all() : QUICK;
install();
console.log("| place | result | s |\n|---|---|--:|");
for (const [name, attempt] of rows) {
  const start = performance.now();
  let result;
  try {
    result = (await attempt()) ?? "works";
  } catch (error) {
    result = `FAILED: ${error.message}`;
    process.exitCode = 1;
  }
  console.log(`| ${name} | ${result} | ${((performance.now() - start) / 1000).toFixed(1)} |`);
}
await closeChromium();
