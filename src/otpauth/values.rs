//! The values of parameters: from the text that stands in the URI to what it means.

use super::error::{Finding, UriError, UriPart, UriProblem};
use super::rules::{Rule, Rules};
use crate::algorithm::Algorithm;
use crate::base32::{self, Shape};
use crate::digits::Digits;
use crate::percent::{Decoded, PercentText};
use crate::period::Period;
use crate::secret::Secret;
use crate::uri::{Span, end_of_query};

pub(super) fn secret<'a>(
    value: Option<Span<'a>>,
    query: Span<'_>,
    rules: Rules,
) -> Result<(&'a str, Shape), UriError> {
    let part = UriPart::Secret;
    let missing = || fault(part, UriProblem::Missing, end_of_query(query));
    let value = value.ok_or_else(missing)?;
    let shape = match base32::plain_shape(value.text) {
        Some(shape) => shape,
        None => read_shape(value)?,
    };
    if shape.bytes == 0 {
        return Err(fault(part, UriProblem::Missing, value.start));
    }
    for (there, rule) in [
        (shape.bytes < Secret::MIN_BITS / 8, Rule::ShortSecret),
        (shape.trailing_bits, Rule::TrailingBits),
        (shape.left_over, Rule::LeftOverSymbol),
        (shape.padded, Rule::Padding),
    ] {
        if there && rules.refuses(rule) {
            return Err(refused(part, rule, value.start));
        }
    }
    Ok((value.text, shape))
}

/// The shape of a secret that has escapes or separators in it.
fn read_shape(value: Span<'_>) -> Result<Shape, UriError> {
    let part = UriPart::Secret;
    let mut malformed = None;
    let bytes = Decoded::new(value.text, true).map_while(|byte| match byte {
        Ok(byte) => Some(byte),
        Err(error) => {
            malformed = Some(error);
            None
        }
    });
    let shape = base32::shape(bytes).map_err(|error| error.within(part, value.start))?;
    if let Some(error) = malformed {
        return Err(error.within(part, value.start));
    }
    Ok(shape)
}

/// The parameter where there is one, otherwise the prefix of the label. An empty one is none.
pub(super) fn issuer<'a>(
    prefix: Option<PercentText<'a>>,
    value: Option<Span<'a>>,
    rules: Rules,
) -> Result<Option<PercentText<'a>>, UriError> {
    let prefix = prefix.filter(|prefix| !prefix.is_empty());
    let Some(value) = value.filter(|value| !value.text.is_empty()) else {
        return Ok(prefix);
    };
    let issuer = text(UriPart::Issuer, value, true)?;
    if rules.refuses(Rule::IssuerMismatch) && prefix.is_some_and(|prefix| prefix != issuer) {
        return Err(refused(UriPart::Issuer, Rule::IssuerMismatch, value.start));
    }
    Ok(Some(issuer))
}

pub(super) fn is_steam_encoder(value: Option<Span<'_>>, is_hotp: bool) -> Result<bool, UriError> {
    let Some(value) = value.filter(|value| !value.text.is_empty()) else {
        return Ok(false);
    };
    // Another way to make codes than the one that is known would give wrong codes.
    if is_hotp || !value.text.eq_ignore_ascii_case("steam") {
        return Err(fault(UriPart::Encoder, UriProblem::Unsupported, value.start));
    }
    Ok(true)
}

pub(super) fn read_algorithm(value: Span<'_>) -> Result<Algorithm, UriError> {
    if let Ok(algorithm) = value.text.parse() {
        return Ok(algorithm);
    }
    let name = text(UriPart::Algorithm, value, true)?;
    if name.is_empty() {
        return Ok(Algorithm::Sha1);
    }
    let is_named = |algorithm: &Algorithm| {
        name.chars().map(|c| c.to_ascii_uppercase()).eq(algorithm.name().chars())
    };
    [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512].into_iter().find(is_named).ok_or(fault(
        UriPart::Algorithm,
        UriProblem::Unsupported,
        value.start,
    ))
}

pub(super) fn read_digits(value: Span<'_>) -> Result<Digits, UriError> {
    match number(UriPart::Digits, value)? {
        None => Ok(Digits::Six),
        Some(digits) => u8::try_from(digits)
            .ok()
            .and_then(|digits| Digits::new(digits).ok())
            .ok_or(fault(UriPart::Digits, UriProblem::OutOfRange, value.start)),
    }
}

pub(super) fn read_period(value: Span<'_>) -> Result<Period, UriError> {
    match number(UriPart::Period, value)? {
        None => Ok(Period::DEFAULT),
        Some(seconds) => Period::new(seconds)
            .map_err(|_| fault(UriPart::Period, UriProblem::OutOfRange, value.start)),
    }
}

pub(super) fn counter(
    value: Option<Span<'_>>,
    query: Span<'_>,
    rules: Rules,
) -> Result<u64, UriError> {
    let part = UriPart::Counter;
    match value {
        None if rules.refuses(Rule::MissingCounter) => {
            Err(refused(part, Rule::MissingCounter, end_of_query(query)))
        }
        None => Ok(0),
        Some(value) => number(part, value)?.ok_or(fault(part, UriProblem::NotANumber, value.start)),
    }
}

/// A plain decimal number, with leading zeros and one plus allowed. `None` where nothing is there.
fn number(part: UriPart, value: Span<'_>) -> Result<Option<u64>, UriError> {
    // Two digits at most, as nearly every number has.
    match value.text.as_bytes() {
        [ones @ b'0'..=b'9'] => return Ok(Some(digit(*ones))),
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            return Ok(Some(digit(*tens).wrapping_mul(10).wrapping_add(digit(*ones))));
        }
        _ => {}
    }
    let mut number = None;
    let mut signed = false;
    for byte in Decoded::new(value.text, true) {
        let (offset, byte) = byte.map_err(|error| error.within(part, value.start))?;
        let not_a_number = fault(part, UriProblem::NotANumber, value.start.saturating_add(offset));
        match byte {
            b'+' if number.is_none() && !signed => signed = true,
            b'0'..=b'9' => {
                let shifted = number.unwrap_or(0_u64).checked_mul(10);
                let sum = shifted.and_then(|shifted| shifted.checked_add(digit(byte)));
                number = Some(sum.ok_or(not_a_number)?);
            }
            _ => return Err(not_a_number),
        }
    }
    if signed && number.is_none() {
        return Err(fault(part, UriProblem::NotANumber, value.start));
    }
    Ok(number)
}

fn digit(ascii: u8) -> u64 {
    u64::from(ascii.wrapping_sub(b'0'))
}

pub(super) fn text(
    part: UriPart,
    span: Span<'_>,
    plus_is_space: bool,
) -> Result<PercentText<'_>, UriError> {
    PercentText::check(span.text, plus_is_space).map_err(|error| error.within(part, span.start))
}

pub(super) const fn fault(part: UriPart, problem: UriProblem, offset: usize) -> UriError {
    UriError { part, problem, offset }
}

pub(super) const fn refused(part: UriPart, rule: Rule, offset: usize) -> UriError {
    fault(part, UriProblem::Refused(rule), offset)
}
