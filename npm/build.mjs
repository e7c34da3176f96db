// Writes the package from `js/` and the two modules: `node build.mjs MAIN.wasm SEEDS.wasm`. Each
// entry is one file.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";

const [main, seeds] = process.argv.slice(2);
const OUT = "pkg";
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);

/** The sources of the module: the texts that replace `#module` and `#hex`. */
const SOURCES = {
  inline: (wasm) => ({ hex: `export default () => ${JSON.stringify(hex(wasm))};` }),
  // The first call reads the text from a file of its own: Node reads an imported file twice.
  required: (wasm) => ({ hex: `export default () => require("./${basename(wasm)}.json");` }),
  // workerd does not compile bytes. Its loader has to see the file.
  workerd: (wasm) => ({ module: `import module from "./${basename(wasm)}"; export default () => module;` }),
  edge: (wasm) => ({ module: `import module from "./${basename(wasm)}?module"; export default () => module;` }),
  bare: () => ({ module: "export default undefined;" }),
};

const hex = (wasm) => readFileSync(wasm).toString("hex");

async function entry(outfile, entryPoint, wasm, source, options = {}) {
  const { hex, module = readFileSync("js/inline.js", "utf8") } = SOURCES[source](wasm);
  const plugin = {
    name: "module",
    setup(setup) {
      setup.onResolve({ filter: /^#/ }, ({ path }) => ({ path, namespace: "module" }));
      setup.onResolve({ filter: /\.wasm/ }, ({ path }) => ({ path, external: true }));
      setup.onLoad({ filter: /^#module$/, namespace: "module" }, () => ({ contents: module }));
      setup.onLoad({ filter: /^#hex$/, namespace: "module" }, () => ({ contents: hex }));
    },
  };
  const { metafile } = await build({
    entryPoints: [`js/${entryPoint}`], outfile: `${OUT}/${outfile}`, bundle: true, plugins: [plugin], metafile: true,
    format: "esm", target: "es2022", charset: "ascii", keepNames: true, logLevel: "warning", ...options,
  });
  return Object.values(metafile.outputs)[0].exports;
}

for (const [name, wasm] of [["index", main], ["seeds", seeds]]) {
  const names = await entry(`${name}.js`, `${name}.js`, wasm, "inline");
  await entry(`${name}.cjs`, `${name}.js`, wasm, "required", { format: "cjs" });
  await entry(`${name}.workerd.js`, `${name}.js`, wasm, "workerd");
  await entry(`${name}.edge-light.js`, `${name}.js`, wasm, "edge");
  // Node's `import` loads the file of `require`, so that a process has one module and not two.
  writeFileSync(`${OUT}/${name}.node.mjs`, `import api from "./${name}.cjs";\nexport const { ${names.join(", ")} } = api;\n`);
  writeFileSync(`${OUT}/${basename(wasm)}.json`, JSON.stringify(hex(wasm)));
  copyFileSync(wasm, `${OUT}/${basename(wasm)}`);
  for (const extension of ["ts", "cts"]) copyFileSync(`js/${name}.d.ts`, `${OUT}/${name}.d.${extension}`);
}
await entry("bare.js", "index.js", main, "bare");
await entry("global.js", "index.js", main, "inline", { format: "iife", globalName: "otpCore" });
// The repository stands once, in Cargo.toml.
const [, repository] = readFileSync("../Cargo.toml", "utf8").match(/^repository = "(.*)"$/m);
const manifest = JSON.parse(readFileSync("js/package.json", "utf8"));
manifest.repository = { type: "git", url: `git+${repository}.git`, directory: "npm" };
writeFileSync(`${OUT}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
for (const file of ["README.md", "../LICENSE-MIT", "../LICENSE-APACHE"]) copyFileSync(file, `${OUT}/${basename(file)}`);
