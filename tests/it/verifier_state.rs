//! The byte format of the stored state.

use otp_core::verifier::{DisabledBy, Lifecycle, State, StateError, Swap, Verifier};
use otp_core::{Engine, Hotp, Secret, Totp};
use proptest::prelude::*;

use crate::verifier::next_state;

/// Confirmed, disabled, with a used factor; drift −2; 3 failures; factor 0x0102030405060708; wait
/// until 0xfedcba9876543210. Version 1 wrote it in this form.
const VERSION_1: [u8; 24] = [
    1, 7, 0xff, 0xfe, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32,
    0x10,
];

/// The same, with a budget that is full at 0x1112131415161718, a period of 30 seconds, and a drift
/// of −133 that a resynchronisation found.
const GOLDEN: [u8; 38] = [
    2,
    7 | 32,
    0xff,
    0xfe,
    0,
    0,
    0,
    3,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    0xfe,
    0xdc,
    0xba,
    0x98,
    0x76,
    0x54,
    0x32,
    0x10,
    0x11,
    0x12,
    0x13,
    0x14,
    0x15,
    0x16,
    0x17,
    0x18,
    0,
    0,
    0,
    30,
    0xff,
    0x7b,
];

fn written(state: State) -> Vec<u8> {
    state.to_bytes().as_ref().to_vec()
}

/// Every possible state, made from its bytes.
fn state() -> impl Strategy<Value = State> {
    let small_or_any = || prop_oneof![0..4_u64, any::<u64>()];
    let fields = (
        any::<bool>(),
        0..3_u8,
        prop::option::of(small_or_any()),
        prop_oneof![-2..=2_i16, -2880..=2880_i16],
        prop_oneof![0..4_u32, any::<u32>()],
        (small_or_any(), small_or_any(), prop::option::of(-2880..=2880_i16)),
        prop_oneof![
            Just(None),
            Just(Some(0)),
            (0..4_u32).prop_map(Some),
            any::<u32>().prop_map(Some)
        ],
    );
    fields.prop_map(
        |(confirmed, disabled, last, drift, failures, (wait_until, full_at, pending), period)| {
            let disabled = [0, 2, 2 | 8][usize::from(disabled)];
            let clock = period.is_some_and(|period| period > 0);
            let pending = pending.filter(|_| last.is_some() && clock);
            let counted = if period.is_none() { 16 } else { 0 };
            let flags = u8::from(confirmed)
                | disabled
                | u8::from(last.is_some()) << 2
                | counted
                | u8::from(pending.is_some()) << 5;
            let mut bytes = vec![2, flags];
            bytes.extend(drift.to_be_bytes());
            bytes.extend(failures.to_be_bytes());
            bytes.extend(last.unwrap_or_default().to_be_bytes());
            bytes.extend(if failures == 0 { 0 } else { wait_until }.to_be_bytes());
            bytes.extend(full_at.to_be_bytes());
            bytes.extend(period.unwrap_or_default().to_be_bytes());
            bytes.extend(pending.unwrap_or_default().to_be_bytes());
            State::from_bytes(&bytes).expect("a state is possible")
        },
    )
}

#[test]
fn the_byte_form_stays_what_it_is() {
    let mut fresh = [0; 38];
    fresh[0] = 2;
    assert_eq!(written(State::enrolment()), fresh);

    let state = State::from_bytes(&GOLDEN).unwrap();
    assert_eq!(written(state), GOLDEN);
    for state in [state, State::from_bytes(&VERSION_1).unwrap()] {
        assert!(matches!(state.lifecycle(), Lifecycle::Disabled(_)));
        assert_eq!((state.drift(), state.failures()), (-2, 3));
        assert_eq!(state.next_factor(), Some(0x0102_0304_0506_0709));
        assert_eq!(state.locked_until(0xfedc_ba98_7654_320f), Some(0xfedc_ba98_7654_3210));
        assert_eq!(state.locked_until(0xfedc_ba98_7654_3210), None);
    }
}

