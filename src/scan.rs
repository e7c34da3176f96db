//! Moving factors, and the scan over their codes. The scan is given the HMACs, and does not have a
//! key.

use core::convert::Infallible;
use core::error::Error;
use core::{fmt, mem};

use crate::ct::{Mask, Modulus, reveal};
use crate::format::CodeFormat;
use crate::hmac_key::{HmacKey, LANES, Truncated};
use crate::period::BeforeT0;
use crate::sha1::FOR_SPEED;
use crate::submitted::{MalformedCode, SubmittedCode};
use crate::window::Run;

/// A value that is not a code.
const NO_CODE: u64 = u64::MAX;

/// The largest number of codes in a row.
const MAX_CODES: usize = 3;

/// The moving factors of one attempt, in ascending order, without duplicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Factors(pub(crate) [Run; 3]);

impl Factors {
    pub(crate) const NONE: Self = Self([Run::NONE; 3]);

    /// Returns the lowest factor that is at least `at`, and the last one that follows it without a
    /// gap.
    fn stretch_from(&self, at: u64) -> Option<(u64, u64)> {
        let first = self.0.iter().filter_map(|run| run.lowest_from(at)).min()?;
        let mut last = first;
        loop {
            // Each round adds at least one run, if any run continues here.
            let end = self.0.iter().fold(last, |end, run| run.continues(end));
            if end == last {
                return Some((first, last));
            }
            last = end;
        }
    }
}

impl IntoIterator for Factors {
    type Item = u64;
    type IntoIter = Rising;

    fn into_iter(self) -> Rising {
        Rising { factors: self, left: self.stretch_from(0) }
    }
}

/// Iterates over the moving factors of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct Rising {
    factors: Factors,
    /// The next factor, and the last one that follows it without a gap.
    left: Option<(u64, u64)>,
}

impl Rising {
    /// Returns how many are left.
    pub(crate) fn count_left(&self) -> usize {
        let mut count = 0_usize;
        let mut left = self.left;
        while let Some((first, last)) = left {
            let more = usize::try_from(last.wrapping_sub(first)).unwrap_or(usize::MAX);
            count = count.saturating_add(more).saturating_add(1);
            left = last.checked_add(1).and_then(|at| self.factors.stretch_from(at));
        }
        count
    }
}

impl Iterator for Rising {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let (next, last) = self.left?;
        self.left = match next.checked_add(1) {
            Some(after) if next < last => Some((after, last)),
            Some(after) => self.factors.stretch_from(after),
            None => None,
        };
        Some(next)
    }
}

/// Finds the highest moving factor of a run that has the submitted code.
///
/// It must be the highest, because two steps of one window may have the same digits. A caller that
/// stores the match has then used both.
pub(crate) fn highest_match<M: HmacKey>(
    key: &M,
    run: Run,
    format: CodeFormat,
    submitted: &SubmittedCode,
) -> Result<u64, VerifyError<M::Error>> {
    if submitted.format() != format {
        return Err(MalformedCode::Width { expected: format.width() }.into());
    }
    let modulus = format.modulus();
    // 0 means no match, and n is the n-th candidate.
    let (mut found, mut nth) = (0, 0_u32);
    compute(key, run, |_, candidate| {
        nth = nth.wrapping_add(1);
        let hit = Mask::is_zero(candidate.code(modulus) ^ submitted.value());
        found = hit.select(found, nth);
    })
    .map_err(VerifyError::Key)?;
    // The verdict becomes public here, and so does the moving factor that is returned with it.
    match reveal(found) {
        0 => Err(VerifyError::Rejected),
        nth => Ok(run.first().wrapping_add(nth.into()).wrapping_sub(1)),
    }
}

