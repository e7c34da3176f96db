//! The types that can be verified: the two kinds of engines, and the engine of a key URI.

use crate::engine::Engine;
use crate::format::CodeFormat;
use crate::hotp::Hotp;
use crate::key_schedule::KeySchedule;
use crate::period::BeforeT0;
use crate::totp::Totp;

/// An engine whose codes a [`Verifier`](crate::verifier::Verifier) can check: [`Totp`], [`Hotp`],
/// the [`Engine`] of a key URI, and a reference to one of these. No other type can implement it.
#[diagnostic::on_unimplemented(
    message = "a verifier does not check codes of `{Self}`",
    label = "this is not an engine: pass a `&Totp`, a `&Hotp` or a `&Engine`",
    note = "make an engine from a secret: `Totp::new(&secret)` or `Hotp::new(&secret)`",
    note = "for codes of another kind, call `Verifier::attempt_by_host`: the host checks the code, the verifier counts it"
)]
pub trait Verifiable: sealed::Factor<Held = Self::Key> {
    /// The type of the key: a [`HmacKey`](crate::HmacKey), or any type with
    /// [`Verifier::plan`](crate::verifier::Verifier::plan).
    type Key;
}

/// The kind of moving factors of a state, known after the first attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Factor {
    Unknown,
    Counter,
    /// Steps with a period in seconds. INVARIANT: at least 1.
    Clock {
        period: u32,
    },
    /// No moving factors: the state counts guesses at recovery codes.
    Recovery,
}

pub(super) mod sealed {
    use crate::format::CodeFormat;
    use crate::period::{BeforeT0, Period};

    /// The source of the moving factor.
    #[derive(Clone, Copy, Debug)]
    pub enum Source {
        /// The clock, with the current step.
        Clock { step: u64, period: Period },
        /// The token, with the lowest counter that its key was issued with.
        Counter { first: u64 },
    }

    /// The part of [`Verifiable`](super::Verifiable) that only this crate uses.
    #[diagnostic::on_unimplemented(
        message = "`Verifiable` is sealed: it cannot be implemented for `{Self}`",
        label = "only `Totp`, `Hotp`, `Engine` and references to them implement it",
        note = "to bring your own key, implement `otp_core::HmacKey` and pass it to `Totp::from_key` or `Hotp::from_key`",
        note = "for codes of another kind, call `Verifier::attempt_by_host`"
    )]
    pub trait Factor {
        /// The type of the key.
        type Held;
        fn key(&self) -> &Self::Held;
        fn code_format(&self) -> CodeFormat;
        fn source(&self, now: u64) -> Result<Source, BeforeT0>;
        /// Returns whether its moving factors are counters.
        fn is_counted(&self) -> bool;
    }
}

impl<V: Verifiable> Verifiable for &V {
    type Key = V::Key;
}

impl<V: Verifiable> sealed::Factor for &V {
    type Held = V::Key;

    fn key(&self) -> &V::Key {
        (**self).key()
    }

    fn code_format(&self) -> CodeFormat {
        (**self).code_format()
    }

    fn source(&self, now: u64) -> Result<sealed::Source, BeforeT0> {
        (**self).source(now)
    }

    fn is_counted(&self) -> bool {
        (**self).is_counted()
    }
}

impl<M> Verifiable for Totp<M> {
    type Key = M;
}

impl<M> sealed::Factor for Totp<M> {
    type Held = M;

    fn key(&self) -> &M {
        self.key()
    }

    fn code_format(&self) -> CodeFormat {
        self.format()
    }

    fn source(&self, now: u64) -> Result<sealed::Source, BeforeT0> {
        Ok(sealed::Source::Clock { step: self.step_at(now)?, period: self.period() })
    }

    fn is_counted(&self) -> bool {
        false
    }
}

impl<M> Verifiable for Hotp<M> {
    type Key = M;
}

impl<M> sealed::Factor for Hotp<M> {
    type Held = M;

    fn key(&self) -> &M {
        self.key()
    }

    fn code_format(&self) -> CodeFormat {
        self.digits().into()
    }

    fn source(&self, _now: u64) -> Result<sealed::Source, BeforeT0> {
        Ok(sealed::Source::Counter { first: 0 })
    }

    fn is_counted(&self) -> bool {
        true
    }
}

impl Verifiable for Engine {
    type Key = KeySchedule;
}

impl sealed::Factor for Engine {
    type Held = KeySchedule;

    fn key(&self) -> &KeySchedule {
        match self {
            Self::Totp(totp) => totp.key(),
            Self::Hotp { hotp, .. } => hotp.key(),
        }
    }

    fn code_format(&self) -> CodeFormat {
        match self {
            Self::Totp(totp) => totp.code_format(),
            Self::Hotp { hotp, .. } => hotp.code_format(),
        }
    }

    fn source(&self, now: u64) -> Result<sealed::Source, BeforeT0> {
        match self {
            Self::Totp(totp) => totp.source(now),
            Self::Hotp { counter, .. } => Ok(sealed::Source::Counter { first: *counter }),
        }
    }

    fn is_counted(&self) -> bool {
        matches!(self, Self::Hotp { .. })
    }
}
