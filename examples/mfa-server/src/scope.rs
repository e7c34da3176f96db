//! What tokens are for: their audience and scope.

use crate::app::App;
use crate::error::ApiError;

const DEFAULT: &str = "openid profile";
/// Of the user, for whichever audience.
const IDENTITY: [&str; 4] = ["openid", "profile", "email", "offline_access"];
/// Of the `/mfa/*` endpoints.
const MFA: [&str; 3] = ["enroll", "read:authenticators", "remove:authenticators"];

/// The audience, and of the scopes that are asked for those there are.
pub fn granted(
    app: &App,
    audience: Option<String>,
    asked: Option<&str>,
) -> Result<(String, String), ApiError> {
    let issuer = app.tokens.issuer();
    let audience =
        audience.filter(|audience| !audience.is_empty()).unwrap_or_else(|| issuer.to_owned());
    let of_mfa = audience == app.tokens.mfa_audience();
    let of_an_api = app.audiences.contains(&audience);
    if !(audience == issuer || of_mfa || of_an_api) {
        return Err(ApiError::denied("There is no service with this audience."));
    }
    // What the scopes of an API mean, the API says.
    let known = |scope: &&str| {
        IDENTITY.contains(scope) || of_mfa && MFA.contains(scope) || of_an_api && is_scope(scope)
    };
    let asked = asked.filter(|scope| !scope.trim().is_empty()).unwrap_or(DEFAULT);
    let scope = asked.split_ascii_whitespace().filter(known).collect::<Vec<_>>().join(" ");
    Ok((audience, scope))
}

/// The characters of RFC 6749 section 3.3.
fn is_scope(scope: &str) -> bool {
    scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
