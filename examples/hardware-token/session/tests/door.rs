//! The door lock in QEMU: its keypad, its throttle, its clock, and losses of power.

use std::time::Duration;

use session::{Door, hex, oathtool};

/// The key that the firmware has (RFC 4226 appendix D).
const KEY: &[u8] = b"12345678901234567890";
const NOW: u64 = 1_700_000_000;
const DAY: u64 = 86_400;

/// The recovery codes of `lock/provisioned`.
const RECOVERY: [&str; 10] = [
    "429443109932296210046795709882501422",
    "083399289639451397268291303016888623",
    "310420405761617306647904905984302867",
    "183399337031582838906762593542208282",
    "663936457220341139435935783147475367",
    "387392278486134303635296971880594696",
    "344179285913327345382262960652780051",
    "565874538419858856248795733015403046",
    "916541677044539281341760346357798349",
    "359368468809376959316600466857541860",
];

fn code_at(now: u64) -> String {
    oathtool(&["--totp=sha1", &format!("--now=@{now}"), &hex(KEY)])
}

#[test]
fn a_code_opens_once_and_after_a_loss_of_power_too() {
    let mut door = Door::start();
    assert_eq!(door.enter("12*3", NOW), "malformed");
    door.press("99*");
    assert_eq!(door.enter(&code_at(NOW), NOW), "open");
    assert_eq!(door.enter(&code_at(NOW), NOW), "closed");
    door.cut_power();
    assert_eq!(door.enter(&code_at(NOW), NOW), "closed");
    assert_eq!(door.enter(&code_at(NOW + 30), NOW + 30), "open");
}

#[test]
fn guesses_are_slowed_down_also_by_a_loss_of_power() {
    let mut door = Door::start();
    for _ in 0..5 {
        assert_eq!(door.enter("000000", NOW), "closed");
        door.cut_power();
    }
    assert_eq!(door.enter(&code_at(NOW), NOW), "locked");
    // Recovery codes have a throttle of their own.
    assert_eq!(door.enter(RECOVERY[7], NOW), "open");
    assert_eq!(door.enter(&code_at(NOW + 30), NOW + 30), "open");
}

#[test]
fn a_recovery_code_opens_once() {
    let mut door = Door::start();
    for code in [RECOVERY[3], RECOVERY[9]] {
        assert_eq!(door.enter(code, NOW), "open");
        assert_eq!(door.enter(code, NOW), "closed");
        door.cut_power();
        assert_eq!(door.enter(code, NOW), "closed");
    }
    assert_eq!(door.enter(&format!("0{}", RECOVERY[0]), NOW), "malformed");
    assert_eq!(door.enter(RECOVERY[0], NOW), "open");
}

#[test]
fn a_clock_that_loses_12_seconds_a_day_is_followed_for_a_year() {
    let mut door = Door::start();
    for day in 0..365 {
        // Not always at the same second of a time step.
        let now = NOW + day * DAY + day * 17 % 3600;
        assert_eq!(door.enter(&code_at(now), now - day * 12), "open", "day {day}");
    }
}

/// Cuts the power at any instruction of a login, and types the code again. The lock has opened
/// before, or opens now, or the code was used up. It never opens twice.
#[test]
fn no_cut_of_power_opens_the_door_twice() {
    let rounds = if std::env::var_os("OTP_LONG").is_some() { 1000 } else { 40 };
    let mut door = Door::start();
    let mut seed = 1_u64;
    let (mut before, mut used_up, mut afterwards) = (0, 0, 0);
    for round in 0..rounds {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let now = NOW + round * 60;
        // Recovery codes among the others.
        let recovery = usize::try_from(round / 4).ok().and_then(|at| RECOVERY.get(at));
        let code = match recovery {
            Some(code) if round % 4 == 3 => (*code).to_owned(),
            _ => code_at(now),
        };
        let after = Duration::from_micros((seed >> 33) % 8000);
        let said = door.enter_and_cut(&code, now, after);
        let again = door.enter(&code, now);
        match (said.as_deref(), again.as_str()) {
            (Some("open"), "closed") => before += 1,
            (None, "closed") => used_up += 1,
            (None, "open") => afterwards += 1,
            other => panic!("round {round}: {other:?}"),
        }
        assert_eq!(door.enter(&code, now), "closed", "round {round}");
    }
    println!("opened before {before}, used up {used_up}, opened afterwards {afterwards}");
}
