// @auth0/auth0-spa-js in Chromium: a public client whose app has another origin. The SDK has no
// call for passwords, and gets its first tokens from /authorize, which this server does not
// have. So the app logs in by itself, and gives the mfa_token to the SDK. `test.sh` runs this
// in its long form.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { PASSWORD, code } from "../server.mjs";
import { startBehindTls } from "../tls.mjs";

const SDK = fileURLToPath(new URL("../../node_modules/@auth0/auth0-spa-js/dist/auth0-spa-js.production.js", import.meta.url));
const API = "https://someapi.com/api";

let server, browser, app, foreign;

/** Serves the app from its own server. The SDK needs a secure context, and localhost is one. */
async function pages() {
  const files = { "/": ["text/html", "<!doctype html><script src=sdk.js></script>"], "/sdk.js": ["text/javascript", readFileSync(SDK)] };
  const pages = http.createServer(({ url }, response) => {
    const [type, body] = files[url] ?? ["text/plain", ""];
    response.writeHead(200, { "content-type": type }).end(body);
  });
  await new Promise((resolve) => pages.listen(0, "127.0.0.1", resolve));
  const origin = `http://localhost:${pages.address().port}`;
  const stop = () => {
    pages.close();
    pages.closeAllConnections();
  };
  return { origin, stop };
}

before(async () => {
  [app, foreign] = await Promise.all([pages(), pages()]);
  const config = join(tmpdir(), `mfa-server-${process.pid}.toml`);
  writeFileSync(config, `
    page = false
    [[client]]
    id = "spa"
    public = true
    origins = ["${app.origin}"]
    [[api]]
    audience = "${API}"
    scopes = ["read:sample"]
  `);
  try {
    server = await startBehindTls("--config", config);
  } finally {
    rmSync(config);
  }
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  });
});

after(async () => {
  await browser?.close();
  app?.stop();
  foreign?.stop();
  await server?.stop();
});

/** Opens a page of this origin, with a client of the SDK in it. */
async function opened({ origin }) {
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  page.setDefaultTimeout(8000);
  await page.goto(origin);
  await page.evaluate(({ domain, password, audience }) => {
    const scope = "openid profile email offline_access read:sample";
    const client = new auth0.Auth0Client({
      domain, clientId: "spa", useRefreshTokens: true, cacheLocation: "memory", authorizationParams: { audience, scope },
    });
    const post = async (path, body) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`https://${domain}${path}`, { method: "POST", headers, body: JSON.stringify({ client_id: "spa", ...body }) });
      return { status: answer.status, body: await answer.json() };
    };
    const app = {
      client,
      signUp: (email) => post("/dbconnections/signup", { email, password }),
      // The app's replacement for loginWithRedirect.
      async logIn(username) {
        const grant = "http://auth0.com/oauth/grant-type/password-realm";
        const realm = "Username-Password-Authentication";
        const { body } = await post("/oauth/token", { grant_type: grant, realm, username, password, audience, scope });
        client.mfa.setMFAAuthDetails(body.mfa_token, scope, audience, body.mfa_requirements);
        return body;
      },
      /** Returns the result or the error of an SDK call, in a form that can leave the page. */
      async told(call) {
        try {
          return { value: await call() };
        } catch (error) {
          return { name: error.name, error: error.error, description: error.error_description ?? error.message };
        }
      },
    };
    globalThis.app = app;
  }, { domain: server.domain, password: PASSWORD, audience: API });
  return page;
}

const user = (page) => page.evaluate(async () => [await app.client.isAuthenticated(), (await app.client.getUser())?.email]);

