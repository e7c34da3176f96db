//! The verifier: what has broken others, one test each, and what else it promises.

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Mutex;
use std::thread;

use otp_core::{
    AttemptError, Digits, DriftLearning, Engine, Growth, Hotp, KeyUri, Lifecycle, LookAhead, Mac,
    MalformedCode, Period, Policy, Resynchronisation, Secret, Throttle, Totp, Truncated, Verdict,
    Verifiable, VerifierState, Window,
};

const POLICY: Policy = Policy::DEFAULT;
const KEY: &[u8] = b"12345678901234567890";

fn totp() -> Totp {
    Totp::new(&Secret::from_bytes(KEY).unwrap())
}

fn hotp() -> Hotp {
    Hotp::new(&Secret::from_bytes(KEY).unwrap())
}

fn totp_code(step: u64) -> String {
    hotp().code(step).to_string()
}

fn window(past: u8, future: u8) -> Policy {
    POLICY.with_window(Window::new(past, future).unwrap())
}

/// Codes by a function, and how many were asked for.
pub(crate) struct Injected {
    code: fn(u64) -> u32,
    asked: Cell<usize>,
}

impl Injected {
    pub(crate) fn new(code: fn(u64) -> u32) -> Self {
        Self { code, asked: Cell::new(0) }
    }
}

impl Mac for Injected {
    type Error = Infallible;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Infallible> {
        self.asked.set(self.asked.get() + 1);
        Ok(Truncated::from_bits((self.code)(moving_factor)))
    }
}

/// A state that is stored at once.
struct Account<V> {
    engine: V,
    policy: Policy,
    state: VerifierState,
}

impl<V: Verifiable> Account<V> {
    fn new(engine: V, policy: Policy) -> Self {
        Self { engine, policy, state: VerifierState::FRESH }
    }

    fn submit(&mut self, code: &str, now: u64) -> Verdict {
        let Ok(attempt) = self.policy.attempt(&self.engine, self.state, code, now) else {
            panic!("it can be judged")
        };
        self.state = attempt.next_state();
        attempt.settle(true)
    }

    fn resynchronise(&mut self, codes: &[&str], now: u64) -> Verdict {
        let Ok(attempt) = self.policy.resynchronise(&self.engine, self.state, codes, now) else {
            panic!("it can be judged")
        };
        self.state = attempt.next_state();
        attempt.settle(true)
    }
}

#[track_caller]
fn accepted(verdict: Verdict) -> (u64, i64) {
    match verdict {
        Verdict::Accepted(code) => (code.moving_factor(), code.drift()),
        other => panic!("{other:?}"),
    }
}

fn is_rejected(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Rejected { .. })
}

#[test]
fn f01_a_code_is_accepted_once_to_the_end_of_its_window() {
    for past in 0..5 {
        let mut user = Account::new(totp(), window(past, 1));
        let code = totp_code(1000);
        accepted(user.submit(&code, 1000 * 30));
        let failures = user.state.failures();
        for second in 0..=(u64::from(past) + 1) * 30 {
            assert_eq!(user.submit(&code, 1000 * 30 + second), Verdict::Replayed);
        }
        assert_eq!(user.state.failures(), failures);
    }
}

#[test]
fn f02_f03_a_client_one_step_ahead_is_no_way_in_twice() {
    let mut user = Account::new(totp(), POLICY);
    let code = totp_code(1001);
    assert_eq!(accepted(user.submit(&code, 1000 * 30)), (1001, 1));
    for now in [1000 * 30, 1000 * 30 + 31, 1001 * 30, 1002 * 30] {
        assert_eq!(user.submit(&code, now), Verdict::Replayed);
    }
}

#[test]
fn f04_a_used_code_stays_used_for_as_long_as_its_window() {
    for past in 0..4 {
        for future in 0..4 {
            for early in 0..=future {
                let mut user = Account::new(totp(), window(past, future));
                let code = totp_code(1000);
                accepted(user.submit(&code, (1000 - u64::from(early)) * 30));
                for step in 1000 - u64::from(future)..=1000 + u64::from(past) {
                    assert_eq!(user.submit(&code, step * 30), Verdict::Replayed);
                }
            }
        }
    }
}

