//! Replicas: the laws of a merge, and that a used code never comes back whatever happens.

use super::*;

/// A set that could have come about, out of few values, so that everything meets everything.
fn any_set() -> impl Strategy<Value = RecoverySet<3>> {
    let slot = (0..3_u8, any::<bool>(), 1..4_u8);
    let slots = proptest::array::uniform3(slot);
    (0..2_u8, 0..2_u8, 0..2_u8, slots).prop_map(|(generation, salt, key_id, slots)| {
        let mut bytes = vec![0; <RecoverySet<3>>::LEN];
        bytes[..4].copy_from_slice(&[1, 1, 3, 24]);
        (bytes[19], bytes[23], bytes[39]) = (key_id, generation, salt);
        for (slot, (revision, used, hash)) in slots.into_iter().enumerate() {
            bytes[45 + 2 * slot] = revision;
            bytes[43] |= u8::from(used) << slot;
            // Hashes of different slots differ.
            let at = 50 + 32 * slot;
            let hash = if used { [0; 2] } else { [hash, slot as u8] };
            bytes[at + 7..at + 9].copy_from_slice(&hash);
        }
        RecoverySet::from_bytes(&bytes).unwrap()
    })
}

fn merge(a: &RecoverySet<3>, b: &RecoverySet<3>) -> RecoverySet<3> {
    a.clone().merge(b.clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn laws_of_a_merge(a in any_set(), b in any_set(), c in any_set()) {
        prop_assert_eq!(merge(&a, &a), a.clone());
        let ab = merge(&a, &b);
        prop_assert_eq!(&ab, &merge(&b, &a));
        prop_assert_eq!(merge(&ab, &c), merge(&a, &merge(&b, &c)));
        // It is at or after both.
        prop_assert_eq!(merge(&ab, &a), ab.clone());
        prop_assert_eq!(merge(&ab, &b), ab.clone());
        prop_assert_eq!(ab.generation(), a.generation().max(b.generation()));
        // What comes out is a set.
        prop_assert_eq!(RecoverySet::from_bytes(&bytes(&ab)).unwrap(), ab);
    }

    /// Within one revision used is used, by bitwise OR.
    #[test]
    fn one_generation_is_the_or_of_both(used in 0..8_u8, other in 0..8_u8) {
        let (set, codes) = generate::<3>(1, USER);
        let burn = |used: u8| {
            (0..3).filter(|slot| used >> slot & 1 == 1).fold(set.clone(), |set, slot| {
                set.verify(&pepper(), USER, &codes[slot]).unwrap().burned()
            })
        };
        prop_assert_eq!(burn(used).merge(burn(other)), burn(used | other));
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Redeem { code: usize, crash: bool },
    Rotate { code: usize, crash: bool },
    Reissue { slot: u8 },
    Regenerate,
    MergeFrom(usize),
}

fn any_step() -> impl Strategy<Value = (usize, Step)> {
    let crash = proptest::bool::weighted(0.2);
    let step = prop_oneof![
        4 => (0..100_usize, crash).prop_map(|(code, crash)| Step::Redeem { code, crash }),
        3 => (0..100_usize, crash).prop_map(|(code, crash)| Step::Rotate { code, crash }),
        1 => (0..2_u8).prop_map(|slot| Step::Reissue { slot }),
        1 => Just(Step::Regenerate),
        4 => (0..3_usize).prop_map(Step::MergeFrom),
    ];
    (0..3_usize, step)
}

/// A replica, and the codes that it knows to be used or replaced.
#[derive(Clone)]
struct Replica {
    set: RecoverySet<2>,
    dead: BTreeSet<String>,
}

impl Replica {
    fn live<'a>(&self, codes: &'a [String]) -> Vec<&'a String> {
        codes.iter().filter(|code| slot_of(&self.set, code).is_ok()).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Three replicas of one set, at random: once a replica has seen a code die, by use, rotation
    /// or regeneration, neither it nor whoever merged with it takes that code again.
    #[test]
    fn a_used_code_never_returns(steps in proptest::collection::vec(any_step(), 1..25)) {
        let (set, mut codes) = generate::<2>(7, USER);
        let pepper = pepper();
        let mut stream = Stream(8);
        let mut replicas = vec![Replica { set, dead: BTreeSet::new() }; 3];
        for (at, step) in steps {
            let mut next = replicas[at].clone();
            let mut fresh = Vec::new();
            let show = |_: u8, code: &RecoveryCode| fresh.push(code.expose().to_owned());
            match step {
                Step::Redeem { code, crash } => {
                    let code = &codes[code % codes.len()];
                    if let Ok(hit) = replicas[at].set.verify(&pepper, USER, code) {
                        next.set = hit.burned();
                        next.dead.insert(code.clone());
                        // Whoever lost it before the commit has used nothing.
                        if crash {
                            next = replicas[at].clone();
                        }
                    }
                }
                Step::Rotate { code, crash } => {
                    let code = &codes[code % codes.len()];
                    if let Ok(hit) = replicas[at].set.verify(&pepper, USER, code) {
                        next.set = hit.rotate_with(stream.fill(), &pepper, show).unwrap();
                        next.dead.insert(code.clone());
                        if crash {
                            next = replicas[at].clone();
                        }
                    }
                }
                Step::Reissue { slot } => {
                    let was = next.live(&codes).into_iter().cloned().collect::<Vec<_>>();
                    next.set = next.set.reissue_with(slot, stream.fill(), &pepper, USER, show).unwrap();
                    let is = next.live(&codes).into_iter().cloned().collect::<Vec<_>>();
                    next.dead.extend(was.into_iter().filter(|code| !is.contains(code)));
                }
                Step::Regenerate => {
                    let was = next.live(&codes).into_iter().cloned().collect::<Vec<_>>();
                    next.dead.extend(was);
                    next.set = next.set.regenerate_with(stream.fill(), &pepper, USER, show).unwrap();
                }
                Step::MergeFrom(other) => {
                    next.dead.extend(replicas[other].dead.iter().cloned());
                    next.set = next.set.merge(replicas[other].set.clone());
                }
            }
            codes.extend(fresh);
            for code in &next.dead {
                prop_assert_eq!(slot_of(&next.set, code), Err(RecoveryError::Rejected), "{:?}", step);
            }
            replicas[at] = next;
        }
    }
}