test("from a password to tokens that the SDK keeps and refreshes", async () => {
  const page = await opened(app);
  const email = "alice@example.com";
  assert.equal((await page.evaluate((email) => app.signUp(email), email)).status, 200);
  const first = await page.evaluate((email) => app.logIn(email), email);
  assert.equal(first.error, "mfa_required");
  const mfaToken = first.mfa_token;
  assert.deepEqual(await page.evaluate((token) => app.client.mfa.getEnrollmentFactors(token), mfaToken), [{ type: "otp" }]);
  const enrolment = await page.evaluate((mfaToken) => app.client.mfa.enroll({ mfaToken, factorType: "otp" }), mfaToken);
  assert.match(enrolment.barcodeUri, /^otpauth:\/\/totp\//);
  assert.equal(enrolment.recoveryCodes.length, 1);
  assert.deepEqual(await user(page), [false, undefined]);

  const verify = (mfaToken, given) => page.evaluate(
    (params) => app.told(() => app.client.mfa.verify(params)), { mfaToken, ...given });
  const { value: tokens } = await verify(mfaToken, { otp: code(enrolment.secret, -30) });
  assert.equal(tokens.scope, "openid profile email offline_access read:sample");
  assert.deepEqual(await user(page), [true, email]);
  // The tokens are kept, and then refreshed. The refresh token is in the SDK's worker.
  const access = (options) => page.evaluate((options) => app.client.getTokenSilently(options), options);
  assert.equal(await access(), tokens.access_token);
  const answers = [];
  page.on("response", (answer) => {
    if (answer.request().postData()?.includes("refresh_token")) answers.push(answer.status());
  });
  await access({ cacheMode: "off" });
  await access({ cacheMode: "off" });
  assert.deepEqual(answers, [200, 200], "the rotated token works too");

  const second = await page.evaluate((email) => app.logIn(email), email);
  const list = await page.evaluate((token) => app.client.mfa.getAuthenticators(token), second.mfa_token);
  assert.deepEqual(list.map(({ type, active }) => [type, active]), [["recovery-code", true], ["otp", true]]);
  const challenge = await page.evaluate((params) => app.client.mfa.challenge(params),
    { mfaToken: second.mfa_token, challengeType: "otp", authenticatorId: list[1].id });
  assert.equal(challenge.challengeType, "otp");
  assert.deepEqual(await verify(second.mfa_token, { otp: code(enrolment.secret, -30) }),
    { name: "Error", error: "invalid_grant", description: "Invalid otp_code." }, "a replay");
  assert.ok((await verify(second.mfa_token, { otp: code(enrolment.secret) })).value.access_token);

  const third = await page.evaluate((email) => app.logIn(email), email);
  const recovered = await verify(third.mfa_token, { recoveryCode: enrolment.recoveryCodes[0] });
  assert.match(recovered.value.recovery_code, /^[0-9A-Z]{24}$/);

  await page.evaluate(() => app.client.revokeRefreshToken());
  const gone = await page.evaluate(() => app.told(() => app.client.getTokenSilently({ cacheMode: "off" })));
  assert.ok(gone.error, JSON.stringify(gone));
  await page.close();
});

test("a page of another origin cannot read an answer", async () => {
  const page = await opened(foreign);
  const signUp = await page.evaluate(() => app.told(() => app.signUp("bob@example.com")));
  assert.equal(signUp.name, "TypeError");
  const list = await page.evaluate(() => {
    app.client.mfa.setMFAAuthDetails("unknown");
    return app.told(() => app.client.mfa.getAuthenticators("unknown"));
  });
  assert.notEqual(list.error, "invalid_token", "the answer was read");
  await page.close();
});

test("calls that need /authorize end in an error", async () => {
  const page = await opened(app);
  const silent = await page.evaluate(() => app.told(() => app.client.getTokenSilently({ timeoutInSeconds: 1 })));
  assert.ok(silent.error, JSON.stringify(silent));
  const exchange = await page.evaluate(() => app.told(() => app.client.loginWithCustomTokenExchange(
    { subject_token: "x", subject_token_type: "urn:acme:token" })));
  assert.equal(exchange.error, "unsupported_grant_type");
  await page.close();
});
