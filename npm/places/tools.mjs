// The shared part of the places: the packed package in a folder of its own, Chromium, and a server.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";

export const HERE = import.meta.dirname;
export const NPM = resolve(HERE, "..");
/** The folder of an app that has installed the package from its tarball. */
export const APP = resolve(NPM, "target/places/app");
const INSTALLED = join(APP, "node_modules/otp-core");

/**
 * The policy of a strict site: only its own scripts, no eval, no connections, and no Trusted
 * Types policies.
 */
export const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
  + "require-trusted-types-for 'script'; trusted-types 'none'";

export function install() {
  rmSync(APP, { recursive: true, force: true });
  mkdirSync(INSTALLED, { recursive: true });
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", APP], { cwd: join(NPM, "pkg"), encoding: "utf8" }).trim();
  execFileSync("tar", ["-xzf", join(APP, packed), "--strip-components=1", "-C", INSTALLED]);
  cpSync(join(HERE, "apps"), APP, { recursive: true });
  cpSync(join(NPM, "test"), join(APP, "test"), { recursive: true });
  return packed;
}

/** Runs a program, and returns its output. */
export function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", cwd: APP, timeout: 120000, ...options });
  if (status !== 0) throw new Error(`${program}: ${error ?? `${stdout}\n${stderr}`.trim().slice(-1500)}`);
  return stdout.trim();
}

export function expectWorks(text) {
  if (text !== "works") throw new Error(text);
}

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".css": "text/css" };

/** A server of files and of texts by path, with the headers of a strict site. */
export async function serve(folder, texts = {}, csp = STRICT) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const name = path === "/" ? "/index.html" : path;
    try {
      const body = texts[name] ?? readFileSync(join(folder, name));
      response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "text/plain", "content-security-policy": csp }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

let browser;
export async function chromium() {
  if (browser === undefined) {
    const { chromium } = await import("playwright-core");
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
    });
  }
  return browser;
}

export const closeChromium = () => browser?.close();

/**
 * Opens a page, and waits until its title tells the result. A request to another server is a
 * failure.
 */
export async function ask(url) {
  const page = await (await chromium()).newPage();
  const said = [];
  page.on("pageerror", (error) => said.push(error.message));
  page.on("console", (message) => {
    // Every browser asks for an icon.
    if (message.type() === "error" && !message.location().url.endsWith("/favicon.ico")) said.push(message.text());
  });
  page.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (origin !== new URL(url).origin && request.url().startsWith("http")) said.push(`a request to ${origin}`);
  });
  try {
    await page.goto(url);
    await page.waitForFunction(() => /^(works|failed)/.test(document.title), undefined, { timeout: 20000 })
      .catch(() => { throw new Error(`no answer: ${said.join("; ")}`); });
    expectWorks(await page.title());
    if (said.length > 0) throw new Error(said.join("; "));
  } finally {
    await page.close();
  }
}

export const page = (script, type = "module") => `<!doctype html><title>…</title><script ${type === "module" ? 'type="module" ' : ""}src="${script}"></script>`;
