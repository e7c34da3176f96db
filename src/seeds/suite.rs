//! The names of algorithms: those of RFC 6030, and those of manufacturers.

use super::text::Text;
use crate::algorithm::Algorithm;

/// The kind of a token's moving factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Hotp,
    Totp,
}

impl Kind {
    /// Reads the `Algorithm` of a key. RFC 6030 section 10 defines `…:pskc:hotp`. Drafts had a `#`,
    /// and CSV files have only the last part.
    pub(super) fn of(name: Text<'_>) -> Option<Self> {
        const PREFIXES: [&str; 5] = [
            "",
            "urn:ietf:params:xml:ns:keyprov:pskc:",
            "urn:ietf:params:xml:ns:keyprov:pskc#",
            "http://www.ietf.org/keyprov/pskc#",
            "oath-",
        ];
        const KINDS: [(&str, Kind); 2] = [("hotp", Kind::Hotp), ("totp", Kind::Totp)];
        let is = |prefix: &str, kind: &str| {
            let lower = |c: char| c.to_ascii_lowercase();
            name.chars().map(lower).eq(prefix.chars().chain(kind.chars()))
        };
        let mut pairs = PREFIXES.iter().flat_map(|prefix| KINDS.map(|kind| (prefix, kind)));
        pairs.find(|(prefix, (kind, _))| is(prefix, kind)).map(|(_, (_, kind))| kind)
    }
}

/// Reads the hash function that HMAC uses: `HMAC-SHA256`, `SHA-256`, `HmacSHA256`,
/// `TOTP-HMAC-SHA256`, or a URI that ends with `#hmac-sha256`.
pub(super) fn hash(name: Text<'_>) -> Option<Algorithm> {
    let mut words = [0_u8; 20];
    let mut len = 0_usize;
    let uri = name.chars().any(|c| c == '#');
    let fragment = name.chars().skip_while(|c| uri && *c != '#').skip(usize::from(uri));
    for character in fragment.filter(|c| !matches!(c, '-' | '_' | ' ')) {
        *words.get_mut(len)? = u8::try_from(character).ok()?.to_ascii_lowercase();
        len = len.saturating_add(1);
    }
    let words = words.get(..len)?;
    let words = words.strip_prefix(b"hotp").or(words.strip_prefix(b"totp")).unwrap_or(words);
    match words.strip_prefix(b"hmac").unwrap_or(words) {
        b"sha1" => Some(Algorithm::Sha1),
        b"sha256" => Some(Algorithm::Sha256),
        b"sha512" => Some(Algorithm::Sha512),
        _ => None,
    }
}
