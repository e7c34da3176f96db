//! Recovery codes under the throttle of the verifier.

use super::*;

const POLICY: Policy = Policy::DEFAULT;

fn redeem(set: &RecoverySet<10>, state: VerifierState, code: &str, now: u64) -> Redemption<10> {
    POLICY.redeem(set, &pepper(), USER, state, code, now).unwrap()
}

#[test]
fn a_code_is_redeemed_once_and_clears_the_failures() {
    let (set, codes) = generate::<10>(1, USER);
    let wrong = redeem(&set, VerifierState::FRESH, &"0".repeat(24), 0);
    assert!(wrong.changes() && *wrong.next_set() == set);
    let state = wrong.next_state();
    assert!(matches!(wrong.settle(true), RecoveryVerdict::Rejected { tries_left: 4, .. }));
    assert_eq!(state.failures(), 1);

    let hit = redeem(&set, state, &codes[3].to_lowercase(), 0);
    let (mut set, state) = (set, hit.next_state());
    set.clone_from(hit.next_set());
    assert!(set == *hit.next_set());
    assert!(matches!(hit.settle(true), RecoveryVerdict::Redeemed(code)
        if (code.slot(), code.remaining()) == (3, 9) && code.replacement().is_none()));
    assert_eq!((state, set.remaining()), (VerifierState::FRESH, 9));

    // Used and unknown codes are not told apart, and both count.
    let used = redeem(&set, state, &codes[3], 0);
    let unknown = redeem(&set, state, &"0".repeat(24), 0);
    assert_eq!(used.next_state(), unknown.next_state());
    assert_eq!(format!("{:?}", used.settle(true)), format!("{:?}", unknown.settle(true)));

    let malformed = redeem(&set, state, "not a code", 0);
    assert!(!malformed.changes());
    assert!(matches!(malformed.settle(true), RecoveryVerdict::Malformed(_)));
}

#[test]
fn verdicts_read_as_sentences_without_the_code() {
    let (set, codes) = generate::<10>(1, USER);
    let throttle = Throttle::DEFAULT.with_free_tries(2).unwrap().with_max_failures(3).unwrap();
    let (policy, wrong) = (POLICY.with_throttle(throttle), "0".repeat(24));
    let (mut set, mut state) = (set, VerifierState::FRESH);
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
        (set, state) = (redemption.next_set().clone(), redemption.next_state());
        assert_eq!(redemption.settle(true).to_string(), text);
    }
    let lost = redeem(&set, VerifierState::FRESH, &codes[4], 0).settle(false);
    assert_eq!(lost.to_string(), "another request was faster");
}

#[test]
fn f07_while_locked_or_disabled_every_code_is_the_same() {
    let (set, codes) = generate::<10>(1, USER);
    let mut state = VerifierState::FRESH;
    for _ in 0..5 {
        state = redeem(&set, state, &"0".repeat(24), 100).next_state();
    }
    for code in [codes[0].as_str(), "malformed", &"0".repeat(24)] {
        let locked = redeem(&set, state, code, 129);
        assert!(!locked.changes());
        assert!(matches!(locked.settle(true), RecoveryVerdict::Locked { until: 130 }));
        let disabled = redeem(&set, state.disable(), code, 129);
        assert!(matches!(disabled.settle(true), RecoveryVerdict::Disabled));
    }
    assert!(matches!(
        redeem(&set, state, &codes[0], 130).settle(true),
        RecoveryVerdict::Redeemed(_)
    ));
    for _ in 5..100 {
        state = redeem(&set, state, &"0".repeat(24), u64::from(u32::MAX)).next_state();
        state = VerifierState::from_bytes(&state.to_bytes()).unwrap();
        if let Some(until) = state.locked_until(0) {
            state = redeem(&set, state, &"0".repeat(24), until).next_state();
        }
        if state.lifecycle() == Lifecycle::Disabled {
            return;
        }
    }
    panic!("a hundred failures disable");
}

/// The failures of both kinds of code are one count.
#[test]
fn f08_guesses_of_both_kinds_count_together() {
    let (set, _) = generate::<10>(1, USER);
    let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890").unwrap());
    let mut state = VerifierState::FRESH;
    for failures in 1..5 {
        state = if failures % 2 == 0 {
            redeem(&set, state, &"0".repeat(24), 0).next_state()
        } else {
            POLICY.attempt(&totp, state, "000000", 0).unwrap().next_state()
        };
        assert_eq!(state.failures(), failures);
    }
}

#[test]
fn f11_a_lost_race_tells_nothing_and_one_commits() {
    let (set, codes) = generate::<10>(1, USER);
    let stored = Mutex::new((set.clone(), VerifierState::FRESH));
    let won = thread::scope(|scope| {
        let workers: Vec<_> = (0..32)
            .map(|_| {
                scope.spawn(|| {
                    let redemption = redeem(&set, VerifierState::FRESH, &codes[7], 0);
                    let mut stored = stored.lock().unwrap();
                    let committed = *stored == (set.clone(), VerifierState::FRESH);
                    if committed {
                        *stored = (redemption.next_set().clone(), redemption.next_state());
                    }
                    match redemption.settle(committed) {
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
        let redemption = redeem(&set, VerifierState::FRESH, code, 0);
        redemption.with_replacement(stream.fill(), &pepper(), USER).unwrap()
    };
    let hit = rotate(&codes[3]);
    assert_eq!(format!("{hit:?}"), "Redemption(sealed)");
    let next = hit.next_set().clone();
    let RecoveryVerdict::Redeemed(redeemed) = hit.settle(true) else { panic!("it is right") };
    assert_eq!((redeemed.slot(), redeemed.remaining(), next.remaining()), (3, 10, 10));
    let fresh = redeemed.replacement().unwrap().expose();
    assert!(!format!("{redeemed:?}").contains(fresh));
    assert_eq!(slot_of(&next, fresh), Ok(3));
    assert_eq!(slot_of(&next, &codes[3]), Err(RecoveryError::Rejected));
    let verdict = RecoveryVerdict::Redeemed(redeemed).to_string();
    assert_eq!(verdict, "the recovery code is accepted, codes left: 10");
    // Nothing is drawn for another verdict.
    let miss = rotate(&"0".repeat(24));
    assert!(*miss.next_set() == set);
}

#[test]
fn f23_keys_of_another_set_are_the_fault_of_the_host() {
    let (set, codes) = generate::<10>(1, USER);
    let other = Pepper::new(2, &[0x5a; 32]).unwrap();
    let refused = POLICY.redeem(&set, &other, USER, VerifierState::FRESH, &codes[0], 0);
    assert_eq!(refused.unwrap_err(), RecoveryInputError::Pepper { expected: 1 });
    let foreign = POLICY.redeem(&set, &pepper(), b"user 18", VerifierState::FRESH, &codes[0], 0);
    assert!(matches!(foreign.unwrap().settle(true), RecoveryVerdict::Rejected { .. }));
}
