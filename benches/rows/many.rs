//! Work that grows: a window, and the tokens of a help desk.

use std::hint::black_box;
use std::rc::Rc;

use otp_core::verifier::{self, State};
use otp_core::{Algorithm, KeySchedule, Totp, Window};

use super::codes::totp;
use super::{NOW, Row, raw};

const TOKENS: u32 = 100;

pub(super) fn rows() -> Vec<Row> {
    let group = "find";
    let two = "2 compressions, chained";
    let mut rows = vec![Row::new(group, two, || raw::chained::<2>(Algorithm::Sha1))];
    for reach in [0, 1, 5] {
        let window = Window::new(reach, reach).expect("it is under 100");
        let units = TOKENS * u32::from(window.candidates());
        rows.push(
            Row::new(group, format!("100 tokens, ±{reach}, each candidate"), scan(TOKENS, window))
                .per(units)
                .beside(two),
        );
    }
    let held = Rc::new(totp(Algorithm::Sha1));
    for reach in [0, 1, 2, 4, 8, 16, 32, 64, 100] {
        let window = Window::new(reach, reach).expect("it is at most 100");
        let held = held.clone();
        let what = move || held.verify_at(black_box("000000"), black_box(NOW), window);
        rows.push(Row::new("step of a window", "", what).grows_by(window.candidates().into()));
    }
    for tokens in [1, 3, 10, 30, 100, 300, 1000] {
        rows.push(Row::new("key of a scan ±1", "", scan(tokens, Window::DEFAULT)).grows_by(tokens));
    }
    rows
}

/// A help desk looks for the token that shows a code.
fn scan(tokens: u32, window: Window) -> impl FnMut() {
    let tokens: Vec<_> = (0..tokens)
        .map(|number| {
            let mut key = [0x5a; 20];
            key[..4].copy_from_slice(&number.to_be_bytes());
            let schedule = KeySchedule::from_raw_key(Algorithm::Sha1, &key);
            Totp::from_key(schedule.expect("it is built in"))
        })
        .collect();
    let shown = tokens[tokens.len() / 2].code_at(NOW).expect("it is after 1970").to_string();
    move || {
        let rows = tokens.iter().map(|token| (token, State::confirmed()));
        let mut matches = 0;
        let found = verifier::find(rows, black_box(&shown), NOW, window, |_, _| matches += 1);
        assert!(found.is_ok() && matches > 0);
    }
}
