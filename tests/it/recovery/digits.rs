//! Codes of decimal digits, for keypads without letters.

use super::*;

const LENGTH: Length = Length::DIGITS;

/// Returns a set of two, and its codes.
fn of_digits() -> (Set<2>, Vec<String>) {
    let (mut stream, mut codes) = (Stream(1), Vec::new());
    let set = Set::generate(stream.fill(), Keyed, LENGTH, &pepper(), USER, |_, code| {
        codes.push(code.expose_grouped().to_string());
    });
    (set.unwrap(), codes)
}

fn redeem(set: &mut Set<2>, typed: &str) -> Verdict {
    let (before, pepper, state) = (set.clone(), pepper(), State::for_recovery());
    let redemption = Verifier::DEFAULT.redeem(&before, &pepper, USER, state, typed, 1_000).unwrap();
    let commit = |next: &Set<2>, _, _| {
        set.clone_from(next);
        Ok::<_, Infallible>(Swap::Stored)
    };
    redemption.commit(commit).unwrap().verdict
}

#[test]
fn each_is_redeemed_once_however_it_is_typed() {
    let (mut set, codes) = of_digits();
    for (code, separator) in codes.iter().zip(["", " "]) {
        assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [6; 6]);
        assert!(code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
        let typed = code.replace('-', separator);
        assert!(matches!(redeem(&mut set, &typed), Verdict::Redeemed(_)));
        assert!(matches!(redeem(&mut set, &typed), Verdict::Rejected { .. }));
    }
}

#[test]
fn a_digit_off_is_rejected() {
    let (mut set, codes) = of_digits();
    let code = codes[0].replace('-', "");
    for at in 0..code.len() {
        let other = if &code[at..=at] == "7" { "8" } else { "7" };
        let wrong = [&code[..at], other, &code[at + 1..]].concat();
        assert!(matches!(redeem(&mut set, &wrong), Verdict::Rejected { .. }), "{at}");
    }
}

#[test]
fn letters_and_other_lengths_are_malformed() {
    let digits = "123456".repeat(6);
    assert!(Code::parse(&digits, LENGTH).is_ok());
    for (letter, offset) in [("A", 6), ("z", 6), ("Ａ", 6)] {
        let text = digits.replacen('1', letter, 2).replacen(letter, "1", 1);
        assert_eq!(Code::parse(&text, LENGTH).unwrap_err(), MalformedCode::Character { offset });
    }
    for text in [&digits[1..], &format!("{digits}1"), &wrong()] {
        let error = Code::parse(text, LENGTH).unwrap_err();
        assert_eq!(error, MalformedCode::Length { expected: 36 });
    }
    // In Base32, a code of only digits is a code like any other.
    assert!(Code::parse(&wrong(), Length::DEFAULT).is_ok());
}

/// Computed with long division from the drawn bytes. The salt comes first.
#[test]
fn a_digit_is_the_first_decimal_place_of_what_was_drawn() {
    let (mut stream, mut drawn) = (Stream(1), [0; 16 + 3 * 36]);
    let (salt, fractions) = drawn.split_at_mut(16);
    let Ok(()) = stream.fill()(salt);
    let Ok(()) = stream.fill()(fractions);
    let place = |bytes: &[u8]| {
        let fraction = u64::from_le_bytes([bytes[0], bytes[1], bytes[2], 0, 0, 0, 0, 0]);
        (fraction * 10 / (1 << 24)).to_string()
    };
    let expected: String = fractions.chunks(3).map(place).collect();
    assert_eq!(of_digits().1[0].replace('-', ""), expected);
}

#[test]
fn the_length_tells_the_alphabet_and_the_bits() {
    assert!(LENGTH.is_digits());
    assert_eq!(LENGTH.symbols(), 36);
    assert_eq!(f64::from(LENGTH.bits()), (36.0 * 10_f64.log2()).floor());
    assert!((16..=32).all(|symbols| !Length::new(symbols).unwrap().is_digits()));
    assert_eq!(Length::new(36), Err(LengthError::Range));
}

#[test]
fn a_set_is_stored_and_read_with_its_alphabet() {
    let (set, codes) = of_digits();
    let mut bytes = [0; Set::<2>::LEN];
    set.write_bytes(&mut bytes).unwrap();
    let mut read = Set::<2>::from_bytes(&bytes).unwrap();
    assert!(matches!(redeem(&mut read, &codes[1]), Verdict::Redeemed(_)));
    // Only this length is above those of Base32.
    for symbols in [33, 35, 37, 255] {
        bytes[3] = symbols;
        assert_eq!(Set::<2>::from_bytes(&bytes).unwrap_err(), SetError::CodeLength);
    }
}
