//! The making of codes. No operation makes a used code valid again.

use super::*;

#[test]
fn regeneration_kills_all_and_a_reissue_one() {
    let (first, codes) = generate::<3>(1, USER);
    let new_pepper = Pepper::new(2, &[9; 14]).unwrap();
    let length = Length::new(32).unwrap();
    let mut new_codes = Vec::new();
    let mut stream = Stream(2);
    let second = first
        .regenerate(stream.fill(), Keyed, length, &new_pepper, USER, |_, code| {
            new_codes.push(code.expose().to_owned());
        })
        .unwrap();
    assert_eq!((second.generation(), second.pepper_key_id(), second.remaining()), (1, 2, 3));
    assert_eq!((second.code_length(), new_codes[0].len()), (length, 32));
    let slot_of = |set: &Set<3>, code: &str| match judged(set, &new_pepper, USER, code).unwrap().0 {
        Verdict::Redeemed(code) => Some(code.slot()),
        _ => None,
    };
    for code in &codes {
        assert_eq!(slot_of(&second, code), None);
        assert!(used(&first, code).is_some());
    }

    let (third, fresh) = second.reissue(1, stream.fill(), &new_pepper, USER).unwrap();
    assert_eq!((third.generation(), third.remaining()), (1, 3));
    assert_eq!(slot_of(&third, &new_codes[1]), None);
    for (slot, code) in [(0, &*new_codes[0]), (1, fresh.expose()), (2, &*new_codes[2])] {
        assert_eq!(slot_of(&third, code), Some(slot));
    }

    // A used slot can get a new code too, but a slot that does not exist cannot.
    let (_, burned) = judged(&third, &new_pepper, USER, fresh.expose()).unwrap();
    assert_eq!(burned.remaining(), 2);
    let (again, _) = burned.reissue(1, stream.fill(), &new_pepper, USER).unwrap();
    assert_eq!(again.remaining(), 3);
    let error = again.reissue(3, stream.fill(), &new_pepper, USER).unwrap_err();
    assert_eq!(error, IssueError::Slot);
    // A new code uses the pepper of its set.
    let error = again.reissue(0, stream.fill(), &pepper(), USER).unwrap_err();
    assert_eq!(error, InputError::PepperKeyId { expected: 2 }.into());
}

/// A higher cost or another hash keeps the generation increasing.
#[cfg(feature = "pbkdf2")]
#[test]
fn a_regeneration_may_take_another_hash() {
    use otp_core::recovery::Pbkdf2;

    let (first, codes) = generate::<1>(1, USER);
    let mut stream = Stream(2);
    let mut shown = Vec::new();
    let mut show = |_: u8, code: &Code| shown.push(code.expose().to_owned());
    let short = Length::new(16).unwrap();
    let slow = first
        .regenerate(stream.fill(), Pbkdf2::DEFAULT, short, &pepper(), USER, &mut show)
        .unwrap();
    let costly = Pbkdf2::new(600_001).unwrap();
    let slower = slow.regenerate(stream.fill(), costly, short, &pepper(), USER, &mut show).unwrap();
    let fast = slower.regenerate(stream.fill(), Keyed, Length::DEFAULT, &pepper(), USER, &mut show);
    let fast: Set<1> = fast.unwrap();
    assert_eq!((slow.generation(), slower.generation(), fast.generation()), (1, 2, 3));
    assert_eq!(slower.hash().iterations(), 600_001);
    let (verdict, _) = judged(&slower, &pepper(), USER, &shown[1]).unwrap();
    assert!(matches!(verdict, Verdict::Redeemed(_)));
    assert_eq!((slot_of(&fast, &codes[0]), slot_of(&fast, &shown[2])), (None, Some(0)));
}

