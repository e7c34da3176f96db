//! Every interleaving of requests on one store, to a bound, with the real verifier.
//!
//! `interleavings MODEL quick|long` walks every state of a model, and ends with 0 if its laws
//! hold. `interleavings MODEL MISTAKE` walks it with a mistake of a host, and prints the trace
//! that breaks a law: for the controls.

mod clock;
mod login;
mod redemption;
mod replicas;
mod schedules;
mod several;
mod walk;

use std::env::args;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let holds = match &*arguments {
        ["totp", host] => login::walk(login::Kind::Totp, host),
        ["hotp", host] => login::walk(login::Kind::Hotp, host),
        ["resynchronisation", host] => login::walk(login::Kind::Resynchronising, host),
        ["several", host] => several::walk(host),
        ["redemption", host] => redemption::walk(host),
        ["replicas", host] => replicas::walk(host),
        ["schedules", host] => schedules::walk(host),
        _ => {
            eprintln!("usage: interleavings MODEL quick|long|MISTAKE");
            return ExitCode::from(2);
        }
    };
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
