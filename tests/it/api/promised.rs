//! The traits and the size that each public type promises, a row a type.

use core::fmt::{Debug, Display};
use std::error::Error;

use otp_core::*;
use zeroize::ZeroizeOnDrop;

use super::listing::name;

/// A type that has the traits of its row, for it compiles.
pub(super) struct Row {
    pub(super) name: &'static str,
    size: usize,
    at_most: usize,
}

/// A value without a secret.
fn plain<T: Copy + Debug + PartialEq + Eq + Send + Sync + Unpin + 'static>(at_most: usize) -> Row {
    held::<T>(at_most)
}

fn error<T: Error + Copy + PartialEq + Send + Sync + Unpin + 'static>(at_most: usize) -> Row {
    held::<T>(at_most)
}

/// What holds a secret, borrows one, or must not be copied.
fn held<T: Debug + Send + Sync + Unpin>(at_most: usize) -> Row {
    Row { name: name::<T>(), size: size_of::<T>(), at_most }
}

/// What holds a secret of its own.
fn wiped<T: Debug + Send + Sync + Unpin + ZeroizeOnDrop>(at_most: usize) -> Row {
    held::<T>(at_most)
}

/// Sizes are in bytes, on 64 bits: what an embedder has to set aside at most.
pub(super) fn table() -> Vec<Row> {
    let schedule = if cfg!(feature = "sha2") { 136 } else { 40 };
    #[allow(unused_mut, reason = "the bare set adds no row")]
    let mut rows = vec![
        plain::<Algorithm>(1),
        plain::<Budget>(16),
        plain::<Code>(12),
        plain::<CodeFormat>(1),
        plain::<Digits>(1),
        plain::<DisabledBy>(1),
        plain::<DriftLearning>(16),
        plain::<Growth>(1),
        plain::<KeyUriKind>(16),
        plain::<Lifecycle>(1),
        plain::<LookAhead>(1),
        plain::<MigrationPart>(1),
        plain::<Period>(8),
        plain::<Policy>(96),
        plain::<Record>(80),
        plain::<Resynchronisation>(4),
        plain::<Rule>(1),
        plain::<Rules>(1),
        plain::<StateBytes>(37),
        plain::<Swap>(1),
        plain::<Throttle>(56),
        plain::<UriPart>(1),
        plain::<UriProblem>(1),
        plain::<VerifierState>(56),
        plain::<Window>(2),
        error::<AlgorithmError>(1),
        error::<AttemptError>(1),
        error::<Base32Error>(16),
        error::<BeforeT0>(0),
        error::<CodeError>(0),
        error::<DigitsError>(0),
        error::<DoesNotFit>(0),
        error::<EngineError>(16),
        error::<LabelError>(8),
        error::<LoginError<StateError>>(2),
        error::<MalformedCode>(16),
        error::<MigrationError>(16),
        error::<PeriodError>(0),
        error::<PolicyError>(1),
        error::<SecretError>(16),
        error::<StateError>(1),
        error::<UriError>(16),
        error::<VerifyError>(16),
        error::<WindowError>(0),
        held::<Accepted>(32),
        held::<Attempt>(152),
        held::<Base32<'_>>(16),
        held::<Chars<'_>>(32),
        wiped::<Engine>(schedule + 24),
        wiped::<Hotp>(schedule + 8),
        held::<HotpMatch>(8),
        held::<KeyUri<'_>>(128),
        held::<KeyUriWriter<'_>>(64),
        held::<MigrationEntries<'_>>(24),
        held::<MigrationEntry<'_>>(72),
        held::<PercentText<'_>>(24),
        held::<Settled>(120),
        held::<Submitted>(16),
        wiped::<Totp>(schedule + 24),
        held::<TotpMatch>(16),
        held::<Truncated>(4),
        held::<UnknownParameters<'_>>(24),
        held::<Verdict>(40),
        wiped::<KeySchedule>(schedule),
        wiped::<Migration<'_>>(32),
        wiped::<Secret>(Secret::MAX_LEN + 1),
        wiped::<SecretBuffer>(Secret::MAX_LEN + 1),
    ];
    #[cfg(feature = "conformance")]
    rows.push(error::<conformance::Violation>(1));
    #[cfg(feature = "getrandom")]
    rows.push(error::<EntropyError>(0));
    #[cfg(feature = "qr")]
    rows.extend([
        error::<QrError>(2),
        held::<Qr<'_>>(24),
        held::<QrSvg<'_>>(8),
        held::<QrText<'_>>(48),
        wiped::<QrBuffer>(1194),
    ]);
    #[cfg(feature = "recovery")]
    rows.extend([
        plain::<Keyed>(0),
        plain::<LongRecoveryLength>(1),
        plain::<RecoveryLength>(1),
        error::<MalformedRecoveryCode>(16),
        error::<PepperError>(1),
        error::<RecoveryCostError>(1),
        error::<RecoveryError>(16),
        error::<RecoveryInputError>(8),
        error::<RecoveryIssueError<MalformedCode>>(16),
        error::<RecoveryLengthError>(0),
        error::<RecoverySetError>(2),
        held::<GroupedCode<'_>>(8),
        held::<RecoveryMatch<'_, 10>>(32),
        held::<RecoverySet<10>>(372),
        held::<RecoveryVerdict>(40),
        held::<Redeemed>(36),
        held::<Redemption<10>>(536),
        wiped::<Pepper>(72),
        wiped::<RecoveryCode>(33),
    ]);
    #[cfg(any(feature = "argon2", feature = "pbkdf2"))]
    rows.push(held::<RecoveryPhc>(288));
    #[cfg(feature = "argon2")]
    rows.extend([plain::<Argon2id>(12), held::<Argon2Keys<'_>>(24)]);
    #[cfg(feature = "pbkdf2")]
    rows.push(plain::<Pbkdf2>(4));
    rows
}

#[test]
fn no_type_is_larger_than_promised() {
    let larger: Vec<_> = table()
        .into_iter()
        .filter(|row| row.size > row.at_most)
        .map(|Row { name, size, at_most }| format!("{name} has {size} bytes, of {at_most}"))
        .collect();
    assert!(larger.is_empty(), "{larger:#?}");
}

#[test]
fn what_is_shown() {
    fn shown<T: Display>() {}
    shown::<Algorithm>();
    shown::<Base32<'_>>();
    shown::<Code>();
    shown::<Digits>();
    shown::<KeyUriWriter<'_>>();
    shown::<Period>();
    shown::<Window>();
}

/// Where HMAC is computed elsewhere, an engine is no larger than what it holds.
#[test]
fn an_engine_over_hardware_holds_no_key() {
    struct Slot;
    assert!(size_of::<Hotp<Slot>>() <= 1);
    assert!(size_of::<Totp<Slot>>() <= 24);
}
