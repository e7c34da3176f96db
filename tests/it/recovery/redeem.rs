//! Recovery codes under the throttle of the verifier.

use std::sync::Mutex;
use std::thread;

use otp_core::verifier::{AttemptError, DisabledBy, Lifecycle, Rejection, Throttle};
use otp_core::{Hotp, Secret, Totp};

use super::*;

const VERIFIER: Verifier = Verifier::DEFAULT;

fn secret() -> Secret {
    Secret::from_bytes(b"12345678901234567890").unwrap()
}

/// The set and the state to store, if anything, and the verdict after the commit.
struct Stored {
    set: Set<10>,
    state: State,
    changes: bool,
    verdict: Verdict,
    record: String,
}

impl Stored {
    fn rejection(&self) -> Rejection {
        match self.verdict {
            Verdict::Rejected(rejection) => rejection,
            ref other => panic!("{other:?}"),
        }
    }
}

fn store(redemption: Redemption<'_, 10>, set: &Set<10>, state: State) -> Stored {
    assert_eq!(format!("{redemption:?}"), "Redemption(sealed)");
    let (mut stored, mut success) = ((set.clone(), state, false), false);
    let Ok(settled) = redemption.commit(|next, old, new| {
        assert_eq!(old, state);
        success = new.is_success_after(old);
        stored = (next.clone(), new, true);
        Ok::<_, Infallible>(Swap::Stored)
    });
    assert_eq!(success, matches!(settled.verdict, Verdict::Redeemed(_)));
    let record = settled.record.to_string();
    Stored { set: stored.0, state: stored.1, changes: stored.2, verdict: settled.verdict, record }
}

/// Submits a code and stores the result.
fn submit(set: &Set<10>, state: State, code: &str, now: u64) -> Stored {
    let pepper = pepper();
    store(VERIFIER.redeem(set, &pepper, USER, state, code, now).unwrap(), set, state)
}

#[test]
fn a_code_is_redeemed_once_and_clears_the_failures() {
    let (set, codes) = generate::<10>(1, USER);
    let miss = submit(&set, State::for_recovery(), &wrong(), 0);
    assert!(miss.changes && miss.set == set);
    assert_eq!((miss.rejection().tries_left(), miss.rejection().failures_left()), (4, 99));
    assert_eq!((miss.rejection().until(), miss.state.failures()), (None, 1));

    let hit = submit(&set, miss.state, &codes[3].to_lowercase(), 0);
    let Verdict::Redeemed(code) = &hit.verdict else { panic!("it is right") };
    assert_eq!((code.slot(), code.remaining(), code.failures()), (3, 9, 1));
    assert!(code.replacement().is_none());
    assert_eq!((hit.state.failures(), hit.set.remaining()), (0, 9));
    assert_eq!(hit.record, "kind=recovery verdict=redeemed failures=0 failures_before=1 slot=3");

    // Used and unknown codes get the same answer, and both count.
    let again = submit(&hit.set, hit.state, &codes[3], 0);
    let unknown = submit(&hit.set, hit.state, &wrong(), 0);
    assert_eq!((again.state, again.rejection()), (unknown.state, unknown.rejection()));
    assert_eq!(again.record, "kind=recovery verdict=rejected failures=1 failures_before=0");
    assert_eq!(again.record, unknown.record);

    let malformed = submit(&hit.set, hit.state, "not a code", 0);
    assert!(!malformed.changes);
    assert!(matches!(malformed.verdict, Verdict::Malformed(_)));
    assert_eq!(malformed.record, "kind=recovery verdict=malformed failures=0 failures_before=0");
}

