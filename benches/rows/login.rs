//! `Verifier::attempt` in the situations of a user, compared with the compressions of a stateless
//! verification.

use std::hint::black_box;
use std::rc::Rc;

use otp_core::verifier::{State, Verifier};
use otp_core::{Algorithm, Hotp, KeySchedule};

use super::codes::{key, totp};
use super::{NOW, Row, raw};

const COUNTER: u64 = 1000;

pub(super) fn rows() -> Vec<Row> {
    [
        (Algorithm::Sha1, "SHA1 login"),
        (Algorithm::Sha256, "SHA256 login"),
        (Algorithm::Sha512, "SHA512 login"),
    ]
    .into_iter()
    .flat_map(|(algorithm, group)| of(algorithm, group))
    .collect()
}

fn of(algorithm: Algorithm, group: &'static str) -> Vec<Row> {
    let six = "6 compressions, chained";
    let mut rows = vec![Row::new(group, six, move || raw::chained::<6>(algorithm))];
    let totp = Rc::new(totp(algorithm));
    let right = totp.code_at(NOW).expect("it is after 1970").to_string();
    let step = NOW / 30;
    let hour_ago = State::confirmed().with_last_used(step - 120);
    let this_step = State::confirmed().with_last_used(step);
    for (what, state, code) in [
        ("never used, right code", State::confirmed(), right.clone()),
        ("used an hour ago, right code", hour_ago, right.clone()),
        ("used an hour ago, wrong code", hour_ago, "000000".to_owned()),
        ("used in this step, the same code", this_step, right),
    ] {
        let totp = totp.clone();
        rows.push(
            Row::new(group, format!("attempt, {what}"), move || {
                Verifier::DEFAULT.attempt(
                    &*totp,
                    black_box(state),
                    black_box(&code),
                    black_box(NOW),
                )
            })
            .beside(six),
        );
    }
    let schedule = KeySchedule::from_raw_key(algorithm, &key(algorithm)).expect("it is built in");
    let hotp = Hotp::from_key(schedule);
    let code = hotp.code(COUNTER).to_string();
    let state = State::confirmed().with_next_counter(COUNTER);
    // There are eleven counters within reach, and eleven used ones.
    rows.push(
        Row::new(group, "attempt, HOTP 10 ahead, each candidate", move || {
            Verifier::DEFAULT.attempt(&hotp, black_box(state), black_box(&code), black_box(NOW))
        })
        .per(22)
        .beside(six),
    );
    rows
}
