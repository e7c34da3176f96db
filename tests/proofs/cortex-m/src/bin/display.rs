//! Everything that the crate can print. It links only if none of it holds a path to a panic.

#![no_std]
#![no_main]

use core::fmt::{self, Display, Write};
use core::hint::black_box;

use cortex_m_proofs as _;
use cortex_m_rt::entry;
use otp_core::verifier::*;
use otp_core::*;

/// Takes what is written, and lets nothing of it be left out.
struct Sink;

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        black_box(text);
        Ok(())
    }
}

fn show(value: &dyn Display) {
    let _ = black_box(write!(Sink, "{value}"));
}

/// A mistake for the control: a text that is cut while it is printed.
#[cfg(feature = "control-cut")]
struct Cut(&'static str, usize);

#[cfg(feature = "control-cut")]
impl Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0[..self.1])
    }
}

/// The answer of a constructor that no variant can name: its error, or its value.
fn either<T: Display, E: Display>(result: Result<T, E>) {
    match black_box(result) {
        Ok(value) => show(&value),
        Err(error) => show(&error),
    }
}

fn nouns(key: &Secret) {
    either(Digits::new(black_box(6)));
    either(Period::new(black_box(30)));
    either(Window::new(black_box(1), black_box(1)));
    either(black_box("SHA1").parse::<Algorithm>());
    either(Totp::new(key).code_at(black_box(59)));
    show(&black_box(Throttle::DEFAULT));
    show(&key.expose_base32());
    if let Err(error) = LookAhead::new(black_box(200)) {
        show(&error);
    }
}

fn uris(key: &Secret) {
    match otpauth::Uri::parse(black_box("otpauth://totp/a:b?secret=AAAA")) {
        Ok(uri) => {
            show(&uri.account());
            if let Err(error) = uri.engine() {
                show(&error);
            }
        }
        Err(error) => show(&error),
    }
    show(&black_box(otpauth::Problem::Missing));
    show(&black_box(otpauth::Rule::Padding));
    if let Err(error) = migration::Export::parse(black_box(""), &mut [0; 1]) {
        show(&error);
        show(&error.problem());
    }
    show(&black_box(TooSmallOf(otpauth::Uri::parse("otpauth://totp/a?secret=AAAA"))));
    either(otpauth::UriBuilder::totp(key).with_account(black_box("alice")));
}

/// `BufferTooSmall` has no public constructor: a buffer that is too small gives it.
struct TooSmallOf<'a>(Result<otpauth::Uri<'a>, otpauth::Error>);

impl Display for TooSmallOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_ref().map(|uri| uri.decode_secret(black_box(&mut [0; 1])).map(|_| ())) {
            Ok(Err(error)) => error.fmt(f),
            _ => Ok(()),
        }
    }
}

fn errors(key: &Secret) {
    show(&black_box(Base32Error::BufferTooSmall));
    show(&black_box(SecretError::Empty));
    show(&black_box(MalformedCode::TooLong));
    show(&black_box(SettingsError::Waits));
    show(&black_box(StateError::Length));
    show(&black_box(CodeError::<Base32Error>::BeforeT0));
    show(&black_box(VerifyError::<Base32Error>::BeforeT0));
    show(&black_box(AttemptError::<Base32Error>::BeforeT0));
    show(&black_box(LoginError::<_, Base32Error>::Store(StateError::Length)));
    show(&black_box(EngineError::T0));
    if let Err(error) = Totp::new(key).with_t0(black_box(9)).step_at(black_box(8)) {
        show(&error);
    }
}

fn verdicts(key: &Secret) {
    let engine = black_box(Totp::new(key));
    let fresh = State::enrolment();
    let attempt = Verifier::DEFAULT.attempt(&engine, fresh, black_box("287082"), 59);
    if let Ok(attempt) = attempt {
        let settled = attempt.commit(|_, _| black_box(Ok::<_, Base32Error>(Swap::Stored)));
        let Ok(Settled { verdict, record, .. }) = black_box(settled) else { return };
        show(&record);
        show(&verdict);
        if let Verdict::Accepted(accepted) = verdict {
            show(&accepted);
        }
    }
    let codes = black_box(["287082", "359152"]);
    if let Ok(attempt) = Verifier::DEFAULT.resynchronise(&engine, fresh, &codes, 59) {
        let settled = attempt.commit(|_, _| black_box(Ok::<_, Base32Error>(Swap::Stored)));
        let Ok(settled) = black_box(settled) else { return };
        show(&settled.verdict);
    }
}

fn recovery() {
    use otp_core::recovery::{
        Code, CostError, InputError, IssueError, Length, MalformedCode, PepperError, SetError,
        Verdict,
    };

    show(&black_box(PepperError::Short));
    show(&black_box(CostError::Low));
    show(&black_box(MalformedCode::TooLong));
    show(&black_box(InputError::User));
    show(&black_box(IssueError::<Base32Error>::Slot));
    show(&black_box(SetError::Length));
    if let Err(error) = Length::new(black_box(1)) {
        show(&error);
    }
    if let Ok(code) = Code::parse(black_box("0"), Length::DEFAULT) {
        show(&code.expose_grouped());
    }
    let verdict = black_box(Verdict::Conflict);
    show(&verdict);
    match verdict {
        Verdict::Redeemed(redeemed) => show(&redeemed),
        Verdict::Rejected(rejection) => show(&rejection),
        _ => {}
    }
}

#[entry]
fn main() -> ! {
    match Secret::from_bytes(black_box(b"12345678901234567890")) {
        Ok(key) => {
            nouns(&key);
            uris(&key);
            errors(&key);
            verdicts(&key);
            recovery();
        }
        Err(error) => show(&error),
    }
    // Negative control, and why the crate writes its numbers itself.
    #[cfg(feature = "control-cut")]
    show(&Cut(black_box("a text"), black_box(3)));
    loop {}
}
