//! Recovery codes under the throttle of the verifier.

use super::*;

const POLICY: Policy = Policy::DEFAULT;

fn redeem(set: &RecoverySet<10>, state: VerifierState, code: &str, now: u64) -> Redemption<10> {
    POLICY.redeem(set, &pepper(), USER, state, code, now).unwrap()
}

/// What is to be stored, if anything, and the verdict once it is.
struct Stored {
    set: RecoverySet<10>,
    state: VerifierState,
    changes: bool,
    verdict: RecoveryVerdict,
}

fn store(redemption: Redemption<10>, set: &RecoverySet<10>, state: VerifierState) -> Stored {
    let mut stored = (set.clone(), state, false);
    let verdict = redemption.commit(|next, old, new| {
        assert_eq!(old, state);
        stored = (next.clone(), new, true);
        Ok::<_, Infallible>(Swap::Stored)
    });
    Stored { set: stored.0, state: stored.1, changes: stored.2, verdict: verdict.unwrap() }
}

fn lose(redemption: Redemption<10>) -> RecoveryVerdict {
    redemption.commit(|_, _, _| Ok::<_, Infallible>(Swap::Lost)).unwrap()
}

/// With a code that is submitted, and stored.
fn submit(set: &RecoverySet<10>, state: VerifierState, code: &str, now: u64) -> Stored {
    store(redeem(set, state, code, now), set, state)
}

#[test]
fn a_code_is_redeemed_once_and_clears_the_failures() {
    let (set, codes) = generate::<10>(1, USER);
    let wrong = submit(&set, VerifierState::enrolment(), &"0".repeat(24), 0);
    assert!(wrong.changes && wrong.set == set);
    assert!(matches!(wrong.verdict, RecoveryVerdict::Rejected { tries_left: 4, .. }));
    assert_eq!(wrong.state.failures(), 1);

    let hit = submit(&set, wrong.state, &codes[3].to_lowercase(), 0);
    assert!(matches!(hit.verdict, RecoveryVerdict::Redeemed(code)
        if (code.slot(), code.remaining()) == (3, 9) && code.replacement().is_none()));
    assert_eq!((hit.state.failures(), hit.set.remaining()), (0, 9));

    // Used and unknown codes are not told apart, and both count.
    let used = submit(&hit.set, hit.state, &codes[3], 0);
    let unknown = submit(&hit.set, hit.state, &"0".repeat(24), 0);
    assert_eq!(used.state, unknown.state);
    assert_eq!(format!("{:?}", used.verdict), format!("{:?}", unknown.verdict));

    let malformed = submit(&hit.set, hit.state, "not a code", 0);
    assert!(!malformed.changes);
    assert!(matches!(malformed.verdict, RecoveryVerdict::Malformed(_)));
}

#[test]
fn verdicts_read_as_sentences_without_the_code() {
    let (set, codes) = generate::<10>(1, USER);
    let throttle = Throttle::DEFAULT.with_free_tries(2).unwrap().with_max_failures(3).unwrap();
    let (policy, wrong) = (POLICY.with_throttle(throttle), "0".repeat(24));
    let (mut set, mut state) = (set, VerifierState::enrolment());
    for (code, now, text) in [
        (&codes[3], 0, "the recovery code is accepted, codes left: 9"),
        (&"0".into(), 0, "malformed recovery code: a recovery code here has 24 symbols"),
        (&codes[3], 0, "the recovery code is not accepted, tries left: 1"),
        (&wrong, 0, "the recovery code is not accepted, locked until 30"),
        (&codes[4], 29, "locked until 30"),
        (&wrong, 30, "the recovery code is not accepted, disabled now"),
        (&codes[4], 99, "disabled"),
    ] {
        let redemption = policy.redeem(&set, &pepper(), USER, state, code, now).unwrap();
        let stored = store(redemption, &set, state);
        (set, state) = (stored.set, stored.state);
        assert_eq!(stored.verdict.to_string(), text);
    }
    let lost = lose(redeem(&set, VerifierState::enrolment(), &codes[4], 0));
    assert_eq!(lost.to_string(), "another request was faster");
}

