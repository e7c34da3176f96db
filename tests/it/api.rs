//! The promises of the public types: traits, sizes, and that they do not show their secrets.

use otp_core::verifier::*;
use otp_core::*;

mod listing;
mod promised;
mod searched;
mod told;
mod uncopied;

#[test]
fn errors_read_as_sentences() {
    for (error, text) in [
        (SecretError::Empty, "the shared secret is empty"),
        (SecretError::Short, "the shared secret has less than 128 bits"),
        (SecretError::Zero, "the shared secret is all zero bytes: was it filled?"),
        (SecretError::Long, "the shared secret has more than 128 bytes"),
        (
            SecretError::Base32(Base32Error::Symbol { offset: 3 }),
            "the shared secret is not Base32: not a Base32 symbol at byte 3",
        ),
        (
            SecretError::Base32(Base32Error::AfterPadding { offset: 9 }),
            "the shared secret is not Base32: a Base32 symbol after padding at byte 9",
        ),
    ] {
        assert_eq!(error.to_string(), text);
    }
    assert!(SecretError::Long.to_string().contains(&Secret::MAX_LEN.to_string()));
    assert!(SecretError::Short.to_string().contains(&Secret::MIN_BITS.to_string()));
    for (error, text) in [
        (VerifyError::Rejected, "the code is not accepted"),
        (VerifyError::BeforeT0, "the time is before T0"),
        (
            VerifyError::Malformed(MalformedCode::Width { expected: 6 }),
            "malformed code: a code here has 6 digits",
        ),
        (
            VerifyError::Malformed(MalformedCode::Character { offset: 2 }),
            "malformed code: not a digit of a code at byte 2",
        ),
        (VerifyError::Malformed(MalformedCode::TooLong), "malformed code: too long for a code"),
    ] {
        let error: VerifyError = error;
        assert_eq!(error.to_string(), text);
    }
    for (error, text) in [
        (
            Secret::from_base32("!").map(drop).unwrap_err().to_string(),
            "the shared secret is not Base32: not a Base32 symbol at byte 0",
        ),
        (
            otpauth::Uri::parse("otpauth://totp/a?x=1").unwrap_err().to_string(),
            "secret: missing (at byte 20)",
        ),
        (
            otpauth::Uri::parse("otpauth://totp/a?secret=aaaa&digits=5").unwrap_err().to_string(),
            "digits: out of range, expected 6 to 10 (at byte 36)",
        ),
        (
            migration::Export::parse("otpauth-migration://online?data=AA==", &mut [0; 9])
                .map(drop)
                .unwrap_err()
                .to_string(),
            "host: not supported, expected offline (at byte 20)",
        ),
        (
            Throttle::DEFAULT.to_string(),
            "free 5, wait 30 to 3600 s, disabled after 100, budget 30, refill 86400 s",
        ),
    ] {
        assert_eq!(error, text);
    }
    assert_eq!(
        CodeError::Key(Base32Error::BufferTooSmall).to_string(),
        "HMAC could not be computed"
    );
    assert_eq!(Digits::new(5).unwrap_err().to_string(), "a code has 6 to 10 digits");
    assert_eq!(Period::new(0).unwrap_err().to_string(), "a period is at least 1 second");
}
