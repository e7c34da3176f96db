//! The answers to commands that fail: one line, and nothing has changed.

use core::fmt;

use otp_core::recovery::InputError;
use otp_core::verifier::AttemptError;
use otp_core::{CodeError, EngineError, otpauth};

use crate::command::Usage;
use crate::line::MAX_LINE;
use crate::{account, decimal::Decimal, token};

/// The reason. It never holds the typed text, which may be a secret.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    TooLong,
    NotUtf8,
    UnknownCommand,
    MissingArgument(&'static Usage),
    ExtraArgument(&'static Usage),
    NotANumber(&'static Usage),
    NoAccount,
    Full,
    LabelTooLong,
    NoCodeLeft,
    ClockNotSet,
    NotProvisioned,
    Uri(otpauth::Error),
    Engine(EngineError),
    Code(CodeError),
    Attempt(AttemptError),
    Recovery(InputError),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |len: usize| Decimal(u64::try_from(len).unwrap_or(u64::MAX));
        match self {
            Self::TooLong => write!(f, "a line has at most {} bytes", bytes(MAX_LINE)),
            Self::NotUtf8 => f.write_str("the line is not UTF-8"),
            Self::UnknownCommand => f.write_str("no such command, `help` lists them"),
            Self::MissingArgument(usage) => write!(f, "an argument is missing: {usage}"),
            Self::ExtraArgument(usage) => write!(f, "an argument too many: {usage}"),
            Self::NotANumber(usage) => write!(f, "not a decimal number: {usage}"),
            Self::NoAccount => f.write_str("no account has this number, `list` shows them"),
            Self::Full => write!(f, "all {} accounts are taken", bytes(token::MAX_ACCOUNTS)),
            Self::LabelTooLong => {
                write!(f, "a label has at most {} bytes here", bytes(account::MAX_LABEL))
            }
            Self::NoCodeLeft => f.write_str("the counter is exhausted, enrol a new key"),
            Self::ClockNotSet => f.write_str("the clock is not set: time <unix>"),
            Self::NotProvisioned => f.write_str("no recovery codes were provisioned"),
            Self::Uri(error) => error.fmt(f),
            Self::Engine(error) => error.fmt(f),
            Self::Code(error) => error.fmt(f),
            Self::Attempt(error) => error.fmt(f),
            Self::Recovery(error) => error.fmt(f),
        }
    }
}

impl From<otpauth::Error> for Fault {
    fn from(error: otpauth::Error) -> Self {
        Self::Uri(error)
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<CodeError> for Fault {
    fn from(error: CodeError) -> Self {
        Self::Code(error)
    }
}

impl From<AttemptError> for Fault {
    fn from(error: AttemptError) -> Self {
        Self::Attempt(error)
    }
}

impl From<InputError> for Fault {
    fn from(error: InputError) -> Self {
        Self::Recovery(error)
    }
}