/// F38: even if a generator repeats itself, the code that was just used does not become its own
/// replacement.
#[test]
fn f38_a_replacement_is_never_the_code_that_was_just_used() {
    let (set, codes) = generate::<1>(38, USER);
    let state = State::for_recovery();
    let pepper = pepper();
    let redemption = Verifier::DEFAULT.redeem(&set, &pepper, USER, state, &codes[0], 0).unwrap();
    let again = |bytes: &mut [u8]| {
        // The symbols of the used code.
        for (byte, symbol) in bytes.iter_mut().zip(codes[0].chars()) {
            *byte = ALPHABET.find(symbol).unwrap() as u8;
        }
        Ok::<(), Infallible>(())
    };
    assert_eq!(redemption.with_replacement(again).unwrap_err(), IssueError::Repeating);

    // The generator repeats itself once, and the second draw is used.
    let mut draws = 0;
    let once = |bytes: &mut [u8]| {
        draws += 1;
        if draws == 1 { again(bytes) } else { Stream(7).fill()(bytes) }
    };
    let redemption = Verifier::DEFAULT.redeem(&set, &pepper, USER, state, &codes[0], 0).unwrap();
    let redemption = redemption.with_replacement(once).unwrap().with_replacement(again).unwrap();
    let settled = redemption.commit(|_, _, _| Ok::<_, Infallible>(Swap::Stored)).unwrap();
    let Verdict::Redeemed(redeemed) = settled.verdict else { panic!("it is right") };
    assert!(redeemed.replacement().is_some_and(|code| code.expose() != codes[0]));

    // A reissue does not give the code of its slot or of another slot either.
    let (three, _) = generate::<3>(38, USER);
    assert_eq!(slot_of(&three, &codes[0]), Some(0));
    for slot in 0..3 {
        let error = three.reissue(slot, again, &pepper, USER).unwrap_err();
        assert_eq!(error, IssueError::Repeating);
    }
}

/// F38: a slot that is reissued later does not get its last code back either, for every stored form
/// of the set.
#[test]
fn f38_a_slot_that_is_reissued_later_gets_another_code() {
    let (set, codes) = generate::<2>(38, USER);
    let again = |bytes: &mut [u8]| {
        for (byte, symbol) in bytes.iter_mut().zip(codes[1].chars()) {
            *byte = ALPHABET.find(symbol).unwrap() as u8;
        }
        Ok::<(), Infallible>(())
    };
    let (_, set) = used(&set, &codes[1]).unwrap();
    let read = Set::<2>::from_bytes(&bytes(&set)).unwrap();
    for slot in [0, 1] {
        let error = read.reissue(slot, again, &pepper(), USER).unwrap_err();
        assert_eq!(error, IssueError::Repeating);
    }
    #[cfg(any(feature = "argon2", feature = "pbkdf2"))]
    {
        let strings = [0, 1].map(|slot| read.phc(slot).unwrap().to_string());
        let read = Set::<2>::from_phc([&strings[0], &strings[1]]).unwrap();
        let error = read.reissue(1, again, &pepper(), USER).unwrap_err();
        assert_eq!(error, IssueError::Repeating);
    }
}

/// F38 and its limit: a slot stores the last code that it had, and no older code.
#[test]
fn f38_only_the_last_code_of_a_slot_is_remembered() {
    let (set, codes) = generate::<1>(38, USER);
    let (pepper, state) = (pepper(), State::for_recovery());
    let replaced = |set: &Set<1>, code: &str, fill: &mut dyn FnMut(&mut [u8])| {
        let redemption = Verifier::DEFAULT.redeem(set, &pepper, USER, state, code, 0).unwrap();
        let redemption = redemption.with_replacement(|bytes: &mut [u8]| {
            fill(bytes);
            Ok::<(), Infallible>(())
        });
        let mut next = set.clone();
        let settled = redemption.unwrap().commit(|set, _, _| {
            next.clone_from(set);
            Ok::<_, Infallible>(Swap::Stored)
        });
        let Verdict::Redeemed(redeemed) = settled.unwrap().verdict else { panic!("it is right") };
        (next, redeemed.replacement().unwrap().expose().to_owned())
    };
    let (set, second) = replaced(&set, &codes[0], &mut |bytes| {
        let Ok(()) = Stream(7).fill()(bytes);
    });
    let (set, third) = replaced(&set, &second, &mut |bytes| {
        for (byte, symbol) in bytes.iter_mut().zip(codes[0].chars()) {
            *byte = ALPHABET.find(symbol).unwrap() as u8;
        }
    });
    assert_eq!((third, slot_of(&set, &second)), (codes[0].clone(), None));
}

