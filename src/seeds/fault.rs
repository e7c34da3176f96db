//! Keeps the first error of a token while the rest of the token is read, because the parser must
//! reach its end.

use super::error::{Error, Part, Problem};
use super::text::Text;
use super::xml::Xml;

/// Keeps the first error.
pub(super) fn note(fault: &mut Option<Error>, part: Part, problem: Problem, offset: usize) {
    fault.get_or_insert(Error::new(part, problem, offset));
}

/// Fills a slot. Two texts are an error, because another reader may use the other one.
pub(super) fn once<'f>(
    slot: &mut Option<Text<'f>>,
    text: Option<Text<'f>>,
    part: Part,
    fault: &mut Option<Error>,
) {
    if let Some(text) = text
        && slot.replace(text).is_some()
    {
        note(fault, part, Problem::Duplicate, text.offset());
    }
}

/// Reads the text of the element that was just started.
pub(super) fn read_text<'f>(
    xml: &mut Xml<'f>,
    part: Part,
    offset: usize,
    fault: &mut Option<Error>,
) -> Result<Option<Text<'f>>, Error> {
    let text = xml.text()?;
    if text.is_none() {
        note(fault, part, Problem::Nested, offset);
    }
    Ok(text)
}