#[test]
fn f05_one_passcode_two_steps() {
    // Steps 153567 and 153569 both show it.
    for past in 0..4 {
        for future in 0..4 {
            for first in 153_560..153_576_u64 {
                let mut user = Account::new(totp(), window(past, future));
                // Some history that has nothing to do with it.
                accepted(user.submit(&totp_code(1000), 1000 * 30));
                if !matches!(user.submit("468457", first * 30), Verdict::Accepted(_)) {
                    continue;
                }
                let reach = u64::from(past) + u64::from(future) + 1;
                for second in (first..153_580).chain((153_560..first).rev()) {
                    let verdict = user.submit("468457", second * 30);
                    if let Verdict::Accepted(code) = verdict {
                        // Two windows that never meet.
                        assert!(reach < 2, "{past} {future} {first} {second} {code:?}");
                    }
                    user.state = user.state.reset();
                }
            }
        }
    }
    // Where nobody has used the first, the second is as good as any other.
    let mut user = Account::new(totp(), POLICY);
    accepted(user.submit(&totp_code(1000), 1000 * 30));
    assert_eq!(accepted(user.submit("468457", 153_569 * 30)), (153_569, 0));
    assert_eq!(user.submit("468457", 153_567 * 30), Verdict::Replayed);
}

#[test]
fn f05_one_passcode_in_a_chain() {
    // 10, 12, 14 …: each lies in one window with the one before.
    let every_other = |step: u64| if step.is_multiple_of(2) { 7 } else { 1000 + step as u32 };
    let mut user = Account::new(Totp::from_mac(Injected::new(every_other)), POLICY);
    assert_eq!(accepted(user.submit("000007", 10 * 30)).0, 10);
    for step in 11..200_u64 {
        assert_eq!(user.submit("000007", step * 30), Verdict::Replayed, "{step}");
        // Other codes come and go meanwhile.
        if step % 2 == 1 {
            assert_eq!(accepted(user.submit(&format!("{:06}", 1000 + step), step * 30)).0, step);
        }
    }

    let mut token = Account::new(Hotp::from_mac(Injected::new(every_other)), POLICY);
    assert_eq!(accepted(token.submit("000007", 0)).0, 10);
    for counter in (11..200).step_by(2) {
        assert_eq!(token.submit("000007", 0), Verdict::Replayed);
        assert_eq!(accepted(token.submit(&format!("{:06}", 1000 + counter), 0)).0, counter);
    }

    // One code for ever.
    let mut user = Account::new(Totp::from_mac(Injected::new(|_| 7)), POLICY);
    accepted(user.submit("000007", 10 * 30));
    for now in [10 * 30, 1000 * 30, u64::MAX] {
        assert_eq!(user.submit("000007", now), Verdict::Replayed);
    }
}

#[test]
fn f06_every_form_of_a_code_is_one_code() {
    let mut user = Account::new(totp(), POLICY);
    accepted(user.submit("287 082", 59));
    for form in ["287082", " 287082", "287-082", "２８７０８２", "287\u{a0}082"] {
        assert_eq!(user.submit(form, 59), Verdict::Replayed);
    }
    for form in ["2_87082", "+287082", "0287082", "28708"] {
        assert!(matches!(user.submit(form, 59), Verdict::Malformed(_)), "{form}");
    }
}

#[test]
fn f07_while_locked_or_disabled_every_code_is_the_same() {
    let mut user = Account::new(Totp::from_mac(Injected::new(|step| step as u32)), POLICY);
    accepted(user.submit("000999", 1000 * 30));
    for _ in 0..5 {
        assert!(is_rejected(&user.submit("777777", 1000 * 30)));
    }
    let locked = user.state;
    for (state, verdict) in [
        (locked, Verdict::Locked { until: 1000 * 30 + 30 }),
        (locked.disable(), Verdict::Disabled),
        (VerifierState::FRESH.disable(), Verdict::Disabled),
    ] {
        user.state = state;
        let asked = user.engine.mac().asked.get();
        for code in ["001000", "000999", "777777", "malformed"] {
            assert_eq!(user.submit(code, 1000 * 30 + 29), verdict);
            let answer = user.resynchronise(&["001000", "001001"], 1000 * 30 + 29);
            assert_eq!(answer, verdict);
        }
        assert_eq!(user.state, state);
        assert_eq!(user.engine.mac().asked.get(), asked, "no code is computed");
    }
}

