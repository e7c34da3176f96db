// npm auth0 4, over TLS: refresh, userinfo, revoke. Prints the last refresh token for the next
// SDK.
import assert from "node:assert/strict";
import { AuthenticationClient, UserInfoClient } from "auth0";

const [domain, clientId, clientSecret, refreshToken] = process.argv.slice(2);
const auth = new AuthenticationClient({ domain, clientId, clientSecret });

// The SDK verifies the id_token with the JWKS.
const { data: first } = await auth.oauth.refreshTokenGrant({ refresh_token: refreshToken });
assert.notEqual(first.refresh_token, refreshToken);
const { data: user } = await new UserInfoClient({ domain }).getUserInfo(first.access_token);
assert.equal(user.email, "a@example.com");
assert.equal(user.email_verified, false);
const { data: second } = await auth.oauth.refreshTokenGrant({ refresh_token: first.refresh_token });

if (process.argv[6] === "revoke") {
  await auth.oauth.revokeRefreshToken({ token: second.refresh_token });
  const refused = await auth.oauth.refreshTokenGrant({ refresh_token: second.refresh_token }).catch((error) => error);
  assert.equal(refused.error, "invalid_grant", `${refused}`);
}
console.log(second.refresh_token);