/// Passes on each moving factor with its truncated HMAC, computed in batches.
fn compute<M: HmacKey>(
    key: &M,
    mut factors: impl Iterator<Item = u64>,
    mut each: impl FnMut(u64, Truncated),
) -> Result<(), M::Error> {
    loop {
        let mut batch = [0; LANES];
        let mut len = 0_usize;
        for (slot, factor) in batch.iter_mut().zip(&mut factors) {
            *slot = factor;
            len = len.saturating_add(1);
        }
        // An answer of the previous round must not count in this one.
        let mut answers = [Truncated::UNWRITTEN; LANES];
        let (Some(batch @ [_, ..]), Some(answers)) = (batch.get(..len), answers.get_mut(..len))
        else {
            return Ok(());
        };
        key.truncated_batch(batch, answers)?;
        for (factor, answer) in batch.iter().zip(answers) {
            each(*factor, *answer);
        }
    }
}

/// The result of looking for codes.
pub(crate) enum Finding {
    /// They belong to unused moving factors, and this is the last of those.
    Fresh(u64),
    /// They are used codes, or have the same digits as used codes.
    Used,
    /// They do not match any moving factor in the scan.
    Nothing,
}

/// Reads one code, or two or three different codes in a row.
fn parse(texts: &[&str], format: CodeFormat) -> Result<[u64; MAX_CODES], MalformedCode> {
    let mut values = [NO_CODE; MAX_CODES];
    for (nth, text) in texts.iter().enumerate() {
        let value = SubmittedCode::parse(text, format)?.value();
        let is_among = |among: Mask, earlier: &u64| among.or(Mask::is_zero(earlier ^ value));
        let is_repeated = values.iter().take(nth).fold(Mask::NO, is_among);
        // The error reveals it.
        if nth > 0 && reveal(is_repeated.bit()) == 1 {
            return Err(MalformedCode::Repeated);
        }
        if let Some(slot) = values.get_mut(nth) {
            *slot = value;
        }
    }
    Ok(values)
}

/// Looks for codes of consecutive moving factors. The factors are fed one by one, in ascending
/// order.
///
/// Every candidate is compared with every code, even after a match, and a mask selects the match.
pub(crate) struct Scan {
    codes: [u64; MAX_CODES],
    count: usize,
    modulus: Modulus,
    /// Every factor up to this one is used.
    last: Option<u64>,
    /// For each code: it ends a matching sequence, and it was used before.
    right: [Mask; MAX_CODES],
    spent: [Mask; MAX_CODES],
    /// The codes match, and this is the moving factor.
    matches: Mask,
    found: u64,
}

impl Scan {
    /// Looks for one code, or for two or three in a row, in the order of `texts`. Every moving
    /// factor up to `last` is used.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn new(
        texts: &[&str],
        format: CodeFormat,
        last: Option<u64>,
    ) -> Result<Self, MalformedCode> {
        Ok(Self {
            codes: parse(texts, format)?,
            count: texts.len(),
            modulus: format.modulus(),
            last,
            right: [Mask::NO; MAX_CODES],
            spent: [Mask::NO; MAX_CODES],
            matches: Mask::NO,
            found: 0,
        })
    }

    /// Takes the code of the next moving factor.
    pub(crate) fn feed(&mut self, moving_factor: u64, candidate: Truncated) {
        let value = candidate.code(self.modulus);
        // It is public which factors are used.
        let is_used = Some(moving_factor) <= self.last;
        let mut right_before = Mask::NO.not();
        let mut ends = Mask::NO;
        let codes = self.codes.get(..self.count).unwrap_or_default();
        for ((code, right), spent) in codes.iter().zip(&mut self.right).zip(&mut self.spent) {
            let hit = Mask::is_zero(value ^ code);
            let right_now = if is_used { Mask::NO } else { hit.and(right_before) };
            *spent = if is_used { spent.or(hit) } else { *spent };
            // The answer of the previous candidate, for the previous code.
            right_before = mem::replace(right, right_now);
            ends = right_now;
        }
        self.matches = self.matches.or(ends);
        self.found = ends.select_u64(self.found, moving_factor);
    }

    /// Feeds the scan with the codes of all these factors.
    pub(crate) fn compute<M: HmacKey>(
        &mut self,
        key: &M,
        factors: &Factors,
    ) -> Result<(), M::Error> {
        match self.codes.get(..self.count) {
            Some([code]) if FOR_SPEED => self.compute_one(*code, key, factors),
            _ => compute(key, factors.into_iter(), |factor, answer| self.feed(factor, answer)),
        }
    }

    /// Feeds the scan like [`compute`](Self::compute), but for one code, as in a login. The
    /// intermediate results stay in registers.
    fn compute_one<M: HmacKey>(
        &mut self,
        code: u64,
        key: &M,
        factors: &Factors,
    ) -> Result<(), M::Error> {
        let (mut spent, mut matches, mut found) = (Mask::NO, Mask::NO, 0);
        compute(key, factors.into_iter(), |factor, candidate| {
            let hit = Mask::is_zero(candidate.code(self.modulus) ^ code);
            // It is public which factors are used.
            if Some(factor) <= self.last {
                spent = spent.or(hit);
            } else {
                matches = matches.or(hit);
                found = hit.select_u64(found, factor);
            }
        })?;
        self.spent = [spent; MAX_CODES];
        (self.matches, self.found) = (matches, found);
        Ok(())
    }

    /// Returns the result.
    pub(crate) fn finding(&self) -> Finding {
        let spent = self.spent.get(..self.count).unwrap_or_default();
        let any = spent.iter().fold(Mask::NO, |any, spent| any.or(*spent));
        let all = spent.iter().fold(Mask::NO.not(), |all, spent| all.and(*spent));
        let fresh = self.matches.and(any.not());
        let used = self.matches.and(any).or(all);
        // The verdict becomes public here. If the code is accepted, so does the moving factor that
        // is returned with it.
        match reveal((fresh.bit(), used.bit(), fresh.select_u64(0, self.found))) {
            (1, _, moving_factor) => Finding::Fresh(moving_factor),
            (_, 1, _) => Finding::Used,
            _ => Finding::Nothing,
        }
    }
}

