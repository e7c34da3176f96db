//! Generation and verification beside totp-rs and beside the bare compressions that they need.
//!
//! `cargo bench --bench otp` measures all of it in one run and ends with the ratios that README
//! quotes; `cargo bench --bench otp -- judge` only what keeping state costs.

#[path = "report.rs"]
mod report;

use std::convert::Infallible;
use std::hint::black_box;
use std::slice::from_ref;

use otp_core::verifier::{State, Swap, Verifier};
use otp_core::{Algorithm, Hotp, KeySchedule, LookAhead, Totp, Window};

use crate::report::{Report, keep};

const NOW: u64 = 1_234_567_890;
const ALGORITHMS: [Algorithm; 3] = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];
const REACHES: [u8; 2] = [1, 10];

fn main() {
    let mut report = Report::new();
    for algorithm in ALGORITHMS {
        measure(&mut report, algorithm);
        measure_judgement(&mut report, algorithm);
    }
    report.finish();
    print_ratios(&report);
    print_judgement(&report);
}

fn measure(report: &mut Report, algorithm: Algorithm) {
    let key = vec![0x5a; algorithm.output_len()];
    let cold = || Totp::from_key(KeySchedule::from_raw_key(algorithm, black_box(&key)).unwrap());
    let held = cold();
    let mut group = report.group(algorithm.name());
    let mut time = |name: &str, what: &mut dyn FnMut()| group.time(name, what);

    let peer = totp_rs(algorithm, &key, 1);
    time("generate, raw", &mut || raw(algorithm, 1, 2));
    time("generate, held key", &mut || keep(held.code_at(black_box(NOW))));
    time("generate, cold key", &mut || keep(cold().code_at(black_box(NOW))));
    time("generate, totp-rs", &mut || keep(peer.generate(black_box(NOW))));

    for reach in REACHES {
        let window = Window::new(reach, reach).unwrap();
        let peer = totp_rs(algorithm, &key, reach.into());
        let right = held.code_at(NOW + 30 * u64::from(reach)).unwrap().to_string();
        let wrong = "000000";
        assert!(held.verify_at(wrong, NOW, window).is_err() && peer.check(wrong, NOW).is_none());
        assert!(held.verify_at(&right, NOW, window).is_ok() && peer.check(&right, NOW).is_some());

        let compressions = 2 * usize::from(window.candidates());
        time(&format!("verify ±{reach}, raw"), &mut || raw(algorithm, 1, compressions));
        time(&format!("verify ±{reach}, raw in 3 chains"), &mut || {
            raw(algorithm, 3, compressions);
        });
        for (which, code) in [("wrong", wrong), ("right", &right)] {
            time(&format!("verify ±{reach}, held key, {which} code"), &mut || {
                keep(held.verify_at(black_box(code), black_box(NOW), window));
            });
            time(&format!("verify ±{reach}, cold key, {which} code"), &mut || {
                keep(cold().verify_at(black_box(code), black_box(NOW), window));
            });
            time(&format!("verify ±{reach}, totp-rs, {which} code"), &mut || {
                keep(peer.check(black_box(code), black_box(NOW)));
            });
        }
    }
}

/// `Verifier::attempt` beside the stateless verification of the same code, by the state of somebody
/// who has logged in before.
fn measure_judgement(report: &mut Report, algorithm: Algorithm) {
    const VERIFIER: Verifier = Verifier::DEFAULT;
    let key = vec![0x5a; algorithm.output_len()];
    let schedule = || KeySchedule::from_raw_key(algorithm, &key).unwrap();
    let (totp, hotp) = (Totp::from_key(schedule()), Hotp::from_key(schedule()));
    let mut group = report.group(algorithm.name());
    let mut time = |name: String, what: &mut dyn FnMut()| group.time(&name, what);

    let after = |code: &str, now| {
        let attempt = VERIFIER.attempt(&totp, State::enrolment(), code, now).unwrap();
        let mut next = None;
        let Ok(_) = attempt.commit(|_, new| {
            next = Some(new);
            Ok::<_, Infallible>(Swap::Stored)
        });
        next.expect("the state changes")
    };
    let right = totp.code_at(NOW).unwrap().to_string();
    let earlier = NOW - 86_400;
    let before = after(&totp.code_at(earlier).unwrap().to_string(), earlier);
    let used = after(&right, NOW);
    for (which, code, state) in
        [("right", &*right, before), ("wrong", "000000", before), ("used", &right, used)]
    {
        time(format!("judge totp, verify, {which} code"), &mut || {
            keep(totp.verify_at(black_box(code), black_box(NOW), VERIFIER.window()));
        });
        time(format!("judge totp, attempt, {which} code"), &mut || {
            keep(VERIFIER.attempt(&totp, black_box(state), black_box(code), black_box(NOW)));
        });
    }

    const COUNTER: u64 = 1000;
    assert_eq!(VERIFIER.look_ahead(), LookAhead::DEFAULT);
    let right = hotp.code(COUNTER).to_string();
    let used = hotp.code(COUNTER - 1).to_string();
    let state = State::enrolment().with_next_counter(COUNTER);
    for (which, code) in [("right", &*right), ("wrong", "000000"), ("used", &used)] {
        time(format!("judge hotp, verify, {which} code"), &mut || {
            keep(hotp.verify(black_box(code), black_box(COUNTER), VERIFIER.look_ahead()));
        });
        time(format!("judge hotp, attempt, {which} code"), &mut || {
            keep(VERIFIER.attempt(&hotp, black_box(state), black_box(code), black_box(NOW)));
        });
    }
}

