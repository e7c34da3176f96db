// The server's API, as any public client would call it. Tokens are kept here, in memory alone.

const CLIENT = { client_id: "page" };
const GRANT = "http://auth0.com/oauth/grant-type/";
const SCOPE = "openid profile email enroll read:authenticators remove:authenticators";

/** What the server refused, in its own words. */
export class Refusal extends Error {
  constructor(status, body, retryAfter) {
    super(body.error_description ?? "The server gave no reason.");
    this.status = status;
    this.kind = body.error;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

async function request(method, path, { bearer, body } = {}) {
  const headers = {};
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  if (body) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new Error("The server cannot be reached. Try again when you are online.");
  }
  const kind = response.headers.get("content-type") ?? "";
  const answer = kind.startsWith("application/json") ? await response.json() : await response.text();
  if (response.ok) return answer;
  throw new Refusal(response.status, answer, Number(response.headers.get("retry-after")) || 0);
}

const token = (fields) => request("POST", "oauth/token", { body: { ...CLIENT, ...fields } });

export const signUp = (email, password) => request("POST", "dbconnections/signup", { body: { ...CLIENT, email, password } });

/** The mfa_token that a right password gives, and whether a factor is there to be challenged. */
export async function logIn(username, password) {
  // The access token that comes of it serves to list, remove and enrol.
  const { issuer } = await request("GET", ".well-known/openid-configuration");
  try {
    const tokens = await token({ grant_type: "password", username, password, audience: `${issuer}mfa/`, scope: SCOPE });
    return { tokens };
  } catch (refusal) {
    if (refusal.kind !== "mfa_required") throw refusal;
    return { mfaToken: refusal.body.mfa_token, enrolled: "challenge" in refusal.body.mfa_requirements };
  }
}

export const associate = (bearer) => request("POST", "mfa/associate", { bearer, body: { authenticator_types: ["otp"] } });
export const qrCode = (bearer, uri) => request("POST", "page/qr-code", { bearer, body: { barcode_uri: uri } });
export const challenge = (mfa_token) => request("POST", "mfa/challenge", { body: { ...CLIENT, mfa_token, challenge_type: "otp" } });
export const otp = (mfa_token, otp) => token({ grant_type: `${GRANT}mfa-otp`, mfa_token, otp });
export const recover = (mfa_token, recovery_code) => token({ grant_type: `${GRANT}mfa-recovery-code`, mfa_token, recovery_code });
export const list = (bearer) => request("GET", "mfa/authenticators", { bearer });
export const remove = (bearer, id) => request("DELETE", `mfa/authenticators/${encodeURIComponent(id)}`, { bearer });

/** The email in an id_token. The server that gave it is the one that was asked, so nothing is verified here. */
export function emailOf(idToken) {
  const payload = idToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.codePointAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)).email;
}
