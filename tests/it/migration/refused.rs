//! Exports that are refused, each with its error.

use super::*;

#[test]
fn refused_uris() {
    use Problem::*;
    let path = "otpauth-migration://offline";
    for (uri, error) in [
        ("", (Part::Scheme, Unsupported, 0)),
        ("otpauth-migration", (Part::Scheme, Unsupported, 0)),
        ("otpauth://totp/a?secret=AAAA", (Part::Scheme, Unsupported, 0)),
        (" otpauth-migration://offline?data=CgA", (Part::Scheme, Unsupported, 0)),
        ("ötpauth-migration://offline?data=CgA", (Part::Scheme, Unsupported, 0)),
        // KELVIN SIGN and similar characters are not letters of a scheme.
        ("otpauth-m\u{131}gration://offline?data=CgA", (Part::Scheme, Unsupported, 0)),
        ("otpauth-migration:", (Part::Scheme, Unsupported, 0)),
        ("otpauth-migration:offline?data=CgA", (Part::Scheme, Unsupported, 0)),
        ("otpauth-migration:/offline?data=CgA", (Part::Scheme, Unsupported, 0)),
        ("otpauth-migration://?data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://online?data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://offline2?data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://offline:80?data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://me@offline?data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://offline&data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://offline/x?data=CgA", (Part::Path, Unsupported, 28)),
        ("otpauth-migration://offline//?data=CgA", (Part::Path, Unsupported, 28)),
        ("otpauth-migration://offline", (Part::Data, Missing, 27)),
        ("otpauth-migration://offline/", (Part::Data, Missing, 28)),
        ("otpauth-migration://offline?", (Part::Data, Missing, 28)),
        ("otpauth-migration://offline?data", (Part::Data, Missing, 32)),
        ("otpauth-migration://offline?data=", (Part::Data, Missing, 33)),
        ("otpauth-migration://offline?data=&x", (Part::Data, Missing, 35)),
        ("otpauth-migration://offline?DATA=CgA", (Part::Data, Missing, 36)),
        ("otpauth-migration://offline?d%61ta=CgA", (Part::Data, Missing, 38)),
        ("otpauth-migration://offline?adata=CgA", (Part::Data, Missing, 37)),
        ("otpauth-migration://offline#?data=CgA", (Part::Data, Missing, 27)),
    ] {
        assert_eq!(read(uri), Err(error), "{uri}");
    }
    for (query, (problem, offset)) in [
        ("?data=EAE&data=EAE", (Duplicate, 10)),
        ("?data=&x&data=EAE", (Duplicate, 9)),
        ("?data=EAE&data", (Duplicate, 10)),
        ("?data=EA%", (Escape, 8)),
        ("?data=EA%4", (Escape, 8)),
        ("?data=EA%4&x", (Escape, 8)),
        ("?data=EA%4g", (Escape, 8)),
        ("?data=EA%+1", (Escape, 8)),
        ("?data=EAEB ", (Character, 10)),
        ("?data=EA B", (Character, 8)),
        ("?data=EA-B", (Character, 8)),
        ("?data=EAB_", (Character, 9)),
        ("?data=E%41%2D-", (Character, 10)),
        ("?data=EA%252B", (Character, 8)),
        ("?data=EAE%00", (Character, 9)),
        ("?data=EAE\n", (Character, 9)),
        ("?data=EAéE", (Character, 8)),
        ("?x&data=!", (Character, 8)),
        ("?data=EAE=EAE", (AfterPadding, 10)),
        ("?data=EAE%3d%3d%45", (AfterPadding, 15)),
        ("?data=EAEQA", (LastGroup, 10)),
        ("?data=E", (LastGroup, 6)),
        // Bits that do not fill a byte, and are set.
        ("?data=EAF", (LastGroup, 6)),
        ("?data=EAEQAQABCh", (LastGroup, 14)),
    ] {
        let error = (Part::Data, problem, path.len() + offset);
        assert_eq!(read(&format!("{path}{query}")), Err(error), "{query}");
    }
    // The original of these variations is valid.
    assert_eq!(read("otpauth-migration://offline?data=EAE"), Ok(vec![]));
}