/// A state of the previous version is read, and written in its own version, so that a row is found
/// when it is compared. After the first change it is written in this version.
#[test]
fn version_1_is_read() {
    let state = State::from_bytes(&VERSION_1).unwrap();
    assert_eq!(written(state), VERSION_1);
    let mut expected = GOLDEN;
    expected[24..].fill(0);
    // 8: three failures did not disable it, so the host did.
    expected[1] = 7 | 8;
    assert_eq!(Ok(state), State::from_bytes(&expected));
    assert_eq!(written(State::from_bytes(&expected).unwrap()), expected);
    assert_eq!(State::from_bytes(&written(state.unlocked())), Ok(state.unlocked()));
    let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890").unwrap());
    let enrolled = State::from_bytes(&[&[1][..], &[0; 23]].concat()).unwrap();
    for code in ["287082", "000000"] {
        let attempt = Verifier::DEFAULT.attempt(&totp, enrolled, code, 59).unwrap();
        assert_eq!(written(next_state(attempt, enrolled)).len(), 38);
    }
    // Version 1 does not store the reason of the disabling.
    let mut by_host = [0; 24];
    by_host[..2].copy_from_slice(&[1, 2]);
    let by_host = State::from_bytes(&by_host).unwrap();
    assert_eq!(by_host.lifecycle(), Lifecycle::Disabled(DisabledBy::Host));
    for (at, byte, why) in [
        (1, 8, "no such flag"),
        (1, 6, "a drift that no code has taught"),
        (2, 3, "a drift over 1000"),
    ] {
        let mut bytes = VERSION_1;
        bytes[at] = byte;
        assert_eq!(State::from_bytes(&bytes), Err(StateError::Impossible), "{why}");
    }
}

/// Written in version 1, these states would come back as others, or not at all.
#[test]
fn what_version_1_cannot_hold_is_written_in_this_version() {
    let used = [&[1, 1 | 4][..], &[0; 13], &[7], &[0; 8]].concat();
    let used = State::from_bytes(&used).unwrap();
    let enrolled = State::from_bytes(&[&[1][..], &[0; 23]].concat()).unwrap();
    assert_eq!([used, enrolled].map(|state| written(state)[0]), [1, 1]);
    for (state, why) in [
        (used.with_drift(1001).unwrap(), "a large drift"),
        (used.with_failures(100).disabled(), "a hundred failures, and disabled by the host"),
        (used.with_next_counter(0), "confirmed, and no code used"),
        (enrolled.with_drift(1).unwrap(), "not confirmed, and a drift"),
    ] {
        assert_eq!(written(state)[0], 2, "{why}");
        assert_eq!(State::from_bytes(&written(state)), Ok(state), "{why}");
    }
}

#[test]
fn another_length_is_refused() {
    for golden in [&GOLDEN[..], &VERSION_1] {
        for length in (0..100).filter(|length| *length != golden.len()) {
            let bytes: Vec<u8> = golden.iter().copied().cycle().take(length).collect();
            assert_eq!(State::from_bytes(&bytes), Err(StateError::Length), "{length}");
        }
    }
}

/// A state of a later version is an error that says so, for every length. So after a downgrade no
/// user starts with a new state.
#[test]
fn another_version_is_refused() {
    for version in (0..=u8::MAX).filter(|version| ![1, 2].contains(version)) {
        for length in 2..64 {
            let bytes = [&[version][..], &[0; 63][..length]].concat();
            assert_eq!(State::from_bytes(&bytes), Err(StateError::Version));
        }
    }
}

#[test]
fn what_no_state_is_written_as_is_refused() {
    let fresh = written(State::enrolment());
    let with = |bytes: &[u8], at: usize, field: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + field.len()].copy_from_slice(field);
        bytes
    };
    let refused = |bytes: Vec<u8>, why: &str| {
        assert_eq!(State::from_bytes(&bytes), Err(StateError::Impossible), "{why}");
    };
    for flags in 64..=u8::MAX {
        refused(with(&GOLDEN, 1, &[flags]), "a flag that there is not");
    }
    for drift in [2881_i16, -2881, i16::MAX, i16::MIN] {
        refused(with(&GOLDEN, 2, &drift.to_be_bytes()), "a drift that is out of bounds");
        refused(with(&GOLDEN, 36, &drift.to_be_bytes()), "a drift that is out of bounds");
    }
    for drift in [2880_i16, -2880] {
        assert!(State::from_bytes(&with(&GOLDEN, 2, &drift.to_be_bytes())).is_ok());
        assert!(State::from_bytes(&with(&GOLDEN, 36, &drift.to_be_bytes())).is_ok());
    }
    refused(with(&GOLDEN, 4, &[0; 4]), "a wait without a failure");
    refused(with(&fresh, 8, &[0, 0, 0, 0, 0, 0, 0, 1]), "a factor that is not flagged");
    refused(with(&fresh, 1, &[8]), "disabled by the host, and not disabled");
    refused(with(&with(&fresh, 1, &[16]), 35, &[30]), "counters with a period");
    refused(with(&GOLDEN, 1, &[7]), "resynchronised, and not flagged");
    let unused = with(&with(&GOLDEN, 1, &[1 | 32]), 8, &[0; 8]);
    refused(unused, "resynchronised, and no code used up");
    refused(with(&GOLDEN, 32, &[0; 4]), "resynchronised, and no period");
}

