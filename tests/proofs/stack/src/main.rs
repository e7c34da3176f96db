//! Looks for remains of a secret on the stack, after a host has made it, used it and dropped it.
//!
//! Each host runs on a stack that this program owns and has painted. Afterwards all of that stack
//! is searched for each piece of four bytes of the secret, and of what is as good as it. Each host
//! runs with three secrets: chance makes such a piece once in a long while, but not three times.
//!
//! `otp-core-stack KIND…` lets every host leave pieces of these kinds.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;

use otp_core::Algorithm::{self, Sha1, Sha256, Sha512};

mod hosts;
mod own_stack;
mod secrets;

use own_stack::OwnStack;
use secrets::{Given, Kind};

type Host = fn(&Given) -> Result<(), Box<dyn Error>>;

const ALL: &[Algorithm] = &[Sha1, Sha256, Sha512];

/// Hosts that make something and drop it. Nothing may be left.
const CONSTRUCTING: [(&str, Host, &[Algorithm]); 18] = [
    ("base32_into_buffer", hosts::base32_into_buffer, ALL),
    ("bytes_into_buffer", hosts::bytes_into_buffer, ALL),
    ("generated_into_buffer", hosts::generated_into_buffer, ALL),
    ("base32_by_value", hosts::base32_by_value, ALL),
    ("bytes_by_value", hosts::bytes_by_value, ALL),
    ("generated_by_value", hosts::generated_by_value, ALL),
    ("base32_refused", hosts::base32_refused, ALL),
    ("base32_shown", hosts::base32_shown, ALL),
    ("key_schedule", hosts::key_schedule, ALL),
    ("long_key", hosts::key_schedule, ALL),
    ("totp", hosts::totp, ALL),
    ("hotp", hosts::hotp, ALL),
    ("totp_of_sha1", hosts::totp_of_sha1, &[Sha1]),
    ("hotp_of_sha1", hosts::hotp_of_sha1, &[Sha1]),
    ("steam", hosts::steam, &[Sha1]),
    ("engine", hosts::engine, ALL),
    ("pepper", hosts::pepper, ALL),
    ("readme", hosts::readme, &[Sha1]),
];

/// Hosts that compute codes too. The hash functions may leave words of the key schedule, and
/// nothing else.
const COMPUTING: [(&str, Host, &[Algorithm]); 3] = [
    ("verify", hosts::verify, &[Sha1]),
    ("codes", hosts::codes, ALL),
    ("login", hosts::login, ALL),
];

fn main() -> ExitCode {
    let allowed: Vec<String> = std::env::args().skip(1).collect();
    let may = |kind: &Kind| allowed.contains(&format!("{kind:?}"));
    let mut stack = OwnStack::new();
    let mut failed = false;

    for &algorithm in ALL {
        let missed = Kind::ALL
            .into_iter()
            .filter(|kind| !left(&mut stack, hosts::copies, "", algorithm).contains_key(kind));
        for kind in missed {
            println!("not found: {kind:?} of {algorithm}, which was left on purpose");
            failed = true;
        }
    }
    let constructing = CONSTRUCTING.map(|host| (host, false));
    let computing = COMPUTING.map(|host| (host, true));
    for ((name, host, algorithms), computes) in constructing.into_iter().chain(computing) {
        for &algorithm in algorithms {
            for (kind, (count, depth)) in left(&mut stack, host, name, algorithm) {
                let fault = !may(&kind) && !(computes && kind == Kind::State);
                let word = if fault { "left" } else { "left, as it may be" };
                println!(
                    "{word}: {kind:?} by {name}, {algorithm}: pieces: {count}, the first {depth} bytes deep"
                );
                failed |= fault;
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The kinds that each of three secrets leaves: how many pieces, and how far below the top of the
/// stack the first lies.
fn left(
    stack: &mut OwnStack,
    host: Host,
    name: &str,
    algorithm: Algorithm,
) -> BTreeMap<Kind, (usize, usize)> {
    let [mut one, two, three] = [1, 2, 3].map(|seed| {
        let given = Given::new(algorithm, seed, name == "long_key");
        found(&after(stack, host, &given), &given)
    });
    one.retain(|kind, _| two.contains_key(kind) && three.contains_key(kind));
    one
}

fn after(stack: &mut OwnStack, host: Host, given: &Given) -> Vec<u8> {
    extern "C" fn run((host, given): &(Host, &Given)) {
        host(given).expect("the host");
    }
    stack.after(run, &(host, given))
}

fn found(stack: &[u8], given: &Given) -> BTreeMap<Kind, (usize, usize)> {
    let mut found = BTreeMap::new();
    let pieces = given.pieces();
    for (at, window) in stack.windows(4).enumerate() {
        for (kind, _) in pieces.iter().filter(|(_, piece)| piece == window) {
            let (count, depth) = found.entry(*kind).or_default();
            *count += 1;
            *depth = stack.len() - at;
        }
    }
    found
}
