//! Text of a seed file, decoded while it is read.

use crate::decoded::decoded_text;
use crate::label::is_refused;

/// The written form of a text in its file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The content of an element: references, CDATA sections, comments, processing instructions.
    Element,
    /// The value of an attribute: references.
    Attribute,
    /// A cell of CSV.
    Cell,
    /// A quoted cell: two quotes stand for one (RFC 4180 section 2).
    Quoted,
}

/// Text of a seed file. It is decoded while it is read, without a copy.
///
/// It does not have control characters, line and paragraph separators, or bidirectional embeddings,
/// overrides or isolates. `==` compares with plain text, and `Display` writes the text itself.
#[derive(Clone, Copy)]
pub struct Text<'f> {
    /// INVARIANT: well-formed for its form.
    raw: &'f str,
    form: Form,
    offset: usize,
}

impl<'f> Text<'f> {
    /// Makes a text that starts at `offset`, without the white space around it.
    pub(super) fn new(raw: &'f str, form: Form, offset: usize) -> Self {
        let blank = |c| matches!(c, ' ' | '\t' | '\r' | '\n');
        let front = raw.trim_start_matches(blank);
        let offset = offset.saturating_add(raw.len().saturating_sub(front.len()));
        Self { raw: front.trim_end_matches(blank), form, offset }
    }

    /// Returns the offset of its start in the file.
    pub(super) const fn offset(self) -> usize {
        self.offset
    }

    /// Returns the decoded characters, each with its position in the file.
    pub(super) const fn places(self) -> Places<'f> {
        Places { rest: self.raw, form: self.form, offset: self.offset, in_cdata: false }
    }

    /// Returns the position of the first character that must not be shown.
    pub(super) fn first_refused(self) -> Option<usize> {
        self.places().find(|(_, character)| is_refused(*character)).map(|(offset, _)| offset)
    }

    /// Returns whether it is `other`, in upper or lower case.
    pub(super) fn is_like(self, other: &str) -> bool {
        let lower = |c: char| c.to_ascii_lowercase();
        self.chars().map(lower).eq(other.chars().map(lower))
    }

    /// Returns the characters of the decoded text.
    #[must_use]
    pub fn chars(&self) -> Chars<'f> {
        Chars(self.places())
    }

    /// Returns whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places().next().is_none()
    }
}

decoded_text!(Text, Chars);

/// The characters of a [`Text`].
#[derive(Clone)]
pub struct Chars<'f>(Places<'f>);

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        self.0.next().map(|(_, character)| character)
    }
}

/// The decoded characters of a text, each with its position in the file.
#[derive(Clone)]
pub(super) struct Places<'f> {
    rest: &'f str,
    form: Form,
    offset: usize,
    in_cdata: bool,
}

impl Places<'_> {
    fn advance(&mut self, len: usize) {
        self.rest = self.rest.get(len..).unwrap_or_default();
        self.offset = self.offset.saturating_add(len);
    }

    /// Skips the text between two delimiters. If the second delimiter is missing, nothing is left.
    fn step_over(&mut self, start: &str, end: &str) -> bool {
        if !self.rest.starts_with(start) {
            return false;
        }
        self.advance(start.len());
        let len = self.rest.find(end).map_or(self.rest.len(), |at| at.saturating_add(end.len()));
        self.advance(len);
        true
    }

    /// Skips markup that is not text.
    fn step_over_markup(&mut self) {
        loop {
            if self.in_cdata {
                if !self.rest.starts_with("]]>") {
                    return;
                }
                self.in_cdata = false;
                self.advance(3);
            } else if self.rest.starts_with(CDATA) {
                self.in_cdata = true;
                self.advance(CDATA.len());
            } else if !self.step_over("<!--", "-->") && !self.step_over("<?", "?>") {
                return;
            }
        }
    }
}

pub(super) const CDATA: &str = "<![CDATA[";

impl Iterator for Places<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<(usize, char)> {
        if self.form == Form::Element {
            self.step_over_markup();
        }
        let offset = self.offset;
        let first = self.rest.chars().next()?;
        let (character, len) = match (self.form, first) {
            (Form::Element | Form::Attribute, '&') if !self.in_cdata => {
                reference(self.rest).unwrap_or((char::REPLACEMENT_CHARACTER, 1))
            }
            // XML 1.0 section 2.11: every line end in the file is read as a line feed.
            (Form::Element | Form::Attribute, '\r') if self.rest.starts_with("\r\n") => ('\n', 2),
            (Form::Element | Form::Attribute, '\r') => ('\n', 1),
            (Form::Quoted, '"') => ('"', 2),
            _ => (first, first.len_utf8()),
        };
        // XML 1.0 section 3.3.3.
        let written = self.rest.starts_with(['\t', '\r', '\n']);
        let character = if self.form == Form::Attribute && written { ' ' } else { character };
        self.advance(len);
        Some((offset, character))
    }
}

/// Reads the reference at the start of a text. Returns its character and its length.
///
/// XML itself defines five entities (XML 1.0 section 4.6). Others would need a DTD.
pub(super) fn reference(text: &str) -> Option<(char, usize)> {
    // The longest is `&#x10FFFF;`. XML allows any number of leading zeros, but only a few are read.
    let window = text.as_bytes().iter().take(16);
    let end = window.into_iter().position(|byte| *byte == b';')?;
    let name = text.get(1..end)?;
    let character = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let (digits, radix) = match number.strip_prefix('x') {
                Some(digits) => (digits, 16),
                None => (number, 10),
            };
            if !digits.chars().all(|digit| digit.is_digit(radix)) {
                return None;
            }
            let number = u32::from_str_radix(digits, radix).ok()?;
            char::from_u32(number).filter(|character| is_xml(*character))?
        }
    };
    Some((character, end.saturating_add(1)))
}

/// Returns whether XML 1.0 allows the character (section 2.2).
pub(super) const fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}
