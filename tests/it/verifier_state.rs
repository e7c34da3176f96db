//! What is stored: its byte form, and how replicas are merged.

use otp_core::{Lifecycle, Policy, Secret, StateError, Totp, Verdict, VerifierState};
use proptest::prelude::*;

/// Confirmed, disabled, a factor used up; drift −2; 3 failures; factor 0x0102030405060708; wait
/// until 0xfedcba9876543210.
const GOLDEN: [u8; VerifierState::LEN] = [
    1, 7, 0xff, 0xfe, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32,
    0x10,
];

/// Every state there is, told by its bytes.
fn state() -> impl Strategy<Value = VerifierState> {
    let small_or_any = || prop_oneof![0..4_u64, any::<u64>()];
    let fields = (
        any::<bool>(),
        any::<bool>(),
        prop::option::of(small_or_any()),
        prop_oneof![-2..=2_i16, -1000..=1000_i16],
        prop_oneof![0..4_u32, any::<u32>()],
        small_or_any(),
    );
    fields.prop_map(|(confirmed, disabled, last, drift, failures, wait_until)| {
        let confirmed = confirmed && last.is_some();
        let flags = u8::from(confirmed) | u8::from(disabled) << 1 | u8::from(last.is_some()) << 2;
        let mut bytes = vec![1, flags];
        bytes.extend(if confirmed { drift } else { 0 }.to_be_bytes());
        bytes.extend(failures.to_be_bytes());
        bytes.extend(last.unwrap_or_default().to_be_bytes());
        bytes.extend(if failures == 0 { 0 } else { wait_until }.to_be_bytes());
        VerifierState::from_bytes(&bytes).expect("a state is possible")
    })
}

#[test]
fn the_byte_form_stays_what_it_is() {
    let mut fresh = [0; VerifierState::LEN];
    fresh[0] = 1;
    assert_eq!(VerifierState::FRESH.to_bytes(), fresh);

    let state = VerifierState::from_bytes(&GOLDEN).unwrap();
    assert_eq!(state.to_bytes(), GOLDEN);
    assert_eq!(state.lifecycle(), Lifecycle::Disabled);
    assert_eq!((state.drift(), state.failures()), (-2, 3));
    assert_eq!(state.next_factor(), Some(0x0102_0304_0506_0709));
    assert_eq!(state.locked_until(0xfedc_ba98_7654_320f), Some(0xfedc_ba98_7654_3210));
    assert_eq!(state.locked_until(0xfedc_ba98_7654_3210), None);
}

#[test]
fn another_length_is_refused() {
    for length in (0..100).filter(|length| *length != VerifierState::LEN) {
        let bytes: Vec<u8> = GOLDEN.iter().copied().cycle().take(length).collect();
        assert_eq!(VerifierState::from_bytes(&bytes), Err(StateError::Length), "{length}");
    }
}

#[test]
fn another_version_is_refused() {
    for version in (0..=u8::MAX).filter(|version| *version != 1) {
        let mut bytes = GOLDEN;
        bytes[0] = version;
        assert_eq!(VerifierState::from_bytes(&bytes), Err(StateError::Version));
    }
}

#[test]
fn what_no_state_is_written_as_is_refused() {
    let fresh = VerifierState::FRESH.to_bytes();
    let with = |mut bytes: [u8; VerifierState::LEN], at: usize, field: &[u8]| {
        bytes[at..at + field.len()].copy_from_slice(field);
        bytes
    };
    let refused = |bytes: [u8; VerifierState::LEN], why: &str| {
        assert_eq!(VerifierState::from_bytes(&bytes), Err(StateError::Impossible), "{why}");
    };
    for flags in 8..=u8::MAX {
        refused(with(GOLDEN, 1, &[flags]), "a flag that there is not");
    }
    for drift in [1001_i16, -1001, i16::MAX, i16::MIN] {
        refused(with(GOLDEN, 2, &drift.to_be_bytes()), "a drift that is out of bounds");
    }
    for drift in [1000_i16, -1000] {
        assert!(VerifierState::from_bytes(&with(GOLDEN, 2, &drift.to_be_bytes())).is_ok());
    }
    refused(with(GOLDEN, 4, &[0; 4]), "a wait without a failure");
    refused(with(GOLDEN, 1, &[6]), "a drift that no code has taught");
    refused(with(fresh, 8, &[0, 0, 0, 0, 0, 0, 0, 1]), "a factor that is not flagged");
    refused(with(fresh, 1, &[1]), "confirmed, and no factor used up");
}