#[test]
fn f07_while_locked_or_disabled_every_code_is_the_same() {
    let (set, codes) = generate::<10>(1, USER);
    let mut state = VerifierState::enrolment();
    for _ in 0..5 {
        state = submit(&set, state, &"0".repeat(24), 100).state;
    }
    for code in [codes[0].as_str(), "malformed", &"0".repeat(24)] {
        let locked = submit(&set, state, code, 129);
        assert!(!locked.changes);
        assert!(matches!(locked.verdict, RecoveryVerdict::Locked { until: 130 }));
        let disabled = submit(&set, state.disabled(), code, 129);
        assert!(!disabled.changes);
        assert!(matches!(disabled.verdict, RecoveryVerdict::Disabled));
    }
    let open = submit(&set, state, &codes[0], 130);
    assert!(matches!(open.verdict, RecoveryVerdict::Redeemed(_)));
    let mut now = u64::from(u32::MAX);
    for _ in 5..100 {
        now = state.locked_until(now).unwrap_or(now);
        state = submit(&set, state, &"0".repeat(24), now).state;
        state = VerifierState::from_bytes(state.to_bytes().as_ref()).unwrap();
    }
    if state.lifecycle() == Lifecycle::Disabled(DisabledBy::Failures) {
        return;
    }
    panic!("a hundred failures disable");
}

/// The failures of both kinds of code are one count.
#[test]
fn f08_guesses_of_both_kinds_count_together() {
    let (set, _) = generate::<10>(1, USER);
    let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890").unwrap());
    let mut state = VerifierState::enrolment();
    for failures in 1..5 {
        state = if failures % 2 == 0 {
            submit(&set, state, &"0".repeat(24), 0).state
        } else {
            crate::verifier::next_state(POLICY.attempt(&totp, state, "000000", 0).unwrap(), state)
        };
        assert_eq!(state.failures(), failures);
    }
}

#[test]
fn f11_a_lost_race_tells_nothing_and_one_commits() {
    let (set, codes) = generate::<10>(1, USER);
    let stored = Mutex::new((set.clone(), VerifierState::enrolment()));
    let won = thread::scope(|scope| {
        let workers: Vec<_> = (0..32)
            .map(|_| {
                scope.spawn(|| {
                    let redemption = redeem(&set, VerifierState::enrolment(), &codes[7], 0);
                    let swap = |next: &RecoverySet<10>, old, new| {
                        let mut stored = stored.lock().unwrap();
                        let found = *stored == (set.clone(), old);
                        if found {
                            *stored = (next.clone(), new);
                        }
                        Ok::<_, Infallible>(Swap::from_rows(found.into()))
                    };
                    match redemption.commit(swap).unwrap() {
                        RecoveryVerdict::Redeemed(_) => 1,
                        RecoveryVerdict::Conflict => 0,
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
fn a_fresh_code_takes_the_place_of_a_redeemed_one_in_one_commit() {
    let (set, codes) = generate::<10>(1, USER);
    let mut stream = Stream(77);
    let mut rotate = |code: &str| {
        let redemption = redeem(&set, VerifierState::enrolment(), code, 0);
        redemption.with_replacement(stream.fill(), &pepper(), USER).unwrap()
    };
    let hit = rotate(&codes[3]);
    assert_eq!(format!("{hit:?}"), "Redemption(sealed)");
    let hit = store(hit, &set, VerifierState::enrolment());
    let next = hit.set;
    let RecoveryVerdict::Redeemed(redeemed) = hit.verdict else { panic!("it is right") };
    assert_eq!((redeemed.slot(), redeemed.remaining(), next.remaining()), (3, 10, 10));
    let fresh = redeemed.replacement().unwrap().expose();
    assert!(!format!("{redeemed:?}").contains(fresh));
    assert_eq!(slot_of(&next, fresh), Ok(3));
    assert_eq!(slot_of(&next, &codes[3]), Err(RecoveryError::Rejected));
    let verdict = RecoveryVerdict::Redeemed(redeemed).to_string();
    assert_eq!(verdict, "the recovery code is accepted, codes left: 10");
    // Nothing is drawn for another verdict.
    let miss = store(rotate(&"0".repeat(24)), &set, VerifierState::enrolment());
    assert!(miss.set == set);
}

#[test]
fn f23_keys_of_another_set_are_the_fault_of_the_host() {
    let (set, codes) = generate::<10>(1, USER);
    let other = Pepper::new(2, &[0x5a; 32]).unwrap();
    let refused = POLICY.redeem(&set, &other, USER, VerifierState::enrolment(), &codes[0], 0);
    assert_eq!(refused.unwrap_err(), RecoveryInputError::Pepper { expected: 1 });
    let foreign =
        POLICY.redeem(&set, &pepper(), b"user 18", VerifierState::enrolment(), &codes[0], 0);
    assert!(matches!(
        store(foreign.unwrap(), &set, VerifierState::enrolment()).verdict,
        RecoveryVerdict::Rejected { .. }
    ));
}
