// Starts a server for a test, and makes codes with oathtool.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = process.env.MFA_SERVER
  ?? fileURLToPath(new URL("../../../target/debug/mfa-server", import.meta.url));

export const PASSWORD = "correct horse battery";

/**
 * Starts a server in an empty folder. Returns its address, its demo client (unless a file has
 * clients), the folder, and a function that stops it.
 */
export async function start(...flags) {
  const folder = mkdtempSync(join(tmpdir(), "mfa-server-"));
  const server = spawn(PROGRAM, ["--listen", "127.0.0.1:0", ...flags], {
    cwd: folder, stdio: ["ignore", "pipe", "ignore"], env: { PATH: process.env.PATH },
  });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const stop = async () => {
    server.kill();
    await ended;
    rmSync(folder, { recursive: true });
  };
  const printed = {};
  for await (const line of createInterface({ input: server.stdout })) {
    const [, field, value] = /^(Listening on|client_id|client_secret) (\S+)$/.exec(line) ?? [];
    if (field) printed[field] = value;
    if (field === "client_secret" || line.startsWith("Clients are")) break;
  }
  if (!printed["Listening on"]) throw new Error(`${PROGRAM} did not start`);
  const address = printed["Listening on"].replace(/\/$/, "");
  return { address, clientId: printed.client_id, clientSecret: printed.client_secret, folder, stop };
}

export async function signUp({ address, clientId }, email) {
  const response = await fetch(`${address}/dbconnections/signup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_id: clientId, email, password: PASSWORD }),
  });
  if (!response.ok) throw new Error(await response.text());
}

/**
 * Returns the code of the time in `seconds` seconds. The server accepts 30 seconds before and
 * after now, and each code must be later than the last one. A code from before would be too old if
 * a new step began meanwhile, so this function then waits for the next step.
 */
export function code(secret, seconds = 0) {
  const left = 30_000 - (Date.now() % 30_000);
  if (seconds < 0 && left < 4000) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left + 100);
  const at = `${Math.floor(Date.now() / 1000) + seconds}`;
  return execFileSync("oathtool", ["--totp", "--base32", "--now", `@${at}`, secret], { encoding: "utf8" }).trim();
}