/// The reason why a submitted code was not accepted (RFC 4226 section 7.2, RFC 6238 section 5.2).
///
/// `E` is the error of the HMAC computation, [`HmacKey::Error`]. If the crate itself computes HMAC,
/// nothing can fail there, and the type is just `VerifyError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError<E = Infallible> {
    /// The code does not match any step of the window. The error deliberately says nothing more.
    Rejected,
    /// The text is not formatted as a code.
    Malformed(MalformedCode),
    /// The time is before T0. HOTP never returns this error.
    BeforeT0,
    /// HMAC could not be computed.
    Key(E),
}

impl<E> From<MalformedCode> for VerifyError<E> {
    fn from(error: MalformedCode) -> Self {
        Self::Malformed(error)
    }
}

impl<E> From<BeforeT0> for VerifyError<E> {
    fn from(_: BeforeT0) -> Self {
        Self::BeforeT0
    }
}

impl<E> fmt::Display for VerifyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected => f.write_str("the code is not accepted"),
            Self::Malformed(error) => write!(f, "malformed code: {error}"),
            Self::BeforeT0 => BeforeT0(()).fmt(f),
            Self::Key(_) => f.write_str("HMAC could not be computed"),
        }
    }
}

impl<E: Error + 'static> Error for VerifyError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // `Display` already says what is malformed.
            Self::Rejected | Self::BeforeT0 | Self::Malformed(_) => None,
            Self::Key(error) => Some(error),
        }
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::vec::Vec;

    proptest! {
        #[test]
        fn factors_of_runs_rise_and_come_once(
            ends in prop::array::uniform3((0_u64..12, 0_u16..5, any::<bool>())),
            from_the_end: bool,
        ) {
            let shift = if from_the_end { u64::MAX - 12 } else { 0 };
            let runs = ends.map(|(first, more, is_there)| {
                let run = Run::around(shift + first, 0, more);
                if is_there { run } else { run.within(Run::NONE) }
            });
            let one_by_one: BTreeSet<u64> = runs
                .into_iter()
                .flat_map(|run| (shift..=shift.saturating_add(20)).filter(move |at| run.contains(*at)))
                .collect();
            let factors = Factors(runs);
            prop_assert_eq!(factors.into_iter().count_left(), one_by_one.len());
            prop_assert_eq!(factors.into_iter().collect::<Vec<_>>(), Vec::from_iter(one_by_one));
        }
    }
}
