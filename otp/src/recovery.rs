//! Recovery codes: a new set, and the use of one of its codes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use otp_core::recovery::{self, Code, Keyed, Length, Pepper, Set, SetError};
use otp_core::verifier::{AttemptError, State, Swap, Verdict, Verifier};
use zeroize::Zeroizing;

use crate::key::{from_hex, parse_u64};
use crate::source::read_text;
use crate::store::StoredFile;
use crate::{Outcome, answer, now, say, say_left};

#[derive(Args)]
pub(crate) struct Recovery {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make new codes, print each once, and store their hashes
    New {
        #[command(flatten)]
        place: Place,
        /// How many, 1 to 32
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = parse_count)]
        count: u8,
        /// Codes of 36 decimal digits, for a keypad without letters [default: 24 letters and
        /// digits]
        #[arg(long)]
        digits: bool,
    },
    /// Use a code up: `redeemed slot=… remaining=…` and status 0, or `rejected` and status 1
    Redeem {
        #[command(flatten)]
        place: Place,
        /// Slow guesses down with the state of `verify --state`, made when absent
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        /// Unix time in seconds [default: now]
        #[arg(long, value_name = "UNIX", value_parser = parse_u64)]
        at: Option<u64>,
        /// What was typed
        code: String,
    },
}

#[derive(Args)]
struct Place {
    /// Whose codes they are, 1 to 255 bytes: a set of one user is worth nothing to another
    #[arg(long, value_name = "ID", default_value = "user")]
    user: String,
    /// At least 32 hexadecimal digits, kept apart from the set; `openssl rand -hex 32` writes them
    #[arg(long, value_name = "FILE")]
    pepper_file: PathBuf,
    /// Where the hashes are stored
    #[arg(long, value_name = "FILE")]
    set: PathBuf,
}

fn parse_count(text: &str) -> Result<u8, String> {
    text.parse().ok().filter(|count| (1..=32).contains(count)).ok_or("1 to 32".to_owned())
}

/// Calls a function with the number of slots as a constant.
macro_rules! with_slots {
    ($slots:expr, $function:ident($($argument:expr),*), $none:expr) => {
        with_slots!(@ $slots, $function($($argument),*), $none,
            1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32)
    };
    (@ $slots:expr, $function:ident $arguments:tt, $none:expr, $($n:literal)*) => {
        match $slots {
            $($n => with_slots!(@call $function $n $arguments),)*
            _ => $none,
        }
    };
    (@call $function:ident $n:literal ($($argument:expr),*)) => {
        $function::<$n>($($argument),*)
    };
}

impl Recovery {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        match &self.command {
            Command::New { place, count, digits } => {
                let pepper = read_pepper(&place.pepper_file)?;
                let file = StoredFile::open(&place.set)?;
                let length = if *digits { Length::DIGITS } else { Length::DEFAULT };
                with_slots!(*count, new(place, length, &pepper, &file), {
                    Err("1 to 32 codes".into())
                })
            }
            Command::Redeem { place, state, at, code } => {
                let pepper = read_pepper(&place.pepper_file)?;
                let now = at.map_or_else(now, Ok)?;
                let state = state.as_deref().map(StoredFile::open).transpose()?;
                let file = StoredFile::open(&place.set)?;
                let bytes =
                    file.load()?.ok_or("there is no such file: `otp recovery new` makes one")?;
                let guess = Guess { user: place.user.as_bytes(), pepper, code, now };
                // The third byte is the number of slots.
                let slots = bytes.get(2).copied().unwrap_or_default();
                with_slots!(slots, redeem(&guess, &file, &bytes, state.as_ref()), {
                    Err(damaged(SetError::Length))
                })
            }
        }
    }
}

fn damaged(error: SetError) -> Box<dyn std::error::Error> {
    format!("the set is left as it is: {error}").into()
}

fn read_pepper(path: &Path) -> Outcome<Pepper> {
    let text = read_text(path, "--pepper-file")?;
    let bytes = from_hex(&text).map_err(|_| "the pepper file is not hexadecimal")?;
    if bytes.len() < 16 {
        return Err("the pepper file has less than 32 hexadecimal digits".into());
    }
    Ok(Pepper::new(1, &bytes)?)
}

