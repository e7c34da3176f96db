//! The text of issuers and accounts in a key URI.

use super::error::{Error, Part, Problem};
use super::rules::{Rule, Rules};
use crate::decoded::decoded_text;
use crate::label::reorders;
use crate::percent::{Decoded, MalformedEscape};
use crate::uri::Span;

/// Text of a key URI. It is percent-decoded while it is read, without a copy.
///
/// The text is valid Unicode without control characters. It does not have line and paragraph
/// separators, or bidirectional embeddings, overrides or isolates, unless the caller accepts them
/// with [`Rule::TextDirection`](super::Rule::TextDirection). `==` compares with plain text, and
/// `Display` writes the text itself.
///
/// ```
/// use otp_core::otpauth::Uri;
///
/// let uri = Uri::parse("otpauth://totp/ACME%20Co:J%C3%BCrgen?secret=JBSWY3DPEHPK3PXP")?;
/// assert_eq!(uri.account(), "Jürgen");
/// assert_eq!(uri.account().chars().count(), 6);
/// let mut buffer = [0; 16];
/// assert_eq!(uri.issuer().unwrap().copy_to(&mut buffer), Ok("ACME Co"));
/// # Ok::<(), otp_core::otpauth::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// INVARIANT: decodes to UTF-8.
    raw: &'a str,
    plus_is_space: bool,
}

impl<'a> Text<'a> {
    /// Checks a part of the URI.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(super) fn check(
        part: Part,
        span: Span<'a>,
        plus_is_space: bool,
        rules: Rules,
    ) -> Result<Self, Error> {
        // Almost every text is plain, and needs no decoding.
        let is_plain = |byte| matches!(byte, b' '..=b'~') & (byte != b'%');
        if !span.text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
            check_decoded(part, span, plus_is_space, rules)?;
        }
        Ok(Self { raw: span.text, plus_is_space })
    }

    /// Returns the characters of the decoded text.
    #[must_use]
    pub fn chars(&self) -> Chars<'a> {
        Chars(Decoded::new(self.raw, self.plus_is_space))
    }

    /// Returns whether the text is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }
}

fn check_decoded(
    part: Part,
    span: Span<'_>,
    plus_is_space: bool,
    rules: Rules,
) -> Result<(), Error> {
    let mut decoded = Decoded::new(span.text, plus_is_space);
    while let Some(next) = next_char(&mut decoded) {
        let refused = match next {
            Err(refused) => refused,
            Ok((at, character)) if character.is_control() => (Problem::Control, at),
            Ok((at, character)) if reorders(character) && rules.refuses(Rule::TextDirection) => {
                (Problem::Refused(Rule::TextDirection), at)
            }
            Ok(_) => continue,
        };
        return Err(Error::new(part, refused.0, span.at(refused.1)));
    }
    Ok(())
}

decoded_text!(Text, Chars);

/// The characters of a [`Text`].
#[derive(Clone)]
pub struct Chars<'a>(Decoded<'a>);

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        // The text was checked, so there is no error here.
        let next = next_char(&mut self.0)?;
        Some(next.map_or(char::REPLACEMENT_CHARACTER, |(_, character)| character))
    }
}

/// Takes the bytes of one character (RFC 3629 section 3). The character and an error come with
/// their offset in the text.
fn next_char(bytes: &mut Decoded<'_>) -> Option<Result<(usize, char), (Problem, usize)>> {
    let (offset, first) = match bytes.next()? {
        Ok(first) => first,
        Err(MalformedEscape { offset }) => return Some(Err((Problem::Escape, offset))),
    };
    // Most labels are ASCII, and a character of one byte needs no decoding.
    if first.is_ascii() {
        return Some(Ok((offset, char::from(first))));
    }
    let len = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let mut sequence = [first, 0, 0, 0];
    for slot in sequence.iter_mut().take(len).skip(1) {
        match bytes.next() {
            Some(Ok((_, byte))) => *slot = byte,
            Some(Err(MalformedEscape { offset })) => return Some(Err((Problem::Escape, offset))),
            None => return Some(Err((Problem::NotUtf8, offset))),
        }
    }
    let sequence = sequence.get(..len).unwrap_or_default();
    let character = str::from_utf8(sequence).ok().and_then(|text| text.chars().next());
    Some(character.map(|character| (offset, character)).ok_or((Problem::NotUtf8, offset)))
}
