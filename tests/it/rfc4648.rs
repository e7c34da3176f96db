//! RFC 4648 section 10, and what people make of Base32.

use otp_core::{Base32Error, Secret, decode_base32};
use proptest::prelude::*;

use crate::data::rows;

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
        // Out it goes without padding.
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
    // Bits that fill no byte.
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
        ("MZ\tXW", 2),
        ("MZXW\n", 4),
        ("MZ\0", 2),
        ("MZı", 2),        // upper-cases to I
        ("MZXWſ", 4),      // upper-cases to S
        ("ＭＺ", 0),       // full-width
        ("MZ\u{a0}XW", 2), // a no-break space is no separator here
        ("MZ==!", 4),
    ] {
        assert_eq!(decode(text), Err(Base32Error::Symbol { offset }), "{text:?}");
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

/// A decoder that is slow and obvious.
fn reference(text: &str) -> Option<Vec<u8>> {
    let mut bits = String::new();
    let mut padded = false;
    for character in text.chars().filter(|character| !" -".contains(*character)) {
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
