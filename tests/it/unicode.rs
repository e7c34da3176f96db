//! The Unicode properties of a character, from `tests/data/unicode_17.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::data::rows;

/// The role of a character in a typed code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A decimal digit, with its value.
    Digit(u32),
    Dash,
    /// White space, or an invisible character.
    Space,
    Other,
}

static KINDS: LazyLock<HashMap<char, Kind>> = LazyLock::new(|| {
    let mut kinds = HashMap::new();
    for [name, range] in rows(include_str!("../data/unicode_17.txt")) {
        let (first, last) = range.split_once("..").unwrap_or((range, range));
        let [first, last] = [first, last].map(|hex| u32::from_str_radix(hex, 16).unwrap());
        for (place, point) in (0..).zip(first..=last) {
            let kind = match name {
                "digits" => Kind::Digit(place % 10),
                "dash" => Kind::Dash,
                "space" | "ignorable" | "bidi" => Kind::Space,
                other => panic!("{other}"),
            };
            let character = char::from_u32(point).unwrap();
            let before = kinds.insert(character, kind);
            assert!(before.is_none_or(|before| before == kind), "{character:?}");
        }
    }
    kinds
});

/// Returns the characters of the planes with assigned characters, except private use.
pub(crate) fn assigned() -> impl Iterator<Item = char> {
    ('\0'..='\u{3ffff}').chain('\u{e0000}'..='\u{e0fff}')
}

pub(crate) fn kind(character: char) -> Kind {
    KINDS.get(&character).copied().unwrap_or(Kind::Other)
}

#[test]
fn the_file_has_what_everybody_knows() {
    for (character, expected) in [
        ('7', Kind::Digit(7)),
        ('\u{6f7}', Kind::Digit(7)),
        ('\u{1d7d6}', Kind::Digit(8)), // mathematical bold
        ('-', Kind::Dash),
        ('\u{2013}', Kind::Dash),
        ('\u{2212}', Kind::Other), // minus sign
        ('\n', Kind::Space),
        ('\u{a0}', Kind::Space),
        ('\u{200b}', Kind::Space),
        ('\u{2067}', Kind::Space),
        ('\u{b2}', Kind::Other), // superscript
        ('a', Kind::Other),
    ] {
        assert_eq!(kind(character), expected, "{character:?}");
    }
}
