//! Typed and pasted input: `tests/data/pasted.txt`. The tests of the tool, the package and the
//! server use it too.

use otp_core::{
    Base32Error, Digits, Secret, SecretError, SubmittedCode, Totp, VerifyError, Window,
};

use self::rows::rows;

mod rows;

#[test]
fn codes() {
    let totp = Totp::new(&Secret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap());
    for (outcome, text) in rows("code") {
        let verified = totp.verify_at(&text, 59, Window::EXACT);
        match outcome {
            "read" => assert!(verified.is_ok(), "{text:?}: {verified:?}"),
            _ => {
                assert!(matches!(verified, Err(VerifyError::Malformed(_))), "{text:?}");
                assert!(SubmittedCode::parse(&text, Digits::Six).is_err());
            }
        }
    }
}

#[test]
fn secrets() {
    for (outcome, text) in rows("secret") {
        let secret = Secret::from_base32(&text);
        let found = match secret {
            Ok(secret) => {
                assert_eq!(secret.expose_bytes(), b"12345678901234567890", "{text:?}");
                "read"
            }
            Err(SecretError::Base32(Base32Error::MixedCase { .. })) => "mixed-case",
            Err(SecretError::Base32(Base32Error::OtherEncoding { .. })) => "other-encoding",
            Err(SecretError::Base32(Base32Error::Symbol { .. })) => "malformed",
            Err(error) => panic!("{text:?}: {error}"),
        };
        assert_eq!(found, outcome, "{text:?}");
    }
}

#[cfg(feature = "recovery")]
#[test]
fn recovery_codes() {
    use otp_core::recovery::{Code, Length};

    for (outcome, text) in rows("recovery") {
        match Code::parse(&text, Length::DEFAULT) {
            Ok(code) => {
                assert_eq!((code.expose(), outcome), ("0123456789ABCDEFGHJKMNPQ", "read"));
            }
            Err(error) => assert_eq!(outcome, "malformed", "{text:?}: {error}"),
        }
    }
}
