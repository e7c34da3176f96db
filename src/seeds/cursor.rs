//! Reads the characters of XML step by step: names, attributes, text and comments.

use super::error::{Error, Part, Problem};
use super::text::{CDATA, Form, Text, is_xml, reference};

#[derive(Clone, Copy)]
pub(super) struct Span<'f> {
    pub(super) text: &'f str,
    pub(super) offset: usize,
}

pub(super) fn split(name: &str, offset: usize) -> Result<(&str, &str), Error> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let is_name = |part: &str| starts_with_name(part) && !part.contains(':');
    if !is_name(local) || name.contains(':') && !is_name(prefix) {
        return Err(Error::new(Part::File, Problem::Malformed, offset));
    }
    Ok((prefix, local))
}

pub(super) struct Attribute<'f> {
    pub(super) name: &'f str,
    pub(super) value: Text<'f>,
    pub(super) offset: usize,
}

/// Attributes that were already checked.
#[derive(Clone)]
pub(super) struct Attributes<'f>(pub(super) Cursor<'f>);

impl<'f> Iterator for Attributes<'f> {
    type Item = Attribute<'f>;

    fn next(&mut self) -> Option<Attribute<'f>> {
        self.0.blanks();
        self.0.attribute().ok()
    }
}

/// The rest of the file.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'f> {
    pub(super) text: &'f str,
    pub(super) offset: usize,
}

impl<'f> Cursor<'f> {
    pub(super) fn error(&self, problem: Problem) -> Error {
        Error::new(Part::File, problem, self.offset)
    }

    /// At the end of the file, the error is that something is cut off.
    pub(super) fn malformed(&self) -> Error {
        let ended = self.text.is_empty();
        self.error(if ended { Problem::Truncated } else { Problem::Malformed })
    }

    fn advance(&mut self, len: usize) -> &'f str {
        let (before, rest) = self.text.split_at_checked(len).unwrap_or((self.text, ""));
        self.text = rest;
        self.offset = self.offset.saturating_add(before.len());
        before
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let found = self.text.starts_with(text);
        if found {
            self.advance(text.len());
        }
        found
    }

    pub(super) fn expect(&mut self, text: &str) -> Result<(), Error> {
        if self.take(text) {
            return Ok(());
        }
        // The end of the file may cut a delimiter in two.
        let cut = text.starts_with(self.text);
        Err(self.error(if cut { Problem::Truncated } else { Problem::Malformed }))
    }

    pub(super) fn blanks(&mut self) {
        let rest = self.text.trim_start_matches([' ', '\t', '\r', '\n']);
        self.advance(self.text.len().saturating_sub(rest.len()));
    }

    pub(super) fn name(&mut self) -> Result<&'f str, Error> {
        let len = self.text.find(|c| !is_name(c)).unwrap_or(self.text.len());
        if !starts_with_name(self.text) {
            return Err(self.malformed());
        }
        Ok(self.advance(len))
    }

    pub(super) fn attribute(&mut self) -> Result<Attribute<'f>, Error> {
        let offset = self.offset;
        let name = self.name()?;
        self.blanks();
        self.expect("=")?;
        self.blanks();
        let quote = if self.take("\"") { '"' } else { '\'' };
        if quote == '\'' {
            self.expect("'")?;
        }
        let start = *self;
        self.characters(|c| c == quote, |c| c == '<')?;
        let len = self.offset.saturating_sub(start.offset);
        if self.advance(1).is_empty() {
            return Err(self.error(Problem::Truncated));
        }
        let raw = start.text.get(..len).unwrap_or_default();
        Ok(Attribute { name, value: Text::new(raw, Form::Attribute, start.offset), offset })
    }

    /// Skips text up to the next tag.
    pub(super) fn text_run(&mut self) -> Result<(), Error> {
        let start = *self;
        self.characters(|c| c == '<', |_| false)?;
        let len = self.offset.saturating_sub(start.offset);
        match start.text.get(..len).and_then(|text| text.find("]]>")) {
            Some(at) => {
                Err(Error::new(Part::File, Problem::Malformed, start.offset.saturating_add(at)))
            }
            None => Ok(()),
        }
    }

    /// Skips characters and references up to the first character that `stops` accepts, or to the
    /// end of the file.
    fn characters(
        &mut self,
        stops: impl Fn(char) -> bool,
        forbidden: impl Fn(char) -> bool,
    ) -> Result<(), Error> {
        loop {
            let is_plain = |c| is_xml(c) && c != '&' && !stops(c) && !forbidden(c);
            let len = self.text.find(|c| !is_plain(c)).unwrap_or(self.text.len());
            self.advance(len);
            match self.text.chars().next() {
                None => return Ok(()),
                Some(c) if stops(c) => return Ok(()),
                Some('&') => {
                    let Some((_, len)) = reference(self.text) else {
                        let cut = self.text.len() < 16 && !self.text.contains([';', '<', '>']);
                        return Err(self.error(if cut {
                            Problem::Truncated
                        } else {
                            Problem::Entity
                        }));
                    };
                    self.advance(len);
                }
                Some(_) => return Err(self.error(Problem::Malformed)),
            }
        }
    }

    /// Skips a comment or a processing instruction, if there is one.
    pub(super) fn markup(&mut self) -> Result<bool, Error> {
        if self.text.starts_with("<!--") {
            let content = self.section("<!--", "-->")?;
            // XML 1.0 section 2.5.
            if content.text.contains("--") || content.text.ends_with('-') {
                return Err(Error::new(Part::File, Problem::Malformed, content.offset));
            }
            return Ok(true);
        }
        if self.text.starts_with("<?") {
            let content = self.section("<?", "?>")?;
            let mut target = Cursor { text: content.text, offset: content.offset };
            let name = target.name()?;
            // XML 1.0 section 2.6; Namespaces in XML 1.0 section 7.
            let blank = target.text.starts_with([' ', '\t', '\r', '\n']);
            if name.eq_ignore_ascii_case("xml")
                || name.contains(':')
                || !(blank || target.text.is_empty())
            {
                return Err(Error::new(Part::File, Problem::Malformed, content.offset));
            }
            return Ok(true);
        }
        if self.text.starts_with("<!") {
            let cut = ["<!--", CDATA].iter().any(|start| start.starts_with(self.text));
            return Err(self.error(if cut { Problem::Truncated } else { Problem::Malformed }));
        }
        Ok(false)
    }

    /// Skips the text between two delimiters, and returns it.
    pub(super) fn section(&mut self, start: &str, end: &str) -> Result<Span<'f>, Error> {
        self.expect(start)?;
        let Some(len) = self.text.find(end) else {
            return Err(self.error(Problem::Truncated));
        };
        let (offset, text) = (self.offset, self.advance(len));
        if let Some(at) = text.find(|c| !is_xml(c)) {
            return Err(Error::new(Part::File, Problem::Malformed, offset.saturating_add(at)));
        }
        self.advance(end.len());
        Ok(Span { text, offset })
    }
}

fn starts_with_name(text: &str) -> bool {
    text.chars().next().is_some_and(is_name_start)
}

/// `NameStartChar` of XML 1.0 section 2.3.
const fn is_name_start(character: char) -> bool {
    matches!(character,
        ':' | 'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}'
        | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}'
        | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

/// `NameChar` of XML 1.0 section 2.3.
pub(super) const fn is_name(character: char) -> bool {
    is_name_start(character)
        || matches!(character,
            '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}