#[test]
fn refused_wire_formats() {
    use Problem::{NotAField, OutOfRange, Truncated};
    for (fields, (problem, offset)) in [
        // Numbers: cut off, over ten bytes, over 64 bits.
        (vec![8 * 8], (Truncated, 1)),
        (vec![8 * 8, 0x80], (Truncated, 2)),
        ([vec![8 * 8], vec![0x80; 10], vec![0]].concat(), (OutOfRange, 1)),
        ([vec![8 * 8], vec![0xff; 9], vec![2]].concat(), (OutOfRange, 1)),
        (vec![0x80; 11], (OutOfRange, 0)),
        // Bytes that are not fields.
        (vec![0, 0], (NotAField, 0)),
        (varint(1 << 32), (NotAField, 0)),
        (varint(u64::MAX - 7), (NotAField, 0)),
        (vec![8 * 8 + 3, 8 * 8 + 4], (NotAField, 0)),
        (vec![8 * 8 + 4], (NotAField, 0)),
        (vec![8 * 8 + 6, 0], (NotAField, 0)),
        (vec![8 * 8 + 7, 0], (NotAField, 0)),
        // Lengths beyond the end.
        (vec![8 * 8 + 2, 1], (Truncated, 2)),
        (vec![2 * 8 + 2, 5, b'a', b'b'], (Truncated, 2)),
        ([vec![2 * 8 + 2], varint(u64::MAX), vec![b'a']].concat(), (Truncated, 11)),
        ([vec![2 * 8 + 2], varint(u64::MAX >> 1)].concat(), (Truncated, 10)),
        ([vec![8 * 8 + 1], vec![0; 7]].concat(), (Truncated, 1)),
        ([vec![8 * 8 + 5], vec![0; 3]].concat(), (Truncated, 1)),
    ] {
        let error = (Part::Payload, problem, offset);
        assert_eq!(refusal(std::slice::from_ref(&fields)), error, "{fields:?}");
        // The same at the outer level, after a valid entry.
        let before = entry(&[secret()]);
        let error = (Part::Payload, problem, before.len() + offset);
        assert_eq!(read_payload(&[before, fields].concat()), Err(error));
    }
    // The largest possible number is not one of them.
    assert_eq!(read_one(&[secret(), number(8, u64::MAX)]).counter, None);
    // An entry that extends into the bytes after it.
    let mut payload = [entry(&[secret()]), number(2, 1)].concat();
    payload[3] += 1;
    assert_eq!(read_payload(&payload), Err((Part::Payload, Truncated, 4)));
}

#[test]
fn refused_fields() {
    use Part::*;
    for (field, part) in
        [(1, Secret), (2, Name), (3, Issuer), (4, Algorithm), (5, Digits), (6, Type), (7, Counter)]
    {
        let error = (part, Problem::WireType, 0);
        let wrong = if field < 4 { number(field, 1) } else { bytes(field, "\x01") };
        assert_eq!(refusal(&[wrong]), error);
        assert_eq!(refusal(&[vec![(field * 8 + 5) as u8, 1, 0, 0, 0]]), error);
        assert_eq!(refusal(&[vec![(field * 8 + 1) as u8, 1, 0, 0, 0, 0, 0, 0, 0]]), error);
    }
    // MD5, and numbers that no version of the format has. They never become a default, even if a
    // later field is valid.
    for (field, part, first_unknown) in [(4, Algorithm, 4), (5, Digits, 3), (6, Type, 3)] {
        for value in [first_unknown, first_unknown + 1, 6, 8, 1 << 32, (1 << 32) + 1, u64::MAX] {
            let error = (part, Problem::Unsupported, 0);
            assert_eq!(refusal(&[number(field, value)]), error, "{part:?} {value}");
            assert_eq!(refusal(&[number(field, value), number(field, 1)]), error);
        }
    }
    for value in [-1_i64, i64::MIN] {
        for kind in [HOTP, TOTP] {
            assert_eq!(
                refusal(&[number(7, value.cast_unsigned()), number(6, kind)]),
                (Counter, Problem::Unsupported, 0)
            );
        }
    }
    for (field, part) in [(2, Version), (3, BatchSize), (4, BatchIndex)] {
        for value in [u64::MAX, 1 << 31, 1 << 32] {
            let payload = [entry(&[secret()]), number(field, value)].concat();
            let error = (part, Problem::Unsupported, 14);
            assert_eq!(read_payload(&payload), Err(error));
        }
        let payload = [entry(&[secret()]), number(field, (1 << 31) - 1)].concat();
        assert_eq!(read_payload(&payload).unwrap().len(), 1);
        let error = (part, Problem::WireType, 0);
        assert_eq!(read_payload(&bytes(field, "1")), Err(error));
    }
    let error = (BatchId, Problem::WireType, 0);
    assert_eq!(read_payload(&bytes(5, "1")), Err(error));
    let error = (Entry, Problem::WireType, 0);
    assert_eq!(read_payload(&number(1, 1)), Err(error));
}