#[test]
fn what_the_crate_writes_it_reads() {
    let totp = Totp::new(&Secret::from_bytes(&[7; 20]).unwrap());
    let mut state = VerifierState::FRESH;
    for now in (1_000_000..1_400_000).step_by(3600) {
        let attempt = Policy::DEFAULT.attempt(&totp, state, "000000", now).unwrap();
        state = attempt.next_state();
        assert_eq!(VerifierState::from_bytes(&state.to_bytes()), Ok(state));
    }
    assert_eq!(state.lifecycle(), Lifecycle::Disabled);
}

#[cfg(feature = "serde")]
#[test]
fn serde_goes_through_the_same_check() {
    let golden = VerifierState::from_bytes(&GOLDEN).unwrap();
    let json = serde_json::to_string(&golden).unwrap();
    assert_eq!(json, "[1,7,255,254,0,0,0,3,1,2,3,4,5,6,7,8,254,220,186,152,118,84,50,16]");
    assert_eq!(serde_json::from_str::<VerifierState>(&json).unwrap(), golden);
    for (from, to, sentence) in [
        ("[1,", "[2,", "version that is not known"),
        ("[1,7,", "[1,15,", "is damaged"),
        (",16]", "]", "length"),
        (",16]", ",256]", "256"),
    ] {
        let error = serde_json::from_str::<VerifierState>(&json.replace(from, to)).unwrap_err();
        assert!(error.to_string().contains(sentence), "{error}");
    }
}

proptest! {
    #[test]
    fn a_state_is_read_as_it_was_written(state in state()) {
        prop_assert_eq!(VerifierState::from_bytes(&state.to_bytes()), Ok(state));
        prop_assert_eq!(VerifierState::try_from(&state.to_bytes()[..]), Ok(state));
    }

    #[test]
    fn bytes_that_are_read_are_written_as_they_were(bytes: [u8; VerifierState::LEN], near: bool) {
        let bytes = if near { [&[1, bytes[1] & 7], &bytes[2..]].concat() } else { bytes.to_vec() };
        if let Ok(state) = VerifierState::from_bytes(&bytes) {
            prop_assert_eq!(&state.to_bytes()[..], bytes);
        }
    }

    #[test]
    fn merging_is_commutative_associative_and_idempotent(a in state(), b in state(), c in state()) {
        prop_assert_eq!(a.merge(b), b.merge(a));
        prop_assert_eq!(a.merge(b).merge(c), a.merge(b.merge(c)));
        prop_assert_eq!(a.merge(a), a);
        prop_assert_eq!(a.merge(b).merge(b), a.merge(b));
        prop_assert_eq!(a.merge(VerifierState::FRESH), a);
    }

    #[test]
    fn what_is_merged_is_never_less_safe(a in state(), b in state(), now: u64) {
        let merged = a.merge(b);
        prop_assert_eq!(VerifierState::from_bytes(&merged.to_bytes()), Ok(merged));
        for side in [a, b] {
            // After `u64::MAX` there is no factor any more, which is the most.
            let most = |state: VerifierState| state.next_factor().map_or(u128::from(u64::MAX) + 1, u128::from);
            prop_assert!(most(merged) >= most(side));
            prop_assert!(merged.failures() >= side.failures());
            prop_assert!(merged.locked_until(now) >= side.locked_until(now));
            prop_assert!(merged.lifecycle() == Lifecycle::Disabled || side.lifecycle() != Lifecycle::Disabled);
            prop_assert!(merged.lifecycle() != Lifecycle::Unconfirmed || side.lifecycle() != Lifecycle::Active);
        }
        // The drift is that of the side which has seen more.
        if a.next_factor() != b.next_factor() {
            let further = if a.next_factor() == merged.next_factor() { a } else { b };
            prop_assert_eq!(merged.drift(), further.drift());
        } else {
            prop_assert!([a.drift(), b.drift()].contains(&merged.drift()));
        }
    }

    #[test]
    fn what_is_used_on_one_replica_is_used_on_all(factor in 1000..1010_u64, other in 0..2000_u64) {
        let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890").unwrap());
        let code = totp.code_at(factor * 30).unwrap().to_string();
        let attempt = Policy::DEFAULT.attempt(&totp, VerifierState::FRESH, &code, factor * 30);
        let used = attempt.unwrap().next_state();
        for merged in [used.merge(VerifierState::starting_at(other)), VerifierState::FRESH.merge(used)] {
            let attempt = Policy::DEFAULT.attempt(&totp, merged, &code, factor * 30).unwrap();
            prop_assert!(!matches!(attempt.settle(true), Verdict::Accepted(_)));
        }
    }
}