#[test]
fn verdicts_read_as_sentences_without_the_code() {
    let (set, codes) = generate::<10>(1, USER);
    let throttle = Throttle::DEFAULT.with_free_tries(2).unwrap().with_max_failures(3).unwrap();
    let (verifier, wrong, pepper) = (VERIFIER.with_throttle(throttle), wrong(), pepper());
    let (mut set, mut state) = (set, State::for_recovery());
    for (code, now, text) in [
        (&codes[3], 0, "the recovery code is accepted, codes left: 9"),
        (&"0".into(), 0, "malformed recovery code: a recovery code here has 24 symbols"),
        (&codes[3], 0, "the recovery code is not accepted, tries left: 1"),
        (&wrong, 0, "the recovery code is not accepted, locked until 30"),
        (&codes[4], 29, "locked until 30"),
        (&wrong, 30, "the recovery code is not accepted, disabled now"),
        (&codes[4], 99, "disabled"),
    ] {
        let redemption = verifier.redeem(&set, &pepper, USER, state, code, now).unwrap();
        let stored = store(redemption, &set, state);
        assert_eq!(stored.verdict.to_string(), text);
        (set, state) = (stored.set, stored.state);
    }
    let state = State::for_recovery();
    let lost = VERIFIER.redeem(&set, &pepper, USER, state, &codes[4], 0).unwrap();
    let Ok(lost) = lost.commit(|_, _, _| Ok::<_, Infallible>(Swap::Lost));
    assert_eq!(lost.verdict.to_string(), "another request was faster");
    assert_eq!(
        lost.record.to_string(),
        "kind=recovery verdict=conflict failures=0 failures_before=0"
    );
}

#[test]
fn f07_while_locked_or_disabled_every_code_is_the_same() {
    let (set, codes) = generate::<10>(1, USER);
    let mut state = State::for_recovery();
    for _ in 0..5 {
        state = submit(&set, state, &wrong(), 100).state;
    }
    for code in [codes[0].as_str(), "malformed", &wrong()] {
        let locked = submit(&set, state, code, 129);
        assert!(!locked.changes);
        assert!(matches!(locked.verdict, Verdict::Locked { until: 130 }));
        assert_eq!(
            locked.record,
            "kind=recovery verdict=locked failures=5 failures_before=5 until=130"
        );
        let disabled = submit(&set, state.disabled(), code, 129);
        assert!(!disabled.changes);
        assert!(matches!(disabled.verdict, Verdict::Disabled));
    }
    let open = submit(&set, state, &codes[0], 130);
    assert!(matches!(open.verdict, Verdict::Redeemed(_)));
    let mut now = u64::from(u32::MAX);
    for _ in 5..100 {
        now = state.locked_until(now).unwrap_or(now);
        state = submit(&set, state, &wrong(), now).state;
        state = State::from_bytes(state.to_bytes().as_ref()).unwrap();
    }
    assert_eq!(state.lifecycle(), Lifecycle::Disabled(DisabledBy::Failures));
}

/// A lost phone that was disabled does not block recovery, and its state is not accepted as the
/// other one.
#[test]
fn recovery_codes_have_a_state_of_their_own() {
    let (set, codes) = generate::<10>(1, USER);
    let pepper = pepper();
    let (totp, hotp) = (Totp::new(&secret()), Hotp::new(&secret()));
    let mut accepted = None;
    let attempt = VERIFIER.attempt(&totp, State::enrolment(), "287082", 59).unwrap();
    let Ok(_) = attempt.commit(|_, next| {
        accepted = Some(next);
        Ok::<_, Infallible>(Swap::Stored)
    });
    for state in
        [State::enrolment(), State::confirmed(), State::confirmed().disabled(), accepted.unwrap()]
    {
        let refused = VERIFIER.redeem(&set, &pepper, USER, state, &codes[0], 59);
        assert_eq!(refused.unwrap_err(), InputError::OtherState);
    }

    let state = State::for_recovery();
    let stored = state.to_bytes();
    assert_eq!(State::from_bytes(stored.as_ref()), Ok(state));
    assert_eq!(
        VERIFIER.attempt(&totp, state, "287082", 59).unwrap_err(),
        AttemptError::OtherEngine
    );
    assert_eq!(
        VERIFIER.attempt(&hotp, state, "755224", 59).unwrap_err(),
        AttemptError::OtherEngine
    );
    assert!(state.requires_code(), "a login that asks the wrong state asks for a code");
}

#[test]
fn a_time_in_milliseconds_is_refused() {
    let (set, codes) = generate::<10>(1, USER);
    let (pepper, state) = (pepper(), State::for_recovery());
    let later = State::MAX_TIME + 1;
    let refused = VERIFIER.redeem(&set, &pepper, USER, state, &codes[0], later);
    assert_eq!(refused.unwrap_err(), InputError::TimeTooFar);
}

