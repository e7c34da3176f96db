//! The stored form: its output, refusals, equality, and serde.

use super::*;

/// F21: the stored form does not show a code, and the same code in two sets is stored differently.
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
    let length = Length::DEFAULT;
    let mut stream = Stream(21);
    stream.fill()(&mut [0; 16]).unwrap();
    let mut salt = true;
    let fill = |bytes: &mut [u8]| match std::mem::take(&mut salt) {
        true => Stream(22).fill()(bytes),
        false => stream.fill()(bytes),
    };
    let mut same_codes = Vec::new();
    let other_salt = Set::<10>::generate(fill, Keyed, length, &pepper(), USER, |_, code| {
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
    let (_, set) = used(&set, &codes[1]).unwrap();
    let good = bytes(&set);
    assert_eq!(good.len(), <Set<3>>::LEN);
    assert_eq!((<Set<1>>::LEN, <Set<10>>::LEN, <Set<32>>::LEN), (80, 368, 1_072));
    assert_eq!(Set::<3>::from_bytes(&good).unwrap(), set);
    assert_eq!(
        set.write_bytes(&mut vec![0; good.len() - 1]).unwrap_err().to_string(),
        "the text does not fit into the buffer"
    );

    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        Set::<3>::from_bytes(&bytes).unwrap_err()
    };
    for len in (0..good.len()).chain([good.len() + 1, 500]) {
        assert_eq!(refused(&|bytes| bytes.resize(len, 0)), SetError::Length);
    }
    assert_eq!(refused(&|bytes| bytes.fill(0)), SetError::Version);
    assert_eq!(refused(&|bytes| bytes[0] = 1), SetError::Version);
    for id in (0..=u8::MAX).filter(|id| *id != 1) {
        assert_eq!(refused(&|bytes| bytes[1] = id), SetError::Hash);
    }
    assert_eq!(refused(&|bytes| bytes[2] = 4), SetError::Slots);
    for symbols in (0..23).chain(33..36).chain(37..=u8::MAX) {
        assert_eq!(refused(&|bytes| bytes[3] = symbols), SetError::CodeLength);
    }
    for at in 4..16 {
        assert_eq!(refused(&|bytes| bytes[at] = 1), SetError::Cost);
    }
    for (at, bits) in [(44, 1), (44, 128), (45, 1), (46, 128), (47, 8), (47, 128)] {
        assert_eq!(refused(&|bytes| bytes[at] |= bits), SetError::UsedBeyond);
    }
    assert_eq!(good[47], 0b10);
    let alike = refused(&|bytes| bytes.copy_within(48..80, 112));
    assert_eq!(alike, SetError::Alike);
    // The bytes of the previous version name their version.
    let mut version_1 = vec![0; 384];
    version_1[..4].copy_from_slice(&[1, 1, 10, 24]);
    assert_eq!(<Set<10>>::from_bytes(&version_1).unwrap_err(), SetError::Version);

    // A set with all 32 slots has no bit beyond them.
    let (all, _) = generate::<32>(4, USER);
    assert_eq!(Set::<32>::from_bytes(&bytes(&all)).unwrap(), all);
}

#[test]
fn equality_sees_every_part() {
    let (set, codes) = generate::<2>(1, USER);
    assert!(set == generate::<2>(1, USER).0);
    assert!(set != generate::<2>(2, USER).0, "hashes and salt");
    assert!(set != used(&set, &codes[1]).unwrap().1, "used slots");
    assert!(set != set.reissue(0, Stream(3).fill(), &pepper(), USER).unwrap().0, "one slot");
    // The pepper's key id and the check value. No hash depends on these.
    for at in [19, 23] {
        let mut bytes = bytes(&set);
        bytes[at] ^= 2;
        assert!(set != Set::from_bytes(&bytes).unwrap(), "the header");
    }
}

