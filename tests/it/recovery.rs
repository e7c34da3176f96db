//! Recovery codes: what people type, what is stored, and that a used code never comes back.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Mutex;
use std::thread;

use otp_core::*;
use proptest::prelude::*;

use crate::data::{from_hex, rows, to_hex};

mod code;
mod merge;
mod redeem;
mod stored;
mod whole;

const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const USER: &[u8] = b"user 17";

/// Bytes to draw from, the same as in `tests/data/recovery_vectors.py`.
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

#[cfg(feature = "rand_core")]
impl rand_core::TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.fill()(bytes)
    }
}

#[cfg(feature = "rand_core")]
impl rand_core::TryCryptoRng for Stream {}

fn pepper() -> Pepper {
    Pepper::new(1, &[0x5a; 32]).unwrap()
}

/// A set and its codes.
fn generate<const N: usize>(seed: u64, user: &[u8]) -> (RecoverySet<N>, Vec<String>) {
    let mut codes = Vec::new();
    let length = LongRecoveryLength::DEFAULT;
    let mut stream = Stream(seed);
    let set =
        RecoverySet::generate_with(stream.fill(), Keyed, length, &pepper(), user, |slot, code| {
            assert_eq!(usize::from(slot), codes.len());
            codes.push(code.expose().to_owned());
        });
    (set.unwrap(), codes)
}

fn bytes<const N: usize, H: RecoveryHash>(set: &RecoverySet<N, H>) -> Vec<u8> {
    let mut buffer = vec![0xee; RecoverySet::<N, H>::LEN + 1];
    let len = set.write_bytes(&mut buffer).unwrap().len();
    assert_eq!((len, buffer.pop()), (buffer.len(), Some(0xee)));
    buffer
}

fn slot_of<const N: usize>(set: &RecoverySet<N>, text: &str) -> Result<u8, RecoveryError> {
    set.verify(&pepper(), USER, text).map(|hit| hit.slot())
}

#[test]
fn every_code_is_redeemed_once() {
    fn check<const N: usize>() {
        let (mut set, codes) = generate::<N>(9, USER);
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), N);
        for (slot, code) in (0..).zip(&codes) {
            let left = (N - 1) as u8 - slot;
            let hit = set.verify(&pepper(), USER, code).unwrap();
            assert_eq!((hit.slot(), hit.remaining()), (slot, left));
            let next = hit.burned();
            assert!(next.is_used(slot) && !set.is_used(slot));
            set = next;
            assert_eq!(
                (set.remaining(), slot_of(&set, code)),
                (left, Err(RecoveryError::Rejected))
            );
        }
        assert!(set.is_used(N as u8) && set.is_used(255));
    }
    check::<1>();
    check::<2>();
    check::<10>();
    check::<32>();
}