/// F38: a source that writes nothing, or one byte repeatedly, does not make a code. Its code would
/// be `000…0`.
#[test]
fn f38_a_source_that_writes_nothing_makes_no_code() {
    let (set, codes) = generate::<1>(38, USER);
    let (pepper, state, length) = (pepper(), State::for_recovery(), Length::DEFAULT);
    for byte in [None, Some(0), Some(7), Some(0xff)] {
        let fill = |bytes: &mut [u8]| {
            if let Some(byte) = byte {
                bytes.fill(byte);
            }
            Ok::<(), Infallible>(())
        };
        let refused = |error| assert_eq!(error, IssueError::Repeating);
        let show = |_: u8, _: &Code| panic!("a code of nothing is shown");
        refused(Set::<1>::generate(fill, Keyed, length, &pepper, USER, show).unwrap_err());
        refused(set.regenerate(fill, Keyed, length, &pepper, USER, show).unwrap_err());
        refused(set.reissue(0, fill, &pepper, USER).unwrap_err());
        for code in [&*codes[0], &wrong(), "?"] {
            let redemption = Verifier::DEFAULT.redeem(&set, &pepper, USER, state, code, 0).unwrap();
            refused(redemption.with_replacement(fill).unwrap_err());
        }
        // A good salt does not help.
        let mut salt = true;
        let fill = |bytes: &mut [u8]| {
            if core::mem::take(&mut salt) { Stream(1).fill()(bytes) } else { fill(bytes) }
        };
        refused(Set::<1>::generate(fill, Keyed, length, &pepper, USER, show).unwrap_err());
    }
}

/// F38: a generator that restarts would make the next generation with the old codes.
#[test]
fn f38_a_regeneration_with_the_old_codes_is_refused() {
    let (set, _) = generate::<2>(5, USER);
    let mut again = Stream(5);
    let next = set.regenerate(again.fill(), Keyed, Length::DEFAULT, &pepper(), USER, |_, _| {
        panic!("an old code is shown")
    });
    assert_eq!(next.unwrap_err(), IssueError::Repeating);
}

#[test]
fn a_source_of_randomness_that_fails() {
    let length = Length::DEFAULT;
    let broken = |_: &mut [u8]| Err("no entropy");
    let set = Set::<2>::generate(broken, Keyed, length, &pepper(), USER, |_, _| {
        panic!("a code without entropy")
    });
    assert_eq!(set.unwrap_err(), IssueError::Rng("no entropy"));

    // A generator that repeats itself gives the first slot a code, but no set.
    let again = |bytes: &mut [u8]| Stream(7).fill()(bytes);
    let set = Set::<2>::generate(again, Keyed, length, &pepper(), USER, |slot, _| {
        assert_eq!(slot, 0);
    });
    assert_eq!(set.unwrap_err(), IssueError::Repeating);

    // A code that is already in the set is drawn again.
    let mut calls = 0;
    let twice = |bytes: &mut [u8]| {
        calls += 1;
        Stream([0, 1, 1, 1, 2][calls - 1]).fill()(bytes)
    };
    let mut codes = Vec::new();
    Set::<2>::generate(twice, Keyed, length, &pepper(), USER, |_, code| {
        codes.push(code.expose().to_owned());
    })
    .unwrap();
    assert_eq!(calls, 5);
    assert_ne!(codes[0], codes[1]);

    let user = Set::<1>::generate(Stream(1).fill(), Keyed, length, &pepper(), b"", |_, _| ());
    assert_eq!(user.unwrap_err(), InputError::User.into());
}

#[test]
fn a_fast_hash_needs_long_codes() {
    let issue = |symbols| {
        let length = Length::new(symbols).unwrap();
        Set::<1>::generate(Stream(1).fill(), Keyed, length, &pepper(), USER, |_, _| ())
    };
    assert_eq!(issue(22).unwrap_err(), IssueError::Length(LengthError::Short { min: 23 }));
    assert_eq!(issue(23).unwrap().code_length().bits(), 115);
}

#[test]
fn the_last_generation() {
    let (set, _) = generate::<1>(3, USER);
    let mut stored = bytes(&set);
    stored[24..28].fill(0xff);
    let set = Set::<1>::from_bytes(&stored).unwrap();
    assert_eq!(set.generation(), u32::MAX);
    let next = set.regenerate(Stream(1).fill(), Keyed, Length::DEFAULT, &pepper(), USER, |_, _| ());
    assert_eq!(next.unwrap_err(), IssueError::Exhausted);
}

#[test]
fn an_issue_error_has_its_source() {
    let fails = |_: &mut [u8]| Err(std::fmt::Error);
    let error = Set::<1>::generate(fails, Keyed, Length::DEFAULT, &pepper(), USER, |_, _| ());
    let error = error.unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().is::<std::fmt::Error>());
}