fn totp_rs(algorithm: Algorithm, key: &[u8], skew: u16) -> totp_rs::Totp {
    totp_rs::Builder::new()
        .with_algorithm(match algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        })
        .with_skew(skew)
        .with_secret(key.to_vec())
        .build()
        .unwrap()
}

/// Compressions of one fixed block, without any HMAC around them, in so many chains side by side:
/// one chain is what hashing costs one after the other, three are what a processor that works on
/// several at a time makes of it.
fn raw(algorithm: Algorithm, chains: usize, compressions: usize) {
    fn run<S: Copy, B>(
        state: S,
        block: B,
        (chains, compressions): (usize, usize),
        compress: impl Fn(&mut S, &B),
    ) {
        let mut states = black_box([state; 3]);
        let block = black_box(block);
        for _ in 0..compressions / chains {
            for state in &mut states[..chains] {
                compress(state, &block);
            }
        }
        black_box(states);
    }
    let how = (chains, compressions);
    match algorithm {
        Algorithm::Sha1 => run([1; 5], [2; 64], how, |state, block| {
            sha1::block_api::compress(state, from_ref(block));
        }),
        Algorithm::Sha256 => run([1; 8], [2; 64], how, |state, block| {
            sha2::block_api::compress256(state, from_ref(block));
        }),
        Algorithm::Sha512 => run([1; 8], [2; 128], how, |state, block| {
            sha2::block_api::compress512(state, from_ref(block));
        }),
    }
}

/// Reads back what criterion has written, and prints the table that README quotes.
fn print_ratios(report: &Report) {
    println!("\nMedians of this run in nanoseconds, and ratios:\n");
    println!(
        "| | held key | cold key | totp-rs | raw | raw, 3 chains | held ÷ raw | \
         totp-rs ÷ held | totp-rs ÷ cold |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    );
    for algorithm in ALGORITHMS {
        for (what, code) in [
            ("generate", ""),
            ("verify ±1", ", wrong code"),
            ("verify ±1", ", right code"),
            ("verify ±10", ", wrong code"),
            ("verify ±10", ", right code"),
        ] {
            let name = algorithm.name();
            let median = |which: &str| report.median(name, &format!("{what}, {which}"));
            // Nothing to tell where a filter left it out.
            let (Some(raw), Some(held), Some(cold), Some(peer)) = (
                median("raw"),
                median(&format!("held key{code}")),
                median(&format!("cold key{code}")),
                median(&format!("totp-rs{code}")),
            ) else {
                continue;
            };
            let chains = median("raw in 3 chains").map_or(String::new(), |ns| format!("{ns:.0}"));
            println!(
                "| {algorithm} {what}{code} | {held:.0} | {cold:.0} | {peer:.0} | {raw:.0} | \
                 {chains} | {:.2} | {:.2} | {:.2} |",
                held / raw,
                peer / held,
                peer / cold,
            );
        }
    }
}

/// What the state costs: the codes of the last used up factors are computed and compared too.
fn print_judgement(report: &Report) {
    println!("\n| | attempt | verify | attempt ÷ verify |\n|---|--:|--:|--:|");
    for algorithm in ALGORITHMS {
        for engine in ["totp", "hotp"] {
            for which in ["right", "wrong", "used"] {
                let median = |what: &str| {
                    report
                        .median(algorithm.name(), &format!("judge {engine}, {what}, {which} code"))
                };
                // Nothing to tell where a filter left it out.
                let (Some(attempt), Some(verify)) = (median("attempt"), median("verify")) else {
                    continue;
                };
                println!(
                    "| {algorithm} {engine}, {which} code | {attempt:.0} | {verify:.0} | {:.2} |",
                    attempt / verify
                );
            }
        }
    }
}
