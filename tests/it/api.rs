//! What the public types promise: traits, sizes, and that they keep what they know to themselves.

use core::fmt::{Debug, Display};
use std::error::Error;

use otp_core::*;
use zeroize::ZeroizeOnDrop;

const KEY: &[u8] = b"a shared secret that is to be told apart";

/// F31: no `Debug` and no `Display`, but the one whose purpose it is, tells a secret, a code or
/// what was typed.
#[test]
fn f31_nothing_tells_a_secret() {
    let secret = Secret::from_bytes(KEY).unwrap();
    let base32 = secret.expose_base32().to_string();
    let hotp = Hotp::new(&secret);
    let totp = Totp::new(&secret);
    let code = hotp.code(0);
    let shown = code.to_string();
    let Ok(truncated) = hotp.mac().truncated(0);
    let submitted = Submitted::parse(&shown, Digits::Six).unwrap();
    let schedule = KeySchedule::from_raw_key(Algorithm::Sha1, KEY).unwrap();

    let mut texts = vec![
        format!("{secret:?} {secret:#?}"),
        format!("{:?}", secret.expose_base32()),
        format!("{hotp:?} {hotp:#?} {totp:?} {totp:#?}"),
        format!("{code:?} {code:#?} {truncated:?} {truncated:#?} {submitted:?} {submitted:#?}"),
        format!("{schedule:?} {schedule:#?}"),
        format!("{:?}", hotp.verify(&shown, 0, LookAhead::NONE)),
    ];
    // Errors, with input that is to be recognised where it shows.
    fn both<T: Debug, E: Error>(texts: &mut Vec<String>, result: Result<T, E>) {
        let error = result.expect_err("an error");
        texts.push(format!("{error:?} {error:#?} {error}"));
        let mut source = error.source();
        while let Some(error) = source {
            texts.push(format!("{error:?} {error}"));
            source = error.source();
        }
    }
    let damaged = format!("{base32}!");
    both(&mut texts, Secret::from_base32(&damaged));
    both(&mut texts, Secret::from_base32(&format!("{base32}={base32}")));
    both(&mut texts, Secret::from_base32(&base32.repeat(9)));
    both(&mut texts, Secret::from_base32(&base32[..8]));
    both(&mut texts, decode_base32(&damaged, &mut [0; 99]));
    both(&mut texts, decode_base32(&base32, &mut [0; 9]));
    both(&mut texts, Submitted::parse(&format!("{shown}x"), Digits::Six));
    both(&mut texts, Submitted::parse(&format!("{shown}0"), Digits::Six));
    both(&mut texts, Submitted::parse(&shown.repeat(20), Digits::Six));
    both(&mut texts, hotp.verify(&shown, 1, LookAhead::NONE));
    both(&mut texts, hotp.verify(&format!("{shown}x"), 0, LookAhead::NONE));
    both(&mut texts, totp.verify_at(&format!("{shown}0"), 0, Window::DEFAULT));
    both(&mut texts, "SHA1x".parse::<Algorithm>());

    let truncated = truncated.expose_bits();
    let known = [
        base32[..8].to_owned(),
        format!("{KEY:?}")[1..20].to_owned(),
        "a shared".to_owned(),
        shown.clone(),
        shown.trim_start_matches('0').to_owned(),
        truncated.to_string(),
        format!("{truncated:x}"),
        "SHA1x".to_owned(),
    ];
    for text in &texts {
        assert!(!text.trim().is_empty());
        for known in &known {
            assert!(!text.to_lowercase().contains(&known.to_lowercase()), "{known} in {text}");
        }
    }
    // The check can fail: here is what it looks for.
    assert!(base32.contains(&known[0]) && shown.contains(&known[3]));
}

