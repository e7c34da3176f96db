//! A lock and its keypad, on this machine.

use std::convert::Infallible;

use door_lock::{Fault, Key, Lock, Outcome};
use otp_core::recovery::{Keyed, Length, Pepper, Set};
use otp_core::verifier::{DriftLearning, Verifier};
use otp_core::{Algorithm, KeySchedule, Totp};
use token_flash::{Cut, FlashStore, Nor};

type Flash = FlashStore<Nor<Vec<u8>>>;

const NOW: u64 = 1_700_000_000;
const DAY: u64 = 86_400;

fn totp() -> Totp {
    let key = KeySchedule::from_raw_key(Algorithm::Sha1, b"12345678901234567890");
    Totp::from_key(key.unwrap())
}

/// The clock loses less than a step each day. The lock learns at most two steps from each code.
fn learning() -> Verifier {
    Verifier::DEFAULT.with_drift_learning(DriftLearning::new(200, 2).unwrap())
}

fn pepper() -> Pepper {
    Pepper::new(1, &[7; 32]).unwrap()
}

/// Returns a flash as it leaves the factory, and its recovery codes.
fn enrolled() -> (Flash, Vec<String>) {
    let (mut seed, mut codes) = (1_u64, Vec::new());
    let fill = |bytes: &mut [u8]| {
        bytes.fill_with(|| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            seed.to_be_bytes()[0]
        });
        Ok::<_, Infallible>(())
    };
    let set = Set::generate(fill, Keyed, Length::DIGITS, &pepper(), b"door 1", |_, code| {
        codes.push(code.expose().to_owned());
    });
    let mut flash = FlashStore::new(Nor::erased(vec![0; 6 * 4096])).unwrap();
    Lock::enrol(&mut flash, &set.unwrap()).unwrap();
    (flash, codes)
}

fn type_in(lock: &mut Lock<'_, Nor<Vec<u8>>>, text: &str, now: u64) -> Result<Outcome, Fault> {
    let mut outcome = None;
    for key in text.bytes() {
        assert!(outcome.is_none());
        outcome = lock.press(
            match key {
                b'*' => Key::Star,
                b'#' => Key::Hash,
                digit => Key::Digit(digit - b'0'),
            },
            now,
        );
    }
    outcome.expect("a hash was pressed")
}

fn code_at(now: u64) -> String {
    format!("{}#", totp().code_at(now).unwrap())
}

#[test]
fn a_code_opens_once_and_after_a_loss_of_power_too() {
    let (flash, _) = enrolled();
    let pepper = pepper();
    let mut lock = Lock::new(totp(), learning(), &pepper, b"door 1", flash);
    assert_eq!(type_in(&mut lock, "12*3#", NOW), Ok(Outcome::Malformed));
    assert_eq!(type_in(&mut lock, &format!("99*{}", code_at(NOW)), NOW), Ok(Outcome::Open));
    assert_eq!(type_in(&mut lock, &code_at(NOW), NOW), Ok(Outcome::Closed));
    let mut flash = lock.into_flash();
    flash.flash().restart();
    let mut lock = Lock::new(totp(), learning(), &pepper, b"door 1", flash);
    assert_eq!(type_in(&mut lock, &code_at(NOW), NOW), Ok(Outcome::Closed));
    assert_eq!(type_in(&mut lock, &code_at(NOW + 30), NOW + 30), Ok(Outcome::Open));
}

#[test]
fn guesses_are_slowed_down_also_by_a_loss_of_power() {
    let (flash, _) = enrolled();
    let pepper = pepper();
    let mut lock = Lock::new(totp(), learning(), &pepper, b"door 1", flash);
    for _ in 0..5 {
        assert_eq!(type_in(&mut lock, "000000#", NOW), Ok(Outcome::Closed));
        lock = Lock::new(totp(), learning(), &pepper, b"door 1", lock.into_flash());
    }
    let locked = Ok(Outcome::Locked { until: NOW + 30 });
    assert_eq!(type_in(&mut lock, &code_at(NOW), NOW), locked);
    assert_eq!(type_in(&mut lock, &code_at(NOW + 30), NOW + 30), Ok(Outcome::Open));
}

