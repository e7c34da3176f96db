//! The small values: defaults, accessors, conversions, formatting, and equality.

use core::convert::Infallible;
use core::fmt;
use std::error::Error;

use otp_core::{
    Algorithm, Code, CodeError, CodeFormat, Digits, HmacKey, Hotp, KeySchedule, LookAhead,
    MalformedCode, Period, Secret, SubmittedCode, Totp, Truncated, VerifyError, Window,
};

use crate::data::{algorithms, rfc_seed, rows};

/// Shows a number.
struct Number(u32);

impl HmacKey for Number {
    type Error = Infallible;

    fn truncated(&self, _: u64) -> Result<Truncated, Infallible> {
        Ok(Truncated::from_bits(self.0))
    }
}

fn code(number: u32, digits: Digits) -> Code {
    Hotp::from_key(Number(number)).with_digits(digits).code(0)
}

const ALL_DIGITS: [Digits; 5] =
    [Digits::Six, Digits::Seven, Digits::Eight, Digits::Nine, Digits::Ten];

#[test]
fn codes_are_equal_where_every_digit_is() {
    // They differ by one digit, at each place of the widest code.
    let whole = code(1_111_111_111, Digits::Ten);
    assert_eq!(whole, code(1_111_111_111, Digits::Ten));
    for place in 0..10 {
        let other = code(1_111_111_111 - 10_u32.pow(place), Digits::Ten);
        assert_ne!(whole, other, "{whole}, {other}");
    }
    assert_ne!(code(12_345_678, Digits::Eight), code(12_345_679, Digits::Eight));
    assert_ne!(code(12_345_678, Digits::Eight), code(12_345_688, Digits::Eight));
    // One begins with all of the other.
    assert_ne!(code(123_456, Digits::Six), code(1_234_567, Digits::Seven));
    assert_ne!(code(123_456, Digits::Six), code(1_234_560, Digits::Seven));
    assert_ne!(code(0, Digits::Six), code(0, Digits::Seven));
    assert_ne!(code(0, Digits::Nine), code(0, Digits::Ten));
    let steam = Totp::from_key(Number(0)).with_format(CodeFormat::Steam).code_at(0).unwrap();
    assert_ne!(steam, code(222_222, Digits::Six));
}

/// The codes of RFC 6238 appendix B, with every constructor that takes an algorithm.
#[test]
fn an_engine_computes_with_the_algorithm_that_it_was_told() {
    for [time, step, algorithm, code] in rows(include_str!("../data/rfc6238_appendix_b.txt")) {
        let Some(algorithm) = algorithms().find(|known| known.name() == algorithm) else {
            continue;
        };
        let secret = Secret::from_bytes(&rfc_seed(algorithm)).unwrap();
        let counter = u64::from_str_radix(step, 16).unwrap();
        let hotp = Hotp::for_algorithm(algorithm, &secret).unwrap().with_digits(Digits::Eight);
        assert_eq!(hotp.code(counter).to_string(), code, "{algorithm}");
        assert_eq!(hotp.key().algorithm(), algorithm);
        let totp = Totp::for_algorithm(algorithm, &secret).unwrap().with_digits(Digits::Eight);
        assert_eq!(totp.code_at(time.parse().unwrap()).unwrap().to_string(), code, "{algorithm}");
        assert_eq!(totp.key().algorithm(), algorithm);
        let schedule = KeySchedule::new(algorithm, &secret).unwrap();
        let hotp = Hotp::from_key(schedule).with_digits(Digits::Eight);
        assert_eq!(hotp.code(counter).to_string(), code, "{algorithm}");
    }
}

#[test]
fn an_engine_that_is_told_nothing_is_what_every_app_speaks() {
    let secret = Secret::from_bytes(b"12345678901234567890").unwrap();
    let hotp = Hotp::new(&secret);
    assert_eq!((hotp.digits(), hotp.key().algorithm()), (Digits::Six, Algorithm::Sha1));
    let totp = Totp::new(&secret);
    assert_eq!((totp.format(), totp.key().algorithm()), (Digits::Six.into(), Algorithm::Sha1));
    assert_eq!((totp.period().seconds(), totp.t0()), (30, 0));
    let steam = Totp::steam(&secret);
    assert_eq!((steam.format(), steam.key().algorithm()), (CodeFormat::Steam, Algorithm::Sha1));
    assert_eq!((steam.period().seconds(), steam.t0()), (30, 0));
}

#[test]
fn an_engine_tells_what_it_was_told() {
    for digits in ALL_DIGITS {
        let format = CodeFormat::Decimal(digits);
        assert_eq!(CodeFormat::from(digits), format);
        assert_eq!(format.width(), digits.get());
        let hotp = Hotp::from_key(Number(7)).with_digits(digits);
        assert_eq!(hotp.digits(), digits);
        assert_eq!(hotp.code(0).format(), format);
        assert_eq!(hotp.key().0, 7);
        let period = Period::new(61).unwrap();
        let totp = Totp::from_key(Number(8)).with_digits(digits).with_period(period).with_t0(5);
        assert_eq!((totp.format(), totp.period(), totp.t0()), (format, period, 5));
        assert_eq!(totp.code_at(5).unwrap().format(), format);
        assert_eq!(totp.key().0, 8);
        let typed = "7".repeat(digits.get().into());
        assert_eq!(SubmittedCode::parse(&typed, digits).unwrap().format(), format);
        assert_eq!(SubmittedCode::parse(&typed, format).unwrap().format(), format);
    }
}

