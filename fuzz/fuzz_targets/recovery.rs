//! Any bytes as a stored recovery set, any text as a recovery code and as a PHC string.
#![no_main]

use libfuzzer_sys::fuzz_target;
use otp_core::{
    Argon2id, Keyed, LongRecoveryLength, MalformedRecoveryCode, Pbkdf2, Pepper, RecoveryCode,
    RecoveryError, RecoveryHash, RecoveryInputError, RecoveryLength, RecoveryPasswordHash,
    RecoverySet,
};

const USER: &[u8] = b"user 17";

fuzz_target!(|bytes: &[u8]| {
    let pepper = Pepper::new(1, &[0x5a; 32]).unwrap();
    let (stored, rest) = bytes.split_at(bytes.len().min(<RecoverySet<2>>::LEN));
    if let Some(set) = read::<2, Keyed>(stored) {
        let text = String::from_utf8_lossy(rest);
        match set.verify(&pepper, USER, &text).map(|hit| hit.slot()) {
            Err(RecoveryError::Input(error)) => {
                assert!(set.pepper_key_id() != 1);
                assert_eq!(error, RecoveryInputError::Pepper { expected: set.pepper_key_id() });
            }
            // The hash would have been guessed.
            Ok(slot) => panic!("slot {slot}"),
            Err(_) => {}
        }
    }
    read::<2, Argon2id>(stored);
    read::<2, Pbkdf2>(stored);
    read::<1, Keyed>(bytes);

    let Ok(text) = str::from_utf8(bytes) else { return };
    for symbols in 16..=32 {
        type_in(text, RecoveryLength::new(symbols).unwrap());
    }
    assert!(LongRecoveryLength::new(22).is_err());
    string::<Argon2id>(text);
    string::<Pbkdf2>(text);
});

/// What is read has one form, and merges with itself to itself.
fn read<const N: usize, H: RecoveryHash>(bytes: &[u8]) -> Option<RecoverySet<N, H>> {
    let set = RecoverySet::<N, H>::from_bytes(bytes).ok()?;
    let mut buffer = vec![0; bytes.len()];
    assert_eq!(set.write_bytes(&mut buffer).unwrap(), bytes);
    let used = (0..N as u8).filter(|slot| set.is_used(*slot)).count();
    assert_eq!(usize::from(set.remaining()), N - used);
    assert_eq!(set.clone().merge(set.clone()), set);
    Some(set)
}

/// The one form of a text, slowly.
fn type_in(text: &str, length: RecoveryLength) {
    let canonical: String = text
        .chars()
        .filter(|character| !matches!(character, ' ' | '-'))
        .map(|character| match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            upper => upper,
        })
        .collect();
    let symbols = canonical.chars().all(|c| "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(c));
    let fits = text.len() <= RecoveryCode::MAX_TEXT_LEN;
    let good = symbols && fits && canonical.len() == usize::from(length.symbols());
    match RecoveryCode::parse(text, length) {
        Ok(code) => {
            assert!(good);
            assert_eq!(code.expose(), canonical);
            let grouped = code.expose_grouped().to_string();
            assert_eq!(RecoveryCode::parse(&grouped, length).unwrap().expose(), canonical);
        }
        Err(error) => {
            assert!(!good);
            match error {
                MalformedRecoveryCode::TooLong => assert!(!fits),
                MalformedRecoveryCode::Character { offset } => {
                    assert!(!symbols && text.is_char_boundary(offset) && offset < text.len());
                }
                MalformedRecoveryCode::Length { expected } => {
                    assert!(symbols);
                    assert_eq!(expected, length.symbols());
                }
                _ => panic!("{error}"),
            }
        }
    }
}

/// A string that is read is written the same.
fn string<H: RecoveryPasswordHash>(text: &str) {
    if let Ok(set) = RecoverySet::<1, H>::from_phc(16, 1, 0, [(0, Some(text))]) {
        assert_eq!(set.phc(0).unwrap().to_string(), text);
    }
}
