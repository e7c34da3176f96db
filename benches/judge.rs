//! What the verifier costs beside the stateless verification of the same code, on a machine that others use too.
//!
//! The two are measured in turn, some thousand times each in a round, so that whatever disturbs one disturbs the other. What
//! is printed is the median of the ratios of all rounds, and between which two values half of them lie.

use std::hint::black_box;
use std::time::{Duration, Instant};

use otp_core::verifier::{self, State, Verifier};
use otp_core::{Algorithm, Hotp, KeySchedule, Totp, Window};

const NOW: u64 = 1_234_567_890;
const ROUNDS: usize = 300;
const VERIFIER: Verifier = Verifier::DEFAULT;

/// How long so many calls take.
fn time(calls: u32, what: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..calls {
        what();
    }
    start.elapsed()
}

/// The middle of sorted values, and the quarters.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}

fn row(name: &str, verify: &mut dyn FnMut(), attempt: &mut dyn FnMut()) {
    // As many as take 400 microseconds.
    let each = time(100, verify).as_secs_f64() / 100.0;
    let calls = (1..1_000_000).find(|calls| f64::from(*calls) * each > 400e-6).unwrap_or(1_000_000);
    let (mut ratios, mut verified, mut attempted) = (vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let [one, other] = [time(calls, verify), time(calls, attempt)]
            .map(|time| time.as_secs_f64() * 1e9 / f64::from(calls));
        verified.push(one);
        attempted.push(other);
        ratios.push(other / one);
    }
    let [low, median, high] = quartiles(ratios);
    let [[_, verify, _], [_, attempt, _]] = [verified, attempted].map(quartiles);
    println!("| {name} | {attempt:.0} | {verify:.0} | {median:.2} | {low:.2} to {high:.2} |");
}

fn main() {
    println!(
        "| | attempt, ns | verify, ns | attempt ÷ verify | half of the rounds |\n|---|--:|--:|--:|---|"
    );
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let key = vec![0x5a; algorithm.output_len()];
        let schedule = || KeySchedule::from_raw_key(algorithm, &key).expect("it is built in");
        let (totp, hotp) = (Totp::from_key(schedule()), Hotp::from_key(schedule()));
        let step = NOW / 30;
        let right = totp.code_at(NOW).expect("it is after 1970").to_string();
        let hour_ago = State::confirmed().with_last_used(step - 120);
        let this_step = State::confirmed().with_last_used(step);
        for (what, state, code) in [
            ("last used an hour ago, right code", hour_ago, &*right),
            ("last used an hour ago, wrong code", hour_ago, "000000"),
            ("last used in this step, used code", this_step, &right),
            ("never used, right code", State::confirmed(), &right),
        ] {
            row(
                &format!("{} TOTP ±1, {what}", algorithm.name()),
                &mut || {
                    let hit = totp.verify_at(black_box(code), black_box(NOW), VERIFIER.window());
                    let _ = black_box(hit);
                },
                &mut || {
                    let (state, code) = (black_box(state), black_box(code));
                    let _ = black_box(VERIFIER.attempt(&totp, state, code, black_box(NOW)));
                },
            );
        }
        let (counter, state) = (1000, State::confirmed().with_next_counter(1000));
        let right = hotp.code(counter).to_string();
        row(
            &format!("{} HOTP, 10 ahead, right code", algorithm.name()),
            &mut || {
                let hit = hotp.verify(black_box(&right), black_box(counter), VERIFIER.look_ahead());
                let _ = black_box(hit);
            },
            &mut || {
                let (state, code) = (black_box(state), black_box(&*right));
                let _ = black_box(VERIFIER.attempt(&hotp, state, code, black_box(NOW)));
            },
        );
    }
    find();
}

/// A help desk: which of 10,000 tokens shows a code, within five steps either way.
fn find() {
    let tokens: Vec<_> = (0..10_000_u32)
        .map(|number| {
            let mut key = [0x5a; 20];
            key[..4].copy_from_slice(&number.to_be_bytes());
            let schedule = KeySchedule::from_raw_key(Algorithm::Sha1, &key);
            Totp::from_key(schedule.expect("it is built in"))
        })
        .collect();
    let shown = tokens[4321].code_at(NOW).expect("it is after 1970").to_string();
    let window = Window::new(5, 5).expect("it is under 100");
    let search = || {
        let rows = tokens.iter().map(|token| (token, State::confirmed()));
        let mut matches = 0;
        let found = verifier::find(rows, black_box(&shown), NOW, window, |_, _| matches += 1);
        assert!(found.is_ok() && matches > 0);
    };
    let times = (0..50).map(|_| time(1, &mut { search }).as_secs_f64() * 1e3).collect();
    let [low, median, high] = quartiles(times);
    println!(
        "\nSHA1, one of 10,000 tokens × 11 steps: {median:.1} ms, half of the rounds {low:.1} to {high:.1} ms"
    );
}
