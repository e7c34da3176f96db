//! The key and its parameters, from a key URI or from a bare secret and options.

use std::io::{self, Read};

use clap::Args;
use otp_core::otpauth::{Problem, Rule, Rules};
use otp_core::verifier::State;
use otp_core::{
    Algorithm, Base32Error, CodeFormat, Digits, Encoding, Engine, Hotp, KeySchedule, Period,
    Secret, SecretError, Totp, Window, decode_base32, otpauth,
};
use zeroize::Zeroizing;

use crate::{Outcome, now, say};

/// The message for a time after [`State::MAX_TIME`].
pub(crate) const TOO_FAR: &str =
    "--at: the time is beyond the year 5000: pass seconds, not milliseconds";

/// The options of both `code` and `verify`. An option counts more than a parameter of a URI.
#[derive(Args)]
pub(crate) struct KeyOptions {
    /// Unix time in seconds [default: now]
    #[arg(long, value_name = "UNIX", value_parser = parse_u64, conflicts_with = "counter")]
    at: Option<u64>,
    /// Use HOTP with this counter [default for a hotp URI: what it says]
    #[arg(long, value_name = "N", value_parser = parse_u64)]
    counter: Option<u64>,
    /// Unix time in seconds at which step 0 begins; negative for a device that shows local
    /// time: -32400 in Japan, 9 hours ahead [default: 0]
    #[arg(long, value_name = "UNIX", value_parser = parse_t0, conflicts_with = "counter")]
    t0: Option<T0>,
    /// Length of a time step in seconds [default: 30]
    #[arg(long, value_name = "S", value_parser = parse_period, conflicts_with = "counter")]
    period: Option<Period>,
    /// Digits of a code, 6 to 10 [default: 6]
    #[arg(long, value_name = "N", value_parser = parse_digits)]
    digits: Option<Digits>,
    /// SHA1, SHA256 or SHA512 [default: SHA1]
    #[arg(long, value_name = "A")]
    algorithm: Option<Algorithm>,
    /// The secret is in hexadecimal, not in Base32
    #[arg(long)]
    hex: bool,
    /// The shared secret in Base32, or a key URI; `-` reads it from standard input, out of the
    /// process list
    #[arg(value_name = "SECRET_OR_URI")]
    secret: String,
}

/// When step 0 begins, in seconds of Unix time.
#[derive(Clone, Copy)]
enum T0 {
    At(u64),
    /// So many seconds before 1970.
    Before(u64),
}

/// An engine, and its time or counter.
pub(crate) enum Key {
    /// If T0 is before 1970, `now` counts from there, and `is_shifted`.
    Totp {
        totp: Totp,
        now: u64,
        is_shifted: bool,
    },
    Hotp {
        hotp: Hotp,
        counter: u64,
    },
}

impl Key {
    /// Warns of a time that must be in milliseconds. It is not an error, because vectors of
    /// other libraries reach that far.
    pub(crate) fn warn_of_time(&self) {
        if matches!(self, Self::Totp { now, .. } if *now > State::MAX_TIME) {
            say(format_args!("warning: {TOO_FAR}"));
        }
    }

    /// The engine for a verifier, the time now, and the period.
    pub(crate) fn into_engine(self) -> Outcome<(Engine, u64, Period)> {
        Ok(match self {
            // The waits in the file would be counted from another time than those of a recovery
            // code.
            Self::Totp { is_shifted: true, .. } => {
                return Err("a negative --t0 is not for --state: `otp resync --hours 14 --state FILE` finds the clock of \
                            such a device by two codes, and the file remembers it"
                    .into());
            }
            Self::Totp { totp, now, .. } => {
                let period = totp.period();
                (Engine::Totp(totp), now, period)
            }
            // Waits are counted by the clock here too.
            Self::Hotp { hotp, counter } => {
                (Engine::Hotp { hotp, counter }, now()?, Period::DEFAULT)
            }
        })
    }
}

