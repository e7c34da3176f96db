// TLS in front of a server: node tls.mjs PORT ADDRESS CERTIFICATE KEY
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

const [port, address, cert, key] = process.argv.slice(2);
https.createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
  const { method, url, headers } = request;
  const forwarded = http.request(address + url, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  request.pipe(forwarded);
}).listen(port, "127.0.0.1", () => console.log("listening"));
