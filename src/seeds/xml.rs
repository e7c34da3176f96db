//! A pull parser for the XML of seed files: elements and their text, without a DTD.
//!
//! It is not an external crate for two reasons. The crates without an allocator are not maintained
//! (`xmlparser` has had no release since 2023), and the maintained ones allocate. This parser
//! refuses a DTD, so that no entity can be declared or expanded, and it uses a fixed amount of
//! memory. It checks that skipped elements are well-formed too. A fuzz target compares it with
//! `roxmltree`.

use super::cursor::{Attribute, Attributes, Cursor, Span, is_name, split};
use super::error::{Error, Part, Problem};
use super::namespace::{Bindings, Space};
use super::text::{CDATA, Form, Text};

/// The deepest nesting of elements.
const MAX_DEPTH: usize = 32;
/// The largest number of attributes of an element.
const MAX_ATTRIBUTES: usize = 32;

/// The start of an element.
#[derive(Clone, Copy)]
pub(super) struct Element<'f> {
    pub(super) space: Space,
    local: &'f str,
    attributes: Span<'f>,
    /// The offset of its start.
    pub(super) offset: usize,
}

impl<'f> Element<'f> {
    /// Returns the local name if the element is in a namespace that PSKC knows, or does not have a
    /// namespace. Returns an empty name for other elements.
    pub(super) fn name(&self) -> &'f str {
        if matches!(self.space, Space::Known | Space::None) { self.local } else { "" }
    }

    pub(super) const fn local(&self) -> &'f str {
        self.local
    }

    /// Returns the value of an attribute without a prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<Text<'f>> {
        self.attributes().find(|attribute| attribute.name == name).map(|attribute| attribute.value)
    }

    /// Returns the names of the attributes, without declarations of namespaces.
    pub(super) fn attribute_names(&self) -> impl Iterator<Item = &'f str> {
        self.attributes().map(|attribute| attribute.name).filter(|name| !declares(name))
    }

    fn attributes(&self) -> Attributes<'f> {
        Attributes(Cursor { text: self.attributes.text, offset: self.attributes.offset })
    }
}

fn declares(name: &str) -> bool {
    name == "xmlns" || name.starts_with("xmlns:")
}

pub(super) enum Event<'f> {
    Start(Element<'f>),
    /// The end of an element, with the offset of the end tag.
    End(usize),
    /// The end of the file.
    Eof,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the root element.
    Prolog,
    Inside,
    /// After the start of an empty element, whose end was not returned yet.
    Empty,
    /// After the root element.
    Epilog,
}

/// The parser. To look ahead, make a copy.
#[derive(Clone, Copy)]
pub(super) struct Xml<'f> {
    file: &'f str,
    cursor: Cursor<'f>,
    place: Place,
    open: [&'f str; MAX_DEPTH],
    depth: usize,
    bindings: Bindings<'f>,
}

impl<'f> Xml<'f> {
    /// Makes a parser for a file.
    ///
    /// # Errors
    /// If the file is not UTF-8, declares another encoding, or does not begin as XML.
    pub(super) fn new(file: &'f str) -> Result<Self, Error> {
        let mut cursor = Cursor { text: file, offset: 0 };
        cursor.take("\u{feff}");
        let target = cursor.text.strip_prefix("<?xml");
        if target.is_some_and(|rest| !rest.starts_with(is_name)) {
            declaration(&mut cursor)?;
        }
        Ok(Self {
            file,
            cursor,
            place: Place::Prolog,
            open: [""; MAX_DEPTH],
            depth: 0,
            bindings: Bindings::NONE,
        })
    }

    /// Returns the offset of the parser.
    pub(super) const fn offset(&self) -> usize {
        self.cursor.offset
    }

