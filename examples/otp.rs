//! One-time codes at the command line, in the spirit of oathtool.
//!
//! `cargo run --example otp` is a tour, `cargo run --example otp -- --help` lists the commands.
//! Exit status: 0 for an answer and for an accepted code, 1 for a rejected one, 2 for any error.

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use otp_core::{
    Algorithm, Digits, Hotp, KeySchedule, LookAhead, Period, Secret, Totp, VerifyError, Window,
    decode_base32,
};
use zeroize::Zeroizing;

/// Makes and checks one-time codes (RFC 4226, RFC 6238). Without a command: a tour.
#[derive(Parser)]
#[command(name = "otp")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Print the code of a time or a counter, and nothing else
    #[command(allow_negative_numbers = true)]
    Code {
        #[command(flatten)]
        engine: Engine,
    },
    /// Check a code: `accepted …` and status 0, or `rejected` and status 1
    #[command(allow_negative_numbers = true)]
    Verify {
        #[command(flatten)]
        engine: Engine,
        /// Time steps back whose codes are accepted too, 0 to 100 [default: 1]
        #[arg(long, value_name = "N", conflicts_with = "counter")]
        #[arg(value_parser = clap::value_parser!(u8).range(..=i64::from(Window::MAX)))]
        past: Option<u8>,
        /// Time steps ahead whose codes are accepted too, 0 to 100 [default: 1]
        #[arg(long, value_name = "N", conflicts_with = "counter")]
        #[arg(value_parser = clap::value_parser!(u8).range(..=i64::from(Window::MAX)))]
        future: Option<u8>,
        /// Counters after the given one that are tried too, 0 to 100 [default: 10]
        #[arg(long, value_name = "N", requires = "counter")]
        #[arg(value_parser = clap::value_parser!(u8).range(..=i64::from(LookAhead::MAX)))]
        look_ahead: Option<u8>,
        /// What was typed
        code: String,
    },
}

#[derive(Args)]
struct Engine {
    /// Unix time in seconds [default: now]
    #[arg(long, value_name = "UNIX", conflicts_with = "counter")]
    at: Option<u64>,
    /// Use HOTP with this counter
    #[arg(long, value_name = "N")]
    counter: Option<u64>,
    /// Unix time in seconds at which step 0 begins [default: 0]
    #[arg(long, value_name = "UNIX", conflicts_with = "counter")]
    t0: Option<u64>,
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
    /// The shared secret in Base32; `-` reads it from standard input, out of the process list
    #[arg(value_name = "SECRET_OR_URI")]
    secret: String,
}

