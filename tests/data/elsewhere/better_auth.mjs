// Writes better_auth.json: rows that better-auth itself has stored, and their codes.
//
//     npm install better-auth@1.7.25 && node better_auth.mjs >better_auth.json
//
// The secrets are new in each run.

import { readFileSync } from "node:fs";

import { base32 } from "@better-auth/utils/base32";
import { createOTP } from "@better-auth/utils/otp";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { symmetricDecrypt, symmetricEncrypt } from "better-auth/crypto";
import { twoFactor } from "better-auth/plugins";

const STEP = 59_666_666;
const SECRET = "a secret of the server, which has 32 symbols or more";
const password = "correct horse battery staple";

async function enrolled(name, { settings = { secret: SECRET }, byMail, imported, confirm }) {
  const database = { user: [], session: [], account: [], verification: [], twoFactor: [] };
  const auth = betterAuth({
    ...settings,
    appName: "ACME",
    baseURL: "http://localhost:3000",
    database: memoryAdapter(database),
    emailAndPassword: { enabled: true },
    plugins: [twoFactor({ otpOptions: { sendOTP() {} } })],
  });
  let cookie;
  const call = async (api, body) => {
    const answer = await api({ body, headers: new Headers({ cookie }), returnHeaders: true });
    const cookies = answer.headers.getSetCookie().map((line) => line.split(";")[0]);
    cookie = cookies.length > 0 ? cookies.join("; ") : cookie;
    return answer.response;
  };
  await call(auth.api.signUpEmail, { email: "ada@example.com", name: "Ada", password });
  if (byMail) await call(auth.api.enableTwoFactor, { password, method: "otp" });
  const { backupCodes } = await call(auth.api.enableTwoFactor, { password });
  const [row] = database.twoFactor;

  // The lines of docs/migrate/better-auth.md.
  const { secretConfig } = await auth.$context;
  if (imported) {
    const data = `base32:${imported}`;
    row.secret = await symmetricEncrypt({ key: secretConfig, data });
  }
  const text = await symmetricDecrypt({ key: secretConfig, data: row.secret });

  const otp = createOTP(imported ? base32.decode(imported) : text);
  if (confirm) await call(auth.api.verifyTOTP, { code: await otp.totp() });
  const { totpURI } = await call(auth.api.getTOTPURI, { password });
  const codes = {};
  for (let offset = -4; offset <= 4; offset += 1) codes[offset] = await otp.hotp(STEP + offset);
  if (new Set(Object.values(codes)).size !== 9) throw new Error("two codes are equal: run again");
  const listed = await symmetricDecrypt({ key: secretConfig, data: row.backupCodes });
  if (listed !== JSON.stringify(backupCodes)) throw new Error("the backup codes are not this list");
  const { twoFactorEnabled } = database.user[0];
  return { name, row, twoFactorEnabled, text, totpURI, codes, backupCodes };
}

const { version } = JSON.parse(readFileSync("node_modules/better-auth/package.json", "utf8"));
const rows = [
  await enrolled("confirmed", { confirm: true }),
  await enrolled("not confirmed", {}),
  await enrolled("not confirmed, but codes by mail are on", { byMail: true }),
  await enrolled("imported from another system", { imported: "JBSWY3DPEHPK3PXP", confirm: true }),
  await enrolled("encrypted by a list of secrets", {
    settings: { secrets: [{ version: 2, value: SECRET }] },
    confirm: true,
  }),
];
console.log(JSON.stringify({ versions: `better-auth ${version}`, rows }, null, 1));
