//! Recovery codes: making, storing, redeeming in every slot, replacing, merging.

use core::convert::Infallible;

use otp_core::{
    Keyed, LongRecoveryLength, MalformedRecoveryCode, Pepper, Policy, RecoverySet, RecoveryVerdict,
    Redemption, Swap, VerifierState,
};

use crate::codes::NOW;
use crate::memory::{Typed, is_secret, make_public, make_secret, secret};

const SLOTS: usize = 10;
type Set = RecoverySet<SLOTS>;

const USER: &[u8] = b"user 17";
/// Of the byte form, what comes before the hashes.
const HASHES: usize = 44 + 2 * SLOTS;

pub fn prove() {
    let pepper = Pepper::new(1, &secret([0x5a; 32])).unwrap();
    let (set, codes) = made(&pepper, 1);
    let set = stored(&set);
    redeem(&set, &pepper, &codes);
    replace(&set, &pepper, &codes);
    merge(&set, &pepper, &codes);
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
    let length = LongRecoveryLength::DEFAULT;
    let set = Set::generate_with(rng(seed), Keyed, length, pepper, USER, |_, code| {
        codes.push(code.expose().to_owned());
    });
    (set.unwrap(), codes)
}

/// The set as it comes out of a store: its hashes are secret, and its salt, revisions and numbers not.
fn stored(set: &Set) -> Set {
    let mut bytes = [0; Set::LEN];
    set.write_bytes(&mut bytes).unwrap();
    let (header, hashes) = bytes.split_at_mut(HASHES);
    make_public(header.as_mut_ptr(), header.len());
    make_secret(hashes);
    Set::from_bytes(&bytes).unwrap()
}

/// The verdict, and the set that is stored then.
fn commit(redemption: Redemption<SLOTS>, set: &Set) -> (RecoveryVerdict, Set) {
    let mut next = set.clone();
    let Ok(verdict) = redemption.commit(|set, _, _| {
        next = set.clone();
        Ok::<_, Infallible>(Swap::Stored)
    });
    (verdict, next)
}

fn redeem(set: &Set, pepper: &Pepper, codes: &[String]) {
    let judge = |set: &Set, text: &str| {
        let typed = Typed::new(text);
        let state = VerifierState::enrolment();
        let redemption =
            Policy::DEFAULT.redeem(set, pepper, USER, state, typed.text(), NOW).unwrap();
        commit(redemption, set)
    };
    let mut rest = set.clone();
    for (slot, code) in (0..).zip(codes) {
        let (verdict, burned) = judge(set, &code.to_lowercase());
        assert!(matches!(verdict, RecoveryVerdict::Redeemed(hit) if hit.slot() == slot));
        let (verdict, _) = judge(&stored(&burned), code);
        assert!(matches!(verdict, RecoveryVerdict::Rejected(_)));
        rest = judge(&rest, code).1;
    }
    // Every slot used, and a code that is none.
    assert_eq!(stored(&rest).remaining(), 0);
    for set in [set, &rest] {
        let (verdict, _) = judge(set, &"0".repeat(24));
        assert!(matches!(verdict, RecoveryVerdict::Rejected(_)));
    }
    // A race that was lost tells nothing.
    for code in [&*codes[0], &"0".repeat(24)] {
        let typed = Typed::new(code);
        let state = VerifierState::enrolment();
        let lost = Policy::DEFAULT.redeem(set, pepper, USER, state, typed.text(), NOW).unwrap();
        let Ok(verdict) = lost.commit(|_, _, _| Ok::<_, Infallible>(Swap::Lost));
        assert!(matches!(verdict, RecoveryVerdict::Conflict));
    }
    let (verdict, _) = judge(set, "012345-678?AB");
    let why = MalformedRecoveryCode::Character { offset: 10 };
    assert!(matches!(verdict, RecoveryVerdict::Malformed(error) if error == why));
}

fn replace(set: &Set, pepper: &Pepper, codes: &[String]) {
    let typed = Typed::new(&codes[3]);
    let state = VerifierState::enrolment();
    let redemption = Policy::DEFAULT.redeem(set, pepper, USER, state, typed.text(), NOW).unwrap();
    let redemption = redemption.with_replacement(rng(2), pepper, USER).unwrap();
    let (verdict, replaced) = commit(redemption, set);
    let RecoveryVerdict::Redeemed(redeemed) = verdict else { panic!("redeemed") };
    let fresh = redeemed.replacement().unwrap().expose();
    let hit = replaced.verify(pepper, USER, Typed::new(fresh).text()).unwrap();
    assert_eq!((hit.slot(), hit.remaining()), (3, 9));
    let mut shown = 0;
    let next = set.regenerate_with(rng(3), pepper, USER, |_, _| shown += 1).unwrap();
    assert_eq!((next.generation(), shown), (1, SLOTS));
    // The hashes are secrets still: nothing on the way has made them public.
    let mut bytes = [0; Set::LEN];
    next.write_bytes(&mut bytes).unwrap();
    assert!(is_secret(&bytes[HASHES..]));
}

fn merge(set: &Set, pepper: &Pepper, codes: &[String]) {
    let burned = set.verify(pepper, USER, Typed::new(&codes[9]).text()).unwrap().burned();
    // Two replicas that put a fresh code into one slot.
    let rotated = |seed| set.reissue_with(0, rng(seed), pepper, USER, |_, _| ()).unwrap();
    let (one, other) = (stored(&rotated(4)), stored(&rotated(5)));
    assert!(one != other);
    let merged = one.clone().merge(other.clone()).merge(burned);
    assert!(merged == other.merge(one).merge(merged.clone()));
    assert!(merged.is_used(9) && merged.revision(0) == 1);
}
