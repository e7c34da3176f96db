//! Lines that hosts write. Each function is a host: it gets the secret as text or bytes that lie
//! elsewhere, and everything that it makes is dropped when it returns.

use core::convert::Infallible;
use core::fmt::{self, Write};
use std::error::Error;
use std::hint::black_box;

use otp_core::otpauth::{Uri, UriBuilder};
use otp_core::qr::{Buffer, Qr};
use otp_core::recovery::Pepper;
use otp_core::verifier::{State, StateError, Swap, Verifier};
use otp_core::{Engine, Hotp, KeySchedule, LookAhead, Secret, SecretBuffer, Totp, Window};
use rand_core::{TryCryptoRng, TryRng};

use crate::secrets::Given;

type Done = Result<(), Box<dyn Error>>;
const NOW: u64 = 1_234_567_890;

/// The first lines of README.md: the enrolment, and the engine of a login.
pub fn readme(given: &Given) -> Done {
    let mut place = SecretBuffer::new();
    let secret = place.generate(&mut Dealt(&given.key), given.algorithm)?;
    let uri = UriBuilder::totp(secret).with_issuer("ACME")?.with_account("alice@example.com")?;
    let svg = Qr::encode(&uri, &mut Buffer::new())?.svg().to_string();
    let totp = Totp::new(place.read_bytes(&given.key)?);
    black_box((svg, State::enrolment().to_bytes(), totp.period()));
    Ok(())
}

/// Reads a secret, computes a code, and checks one.
pub fn verify(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    let totp = Totp::new(buffer.read_base32(&given.base32)?);
    black_box((totp.code_at(NOW)?.to_string(), totp.seconds_remaining_at(NOW)?));
    match totp.verify_at("005 924", NOW + 20, Window::DEFAULT) {
        Ok(hit) => drop(black_box((hit.step(), hit.drift()))),
        Err(error) => drop(black_box(error.to_string())),
    }
    Ok(())
}

pub fn base32_into_buffer(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    black_box(buffer.read_base32(&given.base32)?.bits());
    Ok(())
}

pub fn bytes_into_buffer(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    black_box(buffer.read_bytes(&given.key)?.bits());
    Ok(())
}

pub fn generated_into_buffer(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    black_box(buffer.generate(&mut Dealt(&given.key), given.algorithm)?.bits());
    Ok(())
}

/// By value, and left where it was made.
pub fn base32_by_value(given: &Given) -> Done {
    black_box(Secret::from_base32(&given.base32).as_ref().map(Secret::bits).is_ok());
    Ok(())
}

pub fn bytes_by_value(given: &Given) -> Done {
    black_box(Secret::from_bytes(&given.key).as_ref().map(Secret::bits).is_ok());
    Ok(())
}

pub fn generated_by_value(given: &Given) -> Done {
    let secret = Secret::generate(&mut Dealt(&given.key), given.algorithm);
    black_box(secret.as_ref().map(Secret::bits).is_ok());
    Ok(())
}

/// Base32 that is refused in the middle.
pub fn base32_refused(given: &Given) -> Done {
    let text = format!("{}!", given.base32);
    black_box(Secret::from_base32(&text).is_ok());
    let mut buffer = SecretBuffer::new();
    black_box(buffer.read_base32(&text).is_ok());
    Ok(())
}

pub fn base32_shown(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    write!(Screen, "{}", buffer.read_bytes(&given.key)?.expose_base32())?;
    Ok(())
}

pub fn key_schedule(given: &Given) -> Done {
    let schedule = KeySchedule::from_raw_key(given.algorithm, &given.key);
    black_box(schedule.as_ref().map(KeySchedule::algorithm).is_ok());
    Ok(())
}

/// An engine is made, and nothing else.
pub fn totp(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    let secret = buffer.read_bytes(&given.key)?;
    black_box(Totp::for_algorithm(given.algorithm, secret).as_ref().map(Totp::period).is_ok());
    Ok(())
}

pub fn hotp(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    let secret = buffer.read_bytes(&given.key)?;
    black_box(Hotp::for_algorithm(given.algorithm, secret).as_ref().map(Hotp::digits).is_ok());
    Ok(())
}

pub fn totp_of_sha1(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    let totp = Totp::new(buffer.read_bytes(&given.key)?);
    black_box(totp.period());
    Ok(())
}

pub fn hotp_of_sha1(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    let hotp = Hotp::new(buffer.read_bytes(&given.key)?);
    black_box(hotp.digits());
    Ok(())
}

pub fn steam(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    let totp = Totp::steam(buffer.read_bytes(&given.key)?);
    black_box(totp.period());
    Ok(())
}

/// Codes made and checked.
pub fn codes(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    let secret = buffer.read_bytes(&given.key)?;
    if let Ok(totp) = &Totp::for_algorithm(given.algorithm, secret) {
        let code = totp.code_at(NOW)?.to_string();
        drop(black_box(totp.verify_at(&code, NOW, Window::DEFAULT)));
    }
    if let Ok(hotp) = &Hotp::for_algorithm(given.algorithm, secret) {
        let code = hotp.code(7).to_string();
        drop(black_box(hotp.verify(&code, 5, LookAhead::new(3)?)));
    }
    Ok(())
}

/// A login.
pub fn login(given: &Given) -> Done {
    let mut buffer = SecretBuffer::new();
    let secret = buffer.read_base32(&given.base32)?;
    if let Ok(totp) = &Totp::for_algorithm(given.algorithm, secret) {
        let code = totp.code_at(NOW)?.to_string();
        let load = || Ok::<_, StateError>(State::enrolment());
        let swap = |_, _| Ok(Swap::from_rows(1));
        black_box(Verifier::DEFAULT.log_in(totp, &code, NOW, load, swap).is_ok());
    }
    Ok(())
}

/// The engine of a key URI.
pub fn engine(given: &Given) -> Done {
    black_box(Uri::parse(&given.uri)?.engine().as_ref().map(Engine::period).is_ok());
    Ok(())
}

pub fn pepper(given: &Given) -> Done {
    black_box(Pepper::new(1, &given.key).as_ref().map(Pepper::key_id).is_ok());
    Ok(())
}

/// A host that leaves a copy of everything, which has to be found.
pub fn copies(given: &Given) -> Done {
    let mut copy = [[0_u8; 4]; 1024];
    for (copy, (_, piece)) in copy.iter_mut().zip(given.pieces().into_iter().step_by(7)) {
        *copy = piece;
    }
    black_box(&copy);
    Ok(())
}

/// Shows what is written, and keeps nothing.
struct Screen;

impl fmt::Write for Screen {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        black_box(text);
        Ok(())
    }
}

/// Random bytes that are known.
struct Dealt<'a>(&'a [u8]);

impl TryRng for Dealt<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0[..bytes.len()]);
        Ok(())
    }
}

impl TryCryptoRng for Dealt<'_> {}
