//! The characters that names of issuers and accounts must not have.

/// A description of the characters that [`first_refused`] finds, for error messages.
pub(crate) const REFUSED: &str = "control character, line separator or text-direction override";

/// Returns whether a character is refused because a terminal, a log or a screen would interpret it:
///
/// - control characters (general category Cc);
/// - the line separator U+2028 and the paragraph separator U+2029;
/// - the bidirectional embeddings and overrides U+202A to U+202E, and isolates U+2066 to U+2069
///   (UAX #9 sections 2.1, 2.2 and 2.4), which reorder the text around them.
///
/// Real names need the joiners U+200C and U+200D and the direction marks U+200E, U+200F and U+061C,
/// so these are accepted.
pub(crate) fn is_refused(character: char) -> bool {
    character.is_control() || reorders(character)
}

/// Returns whether a character is refused and is not a control character.
pub(crate) fn reorders(character: char) -> bool {
    matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns the offset of the first refused character of a text, in bytes.
pub(crate) fn first_refused(text: &str) -> Option<usize> {
    text.char_indices().find(|(_, character)| is_refused(*character)).map(|(offset, _)| offset)
}
