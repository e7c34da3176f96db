// Tests with Auth0's own SDK for JavaScript, which only gets a domain and a client.
import assert from "node:assert/strict";
import https from "node:https";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import {
  AuthClient, MfaChallengeError, MfaEnrollmentError, MfaListAuthenticatorsError, MfaVerifyError, isMfaRequiredError,
} from "@auth0/auth0-auth-js";
import { createLocalJWKSet, jwtVerify } from "jose";
import { PASSWORD, code, signUp } from "./server.mjs";
import { startBehindTls } from "./tls.mjs";

let server, domain, ca;

before(async () => {
  server = await startBehindTls();
  ({ domain, ca } = server);
});

after(() => server?.stop());

/** A `fetch` that trusts only the certificate of this test. */
async function customFetch(input, init) {
  const request = new Request(input, init);
  const body = Buffer.from(await request.arrayBuffer());
  return new Promise((resolve, reject) => {
    const options = { method: request.method, headers: Object.fromEntries(request.headers), ca };
    https.request(request.url, options, async (answer) => {
      const bytes = await buffer(answer);
      const { statusCode: status, headers } = answer;
      resolve(new Response(status === 204 ? null : bytes, { status, headers }));
    }).on("error", reject).end(body);
  });
}

const sdk = (more = {}) => new AuthClient({
  domain, clientId: server.clientId, clientSecret: server.clientSecret, customFetch, ...more,
});

/** Logs in by password. The SDK's error asks for the second factor. Returns the error's cause. */
async function logIn(client, username, more = {}) {
  const error = await client.getTokenByPassword({ username, password: PASSWORD, ...more }).catch((error) => error);
  assert.ok(isMfaRequiredError(error), `${error}`);
  return error.cause;
}

async function enrolled(client, username, more) {
  await signUp(server, username);
  const { mfa_token: mfaToken } = await logIn(client, username, more);
  const enrolment = await client.mfa.enrollAuthenticator({ authenticatorTypes: ["otp"], mfaToken });
  const tokens = await client.mfa.verify({ factorType: "otp", mfaToken, otp: code(enrolment.secret, -30) });
  return { ...enrolment, tokens, mfaToken };
}

test("from a password to the second factor", async () => {
  const client = sdk();
  const connection = "Username-Password-Authentication";
  const user = await client.database.signUp({ email: "alice@example.com", password: PASSWORD, connection });
  assert.equal(user.email, "alice@example.com");
  const first = await logIn(client, "alice@example.com");
  assert.deepEqual(first.mfa_requirements, { enroll: [{ type: "otp" }] });
  const mfaToken = first.mfa_token;
  assert.deepEqual(await client.mfa.listAuthenticators({ mfaToken }), []);

  const enrolment = await client.mfa.enrollAuthenticator({ authenticatorTypes: ["otp"], mfaToken });
  assert.equal(enrolment.authenticatorType, "otp");
  assert.match(enrolment.barcodeUri, /^otpauth:\/\/totp\/demo:alice%40example\.com\?secret=[A-Z2-7]{32}&issuer=demo&/);
  assert.equal(enrolment.recoveryCodes.length, 1);
  const tokens = await client.mfa.verify({ factorType: "otp", mfaToken, otp: code(enrolment.secret, -30) });
  const claims = await verified(tokens.idToken, server.clientId);
  assert.deepEqual(tokens.claims.sub, claims.sub);
  assert.ok(tokens.expiresAt - Date.now() / 1000 > 590);

  const second = await logIn(client, "alice@example.com");
  assert.deepEqual(second.mfa_requirements, { challenge: [{ type: "otp" }, { type: "recovery-code" }] });
  const list = await client.mfa.listAuthenticators({ mfaToken: second.mfa_token });
  assert.deepEqual(list.map(({ authenticatorType, active, type }) => [authenticatorType, active, type]),
    [["recovery-code", true, "recovery-code"], ["otp", true, "otp"]]);
  const challenge = await client.mfa.challengeAuthenticator({
    challengeType: "otp", authenticatorId: list[1].id, mfaToken: second.mfa_token,
  });
  assert.equal(challenge.challengeType, "otp");
  await client.mfa.verify({ factorType: "otp", mfaToken: second.mfa_token, otp: code(enrolment.secret) });
});

