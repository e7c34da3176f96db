//! The traits and the size that each public type promises, one row for each type.

use core::fmt::{Debug, Display};
use std::error::Error;

use otp_core::verifier::*;
use otp_core::*;
use zeroize::ZeroizeOnDrop;

use super::listing::name;

/// A type that has the traits of its row, because the row compiles.
pub(super) struct Row {
    pub(super) name: String,
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

/// A type that holds a secret, borrows one, or must not be copied.
fn held<T: Debug + Send + Sync + Unpin>(at_most: usize) -> Row {
    Row { name: name::<T>(), size: size_of::<T>(), at_most }
}

/// A type that owns a secret.
fn wiped<T: Debug + Send + Sync + Unpin + ZeroizeOnDrop>(at_most: usize) -> Row {
    held::<T>(at_most)
}

/// The largest sizes in bytes on 64-bit targets, for embedders.
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
        plain::<Backoff>(1),
        plain::<otpauth::Kind>(16),
        plain::<Lifecycle>(1),
        plain::<LookAhead>(1),
        plain::<Encoding>(1),
        plain::<migration::Part>(1),
        plain::<migration::Problem>(1),
        plain::<Period>(8),
        plain::<Verifier>(104),
        plain::<Record>(112),
        plain::<Resynchronisation>(8),
        plain::<otpauth::Rule>(1),
        plain::<otpauth::Rules>(2),
        plain::<StateBytes>(39),
        plain::<Swap>(1),
        plain::<Throttle>(56),
        plain::<otpauth::Part>(1),
        plain::<otpauth::Problem>(2),
        plain::<State>(64),
        plain::<Window>(2),
        error::<AlgorithmError>(1),
        error::<AttemptError>(4),
        error::<Base32Error>(16),
        error::<BeforeT0>(0),
        error::<CodeError>(0),
        error::<DigitsError>(0),
        error::<BufferTooSmall>(0),
        error::<EngineError>(16),
        error::<otpauth::LabelError>(8),
        error::<LoginError<StateError>>(4),
        error::<MalformedCode>(16),
        error::<migration::Error>(16),
        error::<migration::EntryError>(24),
        error::<PeriodError>(0),
        error::<SettingsError>(1),
        error::<SecretError>(16),
        error::<StateError>(1),
        error::<otpauth::Error>(16),
        error::<VerifyError>(16),
        error::<WindowError>(0),
        held::<Accepted>(40),
        held::<Attempt>(184),
        held::<AttemptAny<'_, u64, Totp>>(80),
        held::<Authenticator<u64, Totp>>(296),
        plain::<Change<'_, u64>>(144),
        held::<Judged<[Authenticator<u64, Totp>; 2], u64, Totp>>(592),
        held::<Changes<'_, u64, Totp>>(24),
        held::<SettledAny<u64>>(168),
        held::<MovingFactors>(72),
        held::<Plan<'_>>(368),
        plain::<Rejection>(24),
        held::<ResyncAttempt>(184),
        held::<ResyncPlan<'_>>(368),
        held::<ResyncVerdict>(40),
        held::<Resynchronised>(8),
        held::<Base32<'_>>(16),
        held::<otpauth::Chars<'_>>(32),
        wiped::<Engine>(schedule + 24),
        wiped::<Hotp>(schedule + 8),
        held::<HotpMatch>(8),
        held::<otpauth::Uri<'_>>(128),
        held::<otpauth::UriBuilder<'_>>(64),
        held::<migration::Entries<'_>>(32),
        held::<migration::Entry<'_>>(72),
        held::<otpauth::Text<'_>>(24),
        held::<Settled>(160),
        held::<SubmittedCode>(16),
        wiped::<Totp>(schedule + 24),
        held::<TotpMatch>(16),
        held::<Truncated>(4),
        held::<otpauth::UnknownParameters<'_>>(24),
        held::<Verdict>(40),
        wiped::<KeySchedule>(schedule),
        wiped::<migration::Export<'_>>(32),
        wiped::<Secret>(Secret::MAX_LEN + 1),
        wiped::<SecretBuffer>(Secret::MAX_LEN + 1),
    ];
    #[cfg(feature = "conformance")]
    rows.push(error::<conformance::Violation>(1));
    #[cfg(feature = "getrandom")]
    rows.push(error::<EntropyError>(0));
    #[cfg(feature = "qr")]
    rows.extend([
        error::<qr::Error>(2),
        held::<qr::Qr<'_>>(24),
        held::<qr::Svg<'_>>(8),
        held::<qr::Text<'_>>(48),
        wiped::<qr::Buffer>(1194),
    ]);
    #[cfg(feature = "seeds")]
    rows.extend([
        plain::<seeds::Column>(1),
        plain::<seeds::CsvOptions<'static>>(40),
        plain::<seeds::Part>(1),
        plain::<seeds::Problem>(1),
        plain::<seeds::PskcOptions>(8),
        plain::<seeds::SecretEncoding>(1),
        error::<seeds::Error>(16),
        error::<seeds::Refused<'static>>(80),
        held::<seeds::Chars<'_>>(32),
        held::<seeds::Csv<'_, '_>>(128),
        held::<seeds::Pskc<'_, '_>>(3000),
        held::<seeds::Text<'_>>(32),
        held::<seeds::Token<'_>>(432),
        held::<seeds::Unlock<'_>>(24),
        wiped::<seeds::Buffer>(504),
    ]);
    #[cfg(feature = "recovery")]
    rows.extend([
        plain::<recovery::Keyed>(0),
        plain::<recovery::Length>(1),
        error::<recovery::CostError>(1),
        error::<recovery::InputError>(8),
        error::<recovery::IssueError<MalformedCode>>(16),
        error::<recovery::LengthError>(2),
        error::<recovery::MalformedCode>(16),
        error::<recovery::PepperError>(1),
        error::<recovery::SetError>(2),
        held::<recovery::GroupedCode<'_>>(8),
        held::<recovery::Redeemed>(44),
        held::<recovery::Redemption<'_, 10>>(560),
        held::<recovery::Set<10>>(360),
        held::<recovery::Verdict>(48),
        held::<Settled<recovery::Verdict>>(160),
        wiped::<recovery::Pepper>(72),
        wiped::<recovery::Code>(37),
    ]);
    #[cfg(any(feature = "argon2", feature = "pbkdf2"))]
    rows.push(held::<recovery::Phc>(288));
    #[cfg(feature = "argon2")]
    rows.extend([plain::<recovery::Argon2id>(12), held::<recovery::Argon2Keys<'_>>(24)]);
    #[cfg(feature = "pbkdf2")]
    rows.push(plain::<recovery::Pbkdf2>(4));
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
    shown::<otpauth::UriBuilder<'_>>();
    shown::<Period>();
    shown::<Window>();
}

/// If HMAC is computed elsewhere, an engine is not larger than its content.
#[test]
fn an_engine_over_hardware_holds_no_key() {
    struct Slot;
    assert!(size_of::<Hotp<Slot>>() <= 1);
    assert!(size_of::<Totp<Slot>>() <= 24);
}
