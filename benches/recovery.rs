//! A recovery code against a set of 1, 10 and 32: at the first slot, at the last, used, and none.
//!
//! `cargo bench --bench recovery` measures all of it in one run. All rows of a set should lie within
//! noise of one another, and those of different sets no further apart than so many comparisons of 32
//! bytes take.

#[path = "report.rs"]
mod report;

use std::hint::black_box;

use otp_core::recovery::{Keyed, Length, Pepper, Set};
use otp_core::verifier::{State, Swap, Verifier};

use crate::report::{Report, keep};

const USER: &[u8] = b"user 17";
const NAMES: [&str; 4] = ["hit, first slot", "hit, last slot", "used, last slot", "miss"];

fn main() {
    let mut report = Report::new();
    measure::<1>(&mut report);
    measure::<10>(&mut report);
    measure::<32>(&mut report);
    report.finish();

    println!("\nMedians of this run in nanoseconds:\n");
    println!("| slots | {} |\n|--:|--:|--:|--:|--:|", NAMES.join(" | "));
    for slots in [1, 10, 32] {
        let median = |name| report.median(&group(slots), name);
        // Nothing to tell where a filter left it out.
        let cell = |name| median(name).map_or(String::new(), |ns| format!("{ns:.0}"));
        println!("| {slots} | {} |", NAMES.map(cell).join(" | "));
    }
}

fn group(slots: usize) -> String {
    format!("recovery {slots}")
}

fn measure<const N: usize>(report: &mut Report) {
    let pepper = Pepper::new(1, &[0x5a; 32]).unwrap();
    let mut state = 1_u64;
    let fill = |bytes: &mut [u8]| {
        bytes.fill_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        });
        Ok::<(), ()>(())
    };
    let mut codes = Vec::new();
    let set: Set<N> = Set::generate(fill, Keyed, Length::DEFAULT, &pepper, USER, |_, code| {
        codes.push(code.expose().to_owned());
    })
    .unwrap();
    let last = codes.last().unwrap();
    let state = State::for_recovery();
    let redeem = |set, code| Verifier::DEFAULT.redeem(set, &pepper, USER, state, code, 0).unwrap();
    let mut used = set.clone();
    let settled = redeem(&set, last).commit(|next, _, _| {
        used.clone_from(next);
        Ok::<_, ()>(Swap::Stored)
    });
    drop(settled.unwrap());
    let miss = "0".repeat(24);

    let mut group = report.group(&group(N));
    let rows = [(&set, &codes[0]), (&set, last), (&used, last), (&set, &miss)];
    for (name, (set, code)) in NAMES.into_iter().zip(rows) {
        group.time(name, &mut || keep(redeem(set, black_box(code))));
    }
}
