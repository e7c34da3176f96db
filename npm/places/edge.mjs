// Vercel's edge runtime. Like workerd it forbids compiling bytes: its loader passes a compiled
// module.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";
import { APP, expectWorks } from "./tools.mjs";

export async function edgeRuntime() {
  const wasm = {
    name: "wasm",
    setup(setup) {
      setup.onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path.replace("?module", "")), namespace: "wasm" }));
      setup.onLoad({ filter: /.*/, namespace: "wasm" }, ({ path }) => {
        loaded.push(path);
        return { contents: "export default globalThis.theModule;" };
      });
    },
  };
  const loaded = [];
  const { outputFiles } = await build({
    stdin: { contents: 'import { tried } from "./tried.mjs"; addEventListener("fetch", (event) => event.respondWith(tried().then((text) => new Response(text), (error) => new Response(String(error)))));', resolveDir: APP },
    bundle: true, write: false, format: "iife", conditions: ["edge-light", "worker", "browser"], plugins: [wasm], logLevel: "error",
  });
  if (loaded.length !== 1) throw new Error("the entry for edge-light was not taken");
  const runtime = new EdgeRuntime({
    extend: (context) => Object.assign(context, { theModule: new WebAssembly.Module(readFileSync(loaded[0])) }),
    initialCode: outputFiles[0].text,
  });
  const response = await runtime.dispatchFetch("http://localhost/");
  expectWorks(await response.text());
}
