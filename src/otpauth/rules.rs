//! The rules that make the reader stricter. Each can be switched on and off by itself.

use core::fmt;

/// A deviation from the specification that occurs in real key URIs. It can be accepted or refused:
/// see [`Rules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Rule {
    /// A shared secret under 128 bits (RFC 4226 section 4, R6). Google's own example has 80. If
    /// this rule is not enforced, the URI is read, but only [`Uri::secret_allow_short`] and
    /// [`Uri::engine_allow_short`] accept the secret.
    ///
    /// [`Uri::secret_allow_short`]: super::Uri::secret_allow_short
    /// [`Uri::engine_allow_short`]: super::Uri::engine_allow_short
    ShortSecret,
    /// Bits at the end of the secret that do not fill a byte and are not zero (RFC 4648 section
    /// 3.5).
    TrailingBits,
    /// One symbol at the end of the secret that its bytes do not need (RFC 4648 section 6).
    LeftOverSymbol,
    /// Padding `=` after the secret, which the Key URI Format omits.
    Padding,
    /// A URI of type `hotp` without a `counter`, which the Key URI Format requires. If this rule is
    /// not enforced, the counter is 0.
    MissingCounter,
    /// A prefix of the label that differs from the parameter `issuer`. If this rule is not
    /// enforced, the parameter wins.
    IssuerMismatch,
    /// No account in the label.
    MissingLabel,
    /// An unknown parameter. If this rule is not enforced, it is ignored.
    UnknownParameter,
    /// A secret in mixed upper and lower case, as in Base64. Only the first letter may be in upper
    /// case. [`Rules::LENIENT`] refuses it too: a secret that is read in the wrong encoding gives
    /// wrong codes.
    MixedCase,
    /// A line or paragraph separator (U+2028, U+2029), or a bidirectional embedding, override or
    /// isolate (U+202A to U+202E, U+2066 to U+2069), in the label or the issuer. [`Rules::LENIENT`]
    /// refuses it too. If you accept it, do not log or show the text as it is.
    TextDirection,
}

impl Rule {
    const ALL: [Self; 10] = [
        Self::ShortSecret,
        Self::TrailingBits,
        Self::LeftOverSymbol,
        Self::Padding,
        Self::MissingCounter,
        Self::IssuerMismatch,
        Self::MissingLabel,
        Self::UnknownParameter,
        Self::MixedCase,
        Self::TextDirection,
    ];

    const fn bit(self) -> u16 {
        1 << self as u8
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ShortSecret => "less than 128 bits",
            Self::TrailingBits => "bits left over that are not zero",
            Self::LeftOverSymbol => "a symbol left over",
            Self::Padding => "padding",
            Self::MissingCounter => "missing",
            Self::IssuerMismatch => "not the issuer of the label",
            Self::MissingLabel => "no account",
            Self::UnknownParameter => "unknown parameter",
            Self::MixedCase => "upper and lower case mixed, it may be Base64",
            Self::TextDirection => "line separator or text-direction override",
        })
    }
}

/// The set of enforced [`Rule`]s. Each rule is switched by itself: relaxing one rule relaxes
/// nothing else. Refused input that has no rule is never accepted.
///
/// ```
/// use otp_core::otpauth::{Problem, Rule, Rules, Uri};
///
/// // 80 bits, as in Google's own example.
/// let uri = "otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example";
/// assert!(Uri::parse(uri).is_ok());
/// let error = Uri::parse_with(uri, Rules::STRICT).unwrap_err();
/// assert_eq!(error.problem(), Problem::Refused(Rule::ShortSecret));
/// assert!(Uri::parse_with(uri, Rules::STRICT.accepting(Rule::ShortSecret)).is_ok());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rules(u16);

impl Rules {
    /// The default. It accepts the same input as most authenticator apps, except for
    /// [`Rule::MixedCase`] and [`Rule::TextDirection`].
    pub const LENIENT: Self = Self(0).refusing(Rule::MixedCase).refusing(Rule::TextDirection);
    /// Enforces all rules.
    pub const STRICT: Self = Self(0x3ff);

    /// Returns these rules with one added.
    #[must_use]
    pub const fn refusing(self, rule: Rule) -> Self {
        Self(self.0 | rule.bit())
    }

    /// Returns these rules with one removed.
    #[must_use]
    pub const fn accepting(self, rule: Rule) -> Self {
        Self(self.0 & !rule.bit())
    }

    /// Returns whether a rule is enforced.
    #[must_use]
    pub const fn refuses(self, rule: Rule) -> bool {
        self.0 & rule.bit() != 0
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::LENIENT
    }
}

/// Lists the enforced rules.
impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Rule::ALL.into_iter().filter(|rule| self.refuses(*rule))).finish()
    }
}
