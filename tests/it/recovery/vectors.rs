//! Sets that an independent script computed: codes, bytes and PHC strings.

use super::*;

const VECTORS: &str = include_str!("../../data/recovery_vectors.txt");

/// A row of the data file.
#[cfg_attr(
    not(any(feature = "argon2", feature = "pbkdf2")),
    expect(dead_code, reason = "costs and strings")
)]
struct Row {
    slots: usize,
    length: Length,
    cost: Vec<u32>,
    pepper: Pepper,
    user: Vec<u8>,
    generation: u32,
    seed: u64,
    codes: Vec<String>,
    bytes: String,
    phc: Vec<String>,
}

fn vectors(hash: &str) -> Vec<Row> {
    let rows: Vec<_> = rows::<12>(VECTORS)
        .into_iter()
        .filter(|row| row[0] == hash)
        .map(|[_, slots, symbols, cost, id, pepper, user, generation, seed, codes, bytes, phc]| {
            Row {
                slots: slots.parse().unwrap(),
                length: Length::new(symbols.parse().unwrap()).unwrap(),
                cost: cost.split(',').map(|cost| cost.parse().unwrap()).collect(),
                pepper: Pepper::new(id.parse().unwrap(), &from_hex(pepper)).unwrap(),
                user: from_hex(user),
                generation: generation.parse().unwrap(),
                seed: seed.parse().unwrap(),
                codes: codes.split(',').map(str::to_owned).collect(),
                bytes: bytes.to_owned(),
                phc: phc.split(';').map(str::to_owned).collect(),
            }
        })
        .collect();
    assert!(rows.len() >= 2);
    rows
}

