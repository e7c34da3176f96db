//! One-time codes at the command line, in the spirit of oathtool.
//!
//! `cargo run -p otp` is a tour, `cargo run -p otp -- --help` lists the commands.
//! Exit status: 0 for an answer and for an accepted code, 1 for a rejected one, 2 for any error.

mod color;
mod device;
mod enroll;
mod entry;
mod export;
mod find;
mod formats;
mod generated;
mod import;
mod inspect;
mod key;
mod payload;
mod picture;
mod private;
mod reading;
mod recovery;
mod resync;
mod source;
mod state;
mod states;
mod store;
mod tour;
mod verify;

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::error::{ContextKind, ErrorKind};
use clap::{Parser, Subcommand};
use otp_core::verifier::Rejection;

use crate::color::Color;
use crate::enroll::Enroll;
use crate::export::Export;
use crate::find::Find;
use crate::import::Import;
use crate::inspect::Inspect;
use crate::key::{Key, KeyOptions};
use crate::verify::Verify;

/// Makes and checks one-time codes (RFC 4226, RFC 6238). Without a command: a tour.
#[derive(Parser)]
#[command(
    name = "otp",
    version,
    after_help = "Exit status: 0 for an answer and for an accepted code, 1 for a rejected code, 2 for an error. `import`, `find`, \
                  `export` and `resync` have their own, in their --help."
)]
struct Cli {
    /// Colours of messages on standard error: auto is for terminals, unless `NO_COLOR` is set
    #[arg(long, value_name = "WHEN", value_enum, global = true, default_value_t = Color::Auto)]
    color: Color,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Print the code of a time or a counter, and nothing else
    #[command(allow_negative_numbers = true)]
    Code {
        #[command(flatten)]
        key: KeyOptions,
    },
    /// Check a code: `accepted …` and status 0, or `rejected` and status 1
    #[command(allow_negative_numbers = true)]
    Verify(Verify),
    /// Show what a key URI says
    Inspect(Inspect),
    /// Read a file of keys in any format: a key URI for each
    Import(Import),
    /// Show the QR codes of a file of keys, for an authenticator app
    Export(Export),
    /// Find which of many keys has made a code
    Find(Find),
    /// Set a token right whose clock or counter has gone too far, by its next codes
    #[command(allow_negative_numbers = true)]
    Resync(resync::Resync),
    /// Show or change the file of `verify --state`
    State(state::StateFile),
    /// Make recovery codes, and use one up
    Recovery(recovery::Recovery),
    /// Make a new secret: its key URI, its symbols for typing, and its QR code
    Enroll(Enroll),
    /// Print the completions of a shell, for its configuration
    Completions(generated::Completions),
    /// Print a man page, for `man -l -`
    Man(generated::Man),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse_arguments(&error),
    };
    cli.color.set();
    let outcome = match &cli.command {
        None => tour::run().map(|()| ExitCode::SUCCESS),
        Some(command) => run(command),
    };
    outcome.unwrap_or_else(|error| {
        // The reader of a pipe, such as `head`, has what it wanted.
        if !is_broken_pipe(error.as_ref()) {
            say(format_args!("error: {error}"));
        }
        ExitCode::from(2)
    })
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Says what is wrong with the arguments, without repeating one: it may be a secret or a code.
fn refuse_arguments(error: &clap::Error) -> ExitCode {
    let context = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::UnknownArgument => "an unknown option, or an argument too many".to_owned(),
        ErrorKind::InvalidUtf8 => "an argument is not text in UTF-8".to_owned(),
        ErrorKind::InvalidSubcommand => "an unknown command".to_owned(),
        ErrorKind::TooFewValues => format!("too few of '{}'", context(ContextKind::InvalidArg)),
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::MissingSubcommand
        | ErrorKind::MissingRequiredArgument
        | ErrorKind::ArgumentConflict => {
            // These only name options. If they cannot be written, nobody can be told.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
        _ => {
            let why = error.source().map(|why| format!(": {why}")).unwrap_or_default();
            let valid = context(ContextKind::ValidValue);
            let valid = if valid.is_empty() { valid } else { format!(" (one of {valid})") };
            format!("not a value for '{}'{why}{valid}", context(ContextKind::InvalidArg))
        }
    };
    say(format_args!("error: {what}\n"));
    for line in context(ContextKind::Usage).lines() {
        say(format_args!("{line}\n"));
    }
    say("For more information, try '--help'.");
    ExitCode::from(2)
}

/// Writes a line to standard error. If that is closed or full, nobody can be told.
fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", color::paint(&line.to_string()));
}

fn run(command: &Command) -> Outcome<ExitCode> {
    match command {
        Command::Code { key } => {
            let key = key.read()?;
            key.warn_of_time();
            let code = match key {
                Key::Hotp { hotp, counter } => hotp.code(counter),
                Key::Totp { totp, now, .. } => totp.code_at(now)?,
            };
            answer(code, ExitCode::SUCCESS)
        }
        Command::Verify(verify) => verify.run(),
        Command::Resync(resync) => resync.run(),
        Command::State(state) => state.run(),
        Command::Recovery(recovery) => recovery.run(),
        Command::Export(export) => export.run(),
        Command::Find(find) => find.run(),
        Command::Import(import) => import.run(),
        Command::Inspect(inspect) => inspect.run(),
        Command::Enroll(enroll) => enroll.run(),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    }
}

/// Says what a failure leaves: tries, a wait, or nothing.
fn say_left(rejection: Rejection) {
    match rejection.until() {
        _ if rejection.failures_left() == 0 => say("disabled from now on"),
        Some(until) => say(format_args!("locked until={until}")),
        None => say(format_args!("{} tries left before a wait", rejection.tries_left())),
    }
}

fn answer(line: impl Display, status: ExitCode) -> Outcome<ExitCode> {
    writeln!(io::stdout(), "{line}")?;
    Ok(status)
}

fn now() -> Outcome<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(since.map_err(|_| "the clock stands before 1970")?.as_secs())
}