/// F11: one snapshot, one code, 32 threads. The store takes one.
#[test]
fn f11_one_commit_from_one_snapshot() {
    let (set, codes) = generate::<10>(11, USER);
    let store = Mutex::new(bytes(&set));
    let commits: usize = thread::scope(|scope| {
        let redeem = || {
            let set = RecoverySet::<10>::from_bytes(&bytes(&set)).unwrap();
            let next = set.verify(&pepper(), USER, &codes[4]).unwrap().burned();
            let mut store = store.lock().unwrap();
            let fresh = *store == bytes(&set);
            if fresh {
                *store = bytes(&next);
            }
            usize::from(fresh)
        };
        let threads: Vec<_> = (0..32).map(|_| scope.spawn(redeem)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(commits, 1);
    let set = RecoverySet::<10>::from_bytes(&store.lock().unwrap()).unwrap();
    assert_eq!((set.remaining(), set.is_used(4)), (9, true));
}

/// F23: a set of one user never verifies for another, nor under another pepper.
#[test]
fn f23_a_set_is_bound_to_its_user() {
    let (set, codes) = generate::<10>(23, USER);
    let rejected = RecoveryError::Rejected;
    for user in [&b"user 18"[..], b"user 1", b"user 177", b"User 17", b"\0user 17"] {
        for code in &codes {
            assert_eq!(set.verify(&pepper(), user, code).unwrap_err(), rejected);
        }
    }
    for user in [&[][..], &[1; 256], &[1; 1_000]] {
        let error = set.verify(&pepper(), user, &codes[0]).unwrap_err();
        assert_eq!(error, RecoveryInputError::User.into());
    }
    let other_id = Pepper::new(2, &[0x5a; 32]).unwrap();
    let error = set.verify(&other_id, USER, &codes[0]).unwrap_err();
    assert_eq!(error, RecoveryInputError::Pepper { expected: 1 }.into());
    // The same key id on other bytes is not noticed, and verifies nothing.
    let other_bytes = Pepper::new(1, &[0x5b; 32]).unwrap();
    assert_eq!(set.verify(&other_bytes, USER, &codes[0]).unwrap_err(), rejected);
    assert_eq!(slot_of(&set, &codes[0]), Ok(0));
}

#[test]
fn regeneration_kills_all_and_rotation_one() {
    let (first, codes) = generate::<3>(1, USER);
    let new_pepper = Pepper::new(2, &[9; 14]).unwrap();
    let mut new_codes = Vec::new();
    let mut stream = Stream(2);
    let second = first
        .regenerate_with(stream.fill(), &new_pepper, USER, |_, code| {
            new_codes.push(code.expose().to_owned());
        })
        .unwrap();
    assert_eq!((second.generation(), second.pepper_key_id(), second.remaining()), (1, 2, 3));
    for code in &codes {
        let error = second.verify(&new_pepper, USER, code).unwrap_err();
        assert_eq!(error, RecoveryError::Rejected);
        assert!(first.verify(&pepper(), USER, code).is_ok());
    }

    // Rotate on use: the burn carries the fresh code.
    let hit = second.verify(&new_pepper, USER, &new_codes[1]).unwrap();
    let mut fresh = String::new();
    let third = hit
        .rotate_with(stream.fill(), &new_pepper, |slot, code| {
            assert_eq!(slot, 1);
            code.expose().clone_into(&mut fresh);
        })
        .unwrap();
    assert_eq!((third.generation(), third.remaining(), third.revision(1)), (1, 3, 1));
    assert!(third.verify(&new_pepper, USER, &new_codes[1]).is_err());
    for (slot, code) in [(0, &new_codes[0]), (1, &fresh), (2, &new_codes[2])] {
        assert_eq!(third.verify(&new_pepper, USER, code).unwrap().slot(), slot);
    }

    // A used slot can get a fresh code as well, and one that does not exist cannot.
    let burned = third.verify(&new_pepper, USER, &fresh).unwrap().burned();
    assert_eq!(burned.remaining(), 2);
    let again = burned.reissue_with(1, stream.fill(), &new_pepper, USER, |_, _| ()).unwrap();
    assert_eq!((again.remaining(), again.revision(1)), (3, 2));
    let error = again.reissue_with(3, stream.fill(), &new_pepper, USER, |_, _| ()).unwrap_err();
    assert_eq!(error, RecoveryIssueError::Slot);
    // A fresh code goes under the pepper of its set.
    let error = again.reissue_with(0, stream.fill(), &pepper(), USER, |_, _| ()).unwrap_err();
    assert_eq!(error, RecoveryInputError::Pepper { expected: 2 }.into());
}

#[test]
fn a_source_of_randomness_that_fails() {
    let length = LongRecoveryLength::DEFAULT;
    let broken = |_: &mut [u8]| Err("no entropy");
    let set = RecoverySet::<2>::generate_with(broken, Keyed, length, &pepper(), USER, |_, _| {
        panic!("a code without entropy")
    });
    assert_eq!(set.unwrap_err(), RecoveryIssueError::Rng("no entropy"));

    // One that repeats itself gives the first slot a code, and no set.
    let constant = |bytes: &mut [u8]| {
        bytes.fill(7);
        Ok::<(), Infallible>(())
    };
    let set =
        RecoverySet::<2>::generate_with(constant, Keyed, length, &pepper(), USER, |slot, _| {
            assert_eq!(slot, 0);
        });
    assert_eq!(set.unwrap_err(), RecoveryIssueError::Repeating);

    // A code that is in the set already is drawn again.
    let mut calls = 0;
    let twice = |bytes: &mut [u8]| {
        calls += 1;
        bytes.fill([0, 1, 1, 1, 2][calls - 1]);
        Ok::<(), Infallible>(())
    };
    let mut codes = Vec::new();
    RecoverySet::<2>::generate_with(twice, Keyed, length, &pepper(), USER, |_, code| {
        codes.push(code.expose().to_owned());
    })
    .unwrap();
    assert_eq!(codes, ["1".repeat(24), "2".repeat(24)]);

    let user =
        RecoverySet::<1>::generate_with(Stream(1).fill(), Keyed, length, &pepper(), b"", |_, _| ());
    assert_eq!(user.unwrap_err(), RecoveryInputError::User.into());
}

#[cfg(feature = "rand_core")]
#[test]
fn an_injected_generator_gives_the_same() {
    let (set, codes) = generate::<3>(5, USER);
    let mut rng = Stream(5);
    let same = RecoverySet::<3>::generate(&mut rng, &pepper(), USER, |_, _| ()).unwrap();
    assert_eq!(same, set);
    let length = LongRecoveryLength::DEFAULT;
    let same =
        RecoverySet::<3>::generate_for(&mut Stream(5), Keyed, length, &pepper(), USER, |_, _| ());
    assert_eq!(same.unwrap(), set);

    let hit = set.verify(&pepper(), USER, &codes[2]).unwrap();
    let rotated = hit.rotate(&mut rng, &pepper(), |_, _| ()).unwrap();
    assert_eq!((rotated.revision(2), rotated.remaining()), (1, 3));
    let reissued = rotated.reissue(2, &mut rng, &pepper(), USER, |_, _| ()).unwrap();
    assert_eq!(reissued.revision(2), 2);
    let next = reissued.regenerate(&mut rng, &pepper(), USER, |_, _| ()).unwrap();
    assert_eq!((next.generation(), next.revision(2)), (1, 0));
}

/// F31 for recovery codes: no `Debug` and no error tells a code, a pepper, a salt or a hash.
#[test]
fn f31_nothing_tells_a_code() {
    let (set, codes) = generate::<3>(31, USER);
    let code = RecoveryCode::parse(&codes[0], RecoveryLength::DEFAULT).unwrap();
    let hit = set.verify(&pepper(), USER, &codes[0]).unwrap();
    let damaged = format!("{}!", codes[0]);
    let texts = [
        format!("{:?} {set:?} {set:#?} {hit:?}", pepper()),
        format!("{code:?} {:?}", code.expose_grouped()),
        format!("{:?}", set.verify(&pepper(), USER, &codes[1].replace('0', "1"))),
        format!("{:?}", set.verify(&pepper(), b"x", &codes[1])),
        format!("{:?}", RecoveryCode::parse(&damaged, RecoveryLength::DEFAULT)),
        format!("{}", RecoveryCode::parse(&damaged, RecoveryLength::DEFAULT).unwrap_err()),
        format!("{}", RecoveryCode::parse(&codes[0][1..], RecoveryLength::DEFAULT).unwrap_err()),
    ];
    let stored = bytes(&set);
    let known = [
        codes[0][..5].to_owned(),
        codes[1][..5].to_owned(),
        "5a5a".to_owned(),
        "90, 90".to_owned(),
        format!("{:?}", &stored[24..28])[1..].to_owned(),
        format!("{:?}", &stored[60..64])[1..].to_owned(),
    ];
    for text in &texts {
        for known in &known {
            assert!(!text.contains(known), "{known} in {text}");
        }
    }
    assert_eq!(format!("{set:?}"), "RecoverySet { slots: 3, remaining: 3, .. }");
    assert!(format!("{hit:?}").starts_with("RecoveryMatch { slot: 0, "));
}

#[test]
fn traits_promised() {
    fn error<T: std::error::Error + Copy + PartialEq + Send + Sync + 'static>() {}
    fn wiped<T: zeroize::ZeroizeOnDrop + std::fmt::Debug + Send + Sync>() {}
    fn state<T: Clone + Eq + std::fmt::Debug + Send + Sync + 'static>() {}
    error::<RecoveryLengthError>();
    error::<RecoveryCostError>();
    error::<PepperError>();
    error::<MalformedRecoveryCode>();
    error::<RecoveryInputError>();
    error::<RecoveryError>();
    error::<RecoverySetError>();
    error::<RecoveryIssueError<RecoveryError>>();
    wiped::<Pepper>();
    wiped::<RecoveryCode>();
    state::<RecoverySet<10>>();
    assert!(size_of::<RecoverySet<10>>() <= 380);
    assert!(size_of::<RecoveryCode>() <= 33);
}

#[test]
fn errors_read_as_sentences() {
    for (error, text) in [
        (RecoveryError::Rejected, "the recovery code is not accepted"),
        (
            MalformedRecoveryCode::Character { offset: 3 }.into(),
            "malformed recovery code: not a symbol of a recovery code at byte 3",
        ),
        (
            MalformedRecoveryCode::Length { expected: 24 }.into(),
            "malformed recovery code: a recovery code here has 24 symbols",
        ),
        (
            MalformedRecoveryCode::TooLong.into(),
            "malformed recovery code: too long for a recovery code",
        ),
        (RecoveryInputError::Pepper { expected: 7 }.into(), "the set needs the pepper of key id 7"),
        (RecoveryInputError::User.into(), "the user's identity has 1 to 255 bytes"),
        (
            RecoveryInputError::Memory { blocks: 19_456 }.into(),
            "the password hash needs 19456 KiB of memory",
        ),
    ] {
        assert_eq!(error.to_string(), text);
    }
    assert!(PepperError::Long.to_string().contains(&Pepper::MAX_LEN.to_string()));
    assert_eq!(
        RecoverySetError::Slot { slot: 3 }.to_string(),
        "slot 3 of the recovery set contradicts itself"
    );
}
