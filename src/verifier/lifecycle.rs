//! The lifecycle of an authenticator, from its enrolment to its disabling.

/// The lifecycle of an authenticator. A lock-out depends on the time: see
/// [`State::locked_until`](crate::verifier::State::locked_until).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lifecycle {
    /// Enrolled, but no code was accepted yet. The first accepted code confirms the enrolment, and
    /// is then used.
    Unconfirmed,
    /// Confirmed and in use.
    Confirmed,
    /// No code is accepted until it is enrolled again, or
    /// [enabled](crate::verifier::State::enabled) by an administrator. The login must still ask for
    /// a code, because the password is not enough.
    Disabled(DisabledBy),
}

/// The reason why an authenticator is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DisabledBy {
    /// Too many failures in a row (NIST SP 800-63B-4 section 3.2.2).
    Failures,
    /// The host, by [`State::disabled`](crate::verifier::State::disabled).
    Host,
}

impl DisabledBy {
    /// Returns the reason in one word, for a log.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Failures => "failures",
            Self::Host => "host",
        }
    }
}
