// Cloudflare's runtime: the tests of the package in it, and the Worker of README.md with 32 racers.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { APP, NPM, run } from "./tools.mjs";

// The version of the package's own folder, and not the one that wrangler installs.
const { Miniflare } = createRequire(join(NPM, "package.json"))("miniflare");
const DATE = "2026-04-01";

/**
 * Bundles as wrangler does: with the conditions of Workers, and with `.wasm` files as separate
 * modules.
 */
export async function bundle(entry, plugins = []) {
  const modules = new Map();
  const wasm = {
    name: "wasm",
    setup(setup) {
      setup.onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
        modules.set(path, readFileSync(join(resolveDir, path)));
        return { path, external: true };
      });
    },
  };
  const { outputFiles } = await build({
    ...entry, bundle: true, write: false, format: "esm", target: "es2022", conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"], plugins: [...plugins, wasm], nodePaths: [join(APP, "node_modules")], logLevel: "error",
  });
  return [
    { type: "ESModule", path: "worker.mjs", contents: outputFiles[0].text },
    ...[...modules].map(([path, contents]) => ({ type: "CompiledWasm", path: path.replace("./", ""), contents })),
  ];
}

/** The files that tests read, by their path in the project. */
function files() {
  const root = join(NPM, "..");
  const of = (folder, ending) => readdirSync(join(root, folder)).filter((file) => ending.test(file)).map((file) => `${folder}/${file}`);
  const paths = ["tests/data/pasted.txt", ...of("tests/data/pskc", /^python|txt$/), ...of("npm/js", /(js|ts)$/), ...of("npm/src", /rs$/)];
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** Node's test runner, as much of it as the tests take; and the files. */
const inPlaceOfNode = {
  name: "in place of Node",
  setup(setup) {
    setup.onResolve({ filter: /^node:test$/ }, () => ({ path: "test", namespace: "shim" }));
    setup.onResolve({ filter: /data\.mjs$/ }, () => ({ path: "data", namespace: "shim" }));
    setup.onLoad({ filter: /^test$/, namespace: "shim" }, () => ({
      contents: "export const tests = []; export const test = (name, run) => tests.push([name, run]);",
    }));
    setup.onLoad({ filter: /^data$/, namespace: "shim" }, () => ({
      contents: `const files = ${JSON.stringify(files())}; export const read = (file) => files[file];`,
    }));
  },
};

export async function suite() {
  const names = readdirSync(join(APP, "test")).filter((name) => name.endsWith(".test.mjs") && !["freed.test.mjs", "guide.test.mjs", "wiped.test.mjs"].includes(name));
  const contents = `${names.map((name) => `import "./test/${name}";`).join("\n")}
    import { tests } from "node:test";
    export default { async fetch() {
      const failed = [];
      for (const [name, run] of tests) {
        try { await run(); } catch (error) { failed.push(name + ": " + error.stack); }
      }
      return Response.json({ run: tests.length, failed });
    } };`;
  const modules = await bundle({ stdin: { contents, resolveDir: APP } }, [inPlaceOfNode]);
  const worker = new Miniflare({ modules, modulesRoot: "/", compatibilityDate: DATE, compatibilityFlags: ["nodejs_compat"] });
  try {
    const { run, failed } = await (await worker.dispatchFetch("http://localhost/")).json();
    if (failed.length > 0 || run < 90) throw new Error(`${failed.length} of ${run} failed: ${failed.join("\n").slice(0, 2000)}`);
    return `${run} tests`;
  } finally {
    await worker.dispose();
  }
}

/** A block of README.md, by the name that the text gives it. */
export function readme(name) {
  const text = readFileSync(join(NPM, "README.md"), "utf8");
  return text.slice(text.indexOf(`\`${name}\`:`)).match(/```\w+\n([^]*?)```/)[1];
}

/** Writes the files of the Worker of README.md into a folder, and returns it. */
function written() {
  const root = join(APP, "worker");
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  for (const name of ["worker.js", "seal.js", "words.js", "wrangler.jsonc", "run.mjs"]) writeFileSync(join(root, name), readme(name));
  writeFileSync(join(root, ".dev.vars"), `OTP_KEY=${Buffer.alloc(32, 7).toString("base64")}\n`);
  return root;
}

/** Runs the Worker of README.md: an enrolment, and 32 requests with one code. */
export async function durableObject(modules) {
  const { durable_objects: { bindings: [binding] }, compatibility_date: date } = JSON.parse(readme("wrangler.jsonc"));
  const worker = new Miniflare({
    modules: modules ?? await bundle({ entryPoints: [join(written(), "worker.js")] }), modulesRoot: "/",
    compatibilityDate: date, bindings: { OTP_KEY: Buffer.alloc(32, 7).toString("base64") }, durableObjects: { [binding.name]: { className: binding.class_name, useSQLite: true } },
  });
  const post = (path, body) => worker.dispatchFetch(`http://localhost${path}`, { method: "POST", body: JSON.stringify(body) });
  try {
    const alice = { user: "alice" };
    const asked = async () => (await (await post("/requires-code", alice)).json()).requiresCode;
    // The page was closed before the scan of the first one.
    const [first, second] = [await post("/enrol", alice), await post("/enrol", alice)];
    if (first.status !== 200 || second.headers.get("cache-control") !== "no-store") throw new Error("an enrolment is not answered rightly");
    const enrolled = await second.json();
    if (enrolled.uri === (await first.json()).uri || await asked()) throw new Error("a new enrolment does not replace an unconfirmed one");
    const { KeyUri } = await import(join(APP, "node_modules/otp-core/index.node.mjs"));
    const engine = KeyUri.parse(enrolled.uri).engine();
    const code = engine.codeAt(Math.floor(Date.now() / 1000));
    const answers = await Promise.all(Array.from({ length: 32 }, () => post("/login", { user: "alice", code })));
    const statuses = answers.map(({ status }) => status);
    const verdicts = await Promise.all(answers.map((answer) => answer.json()));
    const accepted = verdicts.filter((verdict) => verdict.accepted).length;
    const others = verdicts.every(({ accepted, words }) => accepted || /^(This code was used|Try again)/.test(words));
    if (accepted !== 1 || !others || statuses.filter((status) => status === 200).length !== 1) {
      throw new Error(`of 32 requests with one code: ${JSON.stringify(verdicts)}`);
    }
    if (!await asked()) throw new Error("a login does not ask for a code after the confirmation");
    const expected = [
      ["/login", { user: "alice", code: "000000" }, 401], ["/login", { user: "bob", code }, 401], ["/login", { user: "alice" }, 400],
      ["/login", { code }, 400], ["/login", null, 400], ["/enrol", alice, 409], ["/", alice, 404],
      // Names that no key URI can have, or no account.
      ["/enrol", { user: "a\nb" }, 400], ["/enrol", { user: "a\u202eb" }, 400], ["/enrol", { user: "x".repeat(255) }, 400],
      ["/enrol", { user: "x".repeat(254) }, 200], ["/login", { user: "alice", code: "1".repeat(255) }, 400],
    ];
    for (const [path, body, status] of expected) {
      const answer = await post(path, body);
      if (answer.status !== status) throw new Error(`${path} ${JSON.stringify(body)}: ${answer.status} and not ${status}`);
    }
    return "1 of 32 accepted";
  } finally {
    await worker.dispose();
  }
}

/** Runs `run.mjs` of README.md: plain esbuild and Miniflare. */
export function plain() {
  const told = run(process.execPath, ["run.mjs"], { cwd: written() });
  if (!/^200 \{"uri":"otpauth:/.test(told)) throw new Error(told);
}

/** Builds the files of README.md with wrangler, as a newcomer does. */
export function byWrangler(node, wrangler) {
  const root = written();
  run(node, [wrangler, "deploy", "--dry-run", "--outdir", "out"], { cwd: root, env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1" } });
  return readdirSync(join(root, "out")).filter((name) => /\.(js|wasm)$/.test(name))
    .sort((a, b) => b.endsWith(".js") - a.endsWith(".js"))
    .map((name) => ({
      type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule", path: name, contents: readFileSync(join(root, "out", name)),
    }));
}
