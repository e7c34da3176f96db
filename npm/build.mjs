// Writes the package from `js/` and the two modules: `node build.mjs MAIN.wasm SEEDS.wasm`. Each entry is one file.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const [main, seeds] = process.argv.slice(2);
const OUT = "pkg";
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);

/** Where the module comes from, in place of `#module`. */
const SOURCES = {
  inline: () => readFileSync("js/inline.js", "utf8"),
  // workerd compiles no bytes: its loader has to see the file.
  workerd: (file) => `import module from "./${file}"; export default () => module;`,
  edge: (file) => `import module from "./${file}?module"; export default () => module;`,
  bare: () => "export default undefined;",
};

async function entry(outfile, entryPoint, wasm, source, options = {}) {
  const file = wasm === main ? "otp_core.wasm" : "seeds.wasm";
  const plugin = {
    name: "module",
    setup(setup) {
      setup.onResolve({ filter: /^#module$/ }, () => ({ path: source, namespace: "module" }));
      setup.onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path }) => ({ path, external: true }));
      setup.onLoad({ filter: /.*/, namespace: "module" }, () => ({ contents: SOURCES[source](file) }));
    },
  };
  const define = source === "inline" ? { MODULE_IN_HEX: JSON.stringify(readFileSync(wasm).toString("hex")) } : {};
  await build({
    entryPoints: [`js/${entryPoint}`], outfile: `${OUT}/${outfile}`, bundle: true, plugins: [plugin], define,
    format: "esm", target: "es2022", charset: "ascii", keepNames: true, logLevel: "warning", ...options,
  });
}

for (const [name, wasm] of [["index", main], ["seeds", seeds]]) {
  await entry(`${name}.js`, `${name}.js`, wasm, "inline");
  await entry(`${name}.cjs`, `${name}.js`, wasm, "inline", { format: "cjs" });
  await entry(`${name}.workerd.js`, `${name}.js`, wasm, "workerd");
  await entry(`${name}.edge-light.js`, `${name}.js`, wasm, "edge");
  // Node's `import` takes what `require` takes, so that a process has one module and not two.
  const { metafile } = await build({ entryPoints: [`js/${name}.js`], bundle: true, write: false, metafile: true, format: "esm", external: ["#module"], outdir: OUT });
  const names = Object.values(metafile.outputs)[0].exports;
  writeFileSync(`${OUT}/${name}.node.mjs`, `import api from "./${name}.cjs";\nexport const { ${names.join(", ")} } = api;\n`);
  for (const extension of ["ts", "cts"]) copyFileSync(`js/${name}.d.ts`, `${OUT}/${name}.d.${extension}`);
}
await entry("bare.js", "index.js", main, "bare");
await entry("global.js", "index.js", main, "inline", { format: "iife", globalName: "otpCore" });
copyFileSync(main, `${OUT}/otp_core.wasm`);
copyFileSync(seeds, `${OUT}/seeds.wasm`);
for (const file of ["js/package.json", "README.md", "../LICENSE-MIT", "../LICENSE-APACHE"]) copyFileSync(file, `${OUT}/${file.split("/").at(-1)}`);