/// Checks that the crate draws and stores the same as the script, and accepts every code of it.
fn agrees<const N: usize, H: Hash>(
    row: &Row,
    hash: H,
    mut with_keys: impl FnMut(&mut dyn FnMut(H::Keys<'_>)),
    mut judge: impl FnMut(&Set<N, H>, &str) -> Verdict,
) {
    let mut stream = Stream(row.seed);
    let mut set: Option<Set<N, H>> = None;
    let mut codes = Vec::new();
    for _ in 0..=row.generation {
        codes.clear();
        let mut next = None;
        with_keys(&mut |keys| {
            let show = |_: u8, code: &Code| codes.push(code.expose().to_owned());
            let (fill, user, length) = (stream.fill(), &row.user, row.length);
            next = Some(match &set {
                None => Set::generate(fill, hash, length, keys, user, show),
                Some(set) => set.regenerate(fill, hash, length, keys, user, show),
            });
        });
        set = Some(next.unwrap().unwrap());
    }
    let set = set.unwrap();
    assert_eq!(codes, row.codes);
    assert_eq!(to_hex(&bytes(&set)), row.bytes);
    assert_eq!((set.generation(), set.code_length()), (row.generation, row.length));
    for (slot, code) in (0..).zip(&codes) {
        let verdict = judge(&set, code);
        assert!(matches!(verdict, Verdict::Redeemed(code) if code.slot() == slot));
    }
    #[cfg(any(feature = "argon2", feature = "pbkdf2"))]
    phc::strings_agree(&set, &row.phc);
}

#[test]
fn vectors_of_the_keyed_hash() {
    for row in vectors("keyed") {
        fn check<const N: usize>(row: &Row) {
            let keys = |run: &mut dyn FnMut(&Pepper)| run(&row.pepper);
            let judge =
                |set: &Set<N>, code: &str| judged(set, &row.pepper, &row.user, code).unwrap().0;
            agrees(row, Keyed, keys, judge);
        }
        match row.slots {
            1 => check::<1>(&row),
            10 => check::<10>(&row),
            32 => check::<32>(&row),
            _ => unreachable!("a number of slots without a test"),
        }
    }
}

#[cfg(feature = "argon2")]
#[test]
fn vectors_of_argon2id() {
    use std::cell::RefCell;

    use otp_core::recovery::{Argon2Block, Argon2Keys, Argon2id};

    for row in vectors("argon2id") {
        let hash = Argon2id::new(row.cost[0], row.cost[1], row.cost[2]).unwrap();
        fn check<const N: usize>(row: &Row, hash: Argon2id) {
            // No part of a code stays there.
            fn is_wiped(memory: &[Argon2Block]) -> bool {
                memory.iter().all(|block| block.as_ref().iter().all(|word| *word == 0))
            }
            let memory = RefCell::new(vec![Argon2Block::new(); row.cost[0] as usize]);
            let keys = |run: &mut dyn FnMut(Argon2Keys<'_>)| {
                let memory = &mut memory.borrow_mut();
                run(Argon2Keys::new(&row.pepper, memory));
                assert!(is_wiped(memory));
            };
            let judge = |set: &Set<N, Argon2id>, code: &str| {
                let memory = &mut memory.borrow_mut();
                let keys = Argon2Keys::new(&row.pepper, memory);
                let verdict = judged(set, keys, &row.user, code).unwrap().0;
                assert!(is_wiped(memory));
                verdict
            };
            agrees(row, hash, keys, judge);
        }
        match row.slots {
            1 => check::<1>(&row, hash),
            2 => check::<2>(&row, hash),
            _ => unreachable!("a number of slots without a test"),
        }
    }
}

#[cfg(feature = "argon2")]
#[test]
fn argon2id_has_a_floor_and_needs_its_memory() {
    use otp_core::recovery::{Argon2Block, Argon2Keys, Argon2id};

    for (memory, passes) in
        [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5), (7_168, 99)]
    {
        assert!(Argon2id::new(memory, passes, 1).is_ok());
        assert_eq!(Argon2id::new(memory - 1, passes, 1), Err(CostError::Low));
        assert_eq!(Argon2id::new(memory, passes, 0), Err(CostError::Low));
        assert_eq!(Argon2id::new(memory, passes, 17), Err(CostError::High));
    }
    assert_eq!(Argon2id::new(1 << 22, 0, 1), Err(CostError::Low));
    assert_eq!(Argon2id::new(1 << 22, 101, 1), Err(CostError::High));
    assert_eq!(Argon2id::new((1 << 22) + 1, 1, 1), Err(CostError::High));

    let mut memory = vec![Argon2Block::new(); 19_455];
    let pepper = pepper();
    let keys = Argon2Keys::new(&pepper, &mut memory);
    let (fill, length) = (|bytes: &mut [u8]| Stream(1).fill()(bytes), Length::DEFAULT);
    let set = Set::<1, _>::generate(fill, Argon2id::DEFAULT, length, keys, USER, |_, _| ());
    assert_eq!(set.unwrap_err(), InputError::Memory { blocks: 19_456 }.into());
}

#[cfg(feature = "pbkdf2")]
#[test]
fn vectors_of_pbkdf2() {
    use otp_core::recovery::Pbkdf2;

    for row in vectors("pbkdf2") {
        let hash = Pbkdf2::new(row.cost[0]).unwrap();
        assert_eq!(hash.iterations(), row.cost[0]);
        fn check<const N: usize>(row: &Row, hash: Pbkdf2) {
            let keys = |run: &mut dyn FnMut(&Pepper)| run(&row.pepper);
            let judge = |set: &Set<N, Pbkdf2>, code: &str| {
                judged(set, &row.pepper, &row.user, code).unwrap().0
            };
            agrees(row, hash, keys, judge);
        }
        match row.slots {
            1 => check::<1>(&row, hash),
            2 => check::<2>(&row, hash),
            _ => unreachable!("a number of slots without a test"),
        }
    }
    assert_eq!(Pbkdf2::new(599_999), Err(CostError::Low));
    assert_eq!(Pbkdf2::new(10_000_001), Err(CostError::High));
}
