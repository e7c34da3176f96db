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

/// A token of a seed file, with all its data from the file.
///
/// The secret is in the [`Buffer`](super::Buffer) of the reader until the next token is read.
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

/// The texts of a token that people see. Each text can be shown.
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
    /// Returns each text, with its part.
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
    /// - [`EngineError::Secret`] with [`SecretError::Short`] if the shared secret has less than 128
    ///   bits (RFC 4226 section 4, R6). To accept it, call
    ///   [`engine_allow_short`](Self::engine_allow_short).
    /// - [`EngineError::Secret`] with [`SecretError::Zero`] if it is all zero bytes.
    /// - [`EngineError::Algorithm`] if the algorithm is not built in.
    pub fn engine(&self) -> Result<Engine, EngineError> {
        engine(&self.secret(), self.algorithm, self.parameters())
    }

    /// Makes the engine of the token, also if the shared secret has less than 128 bits. It relaxes
    /// only the length.
    ///
    /// # Errors
    /// The errors of [`engine`](Self::engine), except [`SecretError::Short`].
    pub fn engine_allow_short(&self) -> Result<Engine, EngineError> {
        engine(&self.secret_allow_short(), self.algorithm, self.parameters())
    }

    /// Returns the initial state for the verifier: confirmed, with the counter or the drift from
    /// the file.
    ///
    /// It is confirmed because an administrator imports the token. So its user must enter a code
    /// from the first login on. If the file gives the time step of the last login, that step and
    /// all earlier steps are used.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Returns the shared secret, 16 to [`Secret::MAX_LEN`] bytes.
    ///
    /// # Errors
    /// - [`SecretError::Short`] if it has less than 128 bits (RFC 4226 section 4, R6). To accept
    ///   it, call [`secret_allow_short`](Self::secret_allow_short).
    /// - [`SecretError::Zero`] if it is all zero bytes.
    pub fn secret(&self) -> Result<Secret, SecretError> {
        Secret::from_bytes(self.secret)
    }

    /// Returns the shared secret, 1 to [`Secret::MAX_LEN`] bytes. It relaxes only the minimum
    /// length.
    ///
    /// # Errors
    /// [`SecretError::Zero`]. A file with a longer secret is refused.
    pub fn secret_allow_short(&self) -> Result<Secret, SecretError> {
        Secret::from_bytes_allow_short(self.secret)
    }

    /// Returns the bytes of the shared secret, at least one. It does not check that there are at
    /// least 128 bits.
    #[must_use]
    pub const fn expose_secret_bytes(&self) -> &'t [u8] {
        self.secret
    }

    /// Returns the algorithm. [`Algorithm::is_built_in`] tells whether this build can compute it.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the number of digits of a code.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// Returns whether the token is for HOTP. Otherwise it is for TOTP.
    #[must_use]
    pub const fn is_hotp(&self) -> bool {
        matches!(self.kind, Kind::Hotp)
    }

    /// Returns the next counter of HOTP, or `None` for TOTP. It is 0 if the file does not give it.
    #[must_use]
    pub const fn counter(&self) -> Option<u64> {
        if self.is_hotp() { Some(self.counter) } else { None }
    }

    /// Returns the period of TOTP, or `None` for HOTP. It is 30 seconds if the file does not give
    /// it.
    #[must_use]
    pub const fn period(&self) -> Option<Period> {
        if self.is_hotp() { None } else { Some(self.period) }
    }

    /// Returns the known drift of the token's clock in time steps. It is negative if the clock is
    /// behind, and 0 for HOTP.
    #[must_use]
    pub const fn drift(&self) -> i16 {
        self.state.drift()
    }

    /// Returns the last used time step, if the file gives it.
    #[must_use]
    pub const fn last_step(&self) -> Option<u64> {
        self.last_step
    }

    /// Returns the serial number.
    #[must_use]
    pub const fn serial(&self) -> Option<Text<'t>> {
        self.about.serial
    }

    /// Returns the manufacturer.
    #[must_use]
    pub const fn manufacturer(&self) -> Option<Text<'t>> {
        self.about.manufacturer
    }

    /// Returns the model.
    #[must_use]
    pub const fn model(&self) -> Option<Text<'t>> {
        self.about.model
    }

    /// Returns the identifier of the key.
    #[must_use]
    pub const fn key_id(&self) -> Option<Text<'t>> {
        self.about.key_id
    }

    /// Returns the issuer of the key.
    #[must_use]
    pub const fn issuer(&self) -> Option<Text<'t>> {
        self.about.issuer
    }

    /// Returns the name of the key for people to read. If there are several languages, it is the
    /// first one.
    #[must_use]
    pub const fn friendly_name(&self) -> Option<Text<'t>> {
        self.about.friendly_name
    }

    /// Returns the user of the token: the `UserId` of the key, or of the device if the key has
    /// none. In a CSV file for Entra it is `upn`.
    #[must_use]
    pub const fn user(&self) -> Option<Text<'t>> {
        self.about.user
    }

    /// Returns the start of the key's validity, as the file writes it. It is from the key's policy,
    /// or from the device if the policy has none. Nothing checks it, because the crate does not
    /// read a clock.
    #[must_use]
    pub const fn start_date(&self) -> Option<Text<'t>> {
        self.about.start_date
    }

    /// Returns the end of the key's validity, like [`start_date`](Self::start_date).
    #[must_use]
    pub const fn expiry_date(&self) -> Option<Text<'t>> {
        self.about.expiry_date
    }

    /// Returns how often the key may be used, if its policy limits that (`NumberOfTransactions`).
    /// This crate does not count the uses.
    #[must_use]
    pub const fn number_of_transactions(&self) -> Option<u64> {
        self.transactions
    }

    /// Returns whether the file has a policy for a PIN (`PINPolicy`). The device asks for the PIN
    /// before it shows a code. This crate does not check it.
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

/// Shows everything except the secret.
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

/// Returns the initial state of a token.
pub(super) fn state(kind: Kind, counter: u64, last_step: Option<u64>, drift: i16) -> Option<State> {
    match (kind, last_step) {
        (Kind::Hotp, _) => Some(State::confirmed().with_next_counter(counter)),
        (Kind::Totp, None) => State::confirmed().with_drift(drift).ok(),
        (Kind::Totp, Some(step)) => State::confirmed().with_last_used(step).with_drift(drift).ok(),
    }
}
