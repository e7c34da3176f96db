//! A pull parser for the XML of seed files: elements and their text, without a DTD.
//!
//! Why not a crate: the ones without an allocator are not maintained (`xmlparser` has had no release since 2023), and the
//! maintained ones allocate. This one refuses a DTD, so no entity can be declared or expanded, and it works in a fixed amount of
//! memory. It checks that what it passes over is well-formed too. A fuzz target compares it with `roxmltree`.

use super::error::{Error, Part, Problem};
use super::text::{CDATA, Form, Text, is_xml, reference};

/// The deepest nesting of elements.
const MAX_DEPTH: usize = 32;
/// The most attributes of an element.
const MAX_ATTRIBUTES: usize = 32;
/// The most namespaces that are declared at once.
const MAX_BINDINGS: usize = 32;

/// The namespace of an element, as far as PSKC knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// RFC 6030, or one of the namespaces that it uses. Makers mix these up.
    Known,
    /// None. Figure 7 of RFC 6030 has such elements, and what `python-pskc` writes.
    None,
    /// A draft before RFC 6030.
    Draft,
    /// Any other.
    Foreign,
}

const KNOWN: [&str; 5] = [
    "urn:ietf:params:xml:ns:keyprov:pskc",
    "http://www.w3.org/2000/09/xmldsig#",
    "http://www.w3.org/2001/04/xmlenc#",
    "http://www.w3.org/2009/xmlenc11#",
    "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#",
];

impl Space {
    fn of(uri: Text<'_>) -> Self {
        let starts_with = |prefix: &str| uri.chars().take(prefix.len()).eq(prefix.chars());
        if KNOWN.iter().any(|known| uri == *known) {
            Self::Known
        } else if uri.is_empty() {
            Self::None
        } else if starts_with("urn:ietf:params:xml:ns:keyprov") {
            Self::Draft
        } else {
            Self::Foreign
        }
    }
}

/// A prefix, the namespace that it stands for, and how deep the element is that declares it.
#[derive(Clone, Copy)]
struct Binding<'f> {
    prefix: &'f str,
    uri: Text<'f>,
    space: Space,
    depth: usize,
}

/// The start of an element.
#[derive(Clone, Copy)]
pub(super) struct Element<'f> {
    pub(super) space: Space,
    local: &'f str,
    attributes: Span<'f>,
    /// Where it starts.
    pub(super) offset: usize,
}

#[derive(Clone, Copy)]
struct Span<'f> {
    text: &'f str,
    offset: usize,
}

impl<'f> Element<'f> {
    /// The local name of an element that PSKC knows the namespace of, or that has none. Of others it is empty.
    pub(super) fn name(&self) -> &'f str {
        if matches!(self.space, Space::Known | Space::None) { self.local } else { "" }
    }

    pub(super) const fn local(&self) -> &'f str {
        self.local
    }

    /// The value of an attribute without a prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<Text<'f>> {
        self.attributes().find(|attribute| attribute.name == name).map(|attribute| attribute.value)
    }

    /// The attributes without declarations of namespaces.
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
    /// The end of an element, and where it starts.
    End(usize),
    /// The end of the file.
    Eof,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the root element.
    Prolog,
    Inside,
    /// Behind the start of an empty element, whose end is still to be told.
    Empty,
    /// Behind the root element.
    Epilog,
}

/// The parser. It is copied to look ahead.
#[derive(Clone, Copy)]
pub(super) struct Xml<'f> {
    file: &'f str,
    cursor: Cursor<'f>,
    place: Place,
    open: [&'f str; MAX_DEPTH],
    depth: usize,
    bindings: [Option<Binding<'f>>; MAX_BINDINGS],
}

impl<'f> Xml<'f> {
    /// # Errors
    /// If the file is not UTF-8, says that it is not, or does not begin as XML.
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
            bindings: [None; MAX_BINDINGS],
        })
    }

    /// Where the parser stands.
    pub(super) const fn offset(&self) -> usize {
        self.cursor.offset
    }

    /// The next start or end of an element.
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
        self.bind(attributes)?;
        let (prefix, local) = split(name, offset)?;
        let mut element = Element { space: Space::None, local, attributes, offset };
        element.space = self.resolve(prefix, offset)?.map_or(Space::None, |found| found.space);
        self.check_duplicates(&element)?;
        Ok(element)
    }

    /// Steps over the attributes of an element.
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

    /// Declares the namespaces of an element.
    fn bind(&mut self, attributes: Span<'f>) -> Result<(), Error> {
        let depth = self.depth;
        for Attribute { name, value, offset } in
            Attributes(Cursor { text: attributes.text, offset: attributes.offset })
        {
            let prefix = match name.strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) => match rest.strip_prefix(':') {
                    Some(prefix) => prefix,
                    None => continue,
                },
                None => continue,
            };
            // Namespaces in XML 1.0 sections 2.2 and 3.
            let reserved = value == XML || value == XMLNS || prefix == "xmlns";
            if reserved && !(prefix == "xml" && value == XML)
                || prefix == "xml" && value != XML
                || !prefix.is_empty() && value.is_empty()
            {
                return Err(Error::new(Part::File, Problem::Malformed, offset));
            }
            let slot = self.bindings.iter_mut().find(|slot| slot.is_none());
            let slot = slot.ok_or(Error::new(Part::File, Problem::TooMany, offset))?;
            *slot = Some(Binding { prefix, uri: value, space: Space::of(value), depth });
        }
        Ok(())
    }

    /// The innermost declaration of a prefix. There may be none of the empty one.
    fn resolve(&self, prefix: &str, offset: usize) -> Result<Option<Binding<'f>>, Error> {
        let bound = self.bindings.iter().flatten().filter(|binding| binding.prefix == prefix);
        // Of one depth there is one, since no attribute is there twice.
        let found = bound.max_by_key(|binding| binding.depth).copied();
        if found.is_none() && !matches!(prefix, "" | "xml") {
            return Err(Error::new(Part::File, Problem::Malformed, offset));
        }
        Ok(found)
    }

    /// No two attributes have the same name, or the same local name and namespace (Namespaces in XML 1.0 section 6.3).
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
                _ => self.resolve(prefix, offset)?.map(|binding| binding.uri),
            };
            for other in attributes.clone() {
                let (other_prefix, other_local) = split(other.name, other.offset)?;
                let same = if prefix == other_prefix {
                    true
                } else if prefix.is_empty() || matches!(other_prefix, "" | "xmlns") {
                    false
                } else {
                    let other = self.resolve(other_prefix, other.offset)?;
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
        for slot in &mut self.bindings {
            if slot.is_some_and(|binding| binding.depth == self.depth) {
                *slot = None;
            }
        }
        self.depth = self.depth.saturating_sub(1);
        self.place = if self.depth == 0 { Place::Epilog } else { Place::Inside };
    }
}

