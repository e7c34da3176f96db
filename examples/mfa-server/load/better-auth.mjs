// better-auth for compare.sh. Run it in a folder that has the packages.
//
//   better-auth.mjs fill FILE ACCOUNTS          makes accounts with TOTP and waiting logins
//   better-auth.mjs bodies ACCOUNTS LOGIN CODE  prints a cookie and a request per account
//   better-auth.mjs serve FILE PORT             runs the server
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const LOGINS = 4;
const SECRET = "the secret of the load, and only of the load";
const TOTP = "the secret of all of the accounts";
// The packages are in the current folder, not in this file's folder.
const packages = createRequire(`${process.cwd()}/`);
const load = (name) => import(pathToFileURL(packages.resolve(name)));

async function open(file) {
  const { betterAuth } = await load("better-auth");
  const { twoFactor } = await load("better-auth/plugins");
  const { default: Database } = await load("better-sqlite3");
  const database = new Database(file);
  const auth = betterAuth({
    database, secret: SECRET, baseURL: "http://127.0.0.1", trustedOrigins: ["http://127.0.0.1"],
    emailAndPassword: { enabled: true }, plugins: [twoFactor()], rateLimit: { enabled: false },
    telemetry: { enabled: false },
  });
  return { auth, database };
}

const identifier = (account, login) => `2fa-account${account}login${login}`;

const [what, ...args] = process.argv.slice(2);
if (what === "fill") {
  const { auth, database } = await open(args[0]);
  const { getMigrations } = await load("better-auth/db/migration").catch(() => load("better-auth/db"));
  await (await getMigrations(auth.options)).runMigrations();
  const { symmetricEncrypt } = await load("better-auth/crypto");
  const context = await auth.$context;
  const secret = await symmetricEncrypt({ key: context.secretConfig ?? SECRET, data: TOTP });
  const expiresAt = new Date(Date.now() + 86_400_000);
  database.exec("BEGIN");
  for (let account = 0; account < Number(args[1]); account += 1) {
    const user = await context.internalAdapter.createUser({
      email: `user${account}@example.com`, name: "", emailVerified: true, twoFactorEnabled: true,
    });
    await context.adapter.create({ model: "twoFactor", data: { userId: user.id, secret, backupCodes: "", verified: true } });
    for (let login = 0; login < LOGINS; login += 1) {
      const name = identifier(account, login);
      await context.internalAdapter.createVerificationValue({ value: user.id, identifier: name, expiresAt });
      await context.internalAdapter.createVerificationValue({ value: "0", identifier: `2fa-attempts-${name}`, expiresAt });
    }
  }
  database.exec("COMMIT");
} else if (what === "bodies") {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", TOTP).update(counter).digest();
  const right = `${(mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000}`.padStart(6, "0");
  const code = args[2] === "right" ? right : right.startsWith("0") ? "999999" : "000000";
  const lines = [];
  for (let account = 0; account < Number(args[0]); account += 1) {
    const value = identifier(account, args[1]);
    const signature = createHmac("sha256", SECRET).update(value).digest("base64");
    lines.push(`better-auth.two_factor=${encodeURIComponent(`${value}.${signature}`)}\t${JSON.stringify({ code })}\n`);
  }
  process.stdout.write(lines.join(""));
} else {
  const { auth } = await open(args[0]);
  const { toNodeHandler } = await load("better-auth/node");
  createServer(toNodeHandler(auth)).listen(Number(args[1]), "127.0.0.1", () => console.log("listening"));
}
