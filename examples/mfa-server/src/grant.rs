//! The grant types of `POST /oauth/token` (RFC 6749 section 1.3).

use serde::Deserialize;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub enum GrantType {
    Password,
    PasswordRealm,
    MfaOtp,
    MfaRecoveryCode,
    RefreshToken,
}

impl GrantType {
    pub const ALL: [Self; 5] = [
        Self::Password,
        Self::PasswordRealm,
        Self::MfaOtp,
        Self::MfaRecoveryCode,
        Self::RefreshToken,
    ];

    /// Returns the value of `grant_type` in a request.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PasswordRealm => "http://auth0.com/oauth/grant-type/password-realm",
            Self::MfaOtp => "http://auth0.com/oauth/grant-type/mfa-otp",
            Self::MfaRecoveryCode => "http://auth0.com/oauth/grant-type/mfa-recovery-code",
            Self::RefreshToken => "refresh_token",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }
}

impl TryFrom<String> for GrantType {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::named(&name).ok_or_else(|| {
            let all = Self::ALL.map(Self::name).join(", ");
            format!("{name:?} is not a grant of this server. Its grants are {all}")
        })
    }
}
