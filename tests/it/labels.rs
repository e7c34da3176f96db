//! F55: the characters that issuer and account of a key URI may have, when read and when written.

use otp_core::{Secret, otpauth};

const S: &str = "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// Each refused character that is not a control character.
const OBEYED: &[(char, &str)] = &[
    ('\u{2028}', "line separator"),
    ('\u{2029}', "paragraph separator"),
    ('\u{202a}', "left-to-right embedding"),
    ('\u{202b}', "right-to-left embedding"),
    ('\u{202c}', "pop directional formatting"),
    ('\u{202d}', "left-to-right override"),
    ('\u{202e}', "right-to-left override"),
    ('\u{2066}', "left-to-right isolate"),
    ('\u{2067}', "right-to-left isolate"),
    ('\u{2068}', "first strong isolate"),
    ('\u{2069}', "pop directional isolate"),
];

/// Labels that must be read and written unchanged.
pub(crate) const ACCEPTED: &[(&str, &str)] = &[
    (
        "\u{646}\u{645}\u{6cc}\u{200c}\u{62f}\u{627}\u{646}\u{645}",
        "zero width non-joiner, in Persian",
    ),
    ("\u{1f468}\u{200d}\u{1f4bb}", "zero width joiner, in an emoji"),
    ("A\u{200e}b", "left-to-right mark"),
    ("\u{5e9}\u{200f}!", "right-to-left mark"),
    ("\u{627}\u{61c}1", "Arabic letter mark"),
    ("Donau\u{ad}dampf", "soft hyphen"),
    ("Ame\u{301}lie", "combining acute accent"),
    ("\u{915}\u{94d}\u{937}", "virama, in Devanagari"),
    ("\u{5e9}\u{5dc}\u{5d5}\u{5dd}", "Hebrew"),
    // The neighbours of the refused characters.
    ("a\u{2027}b", "hyphenation point"),
    ("a\u{202f}b", "narrow no-break space"),
    ("a\u{2065}b", "not assigned"),
    ("a\u{206a}b", "inhibit symmetric swapping"),
    ("a\u{a0}b", "no-break space, behind the last control character"),
];

/// Returns each refused character, with its name.
pub(crate) fn refused() -> impl Iterator<Item = (char, &'static str)> {
    let controls = ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}');
    controls.map(|control| (control, "control character")).chain(OBEYED.iter().copied())
}

pub(crate) fn is_refused(character: char) -> bool {
    refused().any(|(refused, _)| refused == character)
}

fn escaped(text: &str, lower_case: bool) -> String {
    let escape = |byte| if lower_case { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
    text.bytes().map(escape).collect()
}

/// A character at each place of a label: before and after the colon, and in the parameter.
fn places(text: &str) -> [(String, otpauth::Part, usize); 4] {
    [
        (format!("otpauth://totp/ab{text}?{S}"), otpauth::Part::Label, 17),
        (format!("otpauth://totp/ab{text}:alice?{S}"), otpauth::Part::Label, 17),
        (format!("otpauth://hotp/ab%3Acd{text}?{S}"), otpauth::Part::Label, 22),
        (format!("otpauth://totp/a?{S}&issuer=ab{text}"), otpauth::Part::Issuer, 66),
    ]
}

#[test]
fn f55_refused_in_key_uris_raw_and_escaped() {
    for (character, why) in refused() {
        let raw = format!("{character}cd");
        for text in [raw.clone(), escaped(&raw, false), escaped(&raw, true)] {
            for (uri, part, offset) in places(&text) {
                for rules in [otpauth::Rules::LENIENT, otpauth::Rules::STRICT] {
                    let error = otpauth::Uri::parse_with(&uri, rules).unwrap_err();
                    let found = (error.part(), error.problem(), error.offset());
                    let problem = if character.is_control() {
                        otpauth::Problem::Control
                    } else {
                        otpauth::Problem::Refused(otpauth::Rule::TextDirection)
                    };
                    assert_eq!(found, (part, problem, offset), "{why}: {uri:?}");
                }
                // No rule accepts a control character.
                let rules = otpauth::Rules::LENIENT.accepting(otpauth::Rule::TextDirection);
                let read = otpauth::Uri::parse_with(&uri, rules);
                assert_eq!(read.is_err(), character.is_control(), "{why}: {uri:?}");
            }
        }
    }
    let uri = format!("otpauth://totp/%E2%80%AEgnp?{S}");
    assert_eq!(
        otpauth::Uri::parse(&uri).unwrap_err().to_string(),
        "label: line separator or text-direction override (at byte 15)"
    );
}

#[test]
fn f55_accepted_in_key_uris_raw_and_escaped() {
    for (text, why) in ACCEPTED {
        for label in [(*text).to_owned(), escaped(text, false), escaped(text, true)] {
            let uri = format!("otpauth://totp/{label}:{label}?{S}");
            let uri = otpauth::Uri::parse(&uri).expect(why);
            assert_eq!(uri.issuer().unwrap(), *text, "{why}");
            assert_eq!(uri.account(), *text, "{why}");
            let uri = format!("otpauth://totp/a?{S}&issuer={label}");
            assert_eq!(otpauth::Uri::parse(&uri).expect(why).issuer().unwrap(), *text, "{why}");
        }
    }
}

#[test]
fn f55_the_writer_refuses_what_the_reader_refuses() {
    let secret = Secret::from_base32(&S[7..]).unwrap();
    let writer = otpauth::UriBuilder::totp(&secret);
    for (character, why) in refused() {
        let label = format!("ab\u{e9}{character}cd");
        for error in [writer.with_issuer(&label).err(), writer.with_account(&label).err()] {
            assert_eq!(error.as_ref().map(otpauth::LabelError::offset), Some(4), "{why}");
        }
    }
    for (text, why) in ACCEPTED {
        let written = writer.with_issuer(text).and_then(|uri| uri.with_account(text));
        let written = written.expect(why).to_string();
        let uri = otpauth::Uri::parse(&written).unwrap();
        assert_eq!(uri.issuer().unwrap(), *text, "{why}");
        assert_eq!(uri.account(), *text, "{why}");
    }
}

/// Reader and writer refuse exactly the characters of the table.
#[test]
fn f55_every_character() {
    let secret = Secret::from_base32(&S[7..]).unwrap();
    let mut found = vec![];
    for character in '\0'..=char::MAX {
        let mut utf8 = [0; 4];
        let text = character.encode_utf8(&mut utf8);
        let written = otpauth::UriBuilder::totp(&secret).with_account(text).is_err();
        let uri = format!("otpauth://totp/{}?{S}", escaped(text, false));
        assert_eq!(otpauth::Uri::parse(&uri).is_err(), written, "{character:?}");
        if written {
            found.push(character);
        }
    }
    assert_eq!(found, refused().map(|(character, _)| character).collect::<Vec<_>>());
}
