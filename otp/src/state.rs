//! `otp state`: shows the file of `verify --state`, and changes it for an administrator.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use otp_core::verifier::{DisabledBy, Lifecycle, State};

use crate::key::parse_u64;
use crate::private::cannot;
use crate::store::StoredFile;
use crate::{Outcome, answer, now, say};

#[derive(Args)]
pub(crate) struct StateFile {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print what it says, one `name=value` a line
    Show {
        /// Unix time in seconds, for the wait [default: now]
        #[arg(long, value_name = "UNIX", value_parser = parse_u64)]
        at: Option<u64>,
        /// The file of the state
        file: PathBuf,
    },
    /// Forget the failures and the wait; used codes stay used. Make sure who is asking. The
    /// exit status is 1 if it is still disabled
    Unlock {
        /// Enable it too, if it is disabled
        #[arg(long)]
        enable: bool,
        /// The file of the state
        file: PathBuf,
    },
    /// Accept codes again of a token that was used while the clock of this machine was ahead.
    /// Correct the clock first. It prints `repaired next=…` or `unchanged`. Codes that were
    /// accepted for a time in the future will be accepted at that time again
    Repair {
        /// Unix time in seconds [default: now]
        #[arg(long, value_name = "UNIX", value_parser = parse_u64)]
        at: Option<u64>,
        /// Unix time in seconds at which step 0 begins, as for `verify` [default: 0]
        #[arg(long, value_name = "UNIX", value_parser = parse_u64)]
        t0: Option<u64>,
        /// The file of the state
        file: PathBuf,
    },
    /// Write it in the form of this version, if an earlier one has written it
    Migrate {
        /// The file of the state
        file: PathBuf,
    },
}

impl StateFile {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        match &self.command {
            Command::Show { at, file } => {
                let state = read(file)?;
                let shown = show(state, at.map_or_else(now, Ok)?);
                answer(shown.trim_end(), ExitCode::SUCCESS)
            }
            Command::Unlock { enable, file } => unlock(file, *enable),
            Command::Repair { at, t0, file } => {
                repair(file, at.map_or_else(now, Ok)?, t0.unwrap_or_default())
            }
            Command::Migrate { file } => migrate(file),
        }
    }
}

/// Reads without a lock: the file is replaced as a whole, and nothing is written here.
fn read(path: &Path) -> Outcome<State> {
    // A pipe without a writer would be read for ever.
    if path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        return Err("FILE: it is a device or a pipe".into());
    }
    let bytes = fs::read(path).map_err(|error| cannot("FILE", &error))?;
    let state = State::from_bytes(&bytes);
    Ok(state.map_err(|error| format!("FILE: not a state: {error}"))?)
}

fn show(state: State, now: u64) -> String {
    let lifecycle = match state.lifecycle() {
        Lifecycle::Unconfirmed => "unconfirmed",
        Lifecycle::Confirmed => "confirmed",
        Lifecycle::Disabled(DisabledBy::Failures) => "disabled-by-failures",
        Lifecycle::Disabled(DisabledBy::Host) => "disabled-by-host",
        _ => "unknown",
    };
    let mut text = String::new();
    // A String takes all that is written.
    let _ = writeln!(text, "lifecycle={lifecycle}");
    let _ = writeln!(text, "next={}", or_none(state.next_factor()));
    let _ = writeln!(text, "drift={}", state.drift());
    let _ = writeln!(text, "failures={}", state.failures());
    let _ = writeln!(text, "locked_until={}", or_none(state.locked_until(now)));
    let _ = writeln!(text, "budget_full_at={}", state.budget_full_at());
    text
}

fn unlock(path: &Path, enable: bool) -> Outcome<ExitCode> {
    // Without this, the lock of a file that is not there would be made.
    read(path)?;
    let file = StoredFile::open(path)?;
    let state = file.load_old_state()?;
    let state = if enable { state.enabled() } else { state.unlocked() };
    file.commit(state.to_bytes().as_ref())?;
    if matches!(state.lifecycle(), Lifecycle::Disabled(_)) {
        say("it is still disabled: `otp state unlock --enable` enables it");
        return answer("disabled", ExitCode::from(1));
    }
    answer("unlocked", ExitCode::SUCCESS)
}

fn repair(path: &Path, now: u64, t0: u64) -> Outcome<ExitCode> {
    read(path)?;
    let file = StoredFile::open(path)?;
    let state = file.load_old_state()?;
    let Some(period) = state.period() else {
        return Err(
            "FILE: the state of a token that is not time-based, or that was never used here".into(),
        );
    };
    let since = now.checked_sub(t0).ok_or("the time is before --t0")?;
    let repaired = state.clock_repaired(since / period.seconds());
    if repaired == state {
        return answer("unchanged", ExitCode::SUCCESS);
    }
    file.commit(repaired.to_bytes().as_ref())?;
    answer(format_args!("repaired next={}", or_none(repaired.next_factor())), ExitCode::SUCCESS)
}

fn or_none(value: Option<u64>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}

/// Returns the bytes of version 2 for a file of version 1, as the documentation of `StateBytes`
/// has them.
fn version_2(old: &[u8], state: State) -> Option<Vec<u8>> {
    const LEN: usize = 38;
    const BY_HOST: u8 = 8;
    let mut new = old.to_vec();
    let [version, flags, ..] = new.as_mut_slice() else { return None };
    *version = 2;
    if state.lifecycle() == Lifecycle::Disabled(DisabledBy::Host) {
        *flags |= BY_HOST;
    }
    new.resize(LEN, 0);
    // It has to say the same.
    (State::from_bytes(&new) == Ok(state)).then_some(new)
}

fn migrate(path: &Path) -> Outcome<ExitCode> {
    read(path)?;
    let file = StoredFile::open(path)?;
    let old = file.load()?.unwrap_or_default();
    let state = file.load_old_state()?;
    if old.first() != Some(&1) {
        return answer("unchanged", ExitCode::SUCCESS);
    }
    let new = version_2(&old, state).ok_or("this state cannot be migrated: it is left as it is")?;
    file.commit(&new)?;
    answer(format_args!("migrated from={} to={}", old.len(), new.len()), ExitCode::SUCCESS)
}
