//! Errors as JavaScript gets them: a kind, a message, and an offset in the text.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};
use core::fmt::Display;

#[cfg(feature = "main")]
use otp_core::recovery::{InputError, IssueError, LengthError, PepperError, SetError};
#[cfg(feature = "seeds")]
use otp_core::seeds;
use otp_core::verifier::{AttemptError, SettingsError, StateError};
use otp_core::{
    AlgorithmError, Base32Error, BeforeT0, CodeError, DigitsError, EngineError, PeriodError,
    SecretError, WindowError, otpauth,
};
#[cfg(feature = "main")]
use otp_core::{migration, qr};

use crate::json::Json;
use crate::memory::Output;

/// An error on its way to JavaScript. It does not contain the refused input. It is one pointer,
/// because results of the size of its parts would make the module larger.
#[derive(Debug)]
pub(crate) struct Fault(Box<Parts>);

#[derive(Debug)]
struct Parts {
    kind: Cow<'static, str>,
    message: String,
    offset: Option<usize>,
}

impl Fault {
    pub(crate) fn new(kind: impl Into<Cow<'static, str>>, message: impl Display) -> Self {
        Self::from_parts(kind.into(), &message)
    }

    /// It is one function for all messages: a copy for each type of message would take 3 KB.
    #[inline(never)]
    fn from_parts(kind: Cow<'static, str>, message: &dyn Display) -> Self {
        Self(Box::new(Parts { kind, message: message.to_string(), offset: None }))
    }

    /// `offset` is in bytes of UTF-8, as in Rust.
    fn at(mut self, offset: usize) -> Self {
        self.0.offset = Some(offset);
        self
    }

    /// Writes the answer of a call that failed.
    pub(crate) fn write(&self, output: &mut Output) {
        Json::object(output, |json| self.fields(json));
    }

    pub(crate) fn fields(&self, json: &mut Json<'_>) {
        json.text("reason", &self.0.kind)
            .text("message", &self.0.message)
            .optional_number("offset", self.0.offset.map(|offset| offset as u64));
    }
}

impl From<otpauth::Error> for Fault {
    fn from(error: otpauth::Error) -> Self {
        let (part, problem) = (error.part().name(), error.problem().name());
        Self::new(format!("uri-{part}-{problem}"), error).at(error.offset())
    }
}

#[cfg(feature = "main")]
impl From<migration::Error> for Fault {
    fn from(error: migration::Error) -> Self {
        let (part, problem) = (error.part().name(), error.problem().name());
        Self::new(format!("export-{part}-{problem}"), error).at(error.offset())
    }
}

#[cfg(feature = "seeds")]
impl From<seeds::Error> for Fault {
    fn from(error: seeds::Error) -> Self {
        let (part, problem) = (error.part().name(), error.problem().name());
        Self::new(format!("seeds-{part}-{problem}"), error).at(error.offset())
    }
}

impl From<SecretError> for Fault {
    fn from(error: SecretError) -> Self {
        let fault = |kind: &'static str| Self::new(kind, error);
        match error {
            SecretError::Empty => fault("secret-empty"),
            SecretError::Short => fault("secret-short"),
            SecretError::Long => fault("secret-long"),
            SecretError::Zero => fault("secret-zero"),
            SecretError::Base32(Base32Error::MixedCase { offset }) => {
                fault("secret-mixed-case").at(offset)
            }
            SecretError::Base32(Base32Error::OtherEncoding { offset, .. }) => {
                fault("secret-other-encoding").at(offset)
            }
            SecretError::Base32(
                Base32Error::Symbol { offset } | Base32Error::AfterPadding { offset },
            ) => fault("secret-base32").at(offset),
            _ => fault("secret-base32"),
        }
    }
}

impl From<otpauth::LabelError> for Fault {
    fn from(error: otpauth::LabelError) -> Self {
        Self::new("label-control-character", error).at(error.offset())
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Secret(error) => error.into(),
            EngineError::Algorithm(error) => error.into(),
            error => Self::new("engine", error),
        }
    }
}

#[cfg(feature = "main")]
impl<E: Display> From<IssueError<E>> for Fault {
    fn from(error: IssueError<E>) -> Self {
        match error {
            IssueError::Input(error) => error.into(),
            IssueError::Length(error) => error.into(),
            IssueError::Rng(_) => Self::new("random-failed", "the random bytes did not suffice"),
            IssueError::Repeating => {
                Self::new("random-repeats", "the source of randomness repeats itself")
            }
            _ => Self::new("recovery-exhausted", "the set has no further generation"),
        }
    }
}

/// Errors whose kind follows from their variant.
macro_rules! kinds {
    ($($error:ty { $($pattern:pat => $kind:literal,)+ })+) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::new(match error { $($pattern => $kind,)+ }, error)
            }
        })+
    };
}

kinds! {
    AlgorithmError { _ => "algorithm", }
    DigitsError { _ => "digits", }
    PeriodError { _ => "period", }
    WindowError { _ => "window", }
    SettingsError { _ => "policy", }
    BeforeT0 { _ => "time-before-t0", }
    CodeError { _ => "time-before-t0", }
    AttemptError {
        AttemptError::TimeTooFar => "time-too-far",
        AttemptError::PeriodTooLong => "period-too-long",
        AttemptError::OtherEngine => "other-engine",
        AttemptError::NoneConfirmed => "none-confirmed",
        _ => "time-before-t0",
    }
    StateError {
        StateError::Length => "state-length",
        StateError::Version => "state-version",
        _ => "state-impossible",
    }
}

#[cfg(feature = "main")]
kinds! {
    LengthError { _ => "recovery-length", }
    PepperError {
        PepperError::Short => "pepper-short",
        PepperError::Zero => "pepper-zero",
        _ => "pepper-long",
    }
    InputError {
        InputError::PepperKeyId { .. } => "recovery-pepper",
        InputError::Mismatch => "recovery-mismatch",
        InputError::OtherState => "recovery-state",
        InputError::TimeTooFar => "time-too-far",
        _ => "recovery-user",
    }
    SetError {
        SetError::Length => "recovery-set-length",
        SetError::Version => "recovery-set-version",
        _ => "recovery-set-impossible",
    }
    qr::Error { _ => "qr-too-long", }
}
