//! RFC 4648 section 10, and Base32 as people use it.

use otp_core::{Base32Error, Encoding, Secret, SecretError, decode_base32};
use proptest::prelude::*;

use crate::data::rows;
use crate::unicode::{Kind, assigned, kind};

fn decode(text: &str) -> Result<Vec<u8>, Base32Error> {
    let mut buffer = [0; 400];
    decode_base32(text, &mut buffer).map(<[u8]>::to_vec)
}

#[test]
fn section_10() {
    assert_eq!(decode(""), Ok(vec![]));
    let rows = rows(include_str!("../data/rfc4648_section_10.txt"));
    assert_eq!(rows.len(), 6);
    for [text, base32] in rows {
        assert_eq!(decode(base32), Ok(text.into()), "{base32}");
        let secret = Secret::from_bytes_allow_short(text.as_bytes()).unwrap();
        // It is written without padding.
        assert_eq!(secret.expose_base32().to_string(), base32.trim_end_matches('='));
    }
}

/// All 32 symbols, in the order of table 3, at the places of a whole group.
#[test]
fn every_symbol() {
    let bytes = crate::data::from_hex("00443214c74254b635cf84653a56d7c675be77df");
    let secret = Secret::from_bytes(&bytes).unwrap();
    assert_eq!(secret.expose_base32().to_string(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    assert_eq!(decode("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), Ok(bytes));
}

#[test]
fn what_people_paste() {
    for text in [
        "MZXW6YTBOI======",
        "mzxw6ytboi",
        "MZXW 6YTB OI",
        "mzxw-6ytb-oi",
        " MZXW6YTBOI ",
        "MZXW6YTBOI=",
        "MZXW6YTBOI = = =",
        "--MzXw6yTbOi--",
    ] {
        assert_eq!(decode(text), Ok(b"foobar".into()), "{text}");
    }
}

#[test]
fn left_over_symbols_and_trailing_bits_are_dropped() {
    // 1, 3 or 6 symbols in the last group: one more than its bytes need.
    assert_eq!(decode("A"), Ok(vec![]));
    assert_eq!(decode("MZX"), decode("MZ"));
    assert_eq!(decode("MZXW6Y"), decode("MZXW6"));
    assert_eq!(decode("MZXW6YTBA"), decode("MZXW6YTB"));
    // Bits that do not fill a byte.
    assert_eq!(decode("MZ"), decode("MY"));
    assert_eq!(decode("MZXW7==="), decode("MZXW6==="));
}

#[test]
fn everything_else_is_refused_where_it_stands() {
    for (text, offset) in [
        ("MZXW0YTB", 4),
        ("1ZXW6YTB", 0),
        ("MZXW8", 4),
        ("MZXW9", 4),
        ("MZXW6YTB.", 8),
        ("MZXW_6", 4),
        ("MZ\0", 2),
        ("MZı", 2),   // upper-cases to I
        ("MZXWſ", 4), // upper-cases to S
        ("ＭＺ", 0),  // full-width
        ("MZ−XW", 2), // a minus sign is not a dash
        ("MZ==!", 4),
    ] {
        assert_eq!(decode(text), Err(Base32Error::Symbol { offset }), "{text:?}");
    }
    for text in ["MZ\tXW", "MZXW\r\n", "\u{feff}MZXW", "MZ\u{a0}XW", "MZ\u{200b}XW", "MZ–XW"] {
        assert_eq!(decode(text), decode("MZXW"), "{text:?}");
    }
    for (text, offset) in [("MZ=XW", 3), ("=MZ", 1), ("MZXW6YTB=A", 9)] {
        assert_eq!(decode(text), Err(Base32Error::AfterPadding { offset }), "{text:?}");
    }
}

#[test]
fn a_buffer_too_small_is_said_and_wiped() {
    let mut buffer = [0xff; 6];
    assert_eq!(decode_base32("MZXW6YTBOI", &mut buffer), Ok(&b"foobar"[..]));
    for len in 0..6 {
        let mut buffer = vec![0xff; len];
        assert_eq!(decode_base32("MZXW6YTBOI", &mut buffer), Err(Base32Error::BufferTooSmall));
        assert!(buffer.iter().all(|byte| *byte == 0), "{buffer:?}");
    }
    let mut buffer = [0xff; 10];
    assert!(decode_base32("MZXW6YTBO1", &mut buffer).is_err());
    assert_eq!(buffer, [0; 10]);
}

/// F53: of all characters, those that carry no information are dropped, and no other is accepted.
#[test]
fn f53_every_character_by_itself() {
    for character in assigned() {
        let decoded = decode(&format!("MZ{character}XW"));
        match kind(character) {
            Kind::Space | Kind::Dash => assert_eq!(decoded, decode("MZXW"), "{character:?}"),
            _ if character.is_ascii_alphabetic() || ('2'..='7').contains(&character) => {
                assert!(decoded.is_ok(), "{character:?}");
            }
            _ if character == '=' => {
                assert_eq!(decoded, Err(Base32Error::AfterPadding { offset: 3 }));
            }
            _ => assert_eq!(decoded, Err(Base32Error::Symbol { offset: 2 }), "{character:?}"),
        }
    }
}

/// F54: Base64 and hexadecimal are not silently read as Base32, and the error says which encoding
/// it may be.
#[test]
fn f54_another_encoding_is_recognised() {
    // 20 random bytes in Base64, with only symbols that Base32 also has.
    let base64 = "I7FFCmtSuSFguUDtXMsfTebpQGk=";
    let error = Secret::from_base32(base64).unwrap_err();
    assert_eq!(error, SecretError::Base32(Base32Error::MixedCase { offset: 5 }));
    assert_eq!(
        error.to_string(),
        "the shared secret is not Base32: upper and lower case mixed at byte 5, it may be Base64"
    );
    assert_eq!(Secret::from_base32_allow_short(base64).unwrap_err(), error);
    // A caller that knows the encoding can decode it.
    assert_eq!(decode(base64).unwrap().len(), 16);

    for (text, encoding) in [
        ("3132333435363738393031323334353637383930", Encoding::Hexadecimal),
        ("d14a0a9b52b92160b940ed5ccb1f4de6e9406901", Encoding::Hexadecimal),
        ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", Encoding::Base64),
        ("0UoKm1K5IWC5QO1cyx9N5ulAaQE=", Encoding::Base64),
        ("0UoKm1K5IWC5QO1c-x9N5ulAaQE", Encoding::Base64),
    ] {
        let Err(SecretError::Base32(error)) = Secret::from_base32(text) else { panic!("{text}") };
        let Base32Error::OtherEncoding { encoding: found, .. } = error else { panic!("{error:?}") };
        assert_eq!(found, encoding, "{text}");
        assert!(error.to_string().ends_with(&format!("it looks like {encoding}")), "{error}");
    }
    // A mistyped symbol is only reported as such.
    for text in
        ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ0", "gezdgnbvgy3tqojqgezdgnbvgy3tqoj1", "0", "MZXW8"]
    {
        let error = Secret::from_base32(text).unwrap_err();
        assert!(matches!(error, SecretError::Base32(Base32Error::Symbol { .. })), "{text}");
    }
    // A text in one case, or with a first letter that a phone capitalised.
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let lower = secret.to_lowercase();
    for text in [secret, &lower, &format!("G{}", &lower[1..]), &format!("2 {lower}")] {
        assert!(Secret::from_base32(text).is_ok(), "{text}");
    }
    for (text, offset) in [
        (format!("g{}", &secret[1..]), 1),
        (format!("{}q", &secret[..31]), 31),
        (format!("GE{}", &lower[2..]), 2),
    ] {
        let expected = SecretError::Base32(Base32Error::MixedCase { offset });
        assert_eq!(Secret::from_base32(&text).unwrap_err(), expected, "{text}");
    }
}

/// A slow and simple decoder.
fn reference(text: &str) -> Option<Vec<u8>> {
    let mut bits = String::new();
    let mut padded = false;
    for character in text.chars().filter(|one| !matches!(kind(*one), Kind::Space | Kind::Dash)) {
        if character == '=' {
            padded = true;
            continue;
        }
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(character.to_ascii_uppercase())?;
        if padded {
            return None;
        }
        bits += &format!("{value:05b}");
    }
    let bytes = bits.as_bytes().chunks_exact(8);
    Some(
        bytes
            .map(|bits| u8::from_str_radix(core::str::from_utf8(bits).unwrap(), 2).unwrap())
            .collect(),
    )
}

proptest! {
    #[test]
    fn equals_the_reference(text in "[A-Za-z2-7 =-]{0,60}|\\PC{0,20}") {
        prop_assert_eq!(decode(&text).ok(), reference(&text));
    }

    #[test]
    fn survives_a_round_trip(bytes in proptest::collection::vec(any::<u8>(), 1..=128), gap in 1..9_usize) {
        prop_assume!(bytes.iter().any(|byte| *byte != 0));
        let secret = Secret::from_bytes_allow_short(&bytes).unwrap();
        let text = secret.expose_base32().to_string();
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte)));
        prop_assert_eq!(text.len(), (bytes.len() * 8).div_ceil(5));
        let again = Secret::from_base32_allow_short(&text).unwrap();
        prop_assert_eq!(again.expose_bytes(), &bytes[..]);
        // As it is shown for typing.
        let groups: Vec<_> = text.as_bytes().chunks(gap).map(|group| core::str::from_utf8(group).unwrap()).collect();
        let typed = groups.join(" ").to_lowercase();
        let again = Secret::from_base32_allow_short(&typed).unwrap();
        prop_assert_eq!(again.expose_bytes(), &bytes[..]);
    }
}
