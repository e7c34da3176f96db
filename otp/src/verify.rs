//! Checking a code, by itself or against what a state file remembers.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use otp_core::verifier::{Accepted, Swap, Verdict, Verifier};
use otp_core::{Engine, LookAhead, VerifyError, Window};

use crate::key::{Key, KeyOptions, parse_reach};
use crate::store::StoredFile;
use crate::{Outcome, answer, say_left};

#[derive(Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    key: KeyOptions,
    #[command(flatten)]
    reach: Reach,
    /// Accept each code once and slow guesses down, with a state in this file, made when absent:
    /// also `replayed`, `locked until=UNIX` and `disabled`, with status 1
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// What was typed
    code: String,
}

#[derive(clap::Args)]
struct Reach {
    /// Time steps back whose codes are accepted too, 0 to 100 [default: 1]
    #[arg(long, value_name = "N", value_parser = parse_reach, conflicts_with = "counter")]
    past: Option<u8>,
    /// Time steps ahead whose codes are accepted too, 0 to 100 [default: 1]
    #[arg(long, value_name = "N", value_parser = parse_reach, conflicts_with = "counter")]
    future: Option<u8>,
    /// Counters after the given one that are tried too, 0 to 100 [default: 10]
    #[arg(long, value_name = "N", value_parser = parse_reach)]
    look_ahead: Option<u8>,
}

impl Verify {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        let key = self.key.read()?;
        let (window, look_ahead) = self.reach.read(&key)?;
        match &self.state {
            None => self.without_state(&key, window, look_ahead),
            Some(file) => {
                let verifier = Verifier::DEFAULT.with_window(window).with_look_ahead(look_ahead);
                self.with_state(key, verifier, file)
            }
        }
    }

    fn without_state(&self, key: &Key, window: Window, look_ahead: LookAhead) -> Outcome<ExitCode> {
        key.warn_of_time();
        let verdict = match key {
            Key::Hotp { hotp, counter } => hotp
                .verify(&self.code, *counter, look_ahead)
                .map(|hit| accepted_counter(hit.counter(), hit.next())),
            Key::Totp { totp, now, .. } => totp
                .verify_at(&self.code, *now, window)
                .map(|hit| accepted_step(hit.step(), hit.drift())),
        };
        match verdict {
            Ok(accepted) => answer(accepted, ExitCode::SUCCESS),
            Err(VerifyError::Rejected) => answer("rejected", ExitCode::from(1)),
            Err(error) => Err(error.into()),
        }
    }

    fn with_state(&self, key: Key, verifier: Verifier, file: &Path) -> Outcome<ExitCode> {
        let (engine, now, longest) = key.into_engine()?;
        // The caller chose the period.
        let verifier = verifier.with_max_period(longest);

        let file = StoredFile::open(file)?;
        let state = file.load_state()?;
        let attempt = verifier.attempt(&engine, state, &self.code, now)?;
        // The lock on the file keeps every other process out, so that no race can be lost.
        let settled = attempt.commit(|_, next| {
            file.commit(next.to_bytes().as_ref())?;
            Outcome::Ok(Swap::Stored)
        })?;
        match settled.verdict {
            Verdict::Accepted(code) => answer(accepted(&engine, &code)?, ExitCode::SUCCESS),
            Verdict::Replayed => answer("replayed", ExitCode::from(1)),
            Verdict::Rejected(rejection) => {
                say_left(rejection);
                answer("rejected", ExitCode::from(1))
            }
            Verdict::Locked { until } => {
                answer(format_args!("locked until={until}"), ExitCode::from(1))
            }
            Verdict::Disabled => answer("disabled", ExitCode::from(1)),
            Verdict::Malformed(error) => {
                Err(VerifyError::<std::convert::Infallible>::from(error).into())
            }
            _ => Err("another process was faster".into()),
        }
    }
}

impl Reach {
    fn read(&self, key: &Key) -> Outcome<(Window, LookAhead)> {
        match key {
            Key::Hotp { .. } if self.past.is_some() || self.future.is_some() => {
                return Err("--past and --future are not for a hotp URI".into());
            }
            Key::Totp { .. } if self.look_ahead.is_some() => {
                return Err("--look-ahead needs --counter or a hotp URI".into());
            }
            _ => {}
        }
        let window = Window::new(
            self.past.unwrap_or(Window::DEFAULT.past()),
            self.future.unwrap_or(Window::DEFAULT.future()),
        )?;
        Ok((window, self.look_ahead.map_or(Ok(LookAhead::DEFAULT), LookAhead::new)?))
    }
}

fn accepted(engine: &Engine, code: &Accepted) -> Outcome<String> {
    let factor = code.moving_factor().ok_or("the accepted code has no moving factor")?;
    Ok(match engine {
        Engine::Totp(_) => accepted_step(factor, code.drift()),
        Engine::Hotp { .. } => accepted_counter(factor, factor.checked_add(1)),
    })
}

fn accepted_step(step: u64, drift: i64) -> String {
    format!("accepted step={step} drift={drift}")
}

fn accepted_counter(counter: u64, next: Option<u64>) -> String {
    let next = next.map_or("none".to_owned(), |next| next.to_string());
    format!("accepted counter={counter} next={next}")
}
