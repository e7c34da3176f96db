//! The promises of the verifier that do not come from failures of others, and the helpers that both
//! tests share.

mod drift;
mod settings;

use std::cell::Cell;
use std::convert::Infallible;

use otp_core::verifier::{
    Attempt, AttemptError, Backoff, Budget, DriftLearning, Lifecycle, ResyncAttempt, ResyncVerdict,
    Resynchronisation, State, Swap, Throttle, Verdict, Verifiable, Verifier,
};
use otp_core::{
    Digits, Engine, HmacKey, Hotp, LookAhead, Period, Secret, Totp, Truncated, Window, otpauth,
};

pub(crate) const VERIFIER: Verifier = Verifier::DEFAULT;
pub(crate) const KEY: &[u8] = b"12345678901234567890";

pub(crate) fn totp() -> Totp {
    Totp::new(&Secret::from_bytes(KEY).unwrap())
}

pub(crate) fn hotp() -> Hotp {
    Hotp::new(&Secret::from_bytes(KEY).unwrap())
}

pub(crate) fn totp_code(step: u64) -> String {
    hotp().code(step).to_string()
}

pub(crate) fn window(past: u8, future: u8) -> Verifier {
    VERIFIER.with_window(Window::new(past, future).unwrap())
}

/// Codes from a function, with the number of requests.
pub(crate) struct Injected {
    code: fn(u64) -> u32,
    pub(crate) asked: Cell<usize>,
}

impl Injected {
    pub(crate) fn new(code: fn(u64) -> u32) -> Self {
        Self { code, asked: Cell::new(0) }
    }
}

impl HmacKey for Injected {
    type Error = Infallible;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Infallible> {
        self.asked.set(self.asked.get() + 1);
        Ok(Truncated::from_bits((self.code)(moving_factor)))
    }
}

/// A state that is stored immediately.
pub(crate) struct Account<V> {
    pub(crate) engine: V,
    pub(crate) verifier: Verifier,
    pub(crate) state: State,
}

impl<M: HmacKey, V: Verifiable<Key = M>> Account<V> {
    pub(crate) fn new(engine: V, verifier: Verifier) -> Self {
        Self { engine, verifier, state: State::enrolment() }
    }

    pub(crate) fn submit(&mut self, code: &str, now: u64) -> Verdict {
        let Ok(attempt) = self.verifier.attempt(&self.engine, self.state, code, now) else {
            panic!("it can be judged")
        };
        commit(attempt, &mut self.state)
    }

    pub(crate) fn resynchronise(&mut self, codes: &[&str], now: u64) -> ResyncVerdict {
        let Ok(attempt) = self.verifier.resynchronise(&self.engine, self.state, codes, now) else {
            panic!("it can be judged")
        };
        commit_resynchronisation(attempt, &mut self.state)
    }
}

/// Stores the next state of an attempt, and returns the verdict.
pub(crate) fn commit(attempt: Attempt, state: &mut State) -> Verdict {
    let (before, mut success) = (*state, false);
    let settled = attempt.commit(|old, new| {
        assert_eq!(old, before);
        success = new.is_success_after(old);
        *state = new;
        Ok::<_, Infallible>(Swap::Stored)
    });
    let verdict = settled.unwrap().verdict;
    assert_eq!(success, matches!(verdict, Verdict::Accepted(_)), "{verdict:?}");
    verdict
}

/// Commits like [`commit`].
pub(crate) fn commit_resynchronisation(attempt: ResyncAttempt, state: &mut State) -> ResyncVerdict {
    let before = *state;
    let settled = attempt.commit(|old, new| {
        assert_eq!(old, before);
        *state = new;
        Ok::<_, Infallible>(Swap::Stored)
    });
    settled.unwrap().verdict
}

/// Returns the verdict of an attempt with a lost race, and whether it wanted to store anything.
pub(crate) fn lose(attempt: Attempt) -> (Verdict, bool) {
    let mut changes = false;
    let settled = attempt.commit(|_, _| {
        changes = true;
        Ok::<_, Infallible>(Swap::Lost)
    });
    (settled.unwrap().verdict, changes)
}

/// Returns the next state of an attempt.
pub(crate) fn next_state(attempt: Attempt, before: State) -> State {
    let mut state = before;
    drop(commit(attempt, &mut state));
    state
}

#[track_caller]
pub(crate) fn accepted(verdict: Verdict) -> (u64, i64) {
    match verdict {
        Verdict::Accepted(code) => (code.moving_factor().unwrap(), code.drift()),
        other => panic!("{other:?}"),
    }
}

