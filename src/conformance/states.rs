//! The states that the checks store.

use crate::verifier::State;

const CONFIRMED: u8 = 1;
const DISABLED: u8 = 1 << 1;
const USED: u8 = 1 << 2;
const PENDING: u8 = 1 << 5;
const MOST: i16 = State::MAX_DRIFT.cast_signed();

/// Flags, drift, failures, last moving factor, wait, time at which the budget is full, period, and
/// the drift that a resynchronisation found.
type Fields = (u8, i16, u32, u64, u64, u64, u32, i16);

/// The number of chosen states.
pub(super) const CHOSEN_COUNT: u64 = 19;

const EXTREME: Fields = (
    CONFIRMED | DISABLED | USED | PENDING,
    -MOST,
    u32::MAX,
    u64::MAX,
    u64::MAX,
    u64::MAX,
    u32::MAX,
    -MOST,
);

/// States at the bounds, each followed by a neighbour that differs in only one field. States that
/// differ much alternate, so that a check notices anything lost between two of them.
const CHOSEN: [Fields; 19] = [
    (0, 0, 0, 0, 0, 0, 0, 0),
    EXTREME,
    (USED, 0, 1, 1, 1, 1, 1, 0),
    (EXTREME.0, -MOST, u32::MAX, u64::MAX - 1, u64::MAX, u64::MAX, u32::MAX, -MOST),
    (CONFIRMED | USED, 0, 1, 1, 1, 1, 1, 0),
    (EXTREME.0, -MOST, u32::MAX, u64::MAX, u64::MAX - 1, u64::MAX, u32::MAX, -MOST),
    (DISABLED | USED, 0, 1, 1, 1, 1, 1, 0),
    (EXTREME.0, -MOST, u32::MAX - 1, u64::MAX, u64::MAX, u64::MAX, u32::MAX, -MOST),
    // A used moving factor of 0, and no used factor.
    (USED, 0, 1, 0, 1, 1, 1, 0),
    (EXTREME.0, 1 - MOST, u32::MAX, u64::MAX, u64::MAX, u64::MAX, u32::MAX, -MOST),
    (0, 0, 1, 0, 1, 1, 1, 0),
    (CONFIRMED | USED | PENDING, -MOST, u32::MAX, u64::MAX, u64::MAX, u64::MAX, u32::MAX, -MOST),
    // Every byte is different, followed by the complements.
    (
        CONFIRMED | USED,
        0x0102,
        0x0304_0506,
        0x0708_090a_0b0c_0d0e,
        0x0f10_1112_1314_1516,
        0x1718_191a_1b1c_1d1e,
        0x1f20_2122,
        0,
    ),
    (DISABLED, 0, 0, 0, 0, 0, 0, 0),
    (
        CONFIRMED | USED,
        -0x0103,
        0xfcfb_faf9,
        0xf8f7_f6f5_f4f3_f2f1,
        0xf0ef_eeed_eceb_eae9,
        0xe8e7_e6e5_e4e3_e2e1,
        0xe0df_dedd,
        0,
    ),
    (CONFIRMED | USED | PENDING, MOST, u32::MAX, u64::MAX, u64::MAX, u64::MAX, u32::MAX, -MOST),
    (USED, 0, 1, 1, 1, 1, 2, 0),
    (EXTREME.0, -MOST, u32::MAX, u64::MAX, u64::MAX, u64::MAX - 1, u32::MAX, -MOST),
    (EXTREME.0, -MOST, u32::MAX, u64::MAX, u64::MAX, u64::MAX, u32::MAX, 1 - MOST),
];

/// Returns the states of the checks: a different one for each number under 2^32.
pub(super) fn state(number: u64) -> State {
    let chosen = usize::try_from(number).ok().and_then(|index| CHOSEN.get(index));
    read(chosen.copied().unwrap_or_else(|| spread(number)))
}

/// Uses all bits of the large fields. The multipliers are odd, so no two numbers give the same
/// value.
fn spread(number: u64) -> Fields {
    let failures = low(number.wrapping_mul(0x9e37_79b1));
    let last = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let wait = if failures == 0 { 0 } else { number.wrapping_mul(0xd1b5_4a32_d192_ed03) };
    let full_at = number.wrapping_mul(0xff51_afd7_ed55_8ccd);
    let period = low(number.wrapping_mul(0x85eb_ca6b));
    (CONFIRMED | USED, drift(number), failures, last, wait, full_at, period, 0)
}