fn new<const N: usize>(
    place: &Place,
    length: Length,
    pepper: &Pepper,
    file: &StoredFile,
) -> Outcome<ExitCode> {
    let old = file.load()?;
    // Each code with its line feed. The text never grows, so no copy of it stays behind.
    let len = usize::from(length.symbols()) + 1;
    let mut shown = Zeroizing::new(String::with_capacity(N * len));
    let user = place.user.as_bytes();
    let show = |_, code: &Code| {
        shown.push_str(code.expose());
        shown.push('\n');
    };
    // After an older set of the same size the new one is its next generation.
    let set = match old.as_deref().map(Set::<N>::from_bytes) {
        Some(Ok(old)) => old.regenerate(getrandom::fill, Keyed, length, pepper, user, show)?,
        Some(Err(SetError::Slots)) | None => {
            Set::generate(getrandom::fill, Keyed, length, pepper, user, show)?
        }
        Some(Err(error)) => return Err(damaged(error)),
    };
    commit(file, &set)?;
    if old.is_some() {
        say(format_args!("warning: the codes that this set had before do not work any more"));
    }
    answer(shown.trim_end(), ExitCode::SUCCESS)
}

struct Guess<'a> {
    user: &'a [u8],
    pepper: Pepper,
    code: &'a str,
    now: u64,
}

fn redeem<const N: usize>(
    guess: &Guess<'_>,
    file: &StoredFile,
    bytes: &[u8],
    state_file: Option<&StoredFile>,
) -> Outcome<ExitCode> {
    let set = Set::<N>::from_bytes(bytes).map_err(damaged)?;
    let state = state_file.map_or(Ok(State::enrolment()), StoredFile::load_state)?;
    let Guess { user, pepper, code, now } = guess;
    // The file of `verify --state` counts guesses of both kinds. So its state takes the
    // recovery code for one that the host checks itself. The state that `redeem` asks for only
    // lasts for this guess.
    let mut redeemed = None;
    let is_right = || {
        let own = State::for_recovery();
        let redemption = Verifier::DEFAULT.redeem(&set, pepper, user, own, code, *now)?;
        let mut next = None;
        let settled = redemption.commit(|next_set, _, _| {
            next = Some(next_set.clone());
            Outcome::Ok(Swap::Stored)
        })?;
        match (settled.verdict, next) {
            (recovery::Verdict::Redeemed(code), Some(next)) => redeemed = Some((code, next)),
            (recovery::Verdict::Rejected(_), _) => {}
            (recovery::Verdict::Malformed(error), _) => {
                return Err(format!("malformed code: {error}").into());
            }
            (other, _) => return Err(other.to_string().into()),
        }
        Outcome::Ok(redeemed.is_some())
    };
    let attempt = Verifier::DEFAULT.attempt_by_host(state, *now, is_right);
    let attempt = attempt.map_err(|error| match error {
        AttemptError::Host(error) => error,
        error => error.to_string().into(),
    })?;
    let settled = attempt.commit(|_, next_state| {
        // The set goes first. If the process ends between the two, the code is used up and no
        // failure is cleared.
        if let Some((_, next_set)) = &redeemed {
            commit(file, next_set)?;
        }
        if let Some(state_file) = state_file {
            state_file.commit(next_state.to_bytes().as_ref())?;
        }
        Outcome::Ok(Swap::Stored)
    })?;
    match (settled.verdict, redeemed) {
        (Verdict::Accepted(_), Some((code, _))) => {
            let (slot, remaining) = (code.slot(), code.remaining());
            answer(format_args!("redeemed slot={slot} remaining={remaining}"), ExitCode::SUCCESS)
        }
        (Verdict::Rejected(rejection), _) => {
            if state_file.is_some() {
                say_left(rejection);
            }
            answer("rejected", ExitCode::from(1))
        }
        (Verdict::Locked { until }, _) => {
            answer(format_args!("locked until={until}"), ExitCode::from(1))
        }
        (Verdict::Disabled, _) => answer("disabled", ExitCode::from(1)),
        _ => Err("another process was faster".into()),
    }
}

fn commit<const N: usize>(file: &StoredFile, set: &Set<N>) -> Outcome<()> {
    let mut buffer = [0; <Set<32>>::LEN];
    file.commit(set.write_bytes(&mut buffer)?)
}