impl KeyOptions {
    pub(crate) fn read(&self) -> Outcome<Key> {
        let mut piped = Zeroizing::new(String::new());
        let text = if self.secret == "-" {
            read_input(&mut piped)?;
            piped.trim_start_matches('\u{feff}').trim()
        } else {
            self.secret.as_str()
        };
        let is_uri = text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("otpauth:"));
        if is_uri { self.with_uri(text) } else { self.with_secret(text) }
    }

    fn with_secret(&self, text: &str) -> Outcome<Key> {
        let key = if self.hex {
            from_hex(text)?
        } else {
            let mut buffer = Zeroizing::new(vec![0; text.len()]);
            let len = decode_base32(text, &mut buffer).map_err(not_base32)?.len();
            if let Err(SecretError::Base32(error @ Base32Error::MixedCase { .. })) =
                Secret::from_base32_allow_short(text)
            {
                warn_of_case(error);
            }
            buffer.truncate(len);
            buffer
        };
        if key.is_empty() {
            return Err("the secret is empty".into());
        }
        let kind = match self.counter {
            Some(counter) => otpauth::Kind::Hotp { digits: Digits::Six, counter },
            None => otpauth::Kind::Totp { digits: Digits::Six, period: Period::DEFAULT },
        };
        self.key(&key, Algorithm::Sha1, kind)
    }

    fn with_uri(&self, text: &str) -> Outcome<Key> {
        if self.hex {
            return Err("--hex is for a bare secret, not for a key URI".into());
        }
        let uri = match otpauth::Uri::parse(text) {
            Err(error) if error.problem() == Problem::Refused(Rule::MixedCase) => {
                warn_of_case(error);
                otpauth::Uri::parse_with(text, Rules::LENIENT.accepting(Rule::MixedCase))
            }
            read => read,
        }?;
        let mut key = Zeroizing::new(vec![0; uri.secret_len()]);
        uri.decode_secret(&mut key)?;
        self.key(&key, uri.algorithm(), uri.kind())
    }

    fn key(&self, key: &[u8], algorithm: Algorithm, kind: otpauth::Kind) -> Outcome<Key> {
        let bits = key.len() * 8;
        if bits < Secret::MIN_BITS {
            let least = Secret::MIN_BITS;
            say(format_args!(
                "warning: the secret has {bits} bits, RFC 4226 asks for at least {least}"
            ));
        }
        let mac = KeySchedule::from_raw_key(self.algorithm.unwrap_or(algorithm), key)?;
        let (format, period) = match kind {
            otpauth::Kind::Hotp { digits, counter } => {
                if self.at.is_some() || self.t0.is_some() || self.period.is_some() {
                    return Err("--at, --t0 and --period are not for a hotp URI".into());
                }
                let hotp = Hotp::from_key(mac).with_digits(self.digits.unwrap_or(digits));
                return Ok(Key::Hotp { hotp, counter: self.counter.unwrap_or(counter) });
            }
            otpauth::Kind::Totp { digits, period } => {
                (CodeFormat::Decimal(self.digits.unwrap_or(digits)), period)
            }
            otpauth::Kind::Steam => (CodeFormat::Steam, Period::DEFAULT),
        };
        if self.counter.is_some() {
            return Err("--counter is not for a URI of time-based codes".into());
        }
        let totp =
            Totp::from_key(mac).with_format(format).with_period(self.period.unwrap_or(period));
        let now = self.at.map_or_else(now, Ok)?;
        Ok(match self.t0.unwrap_or(T0::At(0)) {
            T0::At(t0) => Key::Totp { totp: totp.with_t0(t0), now, is_shifted: false },
            T0::Before(seconds) => {
                let now = now.checked_add(seconds).ok_or("--at and --t0 are too far apart")?;
                Key::Totp { totp, now, is_shifted: true }
            }
        })
    }
}

fn not_base32(error: Base32Error) -> String {
    let remedy = match error {
        Base32Error::OtherEncoding { encoding: Encoding::Hexadecimal, .. } => ": use --hex",
        _ => "",
    };
    format!("the secret is not Base32: {error}{remedy}")
}

/// A secret in mixed case is read, as it may be Base32 all the same.
fn warn_of_case(error: impl std::fmt::Display) {
    say(format_args!("warning: the secret is read as Base32: {error}"));
}

/// Reads a secret or a URI, of which none has more than 64 KiB, from standard input.
fn read_input(piped: &mut String) -> Outcome<()> {
    const MOST: usize = 64 << 10;
    // Space for all of it. If the text grew, it would leave a part of the secret behind.
    piped.reserve_exact(MOST + 1);
    let read = io::stdin().take(MOST as u64 + 1).read_to_string(piped);
    match read {
        Ok(len) if len > MOST => Err("standard input is too long for a secret or a URI".into()),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err("standard input is not text".into())
        }
        read => Ok(read.map(|_| ()).map_err(|error| format!("standard input: {error}"))?),
    }
}

pub(crate) fn from_hex(text: &str) -> Outcome<Zeroizing<Vec<u8>>> {
    let digit = |(at, byte): (usize, u8)| {
        let value = char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
        value.ok_or_else(|| format!("the secret is not hexadecimal at byte {at}"))
    };
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    for byte in text.bytes().enumerate() {
        digits.push(digit(byte)?);
    }
    let (pairs, rest) = digits.as_chunks();
    if !rest.is_empty() {
        return Err("the secret has an odd number of hexadecimal digits".into());
    }
    Ok(Zeroizing::new(pairs.iter().map(|[high, low]| high << 4 | low).collect()))
}

// The messages do not repeat the value: it may be a secret in the wrong place.

fn parse_digits(text: &str) -> Result<Digits, String> {
    let digits = parse_u64(text).ok().and_then(|digits| u8::try_from(digits).ok());
    let digits = digits.ok_or("not a number from 6 to 10")?;
    Digits::new(digits).map_err(|error| error.to_string())
}

fn parse_period(text: &str) -> Result<Period, String> {
    let seconds = parse_u64(text).map_err(|_| "not a number of seconds")?;
    Period::new(seconds).map_err(|error| error.to_string())
}

pub(crate) fn parse_u64(text: &str) -> Result<u64, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| plain);
    number.ok_or_else(|| "not a number of 64 bits".into())
}

fn parse_t0(text: &str) -> Result<T0, String> {
    match text.strip_prefix('-') {
        Some(seconds) => parse_u64(seconds).map(T0::Before),
        None => parse_u64(text).map(T0::At),
    }
}

pub(crate) fn parse_reach(text: &str) -> Result<u8, String> {
    let number = parse_u64(text).ok().and_then(|number| u8::try_from(number).ok());
    let reach = number.filter(|reach| Window::new(*reach, 0).is_ok());
    reach.ok_or_else(|| "not a number from 0 to 100".into())
}
