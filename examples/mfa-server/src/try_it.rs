//! What is printed at the start: lines for a shell, which work as they stand.

use std::fmt;

/// The way of a user from signing up to recovery.
pub struct TryIt<'a> {
    pub base: &'a str,
    pub client_id: &'a str,
    /// Only that of a demo client is shown.
    pub client_secret: Option<&'a str>,
}

impl fmt::Display for TryIt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.base;
        let id = self.client_id;
        let secret = self.client_secret.unwrap_or("YOUR_CLIENT_SECRET");
        write!(
            f,
            r#"
Try it, in another shell. It needs curl, jq and oathtool.

# 1. Sign up.
curl -sw '\n' {base}dbconnections/signup --json '{{"client_id": "{id}", "email": "alice@example.com", "password": "correct horse battery", "connection": "Username-Password-Authentication"}}'

# 2. Log in: a password is not enough, there is an mfa_token.
log_in() {{ curl -sw '\n' {base}oauth/token -d grant_type=password -d username=alice@example.com --data-urlencode 'password=correct horse battery' -d client_id={id} -d client_secret={secret}; }}
MFA_TOKEN=$(log_in | tee /dev/stderr | jq -r .mfa_token)

# 3. Enrol an authenticator: the app of a phone reads barcode_uri as a QR code.
ENROLMENT=$(curl -sw '\n' {base}mfa/associate -H "Authorization: Bearer $MFA_TOKEN" --json '{{"authenticator_types": ["otp"]}}' | tee /dev/stderr)
code() {{ oathtool --totp --base32 "$(jq -r .secret <<<"$ENROLMENT")"; }}

# 4. Confirm it by its first code, and be logged in.
with_code() {{ curl -sw '\n' {base}oauth/token -d grant_type=http://auth0.com/oauth/grant-type/mfa-otp -d client_id={id} -d client_secret={secret} -d "mfa_token=$MFA_TOKEN" -d "otp=$(code)"; }}
with_code

# 5. Log in again: this time it is a challenge. The code of before was used: wait for the next one.
MFA_TOKEN=$(log_in | jq -r .mfa_token)
curl -sw '\n' {base}mfa/challenge --json "{{\"client_id\": \"{id}\", \"client_secret\": \"{secret}\", \"challenge_type\": \"otp\", \"mfa_token\": \"$MFA_TOKEN\"}}"
with_code
sleep 30; with_code

# 6. The phone is lost: the recovery code works once, and another one comes in its place.
MFA_TOKEN=$(log_in | jq -r .mfa_token)
curl -sw '\n' {base}oauth/token -d grant_type=http://auth0.com/oauth/grant-type/mfa-recovery-code -d client_id={id} -d client_secret={secret} -d "mfa_token=$MFA_TOKEN" -d "recovery_code=$(jq -r '.recovery_codes[0]' <<<"$ENROLMENT")"

# 7. What is enrolled. This mfa_token has a second factor behind it now.
curl -sw '\n' {base}mfa/authenticators -H "Authorization: Bearer $MFA_TOKEN"
"#
        )
    }
}
