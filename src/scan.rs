//! A window of candidates against submitted codes: everything computed, everything compared.

use core::convert::Infallible;
use core::error::Error;
use core::{fmt, mem};

use crate::ct::{reveal, select_if_equal};
use crate::format::CodeFormat;
use crate::mac::{LANES, Mac, Truncated};
use crate::period::BeforeT0;
use crate::submitted::{MalformedCode, SubmittedCode};
use crate::window::Run;

/// The value of no code.
const NO_CODE: u64 = u64::MAX;

/// The most codes in a row.
const MAX_CODES: usize = 3;

/// Finds the highest moving factor of a run whose code is the submitted one.
///
/// The highest, because two steps of one window may carry the same digits: whoever takes note of
/// the match has then used up both.
///
/// Every candidate is computed and compared, whether or not an earlier one matched, and the match
/// is picked by a mask.
pub(crate) fn highest_match<M: Mac>(
    mac: &M,
    run: Run,
    format: CodeFormat,
    submitted: &SubmittedCode,
) -> Result<u64, VerifyError<M::Error>> {
    if submitted.format() != format {
        return Err(MalformedCode::Width { expected: format.width() }.into());
    }
    // 0 is no match, n the n-th candidate.
    let mut found = 0;
    each_candidate(mac, run, format, &mut |moving_factor, nth, value| {
        // Where the window is cut off is public.
        let wanted = if run.accepts(moving_factor) { submitted.value() } else { NO_CODE };
        found = select_if_equal(value, wanted, nth, found);
    })
    .map_err(VerifyError::Mac)?;

    // The verdict, and the moving factor that is returned with it.
    match reveal(found) {
        0 => Err(VerifyError::Rejected),
        nth => Ok(run.nth(nth)),
    }
}

/// What looking for codes has come to.
pub(crate) enum Finding {
    /// They belong to moving factors that are not used up, of which this is the last.
    Fresh(u64),
    /// They are, or show the same as, codes that are used up.
    Used,
    /// They are no codes of what was looked at.
    Nothing,
}

/// One code, or a sequence of codes for consecutive moving factors.
#[derive(Clone, Copy)]
pub(crate) struct Sought {
    values: [u64; MAX_CODES],
    count: usize,
}

impl Sought {
    /// Takes one code, or two or three in a row, all different, as `texts` says them.
    pub(crate) fn parse(texts: &[&str], format: CodeFormat) -> Result<Self, MalformedCode> {
        let mut sought = Self { values: [NO_CODE; MAX_CODES], count: texts.len() };
        for (nth, text) in texts.iter().enumerate() {
            let value = SubmittedCode::parse(text, format)?.value();
            let alike = |alike, earlier: &u64| select_if_equal(*earlier, value, 1, alike);
            // The answer tells it.
            if reveal(sought.values.iter().fold(0, alike)) == 1 {
                return Err(MalformedCode::Repeated);
            }
            if let Some(slot) = sought.values.get_mut(nth) {
                *slot = value;
            }
        }
        Ok(sought)
    }

    /// Looks for the codes among the moving factors of `run`, of which those up to `last` are used
    /// up, and for each of them among those of `used`, whose codes are to stay refused wherever they
    /// come back.
    ///
    /// Every candidate is computed and compared with every code, in whatever place they match.
    pub(crate) fn find<M: Mac>(
        &self,
        mac: &M,
        run: Run,
        used: Run,
        last: Option<u64>,
        format: CodeFormat,
    ) -> Result<Finding, M::Error> {
        let codes = self.values.get(..self.count).unwrap_or_default();
        // For each code: whether it ends a sequence that is right so far, and whether it is used up.
        // 1 is yes.
        let mut right = [0; MAX_CODES];
        let mut spent = [0; MAX_CODES];
        // 0 is no match, n the n-th candidate.
        let mut found = 0;

        each_candidate(mac, run, format, &mut |moving_factor, nth, value| {
            // Which factors are within reach, and which of them are used up, is public.
            let within = run.accepts(moving_factor);
            let is_used = Some(moving_factor) <= last;
            let mut right_before = 1;
            let mut ends = 0;
            for ((code, right), spent) in codes.iter().zip(&mut right).zip(&mut spent) {
                let hit = select_if_equal(value, if within { *code } else { NO_CODE }, 1, 0);
                let right_now = if is_used { 0 } else { hit & right_before };
                *spent |= if is_used { hit } else { 0 };
                // Of the code before, the answer of the candidate before.
                right_before = mem::replace(right, right_now);
                ends = right_now;
            }
            found = select_if_equal(ends.into(), 1, nth, found);
        })?;
        each_candidate(mac, used, format, &mut |moving_factor, _, value| {
            let within = used.accepts(moving_factor) && Some(moving_factor) <= last;
            for (code, spent) in codes.iter().zip(&mut spent) {
                *spent |= select_if_equal(value, if within { *code } else { NO_CODE }, 1, 0);
            }
        })?;

        let (any, all) = codes
            .iter()
            .zip(spent)
            .fold((0, 1), |(any, all), (_, spent)| (any | spent, all & spent));
        let matches = 1 ^ select_if_equal(found.into(), 0, 1, 0);
        let fresh = matches & (1 ^ any);
        let accepted = select_if_equal(fresh.into(), 1, found, 0);
        // The verdict, and where it is the good one the moving factor that is returned with it.
        Ok(match reveal([accepted, (matches & any) | all]) {
            [0, 1] => Finding::Used,
            [0, _] => Finding::Nothing,
            [nth, _] => Finding::Fresh(run.nth(nth)),
        })
    }
}

/// Computes every candidate of a run, and hands its moving factor, its number from 1 on and the value
/// of its code to `each`.
fn each_candidate<M: Mac>(
    mac: &M,
    run: Run,
    format: CodeFormat,
    each: &mut dyn FnMut(u64, u32, u64),
) -> Result<(), M::Error> {
    let modulus = format.modulus();
    let mut batch = [Truncated::UNWRITTEN; LANES];
    let mut nth = 0_u32;
    let mut left = usize::from(run.candidates());
    let mut moving_factor = run.first();
    while left > 0 {
        let candidates = batch.get_mut(..left.min(LANES)).unwrap_or_default();
        // An answer of the last time is none of this time.
        candidates.fill(Truncated::UNWRITTEN);
        mac.truncated_run(moving_factor, candidates)?;
        for candidate in candidates {
            nth = nth.wrapping_add(1);
            each(moving_factor, nth, candidate.code(modulus));
            moving_factor = moving_factor.wrapping_add(1);
        }
        left = left.saturating_sub(LANES);
    }
    Ok(())
}

/// Why a submitted code was not accepted (RFC 4226 section 7.2, RFC 6238 section 5.2).
///
/// `E` is the error of the place that computes HMAC, [`Mac::Error`]. If the crate itself computes it,
/// nothing can fail there, and the type is just `VerifyError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError<E = Infallible> {
    /// The code does not match any step of the window. The error deliberately says nothing more.
    Rejected,
    /// It is not formatted as a code.
    Malformed(MalformedCode),
    /// The time lies before T0. Never from HOTP.
    BeforeT0,
    /// HMAC could not be computed.
    Mac(E),
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
            Self::Mac(_) => f.write_str("HMAC could not be computed"),
        }
    }
}

impl<E: Error + 'static> Error for VerifyError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // What is malformed, `Display` tells.
            Self::Rejected | Self::BeforeT0 | Self::Malformed(_) => None,
            Self::Mac(error) => Some(error),
        }
    }
}