/// What the reader of PSKC asks for. Each takes the element that was started last to its end.
impl<'f> Xml<'f> {
    /// The next child of the element, or `None` at its end.
    pub(super) fn child(&mut self) -> Result<Option<Element<'f>>, Error> {
        Ok(match self.next()? {
            Event::Start(element) => Some(element),
            Event::End(_) | Event::Eof => None,
        })
    }

    /// Passes over the rest of the element.
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        let depth = self.depth;
        while self.depth >= depth {
            self.next()?;
        }
        Ok(())
    }

    /// The text of the element, or `None` if it has children.
    pub(super) fn text(&mut self) -> Result<Option<Text<'f>>, Error> {
        let start = self.cursor.offset;
        match self.next()? {
            Event::Start(_) => {
                self.skip()?;
                // And now the parent.
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

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// `<?xml version="1.0" encoding="UTF-8"?>`
fn declaration<'f>(cursor: &mut Cursor<'f>) -> Result<(), Error> {
    cursor.expect("<?xml")?;
    // Which of the three attributes may come next: they have an order.
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
            1 if value.is_like("UTF-8") || value.is_like("US-ASCII") => true,
            1 => return Err(Error::new(Part::File, Problem::NotUtf8, offset)),
            _ => value == "yes" || value == "no",
        };
        if !holds {
            return Err(Error::new(Part::File, Problem::Malformed, offset));
        }
    }
}

fn split(name: &str, offset: usize) -> Result<(&str, &str), Error> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let is_name = |part: &str| starts_with_name(part) && !part.contains(':');
    if !is_name(local) || name.contains(':') && !is_name(prefix) {
        return Err(Error::new(Part::File, Problem::Malformed, offset));
    }
    Ok((prefix, local))
}

struct Attribute<'f> {
    name: &'f str,
    value: Text<'f>,
    offset: usize,
}

/// Attributes that were checked before.
#[derive(Clone)]
struct Attributes<'f>(Cursor<'f>);

impl<'f> Iterator for Attributes<'f> {
    type Item = Attribute<'f>;

    fn next(&mut self) -> Option<Attribute<'f>> {
        self.0.blanks();
        self.0.attribute().ok()
    }
}

/// What is left of the file.
#[derive(Clone, Copy)]
struct Cursor<'f> {
    text: &'f str,
    offset: usize,
}

impl<'f> Cursor<'f> {
    fn error(&self, problem: Problem) -> Error {
        Error::new(Part::File, problem, self.offset)
    }

    /// At the end of the file something was cut off.
    fn malformed(&self) -> Error {
        let ended = self.text.is_empty();
        self.error(if ended { Problem::Truncated } else { Problem::Malformed })
    }

    fn advance(&mut self, len: usize) -> &'f str {
        let (before, rest) = self.text.split_at_checked(len).unwrap_or((self.text, ""));
        self.text = rest;
        self.offset = self.offset.saturating_add(before.len());
        before
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.text.starts_with(text);
        if found {
            self.advance(text.len());
        }
        found
    }

    fn expect(&mut self, text: &str) -> Result<(), Error> {
        if self.take(text) {
            return Ok(());
        }
        // A delimiter that the end of the file cuts in two.
        let cut = text.starts_with(self.text);
        Err(self.error(if cut { Problem::Truncated } else { Problem::Malformed }))
    }

    fn blanks(&mut self) {
        let rest = self.text.trim_start_matches([' ', '\t', '\r', '\n']);
        self.advance(self.text.len().saturating_sub(rest.len()));
    }

    fn name(&mut self) -> Result<&'f str, Error> {
        let len = self.text.find(|c| !is_name(c)).unwrap_or(self.text.len());
        if !starts_with_name(self.text) {
            return Err(self.malformed());
        }
        Ok(self.advance(len))
    }

    fn attribute(&mut self) -> Result<Attribute<'f>, Error> {
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

    /// Steps over text up to the next tag.
    fn text_run(&mut self) -> Result<(), Error> {
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

    /// Steps over characters and references up to the first that `stops`, or to the end of the file.
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

    /// Steps over a comment or a processing instruction, if there is one.
    fn markup(&mut self) -> Result<bool, Error> {
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

    /// Steps over what stands between two delimiters, and returns it.
    fn section(&mut self, start: &str, end: &str) -> Result<Span<'f>, Error> {
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

/// XML 1.0 section 2.3, `NameStartChar`.
const fn is_name_start(character: char) -> bool {
    matches!(character,
        ':' | 'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}'
        | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}'
        | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

/// XML 1.0 section 2.3, `NameChar`.
const fn is_name(character: char) -> bool {
    is_name_start(character)
        || matches!(character,
            '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}
