//! Formats times for people and SDKs.

use jiff::Timestamp;

/// Formats seconds of Unix time in RFC 3339, as JavaScript does: `2026-11-27T20:51:00.000Z`. A
/// time after the year 9999 becomes the end of that year.
pub fn iso(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    format!("{time:.3}")
}