    /// Returns the next start or end of an element.
    pub(super) fn next(&mut self) -> Result<Event<'f>, Error> {
        match self.place {
            Place::Empty => {
                self.close();
                return Ok(Event::End(self.cursor.offset));
            }
            Place::Inside => {}
            Place::Prolog | Place::Epilog => return self.outside(),
        }
        loop {
            self.cursor.text_run()?;
            if self.cursor.text.is_empty() {
                return Err(self.cursor.error(Problem::Truncated));
            }
            if self.cursor.text.starts_with("</") {
                return self.end();
            }
            if self.cursor.text.starts_with(CDATA) {
                self.cursor.section(CDATA, "]]>")?;
            } else if !self.cursor.markup()? {
                return self.start().map(Event::Start);
            }
        }
    }

    fn outside(&mut self) -> Result<Event<'f>, Error> {
        loop {
            self.cursor.blanks();
            if self.cursor.text.is_empty() {
                return match self.place {
                    Place::Epilog => Ok(Event::Eof),
                    _ => Err(self.cursor.error(Problem::Truncated)),
                };
            }
            if self.cursor.text.starts_with("<!DOCTYPE") {
                return Err(self.cursor.error(Problem::Dtd));
            }
            if !self.cursor.markup()? {
                if self.place == Place::Epilog || !self.cursor.text.starts_with('<') {
                    return Err(self.cursor.error(Problem::Malformed));
                }
                return self.start().map(Event::Start);
            }
        }
    }

    fn start(&mut self) -> Result<Element<'f>, Error> {
        let offset = self.cursor.offset;
        self.cursor.expect("<")?;
        let name = self.cursor.name()?;
        let attributes = self.attributes()?;
        let empty = self.cursor.take("/");
        self.cursor.expect(">")?;

        let slot = self.open.get_mut(self.depth);
        *slot.ok_or(Error::new(Part::File, Problem::TooDeep, offset))? = name;
        self.depth = self.depth.saturating_add(1);
        self.place = if empty { Place::Empty } else { Place::Inside };
        self.bindings.declare(attributes, self.depth)?;
        let (prefix, local) = split(name, offset)?;
        let mut element = Element { space: Space::None, local, attributes, offset };
        element.space =
            self.bindings.resolve(prefix, offset)?.map_or(Space::None, |found| found.space);
        self.check_duplicates(&element)?;
        Ok(element)
    }

    /// Skips the attributes of an element.
    fn attributes(&mut self) -> Result<Span<'f>, Error> {
        let start = self.cursor;
        let mut count = 0_usize;
        loop {
            let before = self.cursor;
            self.cursor.blanks();
            if self.cursor.text.starts_with(['/', '>']) {
                let len = self.cursor.offset.saturating_sub(start.offset);
                let text = start.text.get(..len).unwrap_or_default();
                return Ok(Span { text, offset: start.offset });
            }
            if self.cursor.offset == before.offset {
                return Err(self.cursor.malformed());
            }
            count = count.saturating_add(1);
            if count > MAX_ATTRIBUTES {
                return Err(self.cursor.error(Problem::TooMany));
            }
            self.cursor.attribute()?;
        }
    }

    /// Checks that no two attributes have the same name, or the same local name and namespace
    /// (Namespaces in XML 1.0 section 6.3).
    fn check_duplicates(&self, element: &Element<'f>) -> Result<(), Error> {
        let mut attributes = element.attributes();
        while let Some(Attribute { name, offset, .. }) = attributes.next() {
            let (prefix, local) = split(name, offset)?;
            if prefix == "xmlns" {
                if attributes.clone().any(|other| other.name == name) {
                    return Err(Error::new(Part::File, Problem::Duplicate, offset));
                }
                continue;
            }
            let uri = match prefix {
                "" => None,
                _ => self.bindings.resolve(prefix, offset)?.map(|binding| binding.uri),
            };
            for other in attributes.clone() {
                let (other_prefix, other_local) = split(other.name, other.offset)?;
                let same = if prefix == other_prefix {
                    true
                } else if prefix.is_empty() || matches!(other_prefix, "" | "xmlns") {
                    false
                } else {
                    let other = self.bindings.resolve(other_prefix, other.offset)?;
                    uri.is_some() && other.map(|binding| binding.uri) == uri
                };
                if same && local == other_local {
                    return Err(Error::new(Part::File, Problem::Duplicate, other.offset));
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<Event<'f>, Error> {
        let offset = self.cursor.offset;
        self.cursor.expect("</")?;
        let name = self.cursor.name()?;
        self.cursor.blanks();
        self.cursor.expect(">")?;
        let open = self.depth.checked_sub(1).and_then(|top| self.open.get(top));
        if open != Some(&name) {
            return Err(Error::new(Part::File, Problem::Malformed, offset));
        }
        self.close();
        Ok(Event::End(offset))
    }

    fn close(&mut self) {
        self.bindings.leave(self.depth);
        self.depth = self.depth.saturating_sub(1);
        self.place = if self.depth == 0 { Place::Epilog } else { Place::Inside };
    }
}

/// Functions for the PSKC reader. Each reads the last started element to its end.
impl<'f> Xml<'f> {
    /// Returns the next child of the element, or `None` at its end.
    pub(super) fn child(&mut self) -> Result<Option<Element<'f>>, Error> {
        Ok(match self.next()? {
            Event::Start(element) => Some(element),
            Event::End(_) | Event::Eof => None,
        })
    }

    /// Skips the rest of the element.
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        let depth = self.depth;
        while self.depth >= depth {
            self.next()?;
        }
        Ok(())
    }

    /// Returns the text of the element, or `None` if it has children.
    pub(super) fn text(&mut self) -> Result<Option<Text<'f>>, Error> {
        let start = self.cursor.offset;
        match self.next()? {
            Event::Start(_) => {
                self.skip()?;
                // It also skips the parent.
                self.skip()?;
                Ok(None)
            }
            Event::End(end) => {
                let raw = self.file.get(start..end).unwrap_or_default();
                Ok(Some(Text::new(raw, Form::Element, start)))
            }
            Event::Eof => Ok(None),
        }
    }
}

/// `<?xml version="1.0" encoding="UTF-8"?>`
fn declaration<'f>(cursor: &mut Cursor<'f>) -> Result<(), Error> {
    cursor.expect("<?xml")?;
    // The next attribute that is allowed. The three attributes have a fixed order.
    let mut next = 0_usize;
    loop {
        let before = cursor.offset;
        cursor.blanks();
        if cursor.text.starts_with("?>") && next > 0 {
            return cursor.expect("?>");
        }
        if cursor.offset == before {
            let cut = "?>".starts_with(cursor.text);
            return Err(cursor.error(if cut { Problem::Truncated } else { Problem::Malformed }));
        }
        let Attribute { name, value, offset } = cursor.attribute()?;
        let at = ["version", "encoding", "standalone"].iter().position(|known| *known == name);
        let Some(at) = at.filter(|at| *at >= next && (*at > 0) == (next > 0)) else {
            return Err(Error::new(Part::File, Problem::Malformed, offset));
        };
        next = at.saturating_add(1);
        let holds = match at {
            0 => value.chars().take(2).eq("1.".chars()),
            // .NET writers may declare UTF-16 and then save the text as UTF-8.
            1 if ["UTF-8", "US-ASCII", "UTF-16"].iter().any(|name| value.is_like(name)) => true,
            1 => return Err(Error::new(Part::File, Problem::NotUtf8, offset)),
            _ => value == "yes" || value == "no",
        };
        if !holds {
            return Err(Error::new(Part::File, Problem::Malformed, offset));
        }
    }
}
