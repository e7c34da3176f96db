//! The grammar of URIs: the bounds of their parts (RFC 3986).

/// A part of the URI, and its offset in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Span<'a> {
    pub(crate) text: &'a str,
    pub(crate) start: usize,
}

impl<'a> Span<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, start: 0 }
    }

    pub(crate) const fn end(self) -> usize {
        self.at(self.text.len())
    }

    /// Returns the offset in the URI of a byte of this part.
    pub(crate) const fn at(self, offset: usize) -> usize {
        self.start.saturating_add(offset)
    }

    /// Returns everything from a byte on. It is empty if that byte is not a character boundary,
    /// which no caller requests.
    pub(crate) fn after(self, at: usize) -> Self {
        let text = self.text.get(at..).unwrap_or_default();
        Self { text, start: self.at(at) }
    }

    pub(crate) fn before(self, at: usize) -> Self {
        Self { text: self.text.get(..at).unwrap_or_default(), start: self.start }
    }

    /// Splits before the first of some ASCII characters.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn split_before_first<const N: usize>(self, delimiters: [u8; N]) -> (Self, Self) {
        let at = first_of(self.text.as_bytes(), delimiters).unwrap_or(self.text.len());
        (self.before(at), self.after(at))
    }
}

/// Returns the position of the first of some bytes.
pub(crate) fn first_of<const N: usize>(text: &[u8], bytes: [u8; N]) -> Option<usize> {
    const LEN: usize = size_of::<u64>();
    const ONES: u64 = u64::from_ne_bytes([1; LEN]);
    let mut passed = 0_usize;
    // A 32-bit processor would gain little, and needs more code for it.
    if cfg!(target_pointer_width = "64") {
        for word in text.as_chunks::<LEN>().0 {
            let word = u64::from_le_bytes(*word);
            // The highest bit of each matching byte is set. It may also be set in bytes after the
            // first match.
            let found = bytes.into_iter().fold(0, |found, byte| {
                let difference = word ^ ONES.wrapping_mul(byte.into());
                found | (difference.wrapping_sub(ONES) & !difference)
            }) & ONES << 7;
            if found != 0 {
                return usize::try_from(found.trailing_zeros() / u8::BITS)
                    .ok()
                    .map(|at| passed.saturating_add(at));
            }
            passed = passed.saturating_add(LEN);
        }
    }
    let rest = text.get(passed..).unwrap_or_default();
    let at = rest.iter().position(|byte| bytes.contains(byte))?;
    Some(passed.saturating_add(at))
}

/// > URI = scheme ":" hier-part […] hier-part = "//" authority path-abempty (RFC 3986 section 3)
///
/// > An implementation should accept uppercase letters as equivalent to lowercase in scheme names
/// > (section 3.1)
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) fn strip_scheme<'a>(uri: Span<'a>, scheme: &str) -> Option<Span<'a>> {
    let name = uri.text.get(..scheme.len())?;
    let rest = uri.after(scheme.len());
    let authority = rest.text.strip_prefix("://")?;
    let start = rest.end().saturating_sub(authority.len());
    name.eq_ignore_ascii_case(scheme).then_some(Span { text: authority, start })
}

/// > The authority component is […] terminated by the next slash ("/"), question mark ("?"), or
/// > number sign ("#") character, or by the end of the URI (section 3.2)
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) fn split_authority(rest: Span<'_>) -> (Span<'_>, Span<'_>) {
    rest.split_before_first(*b"/?#")
}

/// Finds the position at which the authority has more than a host.
///
/// > authority = [ userinfo "@" ] host [ ":" port ] (section 3.2)
pub(crate) fn beyond_host(authority: Span<'_>) -> Option<usize> {
    let at = first_of(authority.text.as_bytes(), *b"@:")?;
    Some(authority.at(at))
}

/// > The path is terminated by the first question mark ("?") or number sign ("#") character, or by
/// > the end of the URI (section 3.3)
///
/// Returns the path without its first slash, and the rest.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) fn split_path(path_and_rest: Span<'_>) -> (Span<'_>, Span<'_>) {
    let (path, rest) = path_and_rest.split_before_first(*b"?#");
    (if path.text.starts_with('/') { path.after(1) } else { path }, rest)
}

/// > The query component is indicated by the first question mark ("?") character and terminated by
/// > a number sign ("#") character or by the end of the URI (section 3.4)
///
/// Returns the text after the question mark, for [`next_parameter`]. A second question mark is part
/// of the query. Returns `None` if there is a fragment but no query.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) fn split_query(rest: Span<'_>) -> Option<Span<'_>> {
    match rest.text.bytes().next() {
        Some(b'?') => Some(rest.after(1)),
        Some(_) => None,
        None => Some(rest),
    }
}

/// Returns the end of a query: the start of the fragment, or the end of the URI.
pub(crate) fn end_of_query(query: Span<'_>) -> usize {
    query.split_before_first(*b"#").0.end()
}

/// Returns the name and the value of the next parameter of a query, and leaves the rest. Ampersands
/// separate parameters, and empty ones are skipped. A name without `=` does not have a value.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) fn next_parameter<'a>(
    query: &mut Option<Span<'a>>,
) -> Option<(Span<'a>, Option<Span<'a>>)> {
    loop {
        let (name, rest) = query.take()?.split_before_first(*b"=&#");
        let (value, rest) = match rest.text.as_bytes().first() {
            Some(b'=') => {
                let (value, rest) = rest.after(1).split_before_first(*b"&#");
                (Some(value), rest)
            }
            _ => (None, rest),
        };
        *query = rest.text.starts_with('&').then(|| rest.after(1));
        if value.is_some() || !name.text.is_empty() {
            return Some((name, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The text includes bytes that differ from the searched ones by one or by the highest bit.
        #[test]
        fn the_first_of_some_bytes_is_found(text in "[\"-'<->/0?@Aa\u{a6}]{0,40}") {
            let slow = |bytes: &[u8]| text.bytes().position(|byte| bytes.contains(&byte));
            prop_assert_eq!(first_of(text.as_bytes(), *b"#"), slow(b"#"));
            prop_assert_eq!(first_of(text.as_bytes(), *b"&#"), slow(b"&#"));
            prop_assert_eq!(first_of(text.as_bytes(), *b"=&#"), slow(b"=&#"));
            prop_assert_eq!(first_of(text.as_bytes(), *b"@:"), slow(b"@:"));
        }
    }
}