#[test]
fn a_recovery_code_opens_once() {
    let (flash, codes) = enrolled();
    let pepper = pepper();
    let mut lock = Lock::new(totp(), learning(), &pepper, b"door 1", flash);
    for code in [&codes[3], &codes[9]] {
        assert_eq!(type_in(&mut lock, &format!("{code}#"), NOW), Ok(Outcome::Open));
        assert_eq!(type_in(&mut lock, &format!("{code}#"), NOW), Ok(Outcome::Closed));
    }
    // 37 digits are malformed. The lock does not take the last 36 of them.
    let long = format!("0{}#", codes[0]);
    assert_eq!(type_in(&mut lock, &long, NOW), Ok(Outcome::Malformed));
    let mut other = Lock::new(totp(), learning(), &pepper, b"door 2", lock.into_flash());
    assert_eq!(type_in(&mut other, &format!("{}#", codes[0]), NOW), Err(Fault::Recovery));
}

/// Guesses at recovery codes have a throttle of their own.
#[test]
fn guesses_at_recovery_codes_are_slowed_down() {
    let (flash, codes) = enrolled();
    let pepper = pepper();
    let mut lock = Lock::new(totp(), learning(), &pepper, b"door 1", flash);
    let wrong = format!("{}#", "0".repeat(36));
    for _ in 0..5 {
        assert_eq!(type_in(&mut lock, &wrong, NOW), Ok(Outcome::Closed));
        lock = Lock::new(totp(), learning(), &pepper, b"door 1", lock.into_flash());
    }
    let right = format!("{}#", codes[0]);
    assert_eq!(type_in(&mut lock, &right, NOW), Ok(Outcome::Locked { until: NOW + 30 }));
    assert_eq!(type_in(&mut lock, &code_at(NOW), NOW), Ok(Outcome::Open));
    assert_eq!(type_in(&mut lock, &right, NOW + 30), Ok(Outcome::Open));
}

/// The power is cut while the lock stores its state. The lock stays closed. Later the code opens
/// it, or it was used up.
#[test]
fn the_door_stays_closed_if_the_state_cannot_be_stored() {
    let pepper = pepper();
    for recovers in [false, true] {
        for after in 0.. {
            let (mut flash, codes) = enrolled();
            let typed = if recovers { format!("{}#", codes[0]) } else { code_at(NOW) };
            flash.flash().cut(Cut { after, changes: 0x5555_5555 });
            let mut lock = Lock::new(totp(), learning(), &pepper, b"door 1", flash);
            let outcome = type_in(&mut lock, &typed, NOW);
            let mut flash = lock.into_flash();
            if !flash.flash().is_off() {
                assert!(after > 5 && outcome == Ok(Outcome::Open));
                break;
            }
            assert_eq!(outcome, Err(Fault::Store));
            flash.flash().restart();
            let mut lock = Lock::new(totp(), learning(), &pepper, b"door 1", flash);
            let again = type_in(&mut lock, &typed, NOW);
            assert!(matches!(again, Ok(Outcome::Open | Outcome::Closed)), "{again:?}");
            assert_eq!(type_in(&mut lock, &typed, NOW), Ok(Outcome::Closed));
        }
    }
}

/// A lock whose flash has lost its states is not a new lock: nobody types a used code again.
#[test]
fn a_flash_without_states_opens_nothing() {
    let pepper = pepper();
    let (_, codes) = enrolled();
    for byte in [0xff, 0] {
        let flash = FlashStore::new(Nor::new(vec![byte; 6 * 4096])).unwrap();
        let mut lock = Lock::new(totp(), learning(), &pepper, b"door 1", flash);
        assert_eq!(type_in(&mut lock, &code_at(NOW), NOW), Err(Fault::Store));
        assert_eq!(type_in(&mut lock, &format!("{}#", codes[0]), NOW), Err(Fault::Store));
    }
}

/// Returns on how many days of a year the lock opens. Its clock loses 12 seconds a day, and the
/// user types one code each day.
fn days_of_a_year(verifier: Verifier) -> usize {
    let (flash, _) = enrolled();
    let pepper = pepper();
    let mut lock = Lock::new(totp(), verifier, &pepper, b"door 1", flash);
    let opens = |day: &u64| {
        // Not always at the same second of a time step.
        let now = NOW + day * DAY + day * 17 % 3600;
        type_in(&mut lock, &code_at(now), now - day * 12) == Ok(Outcome::Open)
    };
    (0..365).filter(opens).count()
}

#[test]
fn a_clock_that_loses_12_seconds_a_day_is_followed_for_a_year() {
    assert_eq!(days_of_a_year(learning()), 365);
    // Without learning, the lock loses the clock within a week.
    assert!(days_of_a_year(Verifier::DEFAULT) < 7);
}