#[test]
fn the_work_is_the_same_whatever_the_answer() {
    let work = |codes: &[&str], last: u64, now: u64, policy: Policy| {
        let totp = Totp::from_mac(Injected::new(|step| step as u32));
        let state = VerifierState::starting_at(last);
        let attempt = match codes {
            [code] => policy.attempt(&totp, state, code, now),
            codes => policy.resynchronise(&totp, state, codes, now),
        };
        drop(attempt.unwrap());
        totp.mac().asked.get()
    };
    for policy in [POLICY, window(0, 0), window(3, 9)] {
        let candidates = usize::from(policy.window().candidates());
        for (code, last) in [("001000", 0), ("001000", 1001), ("777777", 0), ("000999", 1000)] {
            assert_eq!(work(&[code], last, 1000 * 30, policy), 2 * candidates);
        }
        // Also where windows are cut off.
        assert_eq!(work(&["000000"], 0, 0, policy), 2 * candidates);
        assert_eq!(work(&["000000"], u64::MAX, u64::MAX, policy), 2 * candidates);
        // A first code that is right is not told from one that is wrong.
        for codes in [["001000", "001001"], ["001000", "777777"], ["777777", "001001"]] {
            assert_eq!(work(&codes, 0, 1000 * 30, policy), 201 + candidates);
        }
    }

    // HOTP looks ahead alone.
    let hotp = Hotp::from_mac(Injected::new(|counter| counter as u32));
    let state = VerifierState::starting_at(1000);
    for code in ["001000", "001010", "000999", "777777"] {
        drop(POLICY.attempt(&hotp, state, code, 0).unwrap());
        assert_eq!(hotp.mac().asked.take(), 11 + 11);
        drop(POLICY.resynchronise(&hotp, state, &[code, "001011"], 0).unwrap());
        assert_eq!(hotp.mac().asked.take(), 101 + 11);
    }
}

#[test]
fn f08_a_hundred_failures_in_a_row_disable() {
    let mut user = Account::new(totp(), POLICY);
    let mut now = 1_000_000_000;
    for failures in 1..=100 {
        let Verdict::Rejected { tries_left, until, failures_left, .. } = user.submit("000000", now)
        else {
            panic!("after {failures}")
        };
        assert_eq!(tries_left, 5_u32.saturating_sub(failures));
        assert_eq!(until.is_some(), failures >= 5);
        assert_eq!(failures_left, 100 - failures);
        now = until.unwrap_or(now);
    }
    assert_eq!(user.submit(&totp_code(now / 30), now), Verdict::Disabled);
    assert_eq!(user.state.lifecycle(), Lifecycle::Disabled);

    // One success sets it back.
    let mut user = Account::new(totp(), POLICY);
    for step in 1000..1200 {
        for _ in 0..4 {
            assert!(is_rejected(&user.submit("000000", step * 30)));
        }
        accepted(user.submit(&totp_code(step), step * 30));
        assert_eq!((user.state.failures(), user.state.locked_until(0)), (0, None));
    }
}

