//! `otp resync`: a token whose clock or counter has gone too far for `otp verify`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use otp_core::verifier::{ResyncVerdict, Resynchronisation, Swap, Verifier};

use crate::key::{KeyOptions, parse_u64};
use crate::store::StoredFile;
use crate::{Outcome, answer, say, say_left};

#[derive(Args)]
#[command(after_help = "\
It prints `resynchronised drift=…`, `rejected`, `replayed`, `locked until=UNIX` or `disabled`. It lets nobody in: check the \
next code by `otp verify --state`.

Exit status: 0 if the codes are right, 1 if not, 2 for an error.")]
pub(crate) struct Resync {
    #[command(flatten)]
    key: KeyOptions,
    /// The file of `verify --state`, made when absent
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// How many hours the clock may be off, either way, 1 to 24 [default: 65 minutes]
    #[arg(long, value_name = "N", value_parser = parse_u64, conflicts_with = "counter")]
    hours: Option<u64>,
    /// How many counters the token may be ahead, 1 to 1000 [default: 100]
    #[arg(long, value_name = "N", value_parser = parse_u64)]
    counters: Option<u64>,
    /// Two or three codes that the token shows one after the other
    #[arg(value_name = "CODE", required = true, num_args = 2..=3)]
    codes: Vec<String>,
}

impl Resync {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        let (engine, now, longest) = self.key.read()?.into_engine()?;
        let mut reach = Resynchronisation::DEFAULT.with_codes(self.codes.len().try_into()?)?;
        if let Some(hours) = self.hours {
            let hours = u8::try_from(hours).ok().and_then(|hours| reach.with_hours(hours).ok());
            reach = hours.ok_or("--hours: not a number from 1 to 24")?;
        }
        if let Some(counters) = self.counters {
            let counters = u16::try_from(counters).ok();
            let counters = counters.and_then(|counters| reach.with_counters(counters).ok());
            reach = counters.ok_or("--counters: not a number from 1 to 1000")?;
        }
        let verifier = Verifier::DEFAULT.with_resynchronisation(reach).with_max_period(longest);

        let file = StoredFile::open(&self.state)?;
        let state = file.load_state()?;
        let codes: Vec<_> = self.codes.iter().map(String::as_str).collect();
        let attempt = verifier.resynchronise(&engine, state, &codes, now)?;
        // The lock on the file keeps every other process out, so that no race can be lost.
        let settled = attempt.commit(|_, next| {
            file.commit(next.to_bytes().as_ref())?;
            Outcome::Ok(Swap::Stored)
        })?;
        match settled.verdict {
            ResyncVerdict::Resynchronised(found) => {
                say("check the next code by `otp verify --state`");
                let drift = found.drift();
                answer(format_args!("resynchronised drift={drift}"), ExitCode::SUCCESS)
            }
            ResyncVerdict::Replayed => answer("replayed", ExitCode::from(1)),
            ResyncVerdict::Rejected(rejection) => {
                say_left(rejection);
                answer("rejected", ExitCode::from(1))
            }
            ResyncVerdict::Locked { until } => {
                answer(format_args!("locked until={until}"), ExitCode::from(1))
            }
            ResyncVerdict::Disabled => answer("disabled", ExitCode::from(1)),
            ResyncVerdict::Malformed(error) => Err(format!("malformed code: {error}").into()),
            _ => Err("another process was faster".into()),
        }
    }
}
