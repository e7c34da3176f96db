#![cfg_attr(feature = "recovery", doc = include_str!("../README.md"))]
// Its examples need all hashes, and recovery codes.
#![cfg_attr(not(feature = "recovery"), doc = "See README.md.")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::std_instead_of_core,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_in_result,
    clippy::unwrap_used
)]

#[cfg(any(test, feature = "conformance", otp_core_valgrind))]
extern crate std;

mod algorithm;
mod base32;
mod base64;
mod code;
#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;
mod ct;
mod decimal;
mod digits;
mod division;
mod engine;
mod error;
mod format;
mod hash;
mod hotp;
mod key_schedule;
mod label;
mod mac;
mod migration;
mod otpauth;
mod percent;
mod period;
mod protobuf;
#[cfg(feature = "qr")]
mod qr;
#[cfg(feature = "recovery")]
mod recovery;
mod scan;
mod secret;
mod submitted;
mod throttle;
mod totp;
mod typed;
mod uri;
mod verifier;
mod window;

#[cfg(otp_core_valgrind)]
#[doc(hidden)]
pub use self::ct::on_reveal;
#[cfg(feature = "pbkdf2")]
#[cfg_attr(docsrs, doc(cfg(feature = "pbkdf2")))]
pub use self::recovery::Pbkdf2;
#[cfg(feature = "argon2")]
#[cfg_attr(docsrs, doc(cfg(feature = "argon2")))]
pub use self::recovery::{Argon2Block, Argon2Keys, Argon2id};
#[cfg(any(feature = "argon2", feature = "pbkdf2"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "argon2", feature = "pbkdf2"))))]
pub use self::recovery::{RecoveryPasswordHash, RecoveryPhc};
#[cfg(feature = "recovery")]
#[cfg_attr(docsrs, doc(cfg(feature = "recovery")))]
pub use self::verifier::{RecoveryVerdict, Redeemed, Redemption};
pub use self::{
    algorithm::Algorithm,
    base32::{Base32, decode_base32},
    code::Code,
    digits::Digits,
    engine::{Engine, EngineError},
    error::{
        AlgorithmError, Base32Error, BeforeT0, CodeError, DigitsError, DoesNotFit, MalformedCode,
        MigrationError, MigrationPart, PeriodError, PolicyError, SecretError, StateError,
        VerifyError, WindowError,
    },
    format::CodeFormat,
    hotp::{Hotp, HotpMatch},
    key_schedule::KeySchedule,
    mac::{Mac, Truncated},
    migration::{Migration, MigrationEntries, MigrationEntry},
    otpauth::{
        KeyUri, KeyUriKind, KeyUriWriter, LabelError, Rule, Rules, UnknownParameters, UriError,
        UriPart, UriProblem,
    },
    percent::{Chars, PercentText},
    period::Period,
    secret::{Secret, SecretBuffer},
    submitted::Submitted,
    throttle::{Budget, Growth, Throttle},
    totp::{Totp, TotpMatch},
    verifier::{
        Accepted, Attempt, AttemptError, DisabledBy, DriftLearning, Lifecycle, LoginError, Policy,
        Record, Resynchronisation, Settled, StateBytes, Swap, Verdict, Verifiable, VerifierState,
    },
    window::{LookAhead, Window},
};
#[cfg(feature = "qr")]
#[cfg_attr(docsrs, doc(cfg(feature = "qr")))]
pub use self::{
    error::QrError,
    qr::{Qr, QrBuffer, QrSvg, QrText},
};
#[cfg(feature = "recovery")]
#[cfg_attr(docsrs, doc(cfg(feature = "recovery")))]
pub use self::{
    error::{
        MalformedRecoveryCode, PepperError, RecoveryCostError, RecoveryError, RecoveryInputError,
        RecoveryIssueError, RecoveryLengthError, RecoverySetError,
    },
    recovery::{
        GroupedCode, Keyed, LongRecoveryLength, Pepper, RecoveryCode, RecoveryHash, RecoveryLength,
        RecoveryMatch, RecoverySet,
    },
};
#[cfg(feature = "getrandom")]
pub use error::EntropyError;
