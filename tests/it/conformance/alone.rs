//! Stores that are already broken for a single thread.

use std::sync::OnceLock;

use otp_core::conformance::{Violation, check_store};
use otp_core::verifier::State;

use super::{bytes, expect, with};

#[test]
fn a_compare_that_is_left_out_is_found() {
    expect(Violation::StaleSwap, |memory| {
        check_store(
            || memory.load(),
            |_, new| {
                memory.write(new);
                true
            },
        )
    });
}

#[test]
fn a_load_from_a_cache_is_found() {
    expect(Violation::StaleRead, |memory| {
        let cache = OnceLock::new();
        check_store(
            || *cache.get_or_init(|| memory.load()),
            |expected, new| memory.swap(expected, new),
        )
    });
}

#[test]
fn a_commit_that_writes_nothing_is_found() {
    expect(Violation::NotWritten, |memory| {
        check_store(|| memory.load(), |expected, _| memory.load() == expected)
    });
    expect(Violation::NotWritten, |memory| check_store(|| memory.load(), |_, _| true));
}

#[test]
fn a_refusal_that_writes_is_found() {
    // It writes if the expected state is stored, and if another one is.
    expect(Violation::RefusedButWritten, |memory| {
        check_store(
            || memory.load(),
            |expected, new| {
                memory.swap(expected, new);
                false
            },
        )
    });
    expect(Violation::RefusedButWritten, |memory| {
        check_store(
            || memory.load(),
            |expected, new| {
                let matches = memory.load() == expected;
                memory.write(new);
                matches
            },
        )
    });
}

#[test]
fn a_store_that_never_commits_is_found() {
    expect(Violation::Refused, |memory| check_store(|| memory.load(), |_, _| false));
}

/// The default of `MySQL`: a row that is set to its old value is not counted as changed.
#[test]
fn a_count_of_changed_rows_is_found() {
    expect(Violation::RefusedSame, |memory| {
        check_store(|| memory.load(), |expected, new| memory.swap(expected, new) && expected != new)
    });
}

#[test]
fn a_column_that_is_too_narrow_is_found() {
    expect(Violation::Altered, |memory| {
        let narrow = |state| with(state, |bytes| bytes[8..12].fill(0));
        check_store(|| memory.load(), |expected, new| memory.swap(expected, narrow(new)))
    });
    // The precision of a JSON number.
    expect(Violation::Altered, |memory| {
        let float = |state| {
            with(state, |bytes| {
                let factor = u64::from_be_bytes(bytes[8..16].try_into().unwrap());
                #[allow(
                    clippy::cast_precision_loss,
                    clippy::cast_sign_loss,
                    reason = "it is the test"
                )]
                let factor = factor as f64 as u64;
                bytes[8..16].copy_from_slice(&factor.to_be_bytes());
            })
        };
        check_store(|| memory.load(), |expected, new| memory.swap(expected, float(new)))
    });
}

#[test]
fn a_flag_that_is_lost_is_found() {
    expect(Violation::Altered, |memory| {
        let enable = |state| with(state, |bytes| bytes[1] &= !2);
        check_store(|| memory.load(), |expected, new| memory.swap(expected, enable(new)))
    });
}

/// Each field and flag is left out of the comparison in turn, and then all fields except the
/// factor.
#[test]
fn a_comparison_of_some_fields_is_found() {
    let fields: [(usize, usize, u8); 10] = [
        (1, 2, 1),
        (1, 2, 2),
        (1, 2, 4),
        (2, 4, 0xff),
        (4, 8, 0xff),
        (8, 16, 0xff),
        (16, 24, 0xff),
        (24, 32, 0xff),
        (32, 36, 0xff),
        (36, 38, 0xff),
    ];
    for (from, to, mask) in fields {
        expect(Violation::StaleSwap, |memory| {
            let rest = |state: State| {
                let mut bytes = bytes(state);
                bytes[from..to].iter_mut().for_each(|byte| *byte &= !mask);
                bytes
            };
            check_store(
                || memory.load(),
                |expected, new| memory.swap_if(new, |stored| rest(stored) == rest(expected)),
            )
        });
    }
    expect(Violation::StaleSwap, |memory| {
        check_store(
            || memory.load(),
            |expected, new| {
                memory.swap_if(new, |stored| stored.next_factor() == expected.next_factor())
            },
        )
    });
}
