//! A set as a whole: when two are equal, what the longest message takes, and costs that are read back.

use super::*;

fn fill(seed: u64) -> impl FnMut(&mut [u8]) -> Result<(), Infallible> {
    let mut stream = Stream(seed);
    move |bytes| stream.fill()(bytes)
}

fn pepper() -> Pepper {
    Pepper::new(1, &[0x5a; 32]).unwrap()
}

fn made(seed: u64, length: LongRecoveryLength, user: &[u8]) -> (RecoverySet<2>, Vec<String>) {
    let mut codes = Vec::new();
    let show = |_, code: &RecoveryCode| codes.push(code.expose().to_owned());
    let set = RecoverySet::generate_with(fill(seed), Keyed, length, &pepper(), user, show).unwrap();
    (set, codes)
}

#[test]
fn equality_sees_every_part() {
    let (set, _) = made(1, LongRecoveryLength::DEFAULT, USER);
    let (same, codes) = made(1, LongRecoveryLength::DEFAULT, USER);
    let (other, _) = made(2, LongRecoveryLength::DEFAULT, USER);
    assert!(set == same);
    assert!(set != other, "hashes and salt");
    let burned = set.verify(&pepper(), USER, &codes[1]).unwrap().burned();
    assert!(set != burned, "what is used");
    let reissued = set.reissue_with(0, fill(3), &pepper(), USER, |_, _| ()).unwrap();
    assert!(set != reissued, "one slot");
    // The id of the pepper, which no hash depends on.
    let mut bytes = [0; RecoverySet::<2>::LEN];
    set.write_bytes(&mut bytes).unwrap();
    bytes[19] ^= 2;
    assert!(set != RecoverySet::from_bytes(&bytes).unwrap(), "the header");
    assert!(set != set.regenerate_with(fill(1), &pepper(), USER, |_, _| ()).unwrap());
}

#[test]
fn the_longest_user_and_the_longest_code() {
    let length = LongRecoveryLength::new(RecoveryLength::MAX).unwrap();
    assert_eq!(length.symbols(), 32);
    assert_eq!(LongRecoveryLength::DEFAULT.symbols(), 24);
    let user = [b'u'; RecoverySet::<2>::MAX_USER_LEN];
    let (set, codes) = made(4, length, &user);
    assert_eq!(codes[1].len(), 32);
    assert_eq!(set.verify(&pepper(), &user, &codes[1]).unwrap().slot(), 1);

    let mut other_user = user;
    other_user[RecoverySet::<2>::MAX_USER_LEN - 1] = b'v';
    assert!(set.verify(&pepper(), &other_user, &codes[1]).is_err());
    // The last symbol counts too.
    let mut code = codes[1].clone();
    let last = code.pop();
    code.push(if last == Some('7') { '8' } else { '7' });
    assert!(set.verify(&pepper(), &user, &code).is_err());
}

#[test]
fn an_issue_error_has_its_source() {
    let fails = |_: &mut [u8]| Err(std::fmt::Error);
    let length = LongRecoveryLength::DEFAULT;
    let error = RecoverySet::<1>::generate_with(fails, Keyed, length, &pepper(), USER, |_, _| ());
    let error = error.unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().is::<std::fmt::Error>());
}

#[cfg(feature = "pbkdf2")]
#[test]
fn iterations_are_read_back() {
    let hash = Pbkdf2::new(Pbkdf2::DEFAULT.iterations() + 1).unwrap();
    let set: RecoverySet<1, Pbkdf2> = RecoverySet::generate_with(
        fill(5),
        hash,
        RecoveryLength::DEFAULT,
        &pepper(),
        USER,
        |_, _| (),
    )
    .unwrap();
    let mut buffer = [0; RecoverySet::<1, Pbkdf2>::LEN];
    let bytes = set.write_bytes(&mut buffer).unwrap();
    let read = RecoverySet::<1, Pbkdf2>::from_bytes(bytes).unwrap();
    assert_eq!(read.hash().iterations(), hash.iterations());
}

#[cfg(feature = "argon2")]
#[test]
fn memory_passes_and_lanes_are_read_back() {
    let hash = Argon2id::new(19 * 1024, 3, 2).unwrap();
    let mut memory = vec![Argon2Block::new(); 19_456];
    let pepper = pepper();
    let keys = Argon2Keys::new(&pepper, &mut memory);
    let set: RecoverySet<1, Argon2id> =
        RecoverySet::generate_with(fill(6), hash, RecoveryLength::DEFAULT, keys, USER, |_, _| ())
            .unwrap();
    let mut buffer = [0; RecoverySet::<1, Argon2id>::LEN];
    let read =
        RecoverySet::<1, Argon2id>::from_bytes(set.write_bytes(&mut buffer).unwrap()).unwrap();
    let read = read.hash();
    assert_eq!((read.memory(), read.passes(), read.lanes()), (19 * 1024, 3, 2));
}