#[test]
fn refused_texts() {
    use Part::*;
    for (field, part) in [(2, Name), (3, Issuer)] {
        for (text, at) in [
            (&b"\xff"[..], 0),
            (b"ali\xc3", 3),
            (b"ali\xc0\xafce", 3),
            (b"\xc3\xa9\xed\xa0\x80", 2),
            (b"\xf4\x90\x80\x80", 0),
        ] {
            // After key and length.
            let error = (part, Problem::NotUtf8, 2 + at);
            assert_eq!(refusal(&[bytes(field, text)]), error, "{text:?}");
        }
        for control in ["\0", "\n", "\r", "\t", "\x1b", "\x1f", "\x7f", "\u{80}", "\u{9b}"] {
            let error = (part, Problem::Control, 2 + 4);
            assert_eq!(refusal(&[bytes(field, format!("ab\u{e9}{control}"))]), error);
            // A later text does not undo it.
            assert_eq!(
                refusal(&[bytes(field, format!("ab\u{e9}{control}")), bytes(field, "fine")]),
                error
            );
        }
    }
}

/// F55: exports are refused like key URIs.
#[test]
fn f55_exports_have_labels_that_nothing_obeys() {
    for (field, part) in [(2, Part::Name), (3, Part::Issuer)] {
        for (character, why) in labels::refused() {
            let error = (part, Problem::Control, 2 + 4);
            let text = format!("ab\u{e9}{character}cd");
            assert_eq!(refusal(&[bytes(field, text)]), error, "{why}");
        }
        for (text, why) in labels::ACCEPTED {
            let account = read_one(&[secret(), bytes(field, text)]);
            let read = if field == 2 { Some(account.account) } else { account.issuer };
            assert_eq!(read.as_deref(), Some(*text), "{why}");
        }
    }
}

#[test]
fn refused_secrets() {
    let before = number(2, 1);
    for fields in [vec![], bytes(2, "alice"), bytes(1, "")] {
        let payload = [before.clone(), entry(&[fields]), entry(&[secret()])].concat();
        assert_eq!(read_payload(&payload), Err((Part::Secret, Problem::Missing, 2)));
    }
    let error = (Part::Secret, Problem::Duplicate, 0);
    assert_eq!(refusal(&[secret()]), error);
    assert_eq!(refusal(&[bytes(1, "")]), error);
    let payload = entry(&[bytes(1, ""), secret()]);
    assert_eq!(read_payload(&payload), Err((Part::Secret, Problem::Duplicate, 4)));
}

/// One bad entry makes the whole export fail: nothing is dropped silently.
#[test]
fn a_bad_entry_spoils_the_export() {
    let good = entry(&[secret()]);
    let bad = entry(&[secret(), number(4, 4)]);
    for payload in [[&good[..], &bad, &good].concat(), [&good[..], &good, &bad].concat()] {
        assert!(matches!(read_payload(&payload), Err((Part::Algorithm, Problem::Unsupported, _))));
    }
}
