//! Recovery codes: making, storing, redeeming in every slot, replacing.

use core::convert::Infallible;

use otp_core::recovery::{self, Keyed, Length, MalformedCode, Pepper, Redemption, Verdict};
use otp_core::verifier::{State, Swap, Verifier};

use crate::codes::NOW;
use crate::memory::{Typed, is_secret, make_public, make_secret, secret};

const SLOTS: usize = 10;
type Set = recovery::Set<SLOTS>;

const USER: &[u8] = b"user 17";
/// The bytes of a set before its hashes.
const HASHES: usize = 48;

pub fn prove() {
    let pepper = Pepper::new(1, &secret([0x5a; 32])).unwrap();
    let (set, codes) = made(&pepper, 1);
    let set = stored(&set);
    redeem(&set, &pepper, &codes);
    replace(&set, &pepper, &codes);
    digits(&set, &pepper);
}

/// The same with codes of digits.
fn digits(set: &Set, pepper: &Pepper) {
    let mut codes = Vec::new();
    let show = |_, code: &recovery::Code| codes.push(code.expose().to_owned());
    let set = set.regenerate(rng(7), Keyed, Length::DIGITS, pepper, USER, show).unwrap();
    redeem(&stored(&set), pepper, &codes);
}

/// A CSPRNG, good enough here, whose bytes are secret.
fn rng(mut state: u64) -> impl FnMut(&mut [u8]) -> Result<(), ()> {
    move |bytes| {
        for byte in bytes.iter_mut() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = state.to_be_bytes()[0];
        }
        make_secret(bytes);
        Ok(())
    }
}

fn made(pepper: &Pepper, seed: u64) -> (Set, Vec<String>) {
    let mut codes = Vec::new();
    let set = Set::generate(rng(seed), Keyed, Length::DEFAULT, pepper, USER, |_, code| {
        codes.push(code.expose().to_owned());
    });
    (set.unwrap(), codes)
}

/// The set as it comes out of a store: its hashes are secret, and its salt and numbers not.
fn stored(set: &Set) -> Set {
    let mut bytes = [0; Set::LEN];
    set.write_bytes(&mut bytes).unwrap();
    let (header, hashes) = bytes.split_at_mut(HASHES);
    make_public(header.as_mut_ptr(), header.len());
    make_secret(hashes);
    Set::from_bytes(&bytes).unwrap()
}

/// The verdict, and the set that is stored then.
fn commit(redemption: Redemption<'_, SLOTS>, set: &Set) -> (Verdict, Set) {
    let mut next = set.clone();
    let Ok(settled) = redemption.commit(|set, _, _| {
        next = set.clone();
        Ok::<_, Infallible>(Swap::Stored)
    });
    (settled.verdict, next)
}

fn redeem(set: &Set, pepper: &Pepper, codes: &[String]) {
    let judge = |set: &Set, text: &str| {
        let typed = Typed::new(text);
        let state = State::for_recovery();
        let redemption =
            Verifier::DEFAULT.redeem(set, pepper, USER, state, typed.text(), NOW).unwrap();
        commit(redemption, set)
    };
    let mut rest = set.clone();
    for (slot, code) in (0..).zip(codes) {
        let (verdict, burned) = judge(set, &code.to_lowercase());
        assert!(matches!(verdict, Verdict::Redeemed(hit) if hit.slot() == slot));
        let (verdict, _) = judge(&stored(&burned), code);
        assert!(matches!(verdict, Verdict::Rejected(_)));
        rest = judge(&rest, code).1;
    }
    // Every slot used, and a code that is none.
    assert_eq!(stored(&rest).remaining(), 0);
    for set in [set, &rest] {
        let (verdict, _) = judge(set, &"0".repeat(codes[0].len()));
        assert!(matches!(verdict, Verdict::Rejected(_)));
    }
    // A race that was lost tells nothing.
    for code in [&*codes[0], &"0".repeat(codes[0].len())] {
        let typed = Typed::new(code);
        let state = State::for_recovery();
        let lost = Verifier::DEFAULT.redeem(set, pepper, USER, state, typed.text(), NOW).unwrap();
        let Ok(settled) = lost.commit(|_, _, _| Ok::<_, Infallible>(Swap::Lost));
        assert!(matches!(settled.verdict, Verdict::Conflict));
    }
    let (verdict, _) = judge(set, "012345-678?AB");
    let why = MalformedCode::Character { offset: 10 };
    assert!(matches!(verdict, Verdict::Malformed(error) if error == why));
}

fn replace(set: &Set, pepper: &Pepper, codes: &[String]) {
    let typed = Typed::new(&codes[3]);
    let state = State::for_recovery();
    let replace = |set: &Set, text: &str, seed| {
        let redemption = Verifier::DEFAULT.redeem(set, pepper, USER, state, text, NOW).unwrap();
        commit(redemption.with_replacement(rng(seed)).unwrap(), set)
    };
    let (verdict, replaced) = replace(set, typed.text(), 2);
    let Verdict::Redeemed(redeemed) = verdict else { panic!("redeemed") };
    let fresh = Typed::new(redeemed.replacement().unwrap().expose());
    let (verdict, _) = replace(&stored(&replaced), fresh.text(), 3);
    assert!(matches!(verdict, Verdict::Redeemed(hit) if hit.slot() == 3 && hit.remaining() == 10));
    let (verdict, _) = replace(&stored(&replaced), typed.text(), 4);
    assert!(matches!(verdict, Verdict::Rejected(_)));
    let (reissued, _) = set.reissue(3, rng(5), pepper, USER).unwrap();
    assert!(stored(&reissued) != stored(set));
    let (mut shown, length) = (0, Length::DEFAULT);
    let next = set.regenerate(rng(6), Keyed, length, pepper, USER, |_, _| shown += 1).unwrap();
    assert_eq!((next.generation(), shown), (1, SLOTS));
    // The hashes are secrets still: nothing on the way has made them public.
    let mut bytes = [0; Set::LEN];
    next.write_bytes(&mut bytes).unwrap();
    assert!(is_secret(&bytes[HASHES..]));
}
