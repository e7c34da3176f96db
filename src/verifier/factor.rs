//! What can be verified: an engine of either kind, or the one of a key URI.

use crate::engine::Engine;
use crate::format::CodeFormat;
use crate::hotp::Hotp;
use crate::key_schedule::KeySchedule;
use crate::mac::Mac;
use crate::period::{BeforeT0, Period};
use crate::totp::Totp;

/// An engine whose codes a [`Policy`](crate::Policy) can judge: [`Totp`], [`Hotp`], and the
/// [`Engine`] that a key URI is for. Nothing else implements it.
pub trait Verifiable: sealed::Factor<Mac: Mac<Error = Self::Error>> {
    /// The error of the place where HMAC is computed, [`Mac::Error`].
    type Error;
}

/// Where the moving factor comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// The clock: the step of now.
    Clock { step: u64, period: Period },
    /// The token: the lowest counter that its key was handed over with.
    Counter { first: u64 },
}

pub(super) mod sealed {
    use super::{BeforeT0, CodeFormat, Mac, Source};

    /// The engine's side of [`Verifiable`](super::Verifiable), only for this crate.
    pub trait Factor {
        type Mac: Mac;
        fn hmac(&self) -> &Self::Mac;
        fn code_format(&self) -> CodeFormat;
        fn source(&self, now: u64) -> Result<Source, BeforeT0>;
        /// Whether its moving factors are counters.
        fn is_counted(&self) -> bool;
    }
}

impl<M: Mac> sealed::Factor for Totp<M> {
    type Mac = M;

    fn hmac(&self) -> &M {
        self.mac()
    }

    fn code_format(&self) -> CodeFormat {
        self.format()
    }

    fn source(&self, now: u64) -> Result<Source, BeforeT0> {
        Ok(Source::Clock { step: self.step_at(now)?, period: self.period() })
    }

    fn is_counted(&self) -> bool {
        false
    }
}

impl<M: Mac> Verifiable for Totp<M> {
    type Error = M::Error;
}

impl<M: Mac> sealed::Factor for Hotp<M> {
    type Mac = M;

    fn hmac(&self) -> &M {
        self.mac()
    }

    fn code_format(&self) -> CodeFormat {
        self.digits().into()
    }

    fn source(&self, _now: u64) -> Result<Source, BeforeT0> {
        Ok(Source::Counter { first: 0 })
    }

    fn is_counted(&self) -> bool {
        true
    }
}

impl<M: Mac> Verifiable for Hotp<M> {
    type Error = M::Error;
}

impl sealed::Factor for Engine {
    type Mac = KeySchedule;

    fn hmac(&self) -> &KeySchedule {
        match self {
            Self::Totp(totp) => totp.hmac(),
            Self::Hotp { hotp, .. } => hotp.hmac(),
        }
    }

    fn code_format(&self) -> CodeFormat {
        match self {
            Self::Totp(totp) => totp.code_format(),
            Self::Hotp { hotp, .. } => hotp.code_format(),
        }
    }

    fn source(&self, now: u64) -> Result<Source, BeforeT0> {
        match self {
            Self::Totp(totp) => totp.source(now),
            Self::Hotp { counter, .. } => Ok(Source::Counter { first: *counter }),
        }
    }

    fn is_counted(&self) -> bool {
        matches!(self, Self::Hotp { .. })
    }
}

impl Verifiable for Engine {
    type Error = <KeySchedule as Mac>::Error;
}