/** Verifies a token with the published keys, also its issuer and audience. Returns its claims. */
async function verified(token, audience) {
  const discovery = await (await customFetch(`https://${domain}/.well-known/openid-configuration`)).json();
  assert.equal(discovery.issuer, `https://${domain}/`);
  const keys = createLocalJWKSet(await (await customFetch(discovery.jwks_uri)).json());
  return (await jwtVerify(token, keys, { issuer: discovery.issuer, audience })).payload;
}

test("a recovery code, and its replacement", async () => {
  const client = sdk();
  const { recoveryCodes: [recoveryCode] } = await enrolled(client, "bob@example.com");
  const recover = async (recoveryCode) => client.mfa.verify({
    factorType: "recovery-code", mfaToken: (await logIn(client, "bob@example.com")).mfa_token, recoveryCode,
  });
  const tokens = await recover(recoveryCode);
  assert.match(tokens.recoveryCode, /^[0-9A-Z]{24}$/);
  await assert.rejects(recover(recoveryCode), (error) => refused(error, "invalid_grant"));
  await recover(tokens.recoveryCode);
});

/** Checks that the SDK's error has the server's reason. */
function refused(error, kind) {
  assert.ok(error instanceof MfaVerifyError, `${error}`);
  assert.equal(error.cause.error, kind);
  return true;
}

test("refusals are the SDK's errors", async () => {
  const client = sdk();
  const { secret, mfaToken: spent } = await enrolled(client, "carol@example.com");
  const verify = async (otp, mfaToken) => client.mfa.verify({
    factorType: "otp", mfaToken: mfaToken ?? (await logIn(client, "carol@example.com")).mfa_token, otp,
  });
  await assert.rejects(verify(code(secret), spent), (error) => refused(error, "invalid_grant"));
  await assert.rejects(verify(code(secret, -30)), (error) => refused(error, "invalid_grant"), "a replay");
  for (let guess = 0; guess < 5; guess++) {
    await assert.rejects(verify("000000"), (error) => refused(error, "invalid_grant"));
  }
  await assert.rejects(verify(code(secret)), (error) => refused(error, "too_many_attempts"));

  const { mfa_token: mfaToken } = await logIn(client, "carol@example.com");
  await assert.rejects(client.mfa.enrollAuthenticator({ authenticatorTypes: ["otp"], mfaToken }), (error) => {
    assert.ok(error instanceof MfaEnrollmentError);
    return /already enrolled/.test(error.message);
  });
  await assert.rejects(client.mfa.challengeAuthenticator({ challengeType: "oob", mfaToken }), MfaChallengeError);
  await assert.rejects(client.mfa.listAuthenticators({ mfaToken: "unknown" }), MfaListAuthenticatorsError);

  const wrong = await client.getTokenByPassword({ username: "carol@example.com", password: "wrong" }).catch((error) => error);
  assert.equal(wrong.cause.error, "invalid_grant");
  const stranger = sdk({ clientSecret: "wrong" });
  const unknown = await stranger.getTokenByPassword({ username: "carol@example.com", password: PASSWORD })
    .catch((error) => error);
  assert.equal(unknown.cause.error, "access_denied");
});

test("an access token for the factors lists and deletes them", async () => {
  const client = sdk();
  const asked = { audience: `https://${domain}/mfa/`, scope: "openid enroll read:authenticators remove:authenticators" };
  const { tokens } = await enrolled(client, "dave@example.com", asked);
  const mfaToken = tokens.accessToken;
  await verified(mfaToken, asked.audience);
  const [, otp] = await client.mfa.listAuthenticators({ mfaToken });
  await client.mfa.deleteAuthenticator({ authenticatorId: otp.id, mfaToken });
  assert.deepEqual(await client.mfa.listAuthenticators({ mfaToken }), []);
});
