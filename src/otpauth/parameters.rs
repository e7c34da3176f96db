//! The parameters of a key URI: from their text to their values.

use super::error::{Error, Part, Problem};
use super::rules::{Rule, Rules};
use super::text::Text;
use crate::algorithm::Algorithm;
use crate::base32::{self, Base32Error, Encoding, Shape, Walked};
use crate::digits::Digits;
use crate::percent::Decoded;
use crate::period::Period;
use crate::secret::Secret;
use crate::uri::{Span, end_of_query, next_parameter};

/// The parameters of one key URI, not decoded.
pub(super) struct Parameters<'a> {
    /// The value of each known parameter, indexed by the number of its [`Part`].
    values: [Option<Span<'a>>; Part::PARAMETERS],
    query: Span<'a>,
}

impl<'a> Parameters<'a> {
    /// Makes the parameters of a query that is not read yet.
    pub(super) const fn of(query: Span<'a>) -> Self {
        Self { values: [None; Part::PARAMETERS], query }
    }

    /// Reads the query in place. Copying it would take as long as reading it.
    pub(super) fn gather(&mut self, rules: Rules) -> Result<(), Error> {
        let Self { values, query } = self;
        let mut rest = Some(*query);
        while let Some((name, value)) = next_parameter(&mut rest) {
            let part = Part::of_parameter(name.text);
            let problem = match values.get_mut(part as usize) {
                Some(slot @ None) => {
                    // Without `=` the value is empty, and its position is the end of the name.
                    *slot = Some(value.unwrap_or(Span { text: "", start: name.end() }));
                    continue;
                }
                Some(Some(_)) => Problem::Duplicate,
                None if rules.refuses(Rule::UnknownParameter) => {
                    Problem::Refused(Rule::UnknownParameter)
                }
                None => continue,
            };
            return Err(Error::new(part, problem, name.start));
        }
        Ok(())
    }

    fn value(&self, part: Part) -> Option<Value<'a>> {
        let span = self.values.get(part as usize).copied().flatten()?;
        Some(Value { part, span })
    }

    /// Returns a parameter. An empty value means that it is missing.
    fn value_if_any(&self, part: Part) -> Option<Value<'a>> {
        self.value(part).filter(|value| !value.span.text.is_empty())
    }

    pub(super) fn secret(&self, rules: Rules) -> Result<(&'a str, Shape), Error> {
        let part = Part::Secret;
        let missing = Error::new(part, Problem::Missing, end_of_query(self.query));
        let value = self.value(part).ok_or(missing)?;
        let Walked { shape, mixed_case } = match base32::plain_shape(value.span.text) {
            Some(shape) => Walked { shape, mixed_case: None },
            None => value.shape()?,
        };
        if shape.bytes == 0 {
            return Err(value.has(Problem::Missing));
        }
        for (there, rule) in [
            (shape.bytes < Secret::MIN_BITS / 8, Rule::ShortSecret),
            (shape.trailing_bits, Rule::TrailingBits),
            (shape.left_over, Rule::LeftOverSymbol),
            (shape.padded, Rule::Padding),
        ] {
            if there && rules.refuses(rule) {
                return Err(value.has(Problem::Refused(rule)));
            }
        }
        if let Some(offset) = mixed_case
            && rules.refuses(Rule::MixedCase)
        {
            return Err(value.has_at(Problem::Refused(Rule::MixedCase), offset));
        }
        Ok((value.span.text, shape))
    }

    /// Returns the parameter if there is one, otherwise the prefix of the label. An empty text
    /// means that there is no issuer.
    pub(super) fn issuer(
        &self,
        prefix: Option<Text<'a>>,
        rules: Rules,
    ) -> Result<Option<Text<'a>>, Error> {
        let prefix = prefix.filter(|prefix| !prefix.is_empty());
        let Some(value) = self.value_if_any(Part::Issuer) else {
            return Ok(prefix);
        };
        let issuer = value.text(rules)?;
        if rules.refuses(Rule::IssuerMismatch) && prefix.is_some_and(|prefix| prefix != issuer) {
            return Err(value.has(Problem::Refused(Rule::IssuerMismatch)));
        }
        Ok(Some(issuer))
    }

    /// Returns whether the parameter `encoder` selects Steam codes.
    pub(super) fn is_for_steam(&self, is_hotp: bool) -> Result<bool, Error> {
        match self.value_if_any(Part::Encoder) {
            None => Ok(false),
            Some(value) if !is_hotp && value.span.text.eq_ignore_ascii_case("steam") => Ok(true),
            // An unknown encoder would give wrong codes.
            Some(value) => Err(value.has(Problem::Unsupported)),
        }
    }

    pub(super) fn algorithm(&self) -> Result<Algorithm, Error> {
        let Some(value) = self.value_if_any(Part::Algorithm) else {
            return Ok(Algorithm::Sha1);
        };
        let all = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];
        // Almost every URI writes it without an escape.
        let is_written =
            |algorithm: &Algorithm| value.span.text.eq_ignore_ascii_case(algorithm.name());
        if let Some(algorithm) = all.into_iter().find(is_written) {
            return Ok(algorithm);
        }
        let name = value.text(Rules::LENIENT)?;
        let is_named = |algorithm: &Algorithm| {
            name.chars().map(|c| c.to_ascii_uppercase()).eq(algorithm.name().chars())
        };
        all.into_iter().find(is_named).ok_or(value.has(Problem::Unsupported))
    }

    pub(super) fn digits(&self) -> Result<Digits, Error> {
        let Some(value) = self.value_if_any(Part::Digits) else {
            return Ok(Digits::Six);
        };
        let digits = u8::try_from(value.number()?).ok();
        digits.and_then(|digits| Digits::new(digits).ok()).ok_or(value.has(Problem::OutOfRange))
    }

    pub(super) fn period(&self) -> Result<Period, Error> {
        let Some(value) = self.value_if_any(Part::Period) else {
            return Ok(Period::DEFAULT);
        };
        Period::new(value.number()?).map_err(|_| value.has(Problem::OutOfRange))
    }

    pub(super) fn counter(&self, rules: Rules) -> Result<u64, Error> {
        let part = Part::Counter;
        match self.value(part) {
            Some(value) => value.number(),
            None if rules.refuses(Rule::MissingCounter) => {
                let problem = Problem::Refused(Rule::MissingCounter);
                Err(Error::new(part, problem, end_of_query(self.query)))
            }
            None => Ok(0),
        }
    }
}

