//! The shell commands that the server prints at its start. They work without changes.

use std::fmt;

/// Commands that take a user from the sign-up to the recovery.
pub struct TryIt<'a> {
    pub base: &'a str,
    /// True if the server has its page.
    pub page: bool,
    /// The audience of the `/mfa/*` endpoints.
    pub mfa_audience: &'a str,
    pub client_id: &'a str,
    /// The secret of the demo client. Any other secret is not printed.
    pub client_secret: Option<&'a str>,
}

/// Stands for a secret that the operator configured.
const HIDDEN: &str = "YOUR_CLIENT_SECRET";

/// Each run signs up a new user, so the commands work any number of times. They do not use
/// `--json`, because it needs curl 7.82.
impl fmt::Display for TryIt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.base;
        let mfa_audience = self.mfa_audience;
        let id = self.client_id;
        let browser = if self.page { "in a browser, or " } else { "" };
        let (secret, hint) = match self.client_secret {
            Some(secret) => (secret, ""),
            None => (HIDDEN, " Write your secret in place of YOUR_CLIENT_SECRET."),
        };
        write!(
            f,
            r#"
Try it {browser}in another shell: bash with curl, jq and oathtool.{hint}

# 1. Sign up.
EMAIL=alice$(date +%s)@example.com
json() {{ curl -sw '\n' -H 'content-type: application/json' "$@"; }}
json {base}dbconnections/signup -d '{{"client_id": "{id}", "email": "'$EMAIL'", "password": "correct horse battery", "connection": "Username-Password-Authentication"}}'

# 2. Log in: the password is not enough. The answer has an mfa_token.
log_in() {{ curl -sw '\n' {base}oauth/token -d grant_type=password -d username=$EMAIL --data-urlencode 'password=correct horse battery' -d client_id={id} -d client_secret={secret} "$@"; }}
MFA_TOKEN=$(log_in | tee /dev/stderr | jq -r .mfa_token)

# 3. Enrol an authenticator. A phone's app reads barcode_uri as a QR code.
ENROLMENT=$(json {base}mfa/associate -H "Authorization: Bearer $MFA_TOKEN" -d '{{"authenticator_types": ["otp"]}}' | tee /dev/stderr)
code() {{ oathtool --totp --base32 "$(jq -r .secret <<<"$ENROLMENT")"; }}

# 4. Confirm it with its first code. That logs in, and spends the mfa_token.
with_code() {{ curl -sw '\n' {base}oauth/token -d grant_type=http://auth0.com/oauth/grant-type/mfa-otp -d client_id={id} -d client_secret={secret} -d "mfa_token=$MFA_TOKEN" -d "otp=$(code)"; }}
with_code

# 5. Log in again, with a challenge. The code of step 4 is refused because it was used. The next
#    code works.
MFA_TOKEN=$(log_in | jq -r .mfa_token)
json {base}mfa/challenge -d '{{"client_id": "{id}", "client_secret": "{secret}", "challenge_type": "otp", "mfa_token": "'$MFA_TOKEN'"}}'
with_code
sleep 30; with_code

# 6. The phone is lost. The recovery code works once, and the answer has a new one.
MFA_TOKEN=$(log_in -d audience={mfa_audience} -d 'scope=read:authenticators remove:authenticators' | jq -r .mfa_token)
RECOVERED=$(curl -sw '\n' {base}oauth/token -d grant_type=http://auth0.com/oauth/grant-type/mfa-recovery-code -d client_id={id} -d client_secret={secret} -d "mfa_token=$MFA_TOKEN" -d "recovery_code=$(jq -r '.recovery_codes[0]' <<<"$ENROLMENT")" | tee /dev/stderr)

# 7. List the authenticators. The access token of step 6 is for {mfa_audience}.
curl -sw '\n' {base}mfa/authenticators -H "Authorization: Bearer $(jq -r .access_token <<<"$RECOVERED")"
"#
        )
    }
}
