// npm auth0 4, over TLS: sign-up, and passwords before and after an enrolment. The SDK has no
// call for `/mfa/*`, so this app sends those requests itself. The server runs with --mfa
// optional.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { AuthenticationClient } from "auth0";

const [domain, clientId, clientSecret] = process.argv.slice(2);
const auth = new AuthenticationClient({ domain, clientId, clientSecret });
const email = "node@example.com";
const password = "correct horse battery";
const connection = "Username-Password-Authentication";
const failed = async (call) => call.then(() => assert.fail("the call did not fail"), (error) => error);

const { data: user } = await auth.database.signUp({ email, password, connection });
assert.equal(user.email, email);
const weak = await failed(auth.database.signUp({ email: "weak@example.com", password: "short", connection }));
assert.deepEqual([weak.statusCode, weak.error, JSON.parse(weak.body).name], [400, "invalid_password", "PasswordStrengthError"]);
const twice = await failed(auth.database.signUp({ email, password, connection }));
assert.deepEqual([twice.statusCode, twice.error], [400, "invalid_signup"]);

// The SDK verifies the id_token.
const asked = { username: email, password, realm: connection };
const { data: tokens } = await auth.oauth.passwordGrant({ ...asked, scope: "openid email" });
assert.equal(tokens.scope, "openid email");
const wrong = await failed(auth.oauth.passwordGrant({ ...asked, password: "wrong" }));
assert.deepEqual([wrong.statusCode, wrong.error, wrong.error_description], [403, "invalid_grant", "Wrong email or password."]);
const stranger = new AuthenticationClient({ domain, clientId, clientSecret: "wrong" });
const refused = await failed(stranger.oauth.passwordGrant({ ...asked }));
assert.deepEqual([refused.statusCode, refused.error], [401, "access_denied"]);
const unsupported = await failed(auth.oauth.clientCredentialsGrant({ audience: "https://someapi.com/api" }));
assert.deepEqual([unsupported.statusCode, unsupported.error], [403, "unsupported_grant_type"]);

const { data: access } = await auth.oauth.passwordGrant({ ...asked, audience: `https://${domain}/mfa/`, scope: "enroll" });
const post = async (path, body, token) => {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`https://${domain}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, path);
  return answer.json();
};
const { secret } = await post("/mfa/associate", { authenticator_types: ["otp"] }, access.access_token);
const confirm = (mfaToken, seconds) => post("/oauth/token", {
  grant_type: "http://auth0.com/oauth/grant-type/mfa-otp", client_id: clientId, client_secret: clientSecret, mfa_token: mfaToken,
  otp: execFileSync("oathtool", ["--totp", "--base32", "--now", `now + ${seconds} seconds`, secret], { encoding: "utf8" }).trim(),
});
await confirm(access.access_token, 0);

const required = await failed(auth.oauth.passwordGrant({ ...asked }));
assert.deepEqual([required.statusCode, required.error], [403, "mfa_required"]);
const { mfa_token: mfaToken } = JSON.parse(required.body);
assert.ok((await confirm(mfaToken, 30)).access_token);
