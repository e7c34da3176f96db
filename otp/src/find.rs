//! `otp find`: which of many keys has made a code.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use otp_core::verifier::State;
use otp_core::{Engine, Window, verifier};

use crate::key::{TOO_FAR, parse_reach, parse_u64};
use crate::source::Source;
use crate::{Outcome, answer, now, say};

#[derive(Args)]
#[command(after_help = "\
It prints the number of the key, which is its line in the output of `otp import`, its serial number and its name.

It lets nobody in, and changes nothing. Codes of 6 digits meet by chance: if it finds several keys, ask for the next code.

Exit status: 0 if a key was found, 1 if none was, 2 for an error.")]
pub(crate) struct Find {
    /// Unix time in seconds [default: now]
    #[arg(long, value_name = "UNIX", value_parser = parse_u64)]
    at: Option<u64>,
    /// Time steps or counters before the expected one that are looked at too, 0 to 100
    #[arg(long, value_name = "N", value_parser = parse_reach, default_value = "5")]
    past: u8,
    /// Time steps or counters after the expected one that are looked at too, 0 to 100
    #[arg(long, value_name = "N", value_parser = parse_reach, default_value = "5")]
    future: u8,
    /// What the token shows
    code: String,
    #[command(flatten)]
    source: Source,
}

impl Find {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        let now = self.at.map_or_else(now, Ok)?;
        if now > State::MAX_TIME {
            return Err(TOO_FAR.into());
        }
        let window = Window::new(self.past, self.future)?;
        let entries = self.source.read()?.entries;
        let mut rows = Vec::with_capacity(entries.len());
        for entry in &entries {
            rows.push((entry.engine()?, entry.state()));
        }
        let authenticators = rows.iter().map(|(engine, state)| (engine, *state));
        let mut found = Vec::new();
        let each = |place, factor| match factor {
            Ok(factor) => found.push((place, factor)),
            Err(error) => say(format_args!("warning: key {} cannot be asked: {error}", place + 1)),
        };
        verifier::find(authenticators, &self.code, now, window, each)
            .map_err(|error| format!("malformed code: {error}"))?;
        if found.is_empty() {
            return answer("none", ExitCode::from(1));
        }
        let mut out = io::stdout().lock();
        for (place, factor) in &found {
            let (Some(entry), Some((engine, _))) = (entries.get(*place), rows.get(*place)) else {
                continue;
            };
            let what = if matches!(engine, Engine::Hotp { .. }) { "counter" } else { "step" };
            write!(out, "found {what}={factor} key={}", place + 1)?;
            if let Some(serial) = &entry.device.serial {
                write!(out, " serial={}", serial.escape_debug())?;
            }
            writeln!(out, " name={}", entry.name())?;
        }
        if found.len() > 1 {
            say(format_args!("note: {} keys have this code: ask for the next one", found.len()));
        }
        Ok(ExitCode::SUCCESS)
    }
}
