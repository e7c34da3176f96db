// As in production: TLS in front of a server, which has its public address from --issuer.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "./server.mjs";

/** Forwards requests to the server that `address` returns. */
export function proxy({ key, cert }, address) {
  return https.createServer({ key, cert }, (request, response) => {
    const { method, url, headers } = request;
    const forwarded = http.request(address() + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    request.pipe(forwarded);
  });
}

/** Starts a server behind TLS. Returns also the domain for SDKs, and the certificate. */
export async function startBehindTls(...flags) {
  const folder = mkdtempSync(join(tmpdir(), "tls-"));
  const [keyFile, certFile] = ["key", "cert"].map((name) => join(folder, name));
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
    "-keyout", keyFile, "-out", certFile, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], { stdio: "ignore" });
  const [key, cert] = [keyFile, certFile].map((file) => readFileSync(file));
  rmSync(folder, { recursive: true });
  let server;
  const front = proxy({ key, cert }, () => server.address);
  await new Promise((resolve) => front.listen(0, "127.0.0.1", resolve));
  const domain = `localhost:${front.address().port}`;
  const stop = async () => {
    front.close();
    front.closeAllConnections();
    await server?.stop();
  };
  try {
    server = await start("--issuer", `https://${domain}`, ...flags);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...server, domain, ca: cert, stop };
}