fn main() -> ExitCode {
    let outcome = match Cli::try_parse() {
        Ok(Cli { command: None }) => tour().map(|()| ExitCode::SUCCESS),
        Ok(Cli { command: Some(command) }) => run(command),
        Err(error) => return refuse_arguments(&error),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Says what is wrong with the arguments, without repeating one that may be a secret or a code.
fn refuse_arguments(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => {
            eprintln!("error: an unknown command or option, or an argument too many");
            eprintln!("\n{}\n\nFor more information, try '--help'.", Cli::command().render_usage());
        }
        _ => {
            // Nothing is left to tell where standard error is closed.
            let _ = error.print();
        }
    }
    // 0 for --help, 2 for the rest.
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn run(command: Command) -> Outcome<ExitCode> {
    match command {
        Command::Code { engine } => {
            let code = match engine.counter {
                Some(counter) => engine.hotp()?.code(counter),
                None => engine.totp()?.code_at(engine.time()?)?,
            };
            answer(code, ExitCode::SUCCESS)
        }
        Command::Verify { engine, past, future, look_ahead, code } => {
            let verdict = if let Some(counter) = engine.counter {
                let look_ahead = look_ahead.map_or(Ok(LookAhead::DEFAULT), LookAhead::new)?;
                engine.hotp()?.verify(&code, counter, look_ahead).map(|hit| {
                    let next = hit.next().map_or("none".to_owned(), |next| next.to_string());
                    format!("accepted counter={} next={next}", hit.counter())
                })
            } else {
                let window = Window::new(
                    past.unwrap_or(Window::DEFAULT.past()),
                    future.unwrap_or(Window::DEFAULT.future()),
                )?;
                engine
                    .totp()?
                    .verify_at(&code, engine.time()?, window)
                    .map(|hit| format!("accepted step={} drift={}", hit.step(), hit.drift()))
            };
            match verdict {
                Ok(accepted) => answer(accepted, ExitCode::SUCCESS),
                Err(VerifyError::Rejected) => answer("rejected", ExitCode::from(1)),
                Err(error) => Err(error.into()),
            }
        }
    }
}

fn answer(line: impl Display, status: ExitCode) -> Outcome<ExitCode> {
    writeln!(io::stdout(), "{line}")?;
    Ok(status)
}

impl Engine {
    fn hotp(&self) -> Outcome<Hotp> {
        Ok(Hotp::with_mac(self.key_schedule()?).with_digits(self.digits.unwrap_or_default()))
    }

    fn totp(&self) -> Outcome<Totp> {
        Ok(Totp::with_mac(self.key_schedule()?)
            .with_digits(self.digits.unwrap_or_default())
            .with_period(self.period.unwrap_or_default())
            .with_t0(self.t0.unwrap_or_default()))
    }

    fn time(&self) -> Outcome<u64> {
        match self.at {
            Some(time) => Ok(time),
            None => now(),
        }
    }

    fn key_schedule(&self) -> Outcome<KeySchedule> {
        let key = self.key()?;
        let bits = key.len() * 8;
        if bits < Secret::MIN_BITS {
            let least = Secret::MIN_BITS;
            eprintln!("warning: the secret has {bits} bits, RFC 4226 asks for at least {least}");
        }
        Ok(KeySchedule::from_raw_key(self.algorithm.unwrap_or_default(), &key)?)
    }

    /// The key, of any length: this tool also takes keys that an enrolment should refuse.
    fn key(&self) -> Outcome<Zeroizing<Vec<u8>>> {
        let mut piped = Zeroizing::new(String::new());
        let text = if self.secret == "-" {
            io::stdin().read_to_string(&mut piped).map_err(|_| "standard input is not text")?;
            piped.trim_end_matches(['\r', '\n'])
        } else {
            self.secret.as_str()
        };
        if text.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("otpauth:")) {
            return Err("key URIs are not supported yet, pass the secret itself".into());
        }
        let key = if self.hex {
            from_hex(text)?
        } else {
            let mut buffer = Zeroizing::new(vec![0; text.len()]);
            let len = decode_base32(text, &mut buffer)
                .map_err(|error| format!("the secret is not Base32: {error}"))?
                .len();
            buffer.truncate(len);
            buffer
        };
        if key.is_empty() { Err("the secret is empty".into()) } else { Ok(key) }
    }
}

fn from_hex(text: &str) -> Outcome<Zeroizing<Vec<u8>>> {
    let digit = |(at, byte): (usize, u8)| {
        let value = char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
        value.ok_or_else(|| format!("the secret is not hexadecimal at byte {at}"))
    };
    let digits = text.bytes().enumerate().map(digit).collect::<Result<Vec<_>, _>>()?;
    let digits = Zeroizing::new(digits);
    let (pairs, rest) = digits.as_chunks();
    if !rest.is_empty() {
        return Err("the secret has an odd number of hexadecimal digits".into());
    }
    Ok(Zeroizing::new(pairs.iter().map(|[high, low]| high << 4 | low).collect()))
}

fn parse_digits(text: &str) -> Result<Digits, String> {
    let digits = text.parse().map_err(|_| "not a number from 6 to 10")?;
    Digits::new(digits).map_err(|error| error.to_string())
}

fn parse_period(text: &str) -> Result<Period, String> {
    let seconds = text.parse().map_err(|_| "not a number of seconds")?;
    Period::new(seconds).map_err(|error| error.to_string())
}

fn now() -> Outcome<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(since.map_err(|_| "the clock stands before 1970")?.as_secs())
}

/// Enrols a new token and logs in with it: what a server does, in the order in which it does it.
fn tour() -> Outcome<()> {
    let mut out = io::stdout().lock();

    // Enrolment: a new shared secret, as long as the hash (RFC 6238 section 5.1). With the feature
    // `getrandom` this is `Secret::generate_from_os(Algorithm::Sha1)`.
    let mut bytes = Zeroizing::new([0; 20]);
    getrandom::fill(&mut *bytes)?;
    let secret = Secret::from_bytes(&*bytes)?;
    let base32 = secret.expose_base32();
    writeln!(out, "A new shared secret, to be kept by both sides:  {base32}")?;

    // The engine holds the key schedule; the secret is not needed any more.
    let totp = Totp::new(&secret);

    // The authenticator app shows a code and how long it lasts.
    let now = now()?;
    let code = totp.code_at(now)?;
    let seconds = totp.seconds_remaining_at(now)?;
    writeln!(out, "The code at {now}, for {seconds} more seconds:  {code}")?;
    writeln!(out, "  oathtool agrees:  oathtool --totp -b --now=@{now} {base32}")?;

    // What is typed arrives a little later, in two groups. After ten minutes it is worth nothing,
    // and what has not the form of a code is told apart from a wrong one.
    let code = code.to_string();
    let (left, right) = code.split_at(3);
    let typed = format!("{left} {right}");
    for (typed, later) in [(typed.as_str(), 20), (&typed, 600), ("12345", 20), ("l23456", 20)] {
        match totp.verify_at(typed, now + later, Window::DEFAULT) {
            // Here a server stores the step, so that the code is accepted once.
            Ok(hit) => writeln!(
                out,
                "`{typed}` {later} s later:  accepted, time step {}, drift {}",
                hit.step(),
                hit.drift()
            )?,
            Err(error) => writeln!(out, "`{typed}` {later} s later:  {error}")?,
        }
    }
    writeln!(out, "\nNext: cargo run --example otp -- --help")?;
    Ok(())
}