#[test]
fn traits_promised() {
    fn plain<T: Copy + Debug + PartialEq + Eq + Send + Sync + Unpin + 'static>() {}
    fn error<T: Error + Copy + PartialEq + Send + Sync + 'static>() {}
    fn held<T: Debug + Send + Sync + Unpin + 'static>() {}
    fn wiped<T: ZeroizeOnDrop>() {}
    fn shown<T: Display>() {}

    plain::<Algorithm>();
    plain::<Digits>();
    plain::<Period>();
    plain::<Window>();
    plain::<LookAhead>();
    plain::<Code>();
    plain::<Throttle>();
    plain::<DriftLearning>();
    plain::<Resynchronisation>();
    plain::<Policy>();
    plain::<VerifierState>();
    error::<AlgorithmError>();
    error::<AttemptError>();
    error::<PolicyError>();
    error::<StateError>();
    error::<Base32Error>();
    error::<BeforeT0>();
    error::<CodeError>();
    error::<DigitsError>();
    error::<MalformedCode>();
    error::<PeriodError>();
    error::<SecretError>();
    error::<VerifyError>();
    error::<WindowError>();
    held::<Secret>();
    held::<KeySchedule>();
    held::<Hotp>();
    held::<Totp>();
    held::<Submitted>();
    held::<Truncated>();
    held::<HotpMatch>();
    held::<TotpMatch>();
    held::<Attempt>();
    held::<Verdict>();
    wiped::<Secret>();
    wiped::<KeySchedule>();
    shown::<Algorithm>();
    shown::<Base32<'_>>();
    shown::<Code>();
    shown::<Digits>();
    shown::<Period>();
    shown::<Window>();
}

/// F20: a success that can be copied can be kept for later. Does not compile where one can.
#[test]
fn f20_no_success_can_be_copied() {
    macro_rules! is_not_clone {
        ($type:ty) => {
            trait Ambiguous<A> {
                const OF_ONE_KIND: () = ();
            }
            impl<T> Ambiguous<()> for T {}
            impl<T: Clone> Ambiguous<u8> for T {}
            let () = <$type>::OF_ONE_KIND;
        };
    }
    {
        is_not_clone!(Attempt);
    }
    {
        is_not_clone!(Verdict);
    }
    {
        is_not_clone!(Accepted);
    }
    {
        is_not_clone!(TotpMatch);
    }
    {
        is_not_clone!(HotpMatch);
    }
}

/// In bytes, so that a change of what an embedder has to set aside is noticed.
#[test]
fn sizes() {
    let schedule = if cfg!(feature = "sha2") { 136 } else { 40 };
    assert_eq!(size_of::<KeySchedule>(), schedule);
    assert!(size_of::<Totp>() <= schedule + 24);
    assert!(size_of::<Hotp>() <= schedule + 8);
    assert_eq!(size_of::<Secret>(), Secret::MAX_LEN + 1);
    assert!(size_of::<Code>() <= 12);
    assert!(size_of::<VerifyError>() <= 24);
    assert!(size_of::<VerifierState>() <= 40);
    assert!(size_of::<Attempt>() <= 112);
    assert!(size_of::<Policy>() <= 88);
}

/// Where HMAC is computed elsewhere, an engine is no larger than what it holds.
#[test]
fn an_engine_over_hardware_holds_no_key() {
    struct Slot;
    assert!(size_of::<Hotp<Slot>>() <= 1);
    assert!(size_of::<Totp<Slot>>() <= 24);
}

#[test]
fn errors_read_as_sentences() {
    for (error, text) in [
        (SecretError::Empty, "the shared secret is empty"),
        (SecretError::Short, "the shared secret has less than 128 bits"),
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
        (VerifyError::BeforeT0, "the time lies before T0"),
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
            KeyUri::parse("otpauth://totp/a?x=1").unwrap_err().to_string(),
            "secret: missing (at byte 20)",
        ),
        (
            KeyUri::parse("otpauth://totp/a?secret=aaaa&digits=5").unwrap_err().to_string(),
            "digits: out of range (at byte 36)",
        ),
        (
            Migration::parse("otpauth-migration://online?data=AA==", &mut [0; 9])
                .map(drop)
                .unwrap_err()
                .to_string(),
            "not the host `offline` at byte 20",
        ),
        (Throttle::DEFAULT.to_string(), "free 5, wait 30 to 3600 s, disabled after 100"),
    ] {
        assert_eq!(error, text);
    }
    assert_eq!(CodeError::Mac(Base32Error::DoesNotFit).to_string(), "HMAC could not be computed");
    assert_eq!(Digits::new(5).unwrap_err().to_string(), "a code has 6 to 10 digits");
    assert_eq!(Period::new(0).unwrap_err().to_string(), "a period is at least 1 second");
}
