//! The engines: codes, and their verification without a state.

use core::fmt::Write as _;

use otp_core::{
    Algorithm, Digits, Engine, Hotp, LookAhead, Period, Secret, Totp, VerifyError, Window,
};

use crate::fault::Fault;
use crate::memory::{Arguments, Output, Slot, call};
use crate::written::whole;

/// A shared secret with the parameters of its codes.
pub(crate) struct Key {
    pub(crate) secret: Secret,
    pub(crate) algorithm: Algorithm,
    pub(crate) digits: Digits,
}

impl Key {
    pub(crate) fn read(
        arguments: &mut Arguments<'_>,
        secret: u32,
        flags: u32,
        algorithm: u32,
        digits: u32,
    ) -> Result<Self, Fault> {
        let (is_text, allow_short) = (flags & 1 != 0, flags & 2 != 0);
        let secret = match (is_text, allow_short) {
            (true, true) => Secret::from_base32_allow_short(arguments.text(secret)?),
            (true, false) => Secret::from_base32(arguments.text(secret)?),
            (false, true) => Secret::from_bytes_allow_short(arguments.bytes(secret)?),
            (false, false) => Secret::from_bytes(arguments.bytes(secret)?),
        };
        let secret = secret?;
        Ok(Self {
            secret,
            algorithm: arguments.text(algorithm)?.parse()?,
            digits: Digits::new(u8::try_from(digits).unwrap_or(0))?,
        })
    }
}

/// Makes an engine of TOTP. In `flags`, 1 means a secret in Base32, and 2 allows a short one.
#[unsafe(no_mangle)]
pub extern "C" fn totp_new(
    secret: u32,
    flags: u32,
    algorithm: u32,
    digits: u32,
    period: f64,
    t0: f64,
) -> f64 {
    call(|arguments, _, kept| {
        let key = Key::read(arguments, secret, flags, algorithm, digits)?;
        let totp = Totp::for_algorithm(key.algorithm, &key.secret)?
            .with_digits(key.digits)
            .with_period(Period::new(whole(period))?)
            .with_t0(whole(t0));
        Ok(kept.add(Slot::Engine(Engine::Totp(totp))))
    })
}

/// Makes an engine of HOTP that begins at `counter`. The flags are those of [`totp_new`].
#[unsafe(no_mangle)]
pub extern "C" fn hotp_new(
    secret: u32,
    flags: u32,
    algorithm: u32,
    digits: u32,
    counter: f64,
) -> f64 {
    call(|arguments, _, kept| {
        let key = Key::read(arguments, secret, flags, algorithm, digits)?;
        let hotp = Hotp::for_algorithm(key.algorithm, &key.secret)?.with_digits(key.digits);
        Ok(kept.add(Slot::Engine(Engine::Hotp { hotp, counter: whole(counter) })))
    })
}

/// Writes the code of a time.
#[unsafe(no_mangle)]
pub extern "C" fn totp_code(engine: u32, now: f64) -> f64 {
    call(|_, output, kept| {
        output.put(kept.totp(engine)?.code_at(whole(now))?.as_str().as_bytes());
        Ok(output.len())
    })
}

/// Writes the code of a counter.
#[unsafe(no_mangle)]
pub extern "C" fn hotp_code(engine: u32, counter: f64) -> f64 {
    call(|_, output, kept| {
        output.put(kept.hotp(engine)?.code(whole(counter)).as_str().as_bytes());
        Ok(output.len())
    })
}

/// Returns how many seconds the code of a time still lasts.
#[unsafe(no_mangle)]
pub extern "C" fn totp_seconds_remaining(engine: u32, now: f64) -> f64 {
    call(|_, _, kept| Ok(kept.totp(engine)?.seconds_remaining_at(whole(now))? as f64))
}

/// Returns the time step of a time.
#[unsafe(no_mangle)]
pub extern "C" fn totp_step(engine: u32, now: f64) -> f64 {
    call(|_, _, kept| Ok(kept.totp(engine)?.step_at(whole(now))? as f64))
}

/// Checks a code at a time. Returns 1 for a right code, with its step and its drift in the output.
/// Returns 0 for a wrong code, and 2 for a malformed one, with the message in the output.
#[unsafe(no_mangle)]
pub extern "C" fn totp_verify(engine: u32, code: u32, now: f64, past: u32, future: u32) -> f64 {
    call(|arguments, output, kept| {
        let (code, window) = (arguments.text(code)?, Window::new(narrow(past), narrow(future))?);
        match kept.totp(engine)?.verify_at(code, whole(now), window) {
            Ok(hit) => {
                output.put(&(hit.step() as f64).to_le_bytes());
                output.put(&(hit.drift() as f64).to_le_bytes());
                Ok(1.0)
            }
            Err(error) => refused(error, output),
        }
    })
}

/// Checks a code at a counter as [`totp_verify`] does, with the counter in the output.
#[unsafe(no_mangle)]
pub extern "C" fn hotp_verify(engine: u32, code: u32, counter: f64, look_ahead: u32) -> f64 {
    call(|arguments, output, kept| {
        let (code, reach) = (arguments.text(code)?, LookAhead::new(narrow(look_ahead))?);
        match kept.hotp(engine)?.verify(code, whole(counter), reach) {
            Ok(hit) => {
                output.put(&(hit.counter() as f64).to_le_bytes());
                Ok(1.0)
            }
            Err(error) => refused(error, output),
        }
    })
}

/// Narrows a number. One that does not fit becomes 255, which is out of every range.
pub(crate) fn narrow(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

fn refused(error: VerifyError, output: &mut Output) -> Result<f64, Fault> {
    let answer = match error {
        VerifyError::Rejected => return Ok(0.0),
        VerifyError::Malformed(_) => 2.0,
        error => return Err(Fault::new("time-before-t0", error)),
    };
    let _ = write!(output, "{error}");
    Ok(answer)
}
