//! A window of candidates against one submitted code: everything computed, everything compared.

use crate::ct::select_if_equal;
use crate::error::{MalformedCode, VerifyError};
use crate::format::CodeFormat;
use crate::mac::{LANES, Mac, Truncated};
use crate::submitted::Submitted;
use crate::window::Run;

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
    submitted: &Submitted,
) -> Result<u64, VerifyError<M::Error>> {
    if submitted.format() != format {
        return Err(MalformedCode::Width { expected: format.width() }.into());
    }
    let modulus = format.modulus();
    let mut batch = [Truncated::default(); LANES];
    // 0 is no match, n the n-th candidate.
    let mut found = 0_u32;

    let mut nth = 0_u32;
    let mut left = usize::from(run.candidates());
    let mut moving_factor = run.first();
    while left > 0 {
        let candidates = batch.get_mut(..left.min(LANES)).unwrap_or_default();
        mac.truncated_run(moving_factor, candidates).map_err(VerifyError::Mac)?;
        for candidate in candidates {
            nth = nth.wrapping_add(1);
            let value = modulus.reduce(candidate.expose_bits());
            // Where the window is cut off is public.
            let wanted = if run.accepts(moving_factor) { submitted.value() } else { u64::MAX };
            found = select_if_equal(value.into(), wanted, nth, found);
            moving_factor = moving_factor.wrapping_add(1);
        }
        left = left.saturating_sub(LANES);
    }

    // The verdict: what is revealed from here on is returned.
    match found {
        0 => Err(VerifyError::Rejected),
        _ => Ok(run.first().wrapping_add(u64::from(found)).wrapping_sub(1)),
    }
}
