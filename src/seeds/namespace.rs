//! The namespaces of elements in a seed file.

use super::cursor::{Attribute, Attributes, Cursor, Span};
use super::error::{Error, Part, Problem};
use super::text::Text;

/// The largest number of namespaces that are declared at the same time.
const MAX_BINDINGS: usize = 32;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The namespace of an element, as PSKC uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// RFC 6030, or one of the namespaces that it uses. Manufacturers confuse these.
    Known,
    /// The element does not have a namespace. Figure 7 of RFC 6030 has such elements, and
    /// `python-pskc` writes them.
    None,
    /// A draft before RFC 6030.
    Draft,
    /// Any other namespace.
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

/// A prefix, its namespace, and the depth of the element that declares it.
#[derive(Clone, Copy)]
pub(super) struct Binding<'f> {
    prefix: &'f str,
    pub(super) uri: Text<'f>,
    pub(super) space: Space,
    depth: usize,
}

/// The declared prefixes.
#[derive(Clone, Copy)]
pub(super) struct Bindings<'f>([Option<Binding<'f>>; MAX_BINDINGS]);

impl<'f> Bindings<'f> {
    pub(super) const NONE: Self = Self([None; MAX_BINDINGS]);

    /// Declares the namespaces of an element.
    pub(super) fn declare(&mut self, attributes: Span<'f>, depth: usize) -> Result<(), Error> {
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
            let slot = self.0.iter_mut().find(|slot| slot.is_none());
            let slot = slot.ok_or(Error::new(Part::File, Problem::TooMany, offset))?;
            *slot = Some(Binding { prefix, uri: value, space: Space::of(value), depth });
        }
        Ok(())
    }

    /// Returns the innermost declaration of a prefix. The empty prefix may have none.
    pub(super) fn resolve(
        &self,
        prefix: &str,
        offset: usize,
    ) -> Result<Option<Binding<'f>>, Error> {
        let bound = self.0.iter().flatten().filter(|binding| binding.prefix == prefix);
        // There is only one at each depth, because an attribute cannot occur twice.
        let found = bound.max_by_key(|binding| binding.depth).copied();
        if found.is_none() && !matches!(prefix, "" | "xml") {
            return Err(Error::new(Part::File, Problem::Malformed, offset));
        }
        Ok(found)
    }

    /// Removes the declarations of an element at `depth`.
    pub(super) fn leave(&mut self, depth: usize) {
        for slot in &mut self.0 {
            if slot.is_some_and(|binding| binding.depth == depth) {
                *slot = None;
            }
        }
    }
}
