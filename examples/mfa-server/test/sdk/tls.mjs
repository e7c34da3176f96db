// TLS in front of a server: node tls.mjs PORT ADDRESS CERTIFICATE KEY
import { readFileSync } from "node:fs";
import { proxy } from "../tls.mjs";

const [port, address, cert, key] = process.argv.slice(2);
const front = proxy({ cert: readFileSync(cert), key: readFileSync(key) }, () => address);
front.listen(port, "127.0.0.1", () => console.log("listening"));