#[test]
fn defaults() {
    assert_eq!(LookAhead::default().get(), 10);
    assert_eq!(LookAhead::DEFAULT.get(), 10);
    assert_eq!(LookAhead::NONE.get(), 0);
    assert_eq!(LookAhead::MAX, 100);
    assert_eq!(Period::default().seconds(), 30);
    assert_eq!(Period::DEFAULT.seconds(), 30);
    assert_eq!(Digits::default().get(), 6);
    assert_eq!(Algorithm::default(), Algorithm::Sha1);
    for window in [Window::default(), Window::DEFAULT] {
        assert_eq!((window.past(), window.future(), window.candidates()), (1, 1, 3));
    }
    assert_eq!((Window::EXACT.past(), Window::EXACT.future()), (0, 0));
    assert_eq!(Window::MAX, 100);
}

#[test]
fn sides_of_a_window_are_told_apart() {
    let window = Window::new(3, 7).unwrap();
    assert_eq!((window.past(), window.future(), window.candidates()), (3, 7, 11));
    assert_eq!(window.to_string(), "-3..+7");
    assert_ne!(window, Window::new(7, 3).unwrap());
    for reach in 0..=100 {
        let look_ahead = LookAhead::new(reach).unwrap();
        assert_eq!((look_ahead.get(), look_ahead.candidates()), (reach, u16::from(reach) + 1));
    }
}

#[test]
fn numbers_come_back_as_they_went_in() {
    for seconds in [1, 29, 30, 60, u64::MAX] {
        let period = Period::new(seconds).unwrap();
        assert_eq!((u64::from(period), period.seconds()), (seconds, seconds));
        assert_eq!(Period::try_from(seconds), Ok(period));
    }
    for digits in 6..=10 {
        let known = Digits::new(digits).unwrap();
        assert_eq!((u8::from(known), known.get()), (digits, digits));
    }
}

#[test]
fn values_are_written_as_people_expect_padded_too() {
    let period = Period::new(60).unwrap();
    assert_eq!(format!("{period}|{period:>5}|{period:05}"), "60|   60|00060");
    let digits = Digits::Ten;
    assert_eq!(format!("{digits}|{digits:>4}|{digits:<4}|"), "10|  10|10  |");
    assert_eq!(Digits::Six.to_string(), "6");
    let code = code(42, Digits::Six);
    assert_eq!(
        format!("{code}|{code:>8}|{code:<8}|{code:^8}|"),
        "000042|  000042|000042  | 000042 |"
    );
    assert_eq!(format!("{:>7}|{:<7}|", Algorithm::Sha256, Algorithm::Sha1), " SHA256|SHA1   |");
}

#[test]
fn debug_tells_the_parameters() {
    for algorithm in algorithms() {
        let schedule = KeySchedule::from_raw_key(algorithm, b"key").unwrap();
        assert_eq!(
            format!("{schedule:?}"),
            format!("KeySchedule {{ algorithm: {algorithm:?}, .. }}")
        );
    }
    let hotp = Hotp::from_key(Number(0)).with_digits(Digits::Seven);
    assert_eq!(format!("{hotp:?}"), "Hotp { digits: Seven, .. }");
    let totp = Totp::from_key(Number(0)).with_digits(Digits::Nine).with_t0(5);
    let expected = "Totp { format: Decimal(Nine), period: Period(30), t0: 5, .. }";
    assert_eq!(format!("{totp:?}"), expected);
    let code = hotp.code(0);
    assert_eq!(format!("{code:?}"), "Code { format: Decimal(Seven), .. }");
    let submitted = SubmittedCode::parse("22222", CodeFormat::Steam).unwrap();
    assert_eq!(format!("{submitted:?}"), "SubmittedCode { format: Steam, .. }");
}

/// The error of a bus.
#[derive(Debug, PartialEq)]
struct BusError(u8);

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bus error {}", self.0)
    }
}

impl Error for BusError {}

struct Broken;

impl HmacKey for Broken {
    type Error = BusError;

    fn truncated(&self, _: u64) -> Result<Truncated, BusError> {
        Err(BusError(7))
    }
}

#[test]
fn the_source_of_an_error_is_what_hardware_said() {
    #[track_caller]
    fn comes_from_the_bus(error: &impl Error) {
        let source = error.source().expect("a source");
        assert_eq!(source.downcast_ref(), Some(&BusError(7)));
    }
    let totp = Totp::from_key(Broken);
    let hotp = Hotp::from_key(Broken);
    comes_from_the_bus(&totp.code_at(0).unwrap_err());
    comes_from_the_bus(&totp.verify_at("123456", 0, Window::EXACT).unwrap_err());
    comes_from_the_bus(&hotp.verify("123456", 0, LookAhead::NONE).unwrap_err());
    assert_eq!(hotp.try_code(0).unwrap_err(), BusError(7));

    // The others already say everything.
    let late = Totp::from_key(Broken).with_t0(1);
    assert!(late.code_at(0).unwrap_err().source().is_none());
    assert!(CodeError::<BusError>::BeforeT0.source().is_none());
    for error in [
        VerifyError::Rejected,
        VerifyError::BeforeT0,
        VerifyError::Malformed(MalformedCode::TooLong),
    ] {
        let error: VerifyError<BusError> = error;
        assert!(error.source().is_none(), "{error}");
    }
}