/// Methods that set a moving factor or a drift do not change a state of recovery codes. It has
/// neither, and could not be read again.
#[cfg(feature = "recovery")]
#[test]
fn a_state_of_recovery_codes_has_no_moving_factor() {
    let fresh = State::for_recovery();
    let with = |at: usize, bytes: &[u8]| {
        let mut all = written(fresh);
        all[at..at + bytes.len()].copy_from_slice(bytes);
        if at == 8 {
            all[1] |= 4;
        }
        State::from_bytes(&all)
    };
    let used = with(8, &2_u64.to_be_bytes()).unwrap();
    assert_eq!((fresh.next_factor(), used.next_factor()), (Some(0), Some(3)));
    for state in [fresh, used, used.with_failures(9), used.disabled()] {
        for changed in [
            state.with_last_used(1),
            state.with_last_used(7),
            state.with_next_counter(0),
            state.with_next_counter(7),
            state.with_drift(3).unwrap(),
            state.clock_repaired(1),
        ] {
            assert_eq!(changed, state);
            assert_eq!(State::from_bytes(&written(changed)), Ok(state));
        }
        assert_eq!(state.with_drift(2881), Err(StateError::Impossible));
        assert_eq!(State::from_bytes(&written(state)), Ok(state));
    }
    for (at, field, why) in [
        (1, &[1 | 64 | 16][..], "counters"),
        (1, &[1 | 64 | 4 | 32], "resynchronised"),
        (1, &[64], "not confirmed"),
        (2, &[0, 1], "a drift"),
        (32, &[0, 0, 0, 30], "a period"),
    ] {
        assert_eq!(with(at, field), Err(StateError::Impossible), "{why}");
    }
}