/// Returns the drift that a resynchronisation found.
#[track_caller]
pub(crate) fn resynchronised(verdict: ResyncVerdict) -> i64 {
    match verdict {
        ResyncVerdict::Resynchronised(found) => found.drift(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn is_rejected(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Rejected(_))
}

/// Returns the number of HMACs for a code.
fn work(verifier: Verifier, state: State, codes: &[&str], now: u64) -> usize {
    let totp = Totp::from_key(Injected::new(|step| step as u32));
    match codes {
        [code] => drop(verifier.attempt(&totp, state, code, now).unwrap()),
        codes => drop(verifier.resynchronise(&totp, state, codes, now).unwrap()),
    }
    totp.key().asked.get()
}

#[test]
fn the_work_is_the_same_whatever_the_answer() {
    for (past, future) in [(1, 1), (0, 0), (3, 9)] {
        let verifier = window(past, future);
        let candidates = usize::from(verifier.window().candidates());
        // A right, a wrong and a used code, and one that recurs from before.
        for code in ["001000", "777777", "000999", "000001"] {
            let work = |last| {
                let state = State::enrolment().with_next_counter(last);
                work(verifier, state, &[code], 1000 * 30)
            };
            assert_eq!(work(0), candidates, "nothing is used up");
            assert_eq!(work(500), 2 * candidates, "an hour ago");
            // One step is new each time, and none is computed twice.
            assert_eq!(work(1001), candidates + usize::from(future), "this step");
            assert_eq!(work(1000), candidates + usize::from(future) + 1, "the last step");
        }
        // A right first code gives the same answer as a wrong one.
        for codes in [["001000", "001001"], ["001000", "777777"], ["777777", "001001"]] {
            let work = |last| {
                let state = State::enrolment().with_next_counter(last);
                work(verifier, state, &codes, 1000 * 30)
            };
            assert_eq!((work(0), work(500)), (261, 261 + candidates));
        }
    }

    // HOTP only looks ahead.
    let hotp = Hotp::from_key(Injected::new(|counter| counter as u32));
    let state = State::enrolment().with_next_counter(1000);
    for code in ["001000", "001010", "000999", "777777"] {
        drop(VERIFIER.attempt(&hotp, state, code, 0).unwrap());
        assert_eq!(hotp.key().asked.take(), 11 + 11);
        drop(VERIFIER.resynchronise(&hotp, state, &[code, "001011"], 0).unwrap());
        assert_eq!(hotp.key().asked.take(), 101 + 11);
    }
}

#[test]
fn a_lost_race_tells_nothing() {
    let last = State::enrolment().with_next_counter(999);
    for (code, changes) in [("001000", true), ("777777", true), ("000998", false), ("x", false)] {
        let totp = Totp::from_key(Injected::new(|step| step as u32));
        let attempt = VERIFIER.attempt(&totp, last, code, 1000 * 30).unwrap();
        assert_eq!(format!("{attempt:?}"), "Attempt(sealed)");
        let (verdict, changed) = lose(attempt);
        // If there is nothing to store, no race can be lost.
        assert_eq!((verdict == Verdict::Conflict, changed), (changes, changes), "{code}");
    }
}

#[test]
fn without_waits_all_tries_are_free() {
    let throttle = Throttle::DEFAULT.with_waits(0, 0, Backoff::Linear).unwrap();
    let throttle = throttle.with_max_failures(10).unwrap();
    let mut user = Account::new(totp(), VERIFIER.with_throttle(throttle));
    for left in (0..10).rev() {
        let verdict = user.submit("000000", 59);
        assert!(
            matches!(verdict, Verdict::Rejected(wrong) if wrong.until().is_none()
                && wrong.tries_left() == left && wrong.failures_left() == left),
            "{verdict:?}"
        );
    }
    assert_eq!(user.submit("287082", 59), Verdict::Disabled);
}

/// The verifier may have become more patient during a wait.
#[test]
fn a_failure_that_costs_no_wait_leaves_the_last_one_as_it_was() {
    let mut user = Account::new(totp(), VERIFIER);
    while !matches!(user.submit("000000", 59), Verdict::Rejected(wrong) if wrong.until() == Some(89))
    {
    }
    assert_eq!(user.state.locked_until(59), Some(89));
    let throttle = Throttle::DEFAULT.with_waits(0, 0, Backoff::Linear).unwrap();
    user.verifier = VERIFIER.with_throttle(throttle);
    assert!(is_rejected(&user.submit("000000", 89)));
    // As seen by a replica whose clock is behind.
    assert_eq!(user.state.locked_until(88), Some(89));
}

#[test]
fn a_throttle_tells_its_free_tries() {
    assert_eq!(Throttle::DEFAULT.free_tries(), 5);
    assert_eq!(Throttle::DEFAULT.with_free_tries(3).unwrap().free_tries(), 3);
}

#[test]
fn disabled_ends_with_a_reset_alone() {
    let mut user = Account::new(totp(), VERIFIER);
    user.state = user.state.disabled().enabled();
    assert_eq!(user.state.lifecycle(), Lifecycle::Unconfirmed);
    accepted(user.submit("287082", 59));
    user.state = user.state.disabled();
    assert!(user.state.requires_code());
    for now in [59, 1 << 36, State::MAX_TIME] {
        assert_eq!(user.submit(&totp_code(now / 30), now), Verdict::Disabled);
    }
    user.state = user.state.enabled();
    assert_eq!(user.state.lifecycle(), Lifecycle::Confirmed);
    assert_eq!(user.submit("287082", 59), Verdict::Replayed, "a reset opens no used code");
}

#[test]
fn verdicts_read_as_sentences_without_the_code() {
    let throttle = Throttle::DEFAULT.with_free_tries(2).unwrap().with_max_failures(3).unwrap();
    let mut user = Account::new(totp(), VERIFIER.with_throttle(throttle));
    let now = 1000 * 30;
    for (code, now, text) in [
        (totp_code(999), now, "the code is accepted and confirms the enrolment, drift -1"),
        (totp_code(999), now, "the code was used before"),
        (totp_code(1000), now, "the code is accepted, drift 0"),
        (totp_code(1002), now + 30, "the code is accepted, drift +1"),
        ("12345".into(), now, "malformed code: a code here has 6 digits"),
        ("000000".into(), now, "the code is not accepted, tries left: 1"),
        ("000000".into(), now, "the code is not accepted, locked until 30030"),
        (totp_code(1003), now + 29, "locked until 30030"),
        ("000000".into(), now + 30, "the code is not accepted, disabled now"),
        (totp_code(1003), now + 99, "disabled"),
    ] {
        assert_eq!(user.submit(&code, now).to_string(), text);
    }
    let attempt = VERIFIER.attempt(&totp(), State::enrolment(), &totp_code(1), 30).unwrap();
    assert_eq!(lose(attempt).0.to_string(), "another request was faster");
}

#[test]
fn whatever_a_key_uri_is_for_can_be_verified() {
    let engine = |uri: &str| otpauth::Uri::parse(uri).unwrap().engine().unwrap();
    let key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    let mut user =
        Account::new(engine(&format!("otpauth://totp/a?secret={key}&digits=8")), VERIFIER);
    accepted(user.submit("94287082", 59));
    assert_eq!(user.submit("94287082", 59), Verdict::Replayed);

    let mut steam = Account::new(engine(&format!("otpauth://steam/a?secret={key}")), VERIFIER);
    accepted(steam.submit("pv9m4", 59));
    assert_eq!(steam.submit("PV9M4", 59), Verdict::Replayed);

    let mut token =
        Account::new(engine(&format!("otpauth://hotp/a?secret={key}&counter=5")), VERIFIER);
    assert!(matches!(token.engine, Engine::Hotp { .. }));
    // Below the counter at which the URI begins.
    assert_eq!(token.submit(&totp_code(4), 0), Verdict::Replayed);
    assert_eq!(accepted(token.submit(&totp_code(7), 0)), (7, 2));
    assert_eq!(token.submit(&totp_code(7), 0), Verdict::Replayed);
    assert_eq!(token.submit(&totp_code(6), 0), Verdict::Replayed);
    let mut far =
        Account::new(engine(&format!("otpauth://hotp/a?secret={key}&counter=5")), VERIFIER);
    assert_eq!(accepted(far.submit(&totp_code(15), 0)), (15, 10));
    let mut far =
        Account::new(engine(&format!("otpauth://hotp/a?secret={key}&counter=5")), VERIFIER);
    assert!(is_rejected(&far.submit(&totp_code(16), 0)));

    // The higher of the counters in the URI and in the state is used.
    let engine_at_5 = engine(&format!("otpauth://hotp/a?secret={key}&counter=5"));
    let mut behind = Account::new(engine_at_5, VERIFIER);
    behind.state = State::enrolment().with_next_counter(2);
    assert_eq!(behind.submit(&totp_code(4), 0), Verdict::Replayed);
    assert_eq!(accepted(behind.submit(&totp_code(5), 0)), (5, 0));
}

#[test]
fn a_mac_that_fails_counts_nothing() {
    struct Broken;
    impl HmacKey for Broken {
        type Error = &'static str;
        fn truncated(&self, _: u64) -> Result<Truncated, &'static str> {
            Err("no answer on the bus")
        }
    }
    let attempt = VERIFIER.attempt(&Totp::from_key(Broken), State::enrolment(), "287082", 59);
    assert_eq!(attempt.unwrap_err(), AttemptError::Key("no answer on the bus"));
    let attempt = VERIFIER.attempt(&Hotp::from_key(Broken), State::enrolment(), "x", 59).unwrap();
    assert!(!lose(attempt).1);
}

#[test]
fn what_changes_no_state_says_so() {
    let changes = |state, code| {
        let totp = totp();
        lose(VERIFIER.attempt(&totp, state, code, 59).unwrap()).1
    };
    assert!(changes(State::enrolment(), "287082"));
    assert!(changes(State::enrolment(), "000000"));
    assert!(!changes(State::enrolment(), "x"));
    assert!(!changes(State::enrolment().with_next_counter(2), "287082"));
    assert!(!changes(State::enrolment().disabled(), "287082"));
}
