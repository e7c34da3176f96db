//! The stored form: vectors of an independent script, refusals, and PHC strings.

use super::*;

const VECTORS: &str = include_str!("../../data/recovery_vectors.txt");

/// A row of the data file.
struct Row {
    slots: usize,
    symbols: u8,
    #[cfg_attr(
        not(any(feature = "argon2", feature = "pbkdf2")),
        expect(dead_code, reason = "costs")
    )]
    cost: Vec<u32>,
    pepper: Pepper,
    user: Vec<u8>,
    generation: u32,
    seed: u64,
    codes: Vec<String>,
    bytes: String,
    #[cfg_attr(
        not(any(feature = "argon2", feature = "pbkdf2")),
        expect(dead_code, reason = "strings")
    )]
    phc: Vec<String>,
}

fn vectors(hash: &str) -> Vec<Row> {
    let rows: Vec<_> = rows::<12>(VECTORS)
        .into_iter()
        .filter(|row| row[0] == hash)
        .map(|[_, slots, symbols, cost, id, pepper, user, generation, seed, codes, bytes, phc]| {
            Row {
                slots: slots.parse().unwrap(),
                symbols: symbols.parse().unwrap(),
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

/// That the crate draws and stores what the script does, and takes every code of it.
fn agrees<const N: usize, H: RecoveryHash>(
    row: &Row,
    hash: H,
    length: H::Length,
    mut with_keys: impl FnMut(&mut dyn FnMut(H::Keys<'_>)),
) -> RecoverySet<N, H> {
    let mut stream = Stream(row.seed);
    let mut set = None;
    let mut codes = Vec::new();
    for _ in 0..=row.generation {
        codes.clear();
        let show = |_: u8, code: &RecoveryCode| codes.push(code.expose().to_owned());
        let mut show = Some(show);
        let mut made = None;
        with_keys(&mut |keys| {
            let (fill, user, show) = (stream.fill(), &row.user, show.take().unwrap());
            made = Some(match &set {
                None => RecoverySet::<N, H>::generate_with(fill, hash, length, keys, user, show),
                Some(set) => RecoverySet::<N, H>::regenerate_with(set, fill, keys, user, show),
            });
        });
        set = Some(made.unwrap().unwrap());
    }
    let set = set.unwrap();
    assert_eq!(codes, row.codes);
    assert_eq!(to_hex(&bytes(&set)), row.bytes);
    assert_eq!((set.generation(), set.code_length().symbols()), (row.generation, row.symbols));
    for (slot, code) in (0..).zip(&codes) {
        with_keys(&mut |keys| assert_eq!(set.verify(keys, &row.user, code).unwrap().slot(), slot));
    }
    set
}

#[test]
fn vectors_of_the_keyed_hash() {
    for row in vectors("keyed") {
        let length = LongRecoveryLength::new(row.symbols).unwrap();
        let mut keys = |run: &mut dyn FnMut(&Pepper)| run(&row.pepper);
        match row.slots {
            1 => drop(agrees::<1, _>(&row, Keyed, length, &mut keys)),
            10 => drop(agrees::<10, _>(&row, Keyed, length, &mut keys)),
            32 => drop(agrees::<32, _>(&row, Keyed, length, &mut keys)),
            _ => unreachable!("a number of slots without a test"),
        }
    }
}

/// Strings as the script writes them, and back, with a slot used.
#[cfg(any(feature = "argon2", feature = "pbkdf2"))]
fn strings_agree<const N: usize, H: RecoveryPasswordHash>(row: &Row, set: &RecoverySet<N, H>) {
    let read = |slots: [(u16, Option<&str>); N]| {
        let id = row.pepper.key_id();
        RecoverySet::<N, H>::from_phc(row.symbols, id, row.generation, slots)
    };
    let written: Vec<_> = (0..N as u8).map(|slot| set.phc(slot).unwrap().to_string()).collect();
    assert_eq!(written, row.phc);
    assert!(set.phc(N as u8).is_none());
    let slots: [_; N] = core::array::from_fn(|slot| (0, Some(written[slot].as_str())));
    assert_eq!(read(slots).unwrap(), *set);

    let mut used = slots;
    used[N - 1] = (3, None);
    if N > 1 {
        let set = read(used).unwrap();
        assert!(set.is_used(N as u8 - 1) && set.phc(N as u8 - 1).is_none());
        assert_eq!((set.revision(N as u8 - 1), set.remaining()), (3, N as u8 - 1));
    } else {
        assert_eq!(read(used).unwrap_err(), RecoverySetError::Phc { slot: 0 });
    }

    // Every string that is not exactly one of ours is refused.
    let good = &written[0];
    let fields: Vec<_> = good.split('$').collect();
    let (params, salt) = (fields[fields.len() - 3], fields[fields.len() - 2]);
    let (first, _) = params.split_once(',').unwrap();
    for bad in [
        String::new(),
        good[1..].to_owned(),
        format!("{good}$"),
        format!("{good}A"),
        good[..good.len() - 1].to_owned(),
        good.replace("$argon2id", "$argon2i").replace("pbkdf2-sha256", "pbkdf2-sha512"),
        good.replace("$v=19", "$v=16").replace("l=32", "l=64"),
        good.replace("$v=19", "").replace(",l=32", ""),
        good.replace(first, &format!("{first},{first}")),
        good.replace(params, &format!("{params},x=1")),
        good.replace(params, &params.split(',').rev().collect::<Vec<_>>().join(",")),
        good.replace(first, &format!("{}=1", &first[..1])),
        good.replace(first, &format!("{}=4294967295", &first[..1])),
        good.replace(first, &format!("{}=0{}", &first[..1], &first[2..])),
        good.replace(salt, &salt[..20]),
        good.replace(salt, &format!("{salt}AAAA")),
    ] {
        let mut slots = slots;
        slots[0] = (0, Some(bad.as_str()));
        assert_eq!(read(slots).unwrap_err(), RecoverySetError::Phc { slot: 0 }, "{bad}");
    }
    // Nor one of another set.
    if N > 1 {
        let mut slots = slots;
        let other = good.replace(salt, &format!("AAAA{}", &salt[4..]));
        slots[1] = (0, Some(other.as_str()));
        assert_eq!(read(slots).unwrap_err(), RecoverySetError::Phc { slot: 1 });
        slots[1] = slots[0];
        assert_eq!(read(slots).unwrap_err(), RecoverySetError::Alike);
    }
    let id = row.pepper.key_id();
    let length = RecoverySet::<N, H>::from_phc(15, id, row.generation, slots);
    assert_eq!(length.unwrap_err(), RecoverySetError::CodeLength);
}

#[cfg(feature = "argon2")]
#[test]
fn vectors_of_argon2id() {
    for row in vectors("argon2id") {
        let hash = Argon2id::new(row.cost[0], row.cost[1], row.cost[2]).unwrap();
        let length = RecoveryLength::new(row.symbols).unwrap();
        let mut memory = vec![Argon2Block::new(); row.cost[0] as usize];
        let mut keys = |run: &mut dyn FnMut(Argon2Keys<'_>)| {
            run(Argon2Keys::new(&row.pepper, &mut memory));
            // Nothing of a code stays there.
            assert!(memory.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)));
        };
        match row.slots {
            1 => strings_agree(&row, &agrees::<1, _>(&row, hash, length, &mut keys)),
            2 => strings_agree(&row, &agrees::<2, _>(&row, hash, length, &mut keys)),
            _ => unreachable!("a number of slots without a test"),
        }
    }
}

#[cfg(feature = "argon2")]
#[test]
fn argon2id_has_a_floor_and_needs_its_memory() {
    for (memory, passes) in
        [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5), (7_168, 99)]
    {
        assert!(Argon2id::new(memory, passes, 1).is_ok());
        assert_eq!(Argon2id::new(memory - 1, passes, 1), Err(RecoveryCostError::Low));
        assert_eq!(Argon2id::new(memory, passes, 0), Err(RecoveryCostError::Low));
        assert_eq!(Argon2id::new(memory, passes, 17), Err(RecoveryCostError::High));
    }
    assert_eq!(Argon2id::new(1 << 22, 0, 1), Err(RecoveryCostError::Low));
    assert_eq!(Argon2id::new(1 << 22, 101, 1), Err(RecoveryCostError::High));
    assert_eq!(Argon2id::new((1 << 22) + 1, 1, 1), Err(RecoveryCostError::High));

    let mut memory = vec![Argon2Block::new(); 19_455];
    let pepper = pepper();
    let keys = Argon2Keys::new(&pepper, &mut memory);
    let length = RecoveryLength::DEFAULT;
    let set = RecoverySet::<1, _>::generate_with(
        Stream(1).fill(),
        Argon2id::DEFAULT,
        length,
        keys,
        USER,
        |_, _| (),
    );
    assert_eq!(set.unwrap_err(), RecoveryInputError::Memory { blocks: 19_456 }.into());
}

#[cfg(feature = "pbkdf2")]
#[test]
fn vectors_of_pbkdf2() {
    for row in vectors("pbkdf2") {
        let hash = Pbkdf2::new(row.cost[0]).unwrap();
        let length = RecoveryLength::new(row.symbols).unwrap();
        let mut keys = |run: &mut dyn FnMut(&Pepper)| run(&row.pepper);
        match row.slots {
            1 => strings_agree(&row, &agrees::<1, _>(&row, hash, length, &mut keys)),
            2 => strings_agree(&row, &agrees::<2, _>(&row, hash, length, &mut keys)),
            _ => unreachable!("a number of slots without a test"),
        }
    }
    assert_eq!(Pbkdf2::new(599_999), Err(RecoveryCostError::Low));
    assert_eq!(Pbkdf2::new(10_000_001), Err(RecoveryCostError::High));
}

/// F21: what is stored shows no code, and the same code in two sets is stored differently.
#[test]
fn f21_a_dump_shows_no_code() {
    let (set, codes) = generate::<10>(21, USER);
    let stored = bytes(&set);
    for code in &codes {
        let values: Vec<u8> =
            code.chars().map(|symbol| ALPHABET.find(symbol).unwrap() as u8).collect();
        assert!(!stored.windows(5).any(|window| window == &code.as_bytes()[..5]));
        assert!(!stored.windows(5).any(|window| window == &values[..5]));
    }
    // The same codes for another user, then with another salt.
    let (other_user, same_codes) = generate::<10>(21, b"user 18");
    assert_eq!(codes, same_codes);
    let length = LongRecoveryLength::DEFAULT;
    let mut stream = Stream(21);
    stream.fill()(&mut [0; 16]).unwrap();
    let mut salt = Some(1);
    let fill = |bytes: &mut [u8]| match salt.take() {
        Some(salt) => {
            bytes.fill(salt);
            Ok(())
        }
        None => stream.fill()(bytes),
    };
    let mut same_codes = Vec::new();
    let other_salt =
        RecoverySet::<10>::generate_with(fill, Keyed, length, &pepper(), USER, |_, code| {
            same_codes.push(code.expose().to_owned());
        })
        .unwrap();
    assert_eq!(codes, same_codes);
    for other in [bytes(&other_user), bytes(&other_salt)] {
        let hashes = stored.len() - 320;
        for (one, other) in stored[hashes..].chunks(32).zip(other[hashes..].chunks(32)) {
            assert_ne!(one, other);
        }
    }
}

#[test]
fn bytes_that_are_no_set_are_refused() {
    let (set, codes) = generate::<3>(3, USER);
    let set = set.verify(&pepper(), USER, &codes[1]).unwrap().burned();
    let good = bytes(&set);
    assert_eq!(good.len(), <RecoverySet<3>>::LEN);
    assert_eq!(
        (<RecoverySet<1>>::LEN, <RecoverySet<10>>::LEN, <RecoverySet<32>>::LEN),
        (78, 384, 1_132)
    );
    assert_eq!(RecoverySet::<3>::from_bytes(&good).unwrap(), set);
    assert_eq!(
        set.write_bytes(&mut vec![0; good.len() - 1]).unwrap_err().to_string(),
        "the text does not fit into the buffer"
    );

    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        RecoverySet::<3>::from_bytes(&bytes).unwrap_err()
    };
    for len in (0..good.len()).chain([good.len() + 1, 500]) {
        assert_eq!(refused(&|bytes| bytes.resize(len, 0)), RecoverySetError::Length);
    }
    assert_eq!(refused(&|bytes| bytes.fill(0)), RecoverySetError::Version);
    assert_eq!(refused(&|bytes| bytes[0] = 2), RecoverySetError::Version);
    for scheme in (0..=u8::MAX).filter(|scheme| *scheme != 1) {
        assert_eq!(refused(&|bytes| bytes[1] = scheme), RecoverySetError::Scheme);
    }
    assert_eq!(refused(&|bytes| bytes[2] = 4), RecoverySetError::Slots);
    for symbols in (0..23).chain(33..=u8::MAX) {
        assert_eq!(refused(&|bytes| bytes[3] = symbols), RecoverySetError::CodeLength);
    }
    for at in 4..16 {
        assert_eq!(refused(&|bytes| bytes[at] = 1), RecoverySetError::Cost);
    }
    for (at, bits) in [(40, 1), (40, 128), (41, 1), (42, 128), (43, 8), (43, 128)] {
        assert_eq!(refused(&|bytes| bytes[at] |= bits), RecoverySetError::UsedBeyond);
    }
    assert_eq!(good[43], 0b10);
    for (used, slot) in [(0b00, 1), (0b11, 0), (0b110, 2)] {
        assert_eq!(refused(&|bytes| bytes[43] = used), RecoverySetError::Slot { slot });
    }
    let hashes = 44 + 2 * 3;
    assert_eq!(refused(&|bytes| bytes[hashes + 33] = 1), RecoverySetError::Slot { slot: 1 });
    assert_eq!(
        refused(&|bytes| bytes[hashes..hashes + 32].fill(0)),
        RecoverySetError::Slot { slot: 0 }
    );
    let alike = refused(&|bytes| bytes.copy_within(hashes..hashes + 32, hashes + 64));
    assert_eq!(alike, RecoverySetError::Alike);

    // A set of all 32 slots has no bit beyond.
    let (all, _) = generate::<32>(4, USER);
    assert_eq!(RecoverySet::<32>::from_bytes(&bytes(&all)).unwrap(), all);
}

#[test]
fn the_last_revision_and_the_last_generation() {
    let (set, _) = generate::<1>(3, USER);
    let mut stored = bytes(&set);
    stored[44..46].fill(0xff);
    let set = RecoverySet::<1>::from_bytes(&stored).unwrap();
    let error = set.reissue_with(0, Stream(1).fill(), &pepper(), USER, |_, _| ()).unwrap_err();
    assert_eq!(error, RecoveryIssueError::Exhausted);
    assert!(set.regenerate_with(Stream(1).fill(), &pepper(), USER, |_, _| ()).is_ok());
    stored[20..24].fill(0xff);
    let set = RecoverySet::<1>::from_bytes(&stored).unwrap();
    assert_eq!((set.generation(), set.revision(0)), (u32::MAX, u16::MAX));
    let error = set.regenerate_with(Stream(1).fill(), &pepper(), USER, |_, _| ()).unwrap_err();
    assert_eq!(error, RecoveryIssueError::Exhausted);
}

proptest! {
    /// What is read has one form.
    #[test]
    fn what_is_read_is_written_again(
        flips in proptest::collection::vec((0..150_usize, any::<u8>()), 0..6),
    ) {
        let mut stored = bytes(&generate::<3>(3, USER).0);
        for (at, byte) in flips {
            if let Some(place) = stored.get_mut(at) {
                *place ^= byte;
            }
        }
        if let Ok(set) = RecoverySet::<3>::from_bytes(&stored) {
            prop_assert_eq!(bytes(&set), stored);
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn serde_goes_through_the_same_check() {
    let (set, codes) = generate::<10>(1, USER);
    let set = set.verify(&pepper(), USER, &codes[3]).unwrap().burned();
    let json = serde_json::to_string(&set).unwrap();
    assert_eq!(serde_json::from_str::<Vec<u8>>(&json).unwrap(), bytes(&set));
    assert!(serde_json::from_str::<RecoverySet<10>>(&json).unwrap() == set);
    for (json, sentence) in [
        (json.replace("[1,", "[2,"), "version"),
        (json.replace("[1,1,10,", "[1,1,9,"), "slots"),
        (json.rsplit_once(',').unwrap().0.to_owned() + "]", "the 384 bytes of a recovery set"),
        (json.replace(']', ",0]"), "trailing"),
    ] {
        let error = serde_json::from_str::<RecoverySet<10>>(&json).err().unwrap().to_string();
        assert!(error.contains(sentence), "{error}");
    }
}
