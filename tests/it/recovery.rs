//! Recovery codes: the typed text, the stored form, and that a used code never works again.

use std::collections::BTreeSet;
use std::convert::Infallible;

use otp_core::recovery::{
    Code, CostError, Hash, InputError, IssueError, Keyed, Length, LengthError, MalformedCode,
    Pepper, PepperError, Redemption, Set, SetError, Verdict,
};
use otp_core::verifier::{State, Swap, Verifier};
use proptest::prelude::*;

use crate::data::{from_hex, rows, to_hex};

mod code;
mod digits;
mod issued;
#[cfg(any(feature = "argon2", feature = "pbkdf2"))]
mod phc;
mod redeem;
mod stored;
mod told;
mod vectors;

const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const USER: &[u8] = b"user 17";

/// The random bytes of the tests, the same as in `tests/data/recovery_vectors.py`.
struct Stream(u64);

impl Stream {
    fn fill(&mut self) -> impl FnMut(&mut [u8]) -> Result<(), Infallible> {
        |bytes| {
            bytes.fill_with(|| {
                self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
                self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
                (self.0 >> 56) as u8
            });
            Ok(())
        }
    }
}

fn pepper() -> Pepper {
    Pepper::new(1, &[0x5a; 32]).unwrap()
}

fn wrong() -> String {
    "0".repeat(24)
}

/// Returns a set and its codes.
fn generate<const N: usize>(seed: u64, user: &[u8]) -> (Set<N>, Vec<String>) {
    let mut codes = Vec::new();
    let mut stream = Stream(seed);
    let set =
        Set::generate(stream.fill(), Keyed, Length::DEFAULT, &pepper(), user, |slot, code| {
            assert_eq!(usize::from(slot), codes.len());
            codes.push(code.expose().to_owned());
        });
    (set.unwrap(), codes)
}

fn bytes<const N: usize, H: Hash>(set: &Set<N, H>) -> Vec<u8> {
    let mut buffer = vec![0xee; Set::<N, H>::LEN + 1];
    let len = set.write_bytes(&mut buffer).unwrap().len();
    assert_eq!((len, buffer.pop()), (buffer.len(), Some(0xee)));
    buffer
}

/// Returns the verdict on a code, and the set that is then stored.
fn judged<'a, const N: usize, H: Hash>(
    set: &'a Set<N, H>,
    keys: H::Keys<'a>,
    user: &'a [u8],
    text: &str,
) -> Result<(Verdict, Set<N, H>), InputError> {
    let state = State::for_recovery();
    let redemption = Verifier::DEFAULT.redeem(set, keys, user, state, text, 0)?;
    let mut next = set.clone();
    let Ok(settled) = redemption.commit(|set, _, _| {
        next.clone_from(set);
        Ok::<_, Infallible>(Swap::Stored)
    });
    Ok((settled.verdict, next))
}

/// Returns the slot of a right code, and the set in which it is used.
fn used<const N: usize>(set: &Set<N>, text: &str) -> Option<(u8, Set<N>)> {
    match judged(set, &pepper(), USER, text).unwrap() {
        (Verdict::Redeemed(code), next) => Some((code.slot(), next)),
        (Verdict::Rejected(_), next) => {
            assert!(next == *set);
            None
        }
        (other, _) => panic!("{other:?}"),
    }
}

fn slot_of<const N: usize>(set: &Set<N>, text: &str) -> Option<u8> {
    used(set, text).map(|(slot, _)| slot)
}

#[test]
fn every_code_is_redeemed_once() {
    fn check<const N: usize>() {
        let (mut set, codes) = generate::<N>(9, USER);
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), N);
        for (slot, code) in (0..).zip(&codes) {
            let (hit, next) = used(&set, code).unwrap();
            assert_eq!((hit, next.remaining()), (slot, (N - 1) as u8 - slot));
            assert!(next.is_used(slot) && !set.is_used(slot));
            assert_eq!(slot_of(&next, code), None);
            set = next;
        }
        assert!(set.is_used(N as u8) && set.is_used(255));
    }
    check::<1>();
    check::<2>();
    check::<10>();
    check::<32>();
}

/// F37: two sets cannot be merged. Replicas that diverge accept a code once each, so the bound is
/// their number. One store that compares and swaps is one replica.
#[test]
fn f37_replicas_accept_a_code_once_each() {
    let (set, codes) = generate::<10>(37, USER);
    let mut replicas = [set.clone(), set.clone(), set];
    let mut accepted = 0;
    for _ in 0..3 {
        for replica in &mut replicas {
            if let Some((_, next)) = used(replica, &codes[4]) {
                *replica = next;
                accepted += 1;
            }
        }
    }
    assert_eq!(accepted, replicas.len());
}

/// F23: a set of one user never accepts a code for another user. The hashes depend on the user too:
/// see the vectors.
#[test]
fn f23_a_set_is_bound_to_its_user() {
    let (set, codes) = generate::<10>(23, USER);
    for user in [&b"user 18"[..], b"user 1", b"user 177", b"User 17", b"\0user 17"] {
        for code in &codes {
            let error = judged(&set, &pepper(), user, code).unwrap_err();
            assert_eq!(error, InputError::Mismatch);
        }
    }
    for user in [&[][..], &[1; 256], &[1; 1_000]] {
        let error = judged(&set, &pepper(), user, &codes[0]).unwrap_err();
        assert_eq!(error, InputError::User);
    }
    assert_eq!(slot_of(&set, &codes[0]), Some(0));
}

#[test]
fn the_longest_user_and_the_longest_code() {
    let length = Length::new(Length::MAX).unwrap();
    let user = [b'u'; Set::<2>::MAX_USER_LEN];
    let mut codes = Vec::new();
    let set: Set<2> =
        Set::generate(Stream(4).fill(), Keyed, length, &pepper(), &user, |_, code| {
            codes.push(code.expose().to_owned());
        })
        .unwrap();
    let judge =
        |user: &[u8], code: &str| judged(&set, &pepper(), user, code).map(|(verdict, _)| verdict);
    assert_eq!(codes[1].len(), 32);
    assert!(matches!(judge(&user, &codes[1]), Ok(Verdict::Redeemed(code)) if code.slot() == 1));

    let mut other_user = user;
    other_user[Set::<2>::MAX_USER_LEN - 1] = b'v';
    assert_eq!(judge(&other_user, &codes[1]).unwrap_err(), InputError::Mismatch);
    // The last symbol counts too.
    let mut code = codes[1].clone();
    let last = code.pop();
    code.push(if last == Some('7') { '8' } else { '7' });
    assert!(matches!(judge(&user, &code), Ok(Verdict::Rejected(_))));
}