/// F42: a wrong pepper is the host's mistake, and is not counted as a guess.
#[test]
fn f42_another_pepper_is_recognised() {
    let (set, codes) = generate::<10>(1, USER);
    for (other, error) in [
        (Pepper::new(2, &[0x5a; 32]), InputError::PepperKeyId { expected: 1 }),
        (Pepper::new(1, &[0x5b; 32]), InputError::Mismatch),
        (Pepper::new(1, &[0x5a; 31]), InputError::Mismatch),
    ] {
        let other = other.unwrap();
        for code in [&codes[0], &wrong()] {
            assert_eq!(judged(&set, &other, USER, code).unwrap_err(), error);
        }
        // It does not make a code that would never be accepted either.
        let reissued = set.reissue(0, Stream(2).fill(), &other, USER);
        assert_eq!(reissued.unwrap_err(), error.into());
    }
}

/// F42: another spelling of the user is not a guess either, and neither is a damaged set. Otherwise
/// the owner would be disabled for it.
#[test]
fn f42_another_user_or_a_damaged_set_is_recognised() {
    let (set, codes) = generate::<10>(1, USER);
    let mismatch = |set: &Set<10>, user: &'static [u8]| {
        for code in [&codes[0], &wrong()] {
            let code = &format!("{code}00000000")[..set.code_length().symbols().into()];
            assert_eq!(judged(set, &pepper(), user, code).unwrap_err(), InputError::Mismatch);
        }
        let reissued = set.reissue(0, Stream(2).fill(), &pepper(), user);
        assert_eq!(reissued.unwrap_err(), InputError::Mismatch.into());
    };
    for user in [&b"User 17"[..], b"user 1", b"user 177", b"\0user 17"] {
        mismatch(&set, user);
    }
    let stored = bytes(&set);
    // One symbol more or less, the check value, the generation, and the salt.
    for at in [3, 20, 23, 24, 27, 28, 43] {
        let mut damaged = stored.clone();
        damaged[at] ^= 1;
        mismatch(&Set::from_bytes(&damaged).unwrap(), USER);
    }
    #[cfg(feature = "pbkdf2")]
    {
        use otp_core::recovery::Pbkdf2;

        let (mut stream, length) = (Stream(1), Length::DEFAULT);
        let set = Set::<1, Pbkdf2>::generate(
            stream.fill(),
            Pbkdf2::DEFAULT,
            length,
            &pepper(),
            USER,
            |_, _| (),
        );
        let mut damaged = bytes(&set.unwrap());
        damaged[7] ^= 1; // The cost.
        let damaged = Set::<1, Pbkdf2>::from_bytes(&damaged).unwrap();
        let judged = judged(&damaged, &pepper(), USER, &wrong());
        assert_eq!(judged.unwrap_err(), InputError::Mismatch);
    }
}

/// F11: a store that compares only the state, or only the set, still accepts a code once.
#[test]
fn f11_each_redemption_changes_the_state_as_well_as_the_set() {
    for compares_state in [true, false] {
        let (set, codes) = generate::<10>(1, USER);
        let (pepper, loaded) = (pepper(), State::for_recovery());
        let mut stored = (set.clone(), loaded);
        let mut redeemed = 0;
        for _ in 0..14 {
            let redemption = VERIFIER.redeem(&set, &pepper, USER, loaded, &codes[7], 0).unwrap();
            let Ok(settled) = redemption.commit(|next_set, old, next| {
                let found = if compares_state { stored.1 == old } else { stored.0 == set };
                if found {
                    stored = (next_set.clone(), next);
                }
                Ok::<_, Infallible>(Swap::from_rows(found.into()))
            });
            redeemed += u32::from(matches!(settled.verdict, Verdict::Redeemed(_)));
        }
        assert_eq!(redeemed, 1);
    }
    // No state occurs twice: the redemptions are counted, and failures do not change that count.
    let (mut set, codes) = generate::<10>(1, USER);
    let mut state = State::for_recovery();
    for (count, code) in (0..).zip(&codes) {
        assert_eq!(state.next_factor(), Some(count));
        state = submit(&set, state, &wrong(), 0).state;
        assert_eq!(state.next_factor(), Some(count));
        let hit = submit(&set, state, code, 0);
        assert!(matches!(hit.verdict, Verdict::Redeemed(_)));
        (set, state) = (hit.set, State::from_bytes(hit.state.to_bytes().as_ref()).unwrap());
        assert_eq!(state, hit.state);
        assert_eq!(state.enabled().next_factor(), Some(count + 1));
    }
}

