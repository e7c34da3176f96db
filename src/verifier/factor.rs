//! What can be verified: an engine of either kind, or the one of a key URI.

use crate::engine::Engine;
use crate::format::CodeFormat;
use crate::hotp::Hotp;
use crate::key_schedule::KeySchedule;
use crate::period::BeforeT0;
use crate::totp::Totp;

/// An engine whose codes a [`Verifier`](crate::verifier::Verifier) can judge: [`Totp`], [`Hotp`], the [`Engine`] that a key URI is for,
/// and a reference to one of these. Nothing else implements it.
#[diagnostic::on_unimplemented(
    message = "a verifier does not check codes of `{Self}`",
    label = "this is not an engine: pass a `&Totp`, a `&Hotp` or a `&Engine`",
    note = "make an engine from a secret: `Totp::new(&secret)` or `Hotp::new(&secret)`",
    note = "for codes of another kind, call `Verifier::attempt_by_host`: the host checks the code, the verifier counts it"
)]
pub trait Verifiable: sealed::Factor<Held = Self::Key> {
    /// What holds the key: a [`HmacKey`](crate::HmacKey), or with [`Verifier::plan`](crate::verifier::Verifier::plan) whatever stands for one.
    type Key;
}

/// What the moving factors of a state are, once the first attempt has told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Factor {
    Unknown,
    Counter,
    /// Steps of so many seconds. INVARIANT: at least 1.
    Clock {
        period: u32,
    },
    /// None: the state counts guesses at recovery codes.
    Recovery,
}

pub(super) mod sealed {
    use crate::format::CodeFormat;
    use crate::period::{BeforeT0, Period};

    /// Where the moving factor comes from.
    #[derive(Clone, Copy, Debug)]
    pub enum Source {
        /// The clock: the step of now.
        Clock { step: u64, period: Period },
        /// The token: the lowest counter that its key was handed over with.
        Counter { first: u64 },
    }

    /// The engine's side of [`Verifiable`](super::Verifiable), only for this crate.
    #[diagnostic::on_unimplemented(
        message = "`Verifiable` is sealed: it cannot be implemented for `{Self}`",
        label = "only `Totp`, `Hotp`, `Engine` and references to them implement it",
        note = "to bring your own key, implement `otp_core::HmacKey` and pass it to `Totp::from_key` or `Hotp::from_key`",
        note = "for codes of another kind, call `Verifier::attempt_by_host`"
    )]
    pub trait Factor {
        /// What holds the key, or stands for it.
        type Held;
        fn key(&self) -> &Self::Held;
        fn code_format(&self) -> CodeFormat;
        fn source(&self, now: u64) -> Result<Source, BeforeT0>;
        /// Whether its moving factors are counters.
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