/// F34: other bytes in the place of a state are never read as a new enrolment.
#[test]
fn f34_nothing_is_taken_for_a_fresh_state() {
    for bytes in [&[][..], &[0], &[0; 24], &[0; 36], &[0; 38], &[0xff; 24], b"NULL", b"null", b"{}"]
    {
        assert!(State::from_bytes(bytes).is_err(), "{bytes:?}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn f34_serde_has_no_default() {
    for json in ["null", "[]", "{}", "\"\"", "0"] {
        assert!(serde_json::from_str::<State>(json).is_err(), "{json}");
    }
}

/// Users from another system: the imported data, and its effects.
#[test]
fn users_of_another_system() {
    let confirmed = State::confirmed();
    assert_eq!((confirmed.lifecycle(), confirmed.next_factor()), (Lifecycle::Confirmed, Some(0)));
    let state = confirmed.with_last_used(0).with_failures(7);
    assert_eq!((state.next_factor(), state.failures()), (Some(1), 7));
    let state = confirmed.with_drift(-3).unwrap();
    assert_eq!((state.drift(), state.next_factor()), (-3, Some(0)));
    assert_eq!(confirmed.with_drift(2881), Err(StateError::Impossible));
    assert_eq!(confirmed.with_next_counter(0).next_factor(), Some(0));
    assert_eq!(confirmed.with_next_counter(5).next_factor(), Some(5));
    for state in [state, confirmed, confirmed.with_last_used(u64::MAX), confirmed.with_failures(3)]
    {
        assert_eq!(State::from_bytes(state.to_bytes().as_ref()), Ok(state));
        assert!(state.requires_code());
    }
}

/// F33: only an enrolment that was never confirmed can log in without a code.
#[test]
fn f33_a_code_is_asked_for_whatever_has_happened() {
    let confirmed = State::confirmed();
    for state in [confirmed, confirmed.with_failures(99), confirmed.disabled(), confirmed.enabled()]
    {
        assert!(state.requires_code(), "{state:?}");
    }
    let enrolment = State::enrolment();
    assert!(!enrolment.requires_code() && !enrolment.with_failures(3).requires_code());
    assert!(enrolment.disabled().requires_code());
    // An attacker who knows only the password has started it, and mistyped a hundred codes.
    let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890").unwrap());
    let attempt = Verifier::DEFAULT.attempt(&totp, enrolment.with_failures(99), "000000", 59);
    let spoiled = next_state(attempt.unwrap(), enrolment.with_failures(99));
    assert_eq!(spoiled.lifecycle(), Lifecycle::Disabled(DisabledBy::Failures));
    assert!(!spoiled.requires_code());
}

#[test]
fn what_an_administrator_does() {
    let locked = State::from_bytes(&GOLDEN).unwrap();
    let unlocked = locked.unlocked();
    assert_eq!((unlocked.failures(), unlocked.locked_until(0)), (0, None));
    assert_eq!(unlocked.lifecycle(), Lifecycle::Disabled(DisabledBy::Failures));
    let enabled = locked.enabled();
    assert_eq!((enabled.failures(), enabled.lifecycle()), (0, Lifecycle::Confirmed));
    assert_eq!((enabled.next_factor(), enabled.drift()), (locked.next_factor(), -2));
    assert_eq!(enabled.disabled().lifecycle(), Lifecycle::Disabled(DisabledBy::Host));
    // Every state that the setters make can be stored.
    for state in [locked, enabled, unlocked, State::enrolment()] {
        for changed in [state.with_failures(0), state.with_failures(9), state.with_next_counter(0)]
        {
            assert_eq!(State::from_bytes(&written(changed)), Ok(changed));
        }
    }
    // A clock that was ahead.
    let ahead = State::confirmed().with_last_used(2000);
    // A step that may have just been accepted stays used.
    assert_eq!(ahead.clock_repaired(1000).next_factor(), Some(1002));
    let fast = ahead.with_drift(5).unwrap();
    assert_eq!(fast.clock_repaired(1000).next_factor(), Some(1007));
    for now in [1000, 1001] {
        let just_now = State::confirmed().with_last_used(1001);
        assert_eq!(just_now.clock_repaired(now), just_now);
    }
    assert_eq!(ahead.clock_repaired(3000), ahead);
    assert_eq!(State::confirmed().clock_repaired(5), State::confirmed());
}

#[test]
fn the_period_is_known_after_the_first_code() {
    let key = Secret::from_bytes(&[7; 20]).unwrap();
    let minute = otp_core::Period::new(60).unwrap();
    let (totp, hotp) = (Totp::new(&key).with_period(minute), Hotp::new(&key));
    let codes = [totp.code_at(1000).unwrap().to_string(), hotp.code(0).to_string()];
    for (state, code, engine, period) in [
        (State::confirmed(), &codes[0], Engine::Totp(totp), Some(minute)),
        (State::enrolment(), &codes[1], Engine::Hotp { hotp, counter: 0 }, None),
    ] {
        assert_eq!(state.period(), None);
        let attempt = Verifier::DEFAULT.attempt(&engine, state, code, 1000).unwrap();
        let mut stored = state;
        let _ = attempt.commit(|_, next| {
            stored = next;
            Ok::<_, ()>(Swap::Stored)
        });
        assert_eq!(stored.period(), period);
        assert_eq!(State::from_bytes(&written(stored)).unwrap().period(), period);
    }
    #[cfg(feature = "recovery")]
    assert_eq!(State::for_recovery().period(), None);
}

#[test]
fn what_the_crate_writes_it_reads() {
    let totp = Totp::new(&Secret::from_bytes(&[7; 20]).unwrap());
    let mut state = State::enrolment();
    for now in (1_000_000..1_400_000).step_by(3600) {
        let attempt = Verifier::DEFAULT.attempt(&totp, state, "000000", now).unwrap();
        state = next_state(attempt, state);
        assert_eq!(State::from_bytes(state.to_bytes().as_ref()), Ok(state));
    }
    // 30 from the budget, and one for each day after that.
    assert_eq!(state.failures(), 34);
}

#[cfg(feature = "serde")]
mod serde {
    use super::*;

    const TEXT: &str =
        "\"0227fffe000000030102030405060708fedcba987654321011121314151617180000001eff7b\"";
    /// As every format had it before there was text.
    const LIST: &str = "[2,39,255,254,0,0,0,3,1,2,3,4,5,6,7,8,254,220,186,152,118,84,50,16,17,18,19,20,21,22,23,24,0,0,0,30,255,123]";

    #[test]
    fn people_read_hexadecimal_text() {
        let golden = State::from_bytes(&GOLDEN).unwrap();
        assert_eq!(serde_json::to_string(&golden).unwrap(), TEXT);
        for json in [TEXT, &TEXT.to_uppercase(), LIST] {
            assert_eq!(serde_json::from_str::<State>(json).unwrap(), golden, "{json}");
        }
        // A value that a format has read before it knows the type, as for `#[serde(flatten)]`.
        let value: serde_json::Value = serde_json::from_str(TEXT).unwrap();
        assert_eq!(serde_json::from_value::<State>(value).unwrap(), golden);
    }

    #[test]
    fn other_formats_have_bytes() {
        let golden = State::from_bytes(&GOLDEN).unwrap();
        let mut room = [0; 100];
        // The length, and the bytes.
        let postcard = postcard::to_slice(&golden, &mut room).unwrap();
        assert_eq!(postcard, [&[38], &GOLDEN[..]].concat());
        assert_eq!(postcard::from_bytes::<State>(postcard).unwrap(), golden);
        // A string of bytes, whose length is in a byte of its own.
        let mut cbor = vec![];
        ciborium::into_writer(&golden, &mut cbor).unwrap();
        assert_eq!(cbor, [&[0x58, 38], &GOLDEN[..]].concat());
        assert_eq!(ciborium::from_reader::<State, _>(&cbor[..]).unwrap(), golden);
        // Such a format may hold what JSON held.
        let list: Vec<u8> = serde_json::from_str(LIST).unwrap();
        let mut cbor = vec![];
        ciborium::into_writer(&list, &mut cbor).unwrap();
        assert_eq!(ciborium::from_reader::<State, _>(&cbor[..]).unwrap(), golden);
    }

    #[test]
    fn the_version_before_is_read_and_written_as_it_was() {
        let list = serde_json::to_string(&VERSION_1).unwrap();
        let read = serde_json::from_str::<State>(&list).unwrap();
        assert_eq!(Ok(read), State::from_bytes(&VERSION_1));
        let text = serde_json::to_string(&read).unwrap();
        assert_eq!(text.len(), 2 + 2 * VERSION_1.len());
        assert_eq!(serde_json::from_str::<State>(&text).unwrap(), read);
    }

    #[test]
    fn every_form_goes_through_the_same_check() {
        for (json, from, to, sentence) in [
            (TEXT, "\"02", "\"03", "unknown version"),
            (TEXT, "\"0227", "\"024f", "is damaged"),
            (TEXT, "7b\"", "\"", "number of bytes"),
            (TEXT, "7b\"", "7\"", "a verifier state is not hexadecimal text"),
            (TEXT, "7b\"", "7g\"", "a verifier state is not hexadecimal text"),
            (TEXT, "7b\"", &format!("7b{}\"", "00".repeat(60)), "a verifier state is not"),
            (LIST, "[2,", "[3,", "unknown version"),
            (LIST, "[2,39,", "[2,79,", "is damaged"),
            (LIST, ",123]", "]", "number of bytes"),
            (LIST, ",123]", &format!(",123{}]", ",0".repeat(60)), "a verifier state as"),
            (LIST, ",123]", ",256]", "256"),
        ] {
            let error = serde_json::from_str::<State>(&json.replace(from, to)).unwrap_err();
            assert!(error.to_string().contains(sentence), "{error}");
        }
    }
}

proptest! {
    #[test]
    fn a_state_is_read_as_it_was_written(state in state()) {
        prop_assert_eq!(State::from_bytes(state.to_bytes().as_ref()), Ok(state));
        prop_assert_eq!(State::try_from(state.to_bytes().as_ref()), Ok(state));
    }

    #[test]
    fn bytes_that_are_read_are_written_as_they_were(bytes: [u8; 38], near: bool) {
        let bytes = if near { [&[2, bytes[1] & 63], &bytes[2..]].concat() } else { bytes.to_vec() };
        if let Ok(state) = State::from_bytes(&bytes) {
            prop_assert_eq!(written(state), bytes);
        }
    }
}
