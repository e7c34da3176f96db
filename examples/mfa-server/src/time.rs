//! Times as people and SDKs read them.

use jiff::Timestamp;

/// Returns seconds of Unix time in the form of RFC 3339, as JavaScript writes it: `2026-11-27T20:51:00.000Z`.
/// What is beyond the year 9999 becomes its end.
pub fn iso(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    format!("{time:.3}")
}
