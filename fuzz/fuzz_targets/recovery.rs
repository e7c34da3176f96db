//! Any bytes as a stored recovery set, any text as a recovery code and as a PHC string.
#![no_main]

use std::convert::Infallible;

use libfuzzer_sys::fuzz_target;
use otp_core::recovery::{
    Argon2id, Code, Hash, InputError, Keyed, Length, MalformedCode, Pbkdf2, Pepper, Set, Verdict,
};
use otp_core::verifier::{State, Swap, Verifier};

use self::unicode::{Kind, kind};

// This target needs a part of the helpers of the integration tests.
#[allow(dead_code, reason = "helpers of the integration tests")]
#[path = "../../tests/it/data.rs"]
mod data;
#[allow(dead_code, reason = "helpers of the integration tests")]
#[path = "../../tests/it/unicode.rs"]
mod unicode;

const USER: &[u8] = b"user 17";

fuzz_target!(|bytes: &[u8]| {
    let pepper = Pepper::new(1, &[0x5a; 32]).unwrap();
    let (stored, rest) = bytes.split_at(bytes.len().min(<Set<2>>::LEN));
    if let Some(set) = read::<2, Keyed>(stored) {
        let text = String::from_utf8_lossy(rest);
        let state = State::for_recovery();
        match Verifier::DEFAULT.redeem(&set, &pepper, USER, state, &text, 0) {
            Err(InputError::PepperKeyId { expected }) => {
                assert!(set.pepper_key_id() == expected && expected != 1);
            }
            // The check value would have been guessed: 32 bits, of which the fuzzer learns nothing.
            Err(error) => assert_eq!(error, InputError::Mismatch),
            Ok(redemption) => {
                let Ok(settled) = redemption.commit(|_, _, _| Ok::<_, Infallible>(Swap::Stored));
                assert!(matches!(settled.verdict, Verdict::Malformed(_) | Verdict::Rejected(_)));
            }
        }
    }
    read::<2, Argon2id>(stored);
    read::<2, Pbkdf2>(stored);
    read::<1, Keyed>(bytes);

    let Ok(text) = str::from_utf8(bytes) else { return };
    for symbols in 16..=32 {
        type_in(text, Length::new(symbols).unwrap());
    }
    type_in(text, Length::DIGITS);
    string::<Keyed>(text);
    string::<Argon2id>(text);
    string::<Pbkdf2>(text);
});

/// The bytes that are read are the one form of a set.
fn read<const N: usize, H: Hash>(bytes: &[u8]) -> Option<Set<N, H>> {
    let set = Set::<N, H>::from_bytes(bytes).ok()?;
    let mut buffer = vec![0; bytes.len()];
    assert_eq!(set.write_bytes(&mut buffer).unwrap(), bytes);
    let used = (0..N as u8).filter(|slot| set.is_used(*slot)).count();
    assert_eq!(usize::from(set.remaining()), N - used);
    let strings: [_; N] = std::array::from_fn(|slot| set.phc(slot as u8).unwrap().to_string());
    let strings = std::array::from_fn(|slot| strings[slot].as_str());
    assert_eq!(Set::from_phc(strings).unwrap(), set);
    Some(set)
}

/// The canonical form of a text, slowly: without separators, numbers of a list before it and a
/// full stop after it. `None` if it has any other character that is not a symbol.
fn canonical(text: &str) -> Option<String> {
    let shown = text.chars().filter(|one| !matches!(kind(*one), Kind::Space | Kind::Dash));
    let symbol = |one| match one {
        '.' | ')' => Some(one),
        'O' | 'o' | 'Ｏ' | 'ｏ' => Some('0'),
        'I' | 'i' | 'L' | 'l' | 'Ｉ' | 'ｉ' | 'Ｌ' | 'ｌ' => Some('1'),
        // Full width.
        '！'..='～' => {
            char::from_u32(u32::from(one) - 0xfee0).filter(char::is_ascii_alphanumeric)
        }
        _ => Some(one),
    };
    let symbols: Vec<char> = shown.map(symbol).collect::<Option<_>>()?;
    let upper: String = symbols.iter().map(char::to_ascii_uppercase).collect();
    let known = |one| "0123456789ABCDEFGHJKMNPQRSTVWXYZ.)".contains(one);
    upper.chars().all(known).then_some(())?;

    let mut rest = upper.as_str();
    while let Some((before, after)) = rest.split_once(['.', ')']) {
        rest = match before.len() {
            0 => return None,
            _ if after.is_empty() => before,
            1 | 2 => after,
            _ => return None,
        };
    }
    Some(rest.to_owned())
}

/// Reads a text as a code of this length.
fn type_in(text: &str, length: Length) {
    let canonical = canonical(text);
    let fits = text.len() <= Code::MAX_TEXT_LEN;
    let known =
        |code: &String| !length.is_digits() || code.bytes().all(|byte| byte.is_ascii_digit());
    let expected =
        canonical.filter(|code| fits && code.len() == usize::from(length.symbols()) && known(code));
    match Code::parse(text, length) {
        Ok(code) => {
            assert_eq!(Some(code.expose()), expected.as_deref());
            let grouped = code.expose_grouped().to_string();
            assert_eq!(Code::parse(&grouped, length).unwrap().expose(), code.expose());
        }
        Err(error) => {
            assert_eq!(expected, None);
            match error {
                MalformedCode::TooLong => assert!(!fits),
                MalformedCode::Character { offset } => {
                    assert!(text.is_char_boundary(offset) && offset < text.len());
                }
                MalformedCode::Length { expected } => assert_eq!(expected, length.symbols()),
                _ => panic!("{error}"),
            }
        }
    }
}

/// A string that is read is written the same.
fn string<H: Hash>(text: &str) {
    if let Ok(set) = Set::<1, H>::from_phc([text]) {
        assert_eq!(set.phc(0).unwrap().to_string(), text);
    }
}