/// The value of one parameter, not decoded.
#[derive(Clone, Copy)]
struct Value<'a> {
    part: Part,
    span: Span<'a>,
}

impl<'a> Value<'a> {
    /// Returns an error for the value as a whole.
    const fn has(self, problem: Problem) -> Error {
        self.has_at(problem, 0)
    }

    const fn has_at(self, problem: Problem, offset: usize) -> Error {
        Error::new(self.part, problem, self.span.at(offset))
    }

    fn text(self, rules: Rules) -> Result<Text<'a>, Error> {
        Text::check(self.part, self.span, true, rules)
    }

    /// Returns the decoded bytes, each with its offset in the value.
    fn decoded(self) -> impl Iterator<Item = Result<(usize, u8), Error>> {
        let bytes = Decoded::new(self.span.text, true);
        bytes.map(move |byte| byte.map_err(|error| self.has_at(Problem::Escape, error.offset)))
    }

    /// Returns the shape of a secret that contains escapes or separators.
    fn shape(self) -> Result<Walked, Error> {
        let mut malformed = None;
        let bytes = self.decoded().map_while(|byte| byte.map_err(|e| malformed = Some(e)).ok());
        let shape = base32::shape(bytes).map_err(|error| match error {
            Base32Error::Symbol { offset } => self.has_at(
                Encoding::of(self.span.text).map_or(Problem::Character, Problem::OtherEncoding),
                offset,
            ),
            Base32Error::AfterPadding { offset } => self.has_at(Problem::AfterPadding, offset),
            // Nothing is decoded here, so no buffer can be too small, and no hint is given.
            _ => self.has(Problem::OutOfRange),
        })?;
        malformed.map_or(Ok(shape), Err)
    }

    /// Reads a decimal number. Leading zeros and one plus are allowed.
    fn number(self) -> Result<u64, Error> {
        // Almost every number has one or two digits.
        match self.span.text.as_bytes() {
            [ones @ b'0'..=b'9'] => return Ok(digit(*ones)),
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
                return Ok(digit(*tens).wrapping_mul(10).wrapping_add(digit(*ones)));
            }
            _ => {}
        }
        let mut number = None;
        let mut signed = false;
        for byte in self.decoded() {
            let (offset, byte) = byte?;
            let sum = match byte {
                b'+' if number.is_none() && !signed => {
                    signed = true;
                    continue;
                }
                b'0'..=b'9' => {
                    let shifted = number.unwrap_or(0_u64).checked_mul(10);
                    shifted.and_then(|shifted| shifted.checked_add(digit(byte)))
                }
                _ => None,
            };
            number = Some(sum.ok_or(self.has_at(Problem::NotANumber, offset))?);
        }
        number.ok_or(self.has(Problem::NotANumber))
    }
}

fn digit(ascii: u8) -> u64 {
    u64::from(ascii.wrapping_sub(b'0'))
}
