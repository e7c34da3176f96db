//! A token of a seed file.

use core::fmt;

use super::error::Part;
use super::suite::Kind;
use super::text::Text;
use crate::algorithm::Algorithm;
use crate::digits::Digits;
use crate::engine::{Engine, EngineError, engine};
use crate::otpauth;
use crate::period::Period;
use crate::secret::{Secret, SecretError};
use crate::verifier::State;

/// A token of a seed file, with all that the file says of it.
///
/// The secret lies in the [`Buffer`](super::Buffer) of the reader until the next token is read.
#[derive(Clone, Copy)]
pub struct Token<'t> {
    pub(super) about: About<'t>,
    /// INVARIANT: not empty.
    pub(super) secret: &'t [u8],
    pub(super) kind: Kind,
    pub(super) algorithm: Algorithm,
    pub(super) digits: Digits,
    pub(super) counter: u64,
    pub(super) period: Period,
    pub(super) last_step: Option<u64>,
    pub(super) transactions: Option<u64>,
    pub(super) has_pin: bool,
    pub(super) state: State,
}

/// What people see of a token. Each text can be shown.
#[derive(Clone, Copy, Default)]
pub(super) struct About<'t> {
    pub(super) serial: Option<Text<'t>>,
    pub(super) manufacturer: Option<Text<'t>>,
    pub(super) model: Option<Text<'t>>,
    pub(super) key_id: Option<Text<'t>>,
    pub(super) issuer: Option<Text<'t>>,
    pub(super) friendly_name: Option<Text<'t>>,
    pub(super) user: Option<Text<'t>>,
    pub(super) start_date: Option<Text<'t>>,
    pub(super) expiry_date: Option<Text<'t>>,
}

impl<'t> About<'t> {
    /// Each text, and the part that it is.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Part, Text<'t>)> {
        [
            (Part::Serial, self.serial),
            (Part::Manufacturer, self.manufacturer),
            (Part::Model, self.model),
            (Part::KeyId, self.key_id),
            (Part::Issuer, self.issuer),
            (Part::FriendlyName, self.friendly_name),
            (Part::User, self.user),
            (Part::StartDate, self.start_date),
            (Part::ExpiryDate, self.expiry_date),
        ]
        .into_iter()
        .filter_map(|(part, text)| Some((part, text?)))
    }
}

impl<'t> Token<'t> {
    /// Makes the engine of the token.
    ///
    /// # Errors
    /// - [`EngineError::Secret`] with [`SecretError::Short`] if the shared secret has less than 128 bits (RFC 4226 section 4,
    ///   R6). To accept it, call [`engine_allow_short`](Self::engine_allow_short).
    /// - [`EngineError::Algorithm`] if the algorithm is not built in.
    pub fn engine(&self) -> Result<Engine, EngineError> {
        engine(&self.secret(), self.algorithm, self.parameters())
    }

    /// Makes the engine of the token, also of a shared secret under 128 bits. It relaxes the length and nothing else.
    ///
    /// # Errors
    /// As [`engine`](Self::engine), but never [`SecretError::Short`].
    pub fn engine_allow_short(&self) -> Result<Engine, EngineError> {
        engine(&self.secret_allow_short(), self.algorithm, self.parameters())
    }

    /// Returns the state that the verifier starts from: confirmed, with the counter or the drift that the file tells.
    ///
    /// It is confirmed because an administrator imports the token: its user has to show a code from the first login on. If the
    /// file tells the time step of the last login, that step and those before it are used up.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Returns the shared secret, 16 to [`Secret::MAX_LEN`] bytes.
    ///
    /// # Errors
    /// [`SecretError::Short`] if it has less than 128 bits (RFC 4226 section 4, R6). To accept it, call
    /// [`secret_allow_short`](Self::secret_allow_short).
    pub fn secret(&self) -> Result<Secret, SecretError> {
        Secret::from_bytes(self.secret)
    }

    /// Returns the shared secret, 1 to [`Secret::MAX_LEN`] bytes. It relaxes the length and nothing else.
    ///
    /// # Errors
    /// None: a file whose secrets are longer is refused.
    pub fn secret_allow_short(&self) -> Result<Secret, SecretError> {
        Secret::from_bytes_allow_short(self.secret)
    }