#[test]
fn f09_of_many_on_one_snapshot_one_commits() {
    for round in 0..50 {
        let (engine, now) = (totp(), (1000 + round) * 30);
        let code = totp_code(1000 + round);
        let table = Mutex::new(VerifierState::FRESH);
        let snapshot = *table.lock().unwrap();
        let verdicts: Vec<_> = thread::scope(|scope| {
            let workers: Vec<_> = (0..32)
                .map(|_| {
                    scope.spawn(|| {
                        let attempt = POLICY.attempt(&engine, snapshot, &code, now).unwrap();
                        let mut stored = table.lock().unwrap();
                        let committed = *stored == snapshot;
                        if committed {
                            *stored = attempt.next_state();
                        }
                        attempt.settle(committed)
                    })
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        let count = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|v| wanted(v)).count();
        assert_eq!(count(|verdict| matches!(verdict, Verdict::Accepted(_))), 1);
        assert_eq!(count(|verdict| *verdict == Verdict::Conflict), 31);
    }
}

#[test]
fn a_lost_race_tells_nothing() {
    let last = VerifierState::starting_at(999);
    for (state, code) in [(last, "001000"), (last, "000998"), (last, "777777"), (last, "x")] {
        let totp = Totp::from_mac(Injected::new(|step| step as u32));
        let attempt = POLICY.attempt(&totp, state, code, 1000 * 30).unwrap();
        assert_eq!(format!("{attempt:?}"), "Attempt(sealed)");
        assert_eq!(attempt.settle(false), Verdict::Conflict);
    }
}

#[test]
fn f10_waits_grow_and_never_wrap() {
    for growth in [Growth::Linear, Growth::Doubling] {
        for (first, longest) in [(1, u64::MAX), (30, 3600), (u64::MAX, u64::MAX), (5, 5)] {
            let throttle = Throttle::DEFAULT.with_waits(first, longest, growth).unwrap();
            let counts = (0..100_000).chain((0..64).map(|bit| u32::MAX - (u32::MAX >> (bit / 2))));
            let mut counts: Vec<_> = counts.chain([u32::MAX - 1, u32::MAX]).collect();
            counts.sort_unstable();
            let waits: Vec<_> = counts.iter().map(|count| throttle.wait_after(*count)).collect();
            assert!(waits.is_sorted());
            assert!(waits.iter().all(|wait| *wait <= longest));
            assert_eq!((throttle.wait_after(4), throttle.wait_after(5)), (0, first));
        }
    }
    // At the ends of time and of counting.
    let throttle = Throttle::DEFAULT.with_max_failures(u32::MAX).unwrap();
    let mut user = Account::new(totp(), POLICY.with_throttle(throttle));
    let mut bytes = VerifierState::FRESH.to_bytes();
    bytes[4..8].copy_from_slice(&(u32::MAX - 1).to_be_bytes());
    user.state = VerifierState::from_bytes(&bytes).unwrap();
    let verdict = user.submit("000000", u64::MAX - 1);
    assert!(matches!(verdict, Verdict::Rejected { until: Some(u64::MAX), failures_left: 0, .. }));
    assert_eq!(user.submit("000000", u64::MAX), Verdict::Disabled);
    user.state = VerifierState::from_bytes(&{
        let mut bytes = user.state.to_bytes();
        bytes[1] = 0;
        bytes
    })
    .unwrap();
    assert!(is_rejected(&user.submit("000000", u64::MAX)));
    assert_eq!(user.state.failures(), u32::MAX);
}

#[test]
fn without_waits_all_tries_are_free() {
    let throttle = Throttle::DEFAULT.with_waits(0, 0, Growth::Linear).unwrap();
    let throttle = throttle.with_max_failures(10).unwrap();
    let mut user = Account::new(totp(), POLICY.with_throttle(throttle));
    for left in (0..10).rev() {
        let verdict = user.submit("000000", 59);
        assert!(
            matches!(verdict, Verdict::Rejected { tries_left, until: None, failures_left, .. }
                if tries_left == left && failures_left == left),
            "{verdict:?}"
        );
    }
    assert_eq!(user.submit("287082", 59), Verdict::Disabled);
}

#[test]
fn f12_the_code_that_confirms_opens_no_door_again() {
    let mut user = Account::new(totp(), POLICY);
    assert_eq!((user.state.lifecycle(), user.state.is_active()), (Lifecycle::Unconfirmed, false));
    assert!(matches!(user.submit("287082", 59), Verdict::Accepted(code) if code.confirms()));
    assert!(user.state.is_active());
    assert_eq!(user.submit("287082", 59), Verdict::Replayed);
    let next = totp_code(2);
    assert!(matches!(user.submit(&next, 60), Verdict::Accepted(code) if !code.confirms()));
}

#[test]
fn disabled_ends_with_a_reset_alone() {
    let mut user = Account::new(totp(), POLICY);
    user.state = user.state.disable().reset();
    assert_eq!(user.state.lifecycle(), Lifecycle::Unconfirmed);
    accepted(user.submit("287082", 59));
    user.state = user.state.disable();
    assert!(!user.state.is_active());
    for now in [59, 1 << 40, u64::MAX] {
        assert_eq!(user.submit(&totp_code(now / 30), now), Verdict::Disabled);
    }
    user.state = user.state.reset();
    assert_eq!(user.state.lifecycle(), Lifecycle::Active);
    assert_eq!(user.submit("287082", 59), Verdict::Replayed, "a reset opens no used code");
}

#[test]
fn f13_resynchronisation_takes_codes_in_a_row() {
    let code = |factor: u64| format!("{factor:06}");
    let engine = || Totp::from_mac(Injected::new(|step| step as u32));
    for count in [2, 3] {
        let policy = POLICY.with_resynchronisation(Resynchronisation::new(50, count).unwrap());
        let fresh = || {
            let mut user = Account::new(engine(), policy);
            accepted(user.submit("001000", 1000 * 30));
            user
        };
        let row = |first: u64| (first..).take(count.into()).map(code).collect::<Vec<_>>();
        let ask = |user: &mut Account<_>, codes: &[String]| {
            let codes: Vec<_> = codes.iter().map(String::as_str).collect();
            user.state = user.state.reset();
            user.resynchronise(&codes, 1040 * 30)
        };
        let last = u64::from(count) - 1;

        // Both ends of the reach, and beyond.
        for (first, reached) in
            [(1001, true), (1090 - last, true), (1091 - last, false), (1200, false)]
        {
            let mut user = fresh();
            let verdict = ask(&mut user, &row(first));
            if reached {
                let drift = (first + last).cast_signed() - 1040;
                assert_eq!(accepted(verdict), (first + last, drift));
                assert_eq!(i64::from(user.state.drift()), drift);
                assert_eq!(user.state.next_factor(), Some(first + last + 1));
                // All of them are used up.
                assert_eq!(ask(&mut user, &row(first)), Verdict::Replayed);
            } else {
                assert!(is_rejected(&verdict), "{first}");
            }
        }

        // A gap, the wrong order, the first one used up or below what is used up, one wrong.
        let mut gap = row(1010);
        gap[count as usize - 1] = code(1010 + last + 1);
        let mut backwards = row(1010);
        backwards.reverse();
        let mut wrong = row(1010);
        wrong[0] = "777777".into();
        for codes in [gap, backwards, row(1000), wrong] {
            let mut user = fresh();
            let before = user.state;
            assert!(is_rejected(&ask(&mut user, &codes)), "{codes:?}");
            assert_eq!((user.state.next_factor(), user.state.drift()), (before.next_factor(), 0));
            assert_eq!(user.state.failures(), 1, "it is counted as any guess");
        }

        // All of them passed over.
        let verdict = ask(&mut fresh(), &row(1000 - last));
        assert_eq!(verdict, Verdict::Replayed);

        // The same code twice, and another number of codes.
        let mut twice = row(1010);
        twice[1] = twice[0].clone();
        let verdict = ask(&mut fresh(), &twice);
        assert_eq!(verdict, Verdict::Malformed(MalformedCode::Repeated));
        for codes in [&row(1010)[1..], &[row(1010), row(1020)].concat(), &[]] {
            let verdict = ask(&mut fresh(), codes);
            assert_eq!(verdict, Verdict::Malformed(MalformedCode::Count { expected: count }));
        }
    }
}

#[test]
fn f13_a_counter_is_resynchronised_forwards() {
    let code = |factor: u64| hotp().code(factor).to_string();
    let mut token = Account::new(hotp(), POLICY);
    accepted(token.submit(&code(7), 0));
    let (first, second) = (code(106), code(107));
    assert!(is_rejected(&token.submit(&first, 0)));
    assert!(is_rejected(&token.resynchronise(&[&code(108), &code(109)], 0)));
    assert_eq!(accepted(token.resynchronise(&[&first, &second], 0)), (107, 99));
    assert_eq!(token.resynchronise(&[&first, &second], 0), Verdict::Replayed);
    assert_eq!(accepted(token.submit(&code(108), 0)), (108, 0));
    assert_eq!(token.state.drift(), 0);

    // At the last counter.
    token.state = VerifierState::starting_at(u64::MAX - 5);
    let verdict = token.resynchronise(&[&code(u64::MAX - 1), &code(u64::MAX)], 0);
    assert_eq!(accepted(verdict).0, u64::MAX);
    assert_eq!(token.state.next_factor(), None);
    assert!(is_rejected(&token.submit(&code(0), 0)));
}

#[test]
fn f14_drift_stays_within_its_bound() {
    let learning = DriftLearning::new(20, 1).unwrap();
    for direction in [1, -1] {
        let mut user = Account::new(totp(), POLICY.with_drift_learning(learning));
        let mut walked = 0;
        for login in 0..1000_u64 {
            let now = 100_000 + login * 3;
            let theirs = now.saturating_add_signed(i64::from(user.state.drift()) + direction);
            if let Verdict::Accepted(_) = user.submit(&totp_code(theirs), now * 30) {
                walked += 1;
            }
            assert!(user.state.drift().abs() <= 20);
            assert_eq!(i64::from(user.state.drift()), direction * walked.min(20));
        }
        assert!(walked > 900, "{walked}");
    }
    // Without learning it stays.
    let mut user = Account::new(totp(), POLICY);
    accepted(user.submit(&totp_code(1001), 1000 * 30));
    assert_eq!(user.state.drift(), 0);
}

#[test]
fn f15_zero_is_no_sentinel() {
    let mut user = Account::new(totp(), POLICY);
    assert_eq!(accepted(user.submit("755224", 0)), (0, 0));
    assert_eq!(user.submit("755224", 0), Verdict::Replayed);
    let mut token = Account::new(hotp(), POLICY);
    assert_eq!(accepted(token.submit("755224", 0)), (0, 0));
    assert_eq!(token.state.next_factor(), Some(1));
    assert_eq!(token.submit("755224", 0), Verdict::Replayed);
}

#[test]
fn f16_the_ends_of_the_range() {
    let late = totp().with_t0(1000);
    let attempt = POLICY.attempt(&late, VerifierState::FRESH, "287082", 999);
    assert_eq!(attempt.unwrap_err(), AttemptError::BeforeT0);

    let wide = window(100, 100);
    let last = u64::MAX / 30;
    let fast = || totp().with_period(Period::new(1).unwrap());
    for (engine, now, step) in
        [(totp(), 0, 0), (totp(), u64::MAX, last), (fast(), u64::MAX, u64::MAX)]
    {
        let mut user = Account::new(engine, wide);
        assert_eq!(accepted(user.submit(&totp_code(step), now)), (step, 0));
        assert_eq!(user.submit(&totp_code(step), now), Verdict::Replayed);
        assert_eq!(user.state.next_factor(), step.checked_add(1));
    }

    let mut token = Account::new(hotp(), POLICY);
    token.state = VerifierState::starting_at(u64::MAX);
    assert_eq!(accepted(token.submit(&totp_code(u64::MAX), 0)), (u64::MAX, 0));
    assert_eq!(token.state.next_factor(), None);
    assert_eq!(token.submit(&totp_code(u64::MAX), 0), Verdict::Replayed);
    assert!(is_rejected(&token.submit(&totp_code(0), 0)));
}

#[test]
fn f17_f18_a_failure_moves_nothing_and_burns_nothing() {
    let mut token = Account::new(hotp(), POLICY);
    accepted(token.submit(&totp_code(5), 0));
    for _ in 0..4 {
        let before = token.state;
        assert!(is_rejected(&token.submit("000000", 0)));
        assert_eq!(token.state.next_factor(), before.next_factor());
    }
    assert_eq!(accepted(token.submit(&totp_code(6), 0)), (6, 0));

    let mut user = Account::new(totp(), POLICY);
    // Wrong now, and right in five minutes.
    let later = totp_code(1010);
    assert!(is_rejected(&user.submit(&later, 1000 * 30)));
    accepted(user.submit(&later, 1010 * 30));
}

#[test]
fn f19_no_step_beyond_the_window_is_accepted_or_stored() {
    let mut user = Account::new(totp(), POLICY);
    for ahead in 2..20 {
        assert!(!matches!(user.submit(&totp_code(1000 + ahead), 1000 * 30), Verdict::Accepted(_)));
        assert_eq!(user.state.next_factor(), Some(0));
        user.state = user.state.reset();
    }
    // The clock stood an hour in the future. Now the state says so, and nobody is locked out.
    accepted(user.submit(&totp_code(1120), 1120 * 30));
    for step in 1000..1020 {
        assert_eq!(user.submit(&totp_code(step), step * 30), Verdict::Replayed);
    }
    assert_eq!((user.state.next_factor(), user.state.failures()), (Some(1121), 0));
    accepted(user.submit(&totp_code(1121), 1121 * 30));
}

#[test]
fn f28_the_longest_period_is_a_policy_that_nothing_else_relaxes() {
    let slow = || {
        let short = Secret::from_bytes_allow_short(&[7; 10]).unwrap();
        Totp::new(&short).with_period(Period::new(121).unwrap())
    };
    let attempt = POLICY.attempt(&slow(), VerifierState::FRESH, "287082", 59);
    assert_eq!(attempt.unwrap_err(), AttemptError::PeriodTooLong);
    let codes = ["287082", "287083"];
    let attempt = POLICY.resynchronise(&slow(), VerifierState::FRESH, &codes, 59);
    assert_eq!(attempt.unwrap_err(), AttemptError::PeriodTooLong);
    let two_minutes = slow().with_period(Period::new(120).unwrap());
    assert!(POLICY.attempt(&two_minutes, VerifierState::FRESH, "287082", 59).is_ok());
    let lax = POLICY.with_longest_period(Period::new(121).unwrap());
    assert!(lax.attempt(&slow(), VerifierState::FRESH, "287082", 59).is_ok());
}

#[test]
fn f32_learned_drift_opens_no_used_step() {
    let learning = DriftLearning::new(50, 10).unwrap();
    let mut user = Account::new(totp(), window(2, 2).with_drift_learning(learning));
    accepted(user.submit(&totp_code(1002), 1000 * 30));
    assert_eq!(user.state.drift(), 2);
    // Back to 1000: steps up to 1002 stay closed.
    accepted(user.submit(&totp_code(1003), 1003 * 30));
    assert_eq!(user.state.drift(), 0);
    for step in 1001..=1003 {
        assert_eq!(user.submit(&totp_code(step), 1003 * 30), Verdict::Replayed);
    }
}

#[test]
fn both_edges_of_a_window_under_drift() {
    let code = |factor: u64| format!("{factor:06}");
    for (past, future) in [(0, 0), (1, 1), (2, 0), (0, 3), (5, 7)] {
        for drift in [-40_i64, -1, 0, 1, 40] {
            for offset in -10..=10_i64 {
                let engine = Totp::from_mac(Injected::new(|step| step as u32));
                let mut user = Account::new(engine, window(past, future));
                let theirs = |now: u64| now.checked_add_signed(drift).unwrap();
                let row = [code(theirs(1000)), code(theirs(1001))];
                accepted(user.resynchronise(&[&row[0], &row[1]], 1001 * 30));
                assert_eq!(i64::from(user.state.drift()), drift);

                let step = theirs(2000).checked_add_signed(offset).unwrap();
                let within = (-i64::from(past)..=i64::from(future)).contains(&offset);
                let verdict = user.submit(&code(step), 2000 * 30);
                if within {
                    assert_eq!(accepted(verdict), (step, drift + offset));
                } else {
                    assert!(is_rejected(&verdict), "{past} {future} {drift} {offset}");
                }
            }
        }
    }
}

#[test]
fn a_window_widens_with_silence_and_within_bounds() {
    let code = |factor: u64| format!("{factor:06}");
    // A step for every hundred, up to four.
    let learning = DriftLearning::new(10, 4).unwrap().with_widening(100, 4).unwrap();
    for (silence, widening) in
        [(50_u32, 0_i64), (99, 0), (100, 1), (399, 3), (400, 4), (100_000, 4)]
    {
        for (offset, within) in [(widening + 1, true), (widening + 2, false)] {
            for sign in [-1, 1] {
                let engine = Totp::from_mac(Injected::new(|step| step as u32));
                let mut user = Account::new(engine, POLICY.with_drift_learning(learning));
                accepted(user.submit(&code(1000), 1000 * 30));
                let now = 1000 + u64::from(silence);
                let verdict =
                    user.submit(&code(now.saturating_add_signed(sign * offset)), now * 30);
                assert_eq!(matches!(verdict, Verdict::Accepted(_)), within, "{silence} {offset}");
            }
        }
    }
    // Before the first code there is no silence.
    let engine = Totp::from_mac(Injected::new(|step| step as u32));
    let mut user = Account::new(engine, POLICY.with_drift_learning(learning));
    assert!(is_rejected(&user.submit(&code(100_002), 100_000 * 30)));
}

#[test]
fn a_drift_beyond_what_is_learned_only_comes_back() {
    let code = |factor: u64| format!("{factor:06}");
    let learning = DriftLearning::new(5, 1).unwrap();
    let engine = Totp::from_mac(Injected::new(|step| step as u32));
    let mut user = Account::new(engine, POLICY.with_drift_learning(learning));
    accepted(user.resynchronise(&[&code(1049), &code(1050)], 1000 * 30));
    assert_eq!(user.state.drift(), 50);
    accepted(user.submit(&code(1061), 1010 * 30));
    assert_eq!(user.state.drift(), 50);
    accepted(user.submit(&code(1069), 1020 * 30));
    assert_eq!(user.state.drift(), 49);
}

#[test]
fn whatever_a_key_uri_is_for_can_be_verified() {
    let engine = |uri: &str| KeyUri::parse(uri).unwrap().engine().unwrap();
    let key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    let mut user = Account::new(engine(&format!("otpauth://totp/a?secret={key}&digits=8")), POLICY);
    accepted(user.submit("94287082", 59));
    assert_eq!(user.submit("94287082", 59), Verdict::Replayed);

    let mut steam = Account::new(engine(&format!("otpauth://steam/a?secret={key}")), POLICY);
    accepted(steam.submit("pv9m4", 59));
    assert_eq!(steam.submit("PV9M4", 59), Verdict::Replayed);

    let mut token =
        Account::new(engine(&format!("otpauth://hotp/a?secret={key}&counter=5")), POLICY);
    assert!(matches!(token.engine, Engine::Hotp { .. }));
    // Below the counter that the URI begins with.
    assert_eq!(token.submit(&totp_code(4), 0), Verdict::Replayed);
    assert_eq!(accepted(token.submit(&totp_code(7), 0)), (7, 2));
    assert_eq!(token.submit(&totp_code(7), 0), Verdict::Replayed);
    assert_eq!(token.submit(&totp_code(6), 0), Verdict::Replayed);
    let mut far = Account::new(engine(&format!("otpauth://hotp/a?secret={key}&counter=5")), POLICY);
    assert_eq!(accepted(far.submit(&totp_code(15), 0)), (15, 10));
    let mut far = Account::new(engine(&format!("otpauth://hotp/a?secret={key}&counter=5")), POLICY);
    assert!(is_rejected(&far.submit(&totp_code(16), 0)));
}

#[test]
fn a_mac_that_fails_counts_nothing() {
    struct Broken;
    impl Mac for Broken {
        type Error = &'static str;
        fn truncated(&self, _: u64) -> Result<Truncated, &'static str> {
            Err("no answer on the bus")
        }
    }
    let attempt = POLICY.attempt(&Totp::from_mac(Broken), VerifierState::FRESH, "287082", 59);
    assert_eq!(attempt.unwrap_err(), AttemptError::Mac("no answer on the bus"));
    let attempt = POLICY.attempt(&Hotp::from_mac(Broken), VerifierState::FRESH, "x", 59).unwrap();
    assert!(!attempt.changes_state());
}

#[test]
fn what_changes_no_state_says_so() {
    let changes = |state, code| {
        let totp = totp();
        POLICY.attempt(&totp, state, code, 59).unwrap().changes_state()
    };
    assert!(changes(VerifierState::FRESH, "287082"));
    assert!(changes(VerifierState::FRESH, "000000"));
    assert!(!changes(VerifierState::FRESH, "x"));
    assert!(!changes(VerifierState::starting_at(2), "287082"));
    assert!(!changes(VerifierState::FRESH.disable(), "287082"));
}

#[test]
fn the_guess_bound_counts_what_a_guesser_has() {
    let near =
        |bound: f64, expected: f64| assert!((bound / expected - 1.0).abs() < 1e-3, "{bound}");
    near(POLICY.guess_bound(Digits::Six), 3e-4);
    near(POLICY.guess_bound(Digits::Eight), 3.073e-6);
    near(POLICY.guess_bound_hotp(Digits::Six), 1.1e-3);
    near(window(0, 0).guess_bound(Digits::Six), 1e-4);
    let throttle = Throttle::DEFAULT.with_max_failures(10).unwrap();
    near(POLICY.with_throttle(throttle).guess_bound(Digits::Six), 3e-5);
    // 2^31 values: three of them show a code that begins with 0 or 1, of nine digits.
    near(POLICY.guess_bound(Digits::Nine), 300.0 * 3.0 / 2_f64.powi(31));
    near(POLICY.guess_bound(Digits::Ten), 300.0 / 2_f64.powi(31));
    let learning = DriftLearning::new(10, 1).unwrap().with_widening(1, 4).unwrap();
    near(POLICY.with_drift_learning(learning).guess_bound(Digits::Six), 11e-4);
    let lax = Throttle::DEFAULT.with_max_failures(u32::MAX).unwrap();
    assert!(POLICY.with_throttle(lax).guess_bound(Digits::Six) <= 1.0);
}

#[test]
fn a_policy_has_bounds() {
    use otp_core::PolicyError::{self, Drift, Widening};
    for (drift, change) in [(0, 1), (1001, 1), (1, 0)] {
        assert_eq!(DriftLearning::new(drift, change), Err(Drift));
    }
    let learning = DriftLearning::new(1000, u8::MAX).unwrap();
    for (steps, most) in [(0, 1), (1, 0), (1, 101)] {
        assert_eq!(learning.with_widening(steps, most), Err(Widening));
    }
    assert!(learning.with_widening(1, 100).is_ok());
    for (reach, codes) in [(0, 2), (1001, 2), (100, 1), (100, 4)] {
        assert_eq!(Resynchronisation::new(reach, codes), Err(PolicyError::Resynchronisation));
    }
    assert!(Resynchronisation::new(1000, 3).is_ok());
    let throttle = Throttle::DEFAULT;
    assert_eq!(throttle.with_free_tries(0), Err(PolicyError::FreeTries));
    assert_eq!(throttle.with_max_failures(0), Err(PolicyError::MaxFailures));
    for (first, longest) in [(2, 1), (0, 1)] {
        assert_eq!(throttle.with_waits(first, longest, Growth::Linear), Err(PolicyError::Waits));
    }
}

/// The widest that a policy allows, at the ends of everything.
#[test]
fn the_widest_policy_at_the_ends() {
    let learning = DriftLearning::new(1000, u8::MAX).unwrap().with_widening(1, 100).unwrap();
    let policy = window(100, 100)
        .with_drift_learning(learning)
        .with_look_ahead(LookAhead::new(100).unwrap())
        .with_resynchronisation(Resynchronisation::new(1000, 3).unwrap());
    let fast = totp().with_period(Period::new(1).unwrap());
    for now in [0, 1, 150, u64::MAX - 150, u64::MAX] {
        for last in [0, 1, 1 << 40, u64::MAX] {
            let state = VerifierState::starting_at(last);
            let row = [
                totp_code(now.saturating_sub(2)),
                totp_code(now.saturating_sub(1)),
                totp_code(now),
            ];
            let row = row.each_ref().map(String::as_str);
            for attempt in [
                policy.attempt(&fast, state, row[2], now).unwrap(),
                policy.attempt(&hotp(), state, row[2], now).unwrap(),
                policy.resynchronise(&fast, state, &row, now).unwrap(),
                policy.resynchronise(&hotp(), state, &row, now).unwrap(),
            ] {
                let next = attempt.next_state();
                assert_eq!(VerifierState::from_bytes(&next.to_bytes()), Ok(next));
                assert!(next.next_factor().is_none_or(|factor| factor >= last));
            }
        }
    }
}