/// F11: with one snapshot, one code and 32 threads, the store accepts one.
#[test]
fn f11_a_lost_race_tells_nothing_and_one_commits() {
    let (set, codes) = generate::<10>(1, USER);
    let stored = Mutex::new((set.clone(), State::for_recovery()));
    let won = thread::scope(|scope| {
        let workers: Vec<_> = (0..32)
            .map(|_| {
                scope.spawn(|| {
                    let (pepper, state) = (pepper(), State::for_recovery());
                    let redemption = VERIFIER.redeem(&set, &pepper, USER, state, &codes[7], 0);
                    let swap = |next: &Set<10>, old, new| {
                        let mut stored = stored.lock().unwrap();
                        let found = *stored == (set.clone(), old);
                        if found {
                            *stored = (next.clone(), new);
                        }
                        Ok::<_, Infallible>(Swap::from_rows(found.into()))
                    };
                    match redemption.unwrap().commit(swap).unwrap().verdict {
                        Verdict::Redeemed(_) => 1,
                        Verdict::Conflict => 0,
                        other => panic!("{other:?}"),
                    }
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum::<u32>()
    });
    assert_eq!(won, 1);
}

#[test]
fn a_new_code_takes_the_place_of_a_redeemed_one_in_one_commit() {
    let (set, codes) = generate::<10>(1, USER);
    let (pepper, state) = (pepper(), State::for_recovery());
    let mut stream = Stream(77);
    let mut rotate = |state, code: &str| {
        let mut calls = 0;
        let redemption = VERIFIER.redeem(&set, &pepper, USER, state, code, 0).unwrap();
        let redemption = redemption.with_replacement(|bytes: &mut [u8]| {
            calls += 1;
            stream.fill()(bytes)
        });
        assert_eq!(calls, 1, "whatever the verdict is");
        store(redemption.unwrap(), &set, state)
    };
    let hit = rotate(state, &codes[3]);
    let next = hit.set;
    let Verdict::Redeemed(redeemed) = hit.verdict else { panic!("it is right") };
    assert_eq!((redeemed.slot(), redeemed.remaining(), next.remaining()), (3, 10, 10));
    let fresh = redeemed.replacement().unwrap().expose();
    assert!(!format!("{redeemed:?}").contains(fresh));
    assert_eq!(slot_of(&next, fresh), Some(3));
    assert_eq!(slot_of(&next, &codes[3]), None);
    assert_eq!(redeemed.to_string(), "the recovery code is accepted, codes left: 10");
    // With another verdict, nothing is replaced.
    for (state, code) in [(state, wrong()), (state, "?".into()), (state.disabled(), wrong())] {
        assert!(rotate(state, &code).set == set);
    }
}

/// A second call does nothing, for every verdict. Otherwise the number of calls of `fill` would
/// reveal the verdict before the commit.
#[test]
fn a_second_replacement_tells_nothing() {
    let (set, codes) = generate::<10>(1, USER);
    let (pepper, open) = (pepper(), State::for_recovery());
    let cases = [(open, &*codes[3]), (open, &wrong()), (open, "?"), (open.disabled(), &codes[3])];
    for (state, code) in cases {
        let mut calls = 0;
        let mut stream = Stream(77);
        let mut fill = |bytes: &mut [u8]| {
            calls += 1;
            stream.fill()(bytes)
        };
        let redemption = VERIFIER.redeem(&set, &pepper, USER, state, code, 0).unwrap();
        let redemption = redemption.with_replacement(&mut fill).unwrap();
        drop(redemption.with_replacement(&mut fill).unwrap());
        assert_eq!(calls, 1, "{code}");
    }
}

#[test]
fn a_source_of_randomness_that_fails_leaves_the_code() {
    let (set, codes) = generate::<10>(1, USER);
    let (pepper, state) = (pepper(), State::for_recovery());
    for code in [&*codes[3], &wrong(), "?"] {
        let redemption = VERIFIER.redeem(&set, &pepper, USER, state, code, 0).unwrap();
        let error = redemption.with_replacement(|_: &mut [u8]| Err("empty")).unwrap_err();
        assert_eq!(error, IssueError::Rng("empty"));
    }
}