    /// Returns the shared secret itself, at least one byte. Nothing checks here that it has at least 128 bits.
    #[must_use]
    pub const fn expose_secret_bytes(&self) -> &'t [u8] {
        self.secret
    }

    /// Returns the algorithm. Whether this build can compute it is [`Algorithm::is_built_in`].
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns how many digits a code has.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// Returns whether it is HOTP. Otherwise it is TOTP.
    #[must_use]
    pub const fn is_hotp(&self) -> bool {
        matches!(self.kind, Kind::Hotp)
    }

    /// Returns the next counter of HOTP, and 0 if the file does not tell it. `None` for TOTP.
    #[must_use]
    pub const fn counter(&self) -> Option<u64> {
        if self.is_hotp() { Some(self.counter) } else { None }
    }

    /// Returns the period of TOTP, and 30 seconds if the file does not tell it. `None` for HOTP.
    #[must_use]
    pub const fn period(&self) -> Option<Period> {
        if self.is_hotp() { None } else { Some(self.period) }
    }

    /// Returns how many time steps the token's clock is known to be off; negative if it is behind. 0 for HOTP.
    #[must_use]
    pub const fn drift(&self) -> i16 {
        self.state.drift()
    }

    /// Returns the last time step that was used, if the file tells one.
    #[must_use]
    pub const fn last_step(&self) -> Option<u64> {
        self.last_step
    }

    /// Returns the serial number.
    #[must_use]
    pub const fn serial(&self) -> Option<Text<'t>> {
        self.about.serial
    }

    /// Returns who made it.
    #[must_use]
    pub const fn manufacturer(&self) -> Option<Text<'t>> {
        self.about.manufacturer
    }

    /// Returns its model.
    #[must_use]
    pub const fn model(&self) -> Option<Text<'t>> {
        self.about.model
    }

    /// Returns the identifier of the key.
    #[must_use]
    pub const fn key_id(&self) -> Option<Text<'t>> {
        self.about.key_id
    }

    /// Returns who issued the key.
    #[must_use]
    pub const fn issuer(&self) -> Option<Text<'t>> {
        self.about.issuer
    }

    /// Returns the name of the key for people: the first, if there are several languages.
    #[must_use]
    pub const fn friendly_name(&self) -> Option<Text<'t>> {
        self.about.friendly_name
    }

    /// Returns whose token it is: the `UserId` of the key, or else of the device; `upn` in a CSV file for Entra.
    #[must_use]
    pub const fn user(&self) -> Option<Text<'t>> {
        self.about.user
    }

    /// Returns from when on the key is valid, as the file writes it: of the key's policy, or else of the device. Nothing checks
    /// it, since the crate does not read a clock.
    #[must_use]
    pub const fn start_date(&self) -> Option<Text<'t>> {
        self.about.start_date
    }

    /// Returns until when the key is valid, as [`start_date`](Self::start_date).
    #[must_use]
    pub const fn expiry_date(&self) -> Option<Text<'t>> {
        self.about.expiry_date
    }

    /// Returns how often the key may be used, if its policy limits that (`NumberOfTransactions`). Nothing here counts it.
    #[must_use]
    pub const fn number_of_transactions(&self) -> Option<u64> {
        self.transactions
    }

    /// Returns whether the file has a policy for a PIN (`PINPolicy`). The device asks for the PIN before it shows a code. Nothing
    /// here checks it.
    #[must_use]
    pub const fn has_pin_policy(&self) -> bool {
        self.has_pin
    }

    const fn parameters(&self) -> otpauth::Kind {
        let digits = self.digits;
        match self.kind {
            Kind::Hotp => otpauth::Kind::Hotp { digits, counter: self.counter },
            Kind::Totp => otpauth::Kind::Totp { digits, period: self.period },
        }
    }
}

/// Tells everything but the secret.
impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("serial", &self.about.serial)
            .field("key_id", &self.about.key_id)
            .field("user", &self.about.user)
            .field("algorithm", &self.algorithm)
            .field("digits", &self.digits)
            .field("counter", &self.counter())
            .field("period", &self.period())
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The state that a token starts from.
pub(super) fn state(kind: Kind, counter: u64, last_step: Option<u64>, drift: i16) -> Option<State> {
    match (kind, last_step) {
        (Kind::Hotp, _) => Some(State::confirmed().with_next_counter(counter)),
        (Kind::Totp, None) => State::confirmed().with_drift(drift).ok(),
        (Kind::Totp, Some(step)) => State::confirmed().with_last_used(step).with_drift(drift).ok(),
    }
}
