// Calls the server's API, like any other public client. The page keeps tokens in memory only.

const CLIENT = { client_id: "page" };
const GRANT = "http://auth0.com/oauth/grant-type/";
const SCOPE = "openid profile email enroll read:authenticators remove:authenticators";
/** Milliseconds until the page gives up. The server ends a request earlier. */
const PATIENCE = 40_000;

/** The reason why a request failed. The status is 0 if no answer came. */
export class Refusal extends Error {
  constructor(status, body, retryAfter = 0) {
    super(body.error_description ?? "");
    this.status = status;
    this.kind = body.error;
    this.reason = body.reason;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

let open = new AbortController();

/** Ends all requests. Each of them fails with a `Refusal` of the kind "aborted". */
export function abort() {
  open.abort();
  open = new AbortController();
}

async function request(method, path, { bearer, body } = {}) {
  const headers = {};
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  if (body) headers["content-type"] = "application/json";
  const mine = open.signal;
  let response, text;
  try {
    const signal = AbortSignal.any([mine, AbortSignal.timeout(PATIENCE)]);
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store", signal });
    text = await response.text();
  } catch (error) {
    const kind = mine.aborted ? "aborted" : error.name === "TimeoutError" ? "timeout" : "unreachable";
    throw new Refusal(0, { error: kind });
  }
  if (response.ok) return method === "DELETE" || path === "page/qr-code" ? text : parsed(text, response.status);
  throw new Refusal(response.status, parsed(text, response.status), Number(response.headers.get("retry-after")) || 0);
}

/** Returns an object. A proxy may answer with any text, which is then a `Refusal`. */
function parsed(text, status) {
  try {
    return Object(JSON.parse(text));
  } catch {
    throw new Refusal(status, { error: "unreadable" });
  }
}

const token = (fields) => request("POST", "oauth/token", { body: { ...CLIENT, ...fields } });

export const signUp = (email, password) => request("POST", "dbconnections/signup", { body: { ...CLIENT, email, password } });

/**
 * Logs in with a password. Returns the mfa_token and the user's confirmed authenticators. The list
 * is empty if the user has to enrol first.
 */
export async function logIn(username, password) {
  // The page lists, adds and removes authenticators with the access token of this login.
  const { issuer } = await request("GET", ".well-known/openid-configuration");
  try {
    const tokens = await token({ grant_type: "password", username, password, audience: `${issuer}mfa/`, scope: SCOPE });
    return { tokens };
  } catch (refusal) {
    if (refusal.kind !== "mfa_required") throw refusal;
    const { mfa_token: mfaToken, mfa_requirements: requirements } = refusal.body;
    return { mfaToken, authenticators: requirements.challenge ? await list(mfaToken) : [] };
  }
}

export const associate = (bearer) => request("POST", "mfa/associate", { bearer, body: { authenticator_types: ["otp"] } });
export const qrCode = (bearer, uri) => request("POST", "page/qr-code", { bearer, body: { barcode_uri: uri } });
export const otp = (mfa_token, otp) => token({ grant_type: `${GRANT}mfa-otp`, mfa_token, otp });
export const recover = (mfa_token, recovery_code) => token({ grant_type: `${GRANT}mfa-recovery-code`, mfa_token, recovery_code });

/** Returns the confirmed authenticators and the confirmed recovery code. */
export async function list(bearer) {
  const entries = await request("GET", "mfa/authenticators", { bearer });
  return entries.filter((entry) => entry.active);
}

export const remove = (bearer, id) => request("DELETE", `mfa/authenticators/${encodeURIComponent(id)}`, { bearer });

/** Gets a new recovery code, which replaces the previous one. */
export const newRecoveryCode = (bearer) => request("POST", "mfa/recovery-code", { bearer });

/** Returns the email of an id_token. It comes from the server directly, so it is not verified. */
export function emailOf(idToken) {
  const payload = idToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.codePointAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)).email;
}