/// The mark ends a code, although its hash is still there.
#[test]
fn a_slot_that_is_marked_as_used_accepts_no_code() {
    let (set, codes) = generate::<3>(1, USER);
    let mut marked = bytes(&set);
    marked[47] = 0b010;
    let marked = Set::<3>::from_bytes(&marked).unwrap();
    assert_eq!((marked.remaining(), slot_of(&marked, &codes[1])), (2, None));
    assert_eq!(slot_of(&marked, &codes[2]), Some(2));
    assert!(marked != set, "they differ only in the mark");
}

/// A set with every code used can be written and read.
#[test]
fn a_set_that_is_used_up_is_stored_like_any_other() {
    let (mut set, codes) = generate::<10>(1, USER);
    for code in &codes {
        set = used(&set, code).unwrap().1;
    }
    assert_eq!(set.remaining(), 0);
    let (before, after) = (bytes(&generate::<10>(1, USER).0), bytes(&set));
    for (hash, trace) in before[48..].chunks(32).zip(after[48..].chunks(32)) {
        assert!(hash != trace, "the hash is wiped");
    }
    // A damaged bitmap does not make a code valid again.
    let mut damaged = after;
    damaged[44..48].fill(0);
    let damaged = Set::<10>::from_bytes(&damaged).unwrap();
    assert_eq!((damaged.remaining(), slot_of(&damaged, &codes[0])), (10, None));
    let read = Set::from_bytes(&bytes(&set)).unwrap();
    assert!(read == set && slot_of(&read, &codes[0]).is_none());
    #[cfg(feature = "serde")]
    {
        let json = serde_json::to_string(&set).unwrap();
        assert!(serde_json::from_str::<Set<10>>(&json).unwrap() == set);
    }
    let next = set.regenerate(Stream(2).fill(), Keyed, Length::DEFAULT, &pepper(), USER, |_, _| ());
    assert_eq!(next.unwrap().generation(), 1);
}

proptest! {
    /// Every set has exactly one byte format.
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
        if let Ok(set) = Set::<3>::from_bytes(&stored) {
            prop_assert_eq!(bytes(&set), stored);
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn people_read_hexadecimal_text() {
    let (set, codes) = generate::<10>(1, USER);
    let (_, set) = used(&set, &codes[3]).unwrap();
    let json = serde_json::to_string(&set).unwrap();
    assert!(json.starts_with("\"02010a18") && json.len() == 2 + 2 * 368, "{json}");
    // As every format had it before there was text.
    let list = serde_json::to_string(&bytes(&set)).unwrap();
    for json in [&json, &json.to_uppercase(), &list] {
        assert!(serde_json::from_str::<Set<10>>(json).unwrap() == set, "{json}");
    }
    for (json, sentence) in [
        (json.replacen("\"02", "\"01", 1), "version"),
        (json.replace("\"02010a", "\"020109"), "slots"),
        (json[..json.len() - 2].to_owned() + "\"", "a recovery set is not hexadecimal text"),
        (json[..json.len() - 3].to_owned() + "\"", "wrong length"),
        (list.replacen("[2,", "[1,", 1), "version"),
        (list.replace("[2,1,10,", "[2,1,9,"), "slots"),
        (list.rsplit_once(',').unwrap().0.to_owned() + "]", "wrong length"),
        (list.replace(']', ",0]"), "wrong length"),
        (
            list.replace(']', &(",0".repeat(800) + "]")),
            "a recovery set as hexadecimal text or bytes",
        ),
    ] {
        let error = serde_json::from_str::<Set<10>>(&json).err().unwrap().to_string();
        assert!(error.contains(sentence), "{error}");
    }
}

/// The bytes and nothing else if a format does not describe itself.
#[cfg(feature = "serde")]
#[test]
fn other_formats_have_bytes() {
    let (set, _) = generate::<10>(1, USER);
    let mut room = [0; 400];
    let postcard = postcard::to_slice(&set, &mut room).unwrap();
    assert_eq!(postcard, bytes(&set));
    assert!(postcard::from_bytes::<Set<10>>(postcard).unwrap() == set);
    let mut cbor = vec![];
    ciborium::into_writer(&set, &mut cbor).unwrap();
    assert!(ciborium::from_reader::<Set<10>, _>(&cbor[..]).unwrap() == set);
}