/// Returns every possible drift in turn.
fn drift(number: u64) -> i16 {
    i16::try_from(number % 5761).unwrap_or_default().saturating_sub(MOST)
}

/// Returns the low half.
const fn low(number: u64) -> u32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

fn read((flags, drift, failures, last, wait, full_at, period, pending): Fields) -> State {
    let mut bytes = [0; 38];
    let fields: [&[u8]; 8] = [
        &[2, flags],
        &drift.to_be_bytes(),
        &failures.to_be_bytes(),
        &last.to_be_bytes(),
        &wait.to_be_bytes(),
        &full_at.to_be_bytes(),
        &period.to_be_bytes(),
        &pending.to_be_bytes(),
    ];
    for (slot, byte) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
        *slot = *byte;
    }
    // All of them are valid states: see the test.
    State::from_bytes(&bytes).unwrap_or(State::enrolment())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// `read` replaces a state that cannot be read by this one, so it would occur twice.
    #[test]
    fn states_are_different_ones() {
        assert_eq!((0..100_000).map(state).collect::<HashSet<_>>().len(), 100_000);
    }

    #[test]
    fn every_state_is_as_its_fields_say() {
        for fields in CHOSEN.into_iter().chain((16..1000).map(spread)) {
            let state = read(fields);
            let (flags, drift, failures, last, wait, full_at, period, pending) = fields;
            assert_eq!((state.drift(), state.failures()), (drift, failures), "{fields:?}");
            assert_eq!(state.locked_until(0).unwrap_or(0), wait, "{fields:?}");
            let next = if flags & USED == 0 { Some(0) } else { last.checked_add(1) };
            assert_eq!(state.next_factor(), next, "{fields:?}");
            let bytes = state.to_bytes();
            let written = |from: usize, field: &[u8]| {
                let rest = bytes.as_ref().get(from..).unwrap_or_default();
                assert!(rest.starts_with(field), "{fields:?} at {from}");
            };
            written(1, &[flags]);
            written(24, &full_at.to_be_bytes());
            written(32, &period.to_be_bytes());
            written(36, &pending.to_be_bytes());
        }
    }

    #[test]
    fn fields_use_all_that_they_hold() {
        let drifts: HashSet<_> = (5000..5000 + 5761).map(drift).collect();
        assert!(drifts == (-MOST..=MOST).collect());
        assert_eq!(low(0x0102_0304_0506_0708), 0x0506_0708);
        let waits: HashSet<_> = (16..1000).map(|number| spread(number).4).collect();
        assert!(waits.len() == 984 && waits.iter().any(|wait| *wait > u64::MAX / 2));
        // There is no wait without a failure.
        assert_eq!(spread(1 << 32).4, 0);
    }

    #[test]
    fn chosen_drifts_are_at_the_bounds_and_beside_them() {
        for drift in [-MOST, 1 - MOST, 0, MOST] {
            assert!(CHOSEN.iter().any(|fields| fields.1 == drift), "{drift}");
        }
        let [.., a, _, b, _, _, _, _] = CHOSEN;
        assert_eq!((a.1, a.2, a.3, a.4, a.5, a.6), (!b.1, !b.2, !b.3, !b.4, !b.5, !b.6));
    }

    /// The documentation of `check_store` promises this.
    #[test]
    fn neighbours_differ_in_one_field() {
        let difference = |a: Fields, b: Fields| {
            let flags = (a.0 ^ b.0).count_ones();
            flags
                + [
                    a.1 != b.1,
                    a.2 != b.2,
                    a.3 != b.3,
                    a.4 != b.4,
                    a.5 != b.5,
                    a.6 != b.6,
                    a.7 != b.7,
                ]
                .map(u32::from)
                .iter()
                .sum::<u32>()
        };
        for (index, fields) in CHOSEN.into_iter().enumerate() {
            let others = CHOSEN.into_iter().enumerate().filter(|(other, _)| *other != index);
            let near = others.filter(|(_, other)| difference(fields, *other) == 1).count();
            let alone = [12, 14].contains(&index);
            assert_eq!(near > 0, !alone, "{fields:?}");
        }
    }
}
