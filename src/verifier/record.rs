//! What an audit log is told of a verdict.

use core::fmt;

use super::state::{Lifecycle, State};
use super::verdict::Verdict;
use crate::decimal::Decimal;

/// One line for an audit log: what the verdict was, and what it changed. No code and no secret is in it.
///
/// `Display` writes it as `key=value`, separated by spaces, always in the same order; what is not known is left out.
///
/// ```
/// use otp_core::{Secret, Totp};
/// use otp_core::verifier::{State, Swap, Verifier};
///
/// let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
/// let attempt = Verifier::DEFAULT.attempt(&totp, State::confirmed(), "287082", 89)?;
/// let settled = attempt.commit(|_, _| Ok::<_, ()>(Swap::Stored)).unwrap();
/// assert_eq!(settled.record.to_string(), "verdict=accepted failures=0 failures_before=0 moving_factor=1 drift=-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Record {
    /// The verdict in one word: `accepted`, `redeemed`, `resynchronised`, `replayed`, `rejected`, `locked`,
    /// `disabled`, `malformed` or `conflict`.
    pub verdict: &'static str,
    /// Failures in a row after it. Of a conflict: those that were loaded.
    pub failures: u32,
    /// Failures in a row before it. Of an accepted code: how many wrong ones came since the last success.
    pub failures_before: u32,
    /// Of an accepted code: which of several authenticators has accepted it.
    pub authenticator: Option<usize>,
    /// Of an accepted code: the time step or the counter.
    pub moving_factor: Option<u64>,
    /// Of an accepted code: how many steps the client's clock is off, or how many counters it was ahead.
    pub drift: Option<i64>,
    /// Of a redeemed recovery code: its slot, counted from 0.
    pub slot: Option<u8>,
    /// Until when nothing is tried, in seconds of Unix time, if that is after a wrong code or while it is locked.
    pub until: Option<u64>,
    /// Whether the authenticator is disabled after it.
    pub disabled: bool,
}

impl Record {
    /// What every verdict of this name tells.
    pub(crate) fn of(verdict: &'static str, before: State, next: State) -> Self {
        let disabled = matches!(next.lifecycle(), Lifecycle::Disabled(_));
        Self::with_counts(verdict, before.failures(), next.failures(), disabled)
    }

    pub(super) fn new(verdict: &Verdict, before: State, next: State) -> Self {
        Self::of(verdict.name(), before, next).told(verdict)
    }

    /// Of several authenticators, with the most failures of those that were looked at.
    pub(super) fn of_several(verdict: &Verdict, before: u32, after: u32) -> Self {
        let disabled = match verdict {
            Verdict::Disabled => true,
            Verdict::Rejected(rejection) => rejection.failures_left() == 0,
            _ => false,
        };
        let mut record = Self::with_counts(verdict.name(), before, after, disabled).told(verdict);
        if let Verdict::Accepted(code) = verdict {
            record.authenticator = Some(code.authenticator());
        }
        record
    }

    fn with_counts(verdict: &'static str, before: u32, after: u32, disabled: bool) -> Self {
        Self {
            verdict,
            failures: after,
            failures_before: before,
            authenticator: None,
            moving_factor: None,
            drift: None,
            slot: None,
            until: None,
            disabled,
        }
    }

    /// With what the verdict itself tells.
    fn told(mut self, verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Accepted(code) => {
                self.moving_factor = code.moving_factor();
                self.drift = code.moving_factor().map(|_| code.drift());
            }
            Verdict::Rejected(rejection) => self.until = rejection.until(),
            Verdict::Locked { until } => self.until = Some(*until),
            _ => {}
        }
        self
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [failures, before] = [self.failures, self.failures_before].map(Decimal::from);
        write!(f, "verdict={} failures={failures} failures_before={before}", self.verdict)?;
        if let Some(authenticator) = self.authenticator {
            let authenticator = u64::try_from(authenticator).unwrap_or(u64::MAX);
            write!(f, " authenticator={}", Decimal::from(authenticator))?;
        }
        if let Some(factor) = self.moving_factor {
            write!(f, " moving_factor={}", Decimal::from(factor))?;
        }
        if let Some(drift) = self.drift {
            let sign = if drift < 0 { "-" } else { "" };
            write!(f, " drift={sign}{}", Decimal::from(drift.unsigned_abs()))?;
        }
        if let Some(slot) = self.slot {
            write!(f, " slot={}", Decimal::from(slot))?;
        }
        if let Some(until) = self.until {
            write!(f, " until={}", Decimal::from(until))?;
        }
        f.write_str(if self.disabled { " disabled=true" } else { "" })
    }
}

/// As a structure with the fields above.
#[cfg(feature = "serde")]
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl serde_core::Serialize for Record {
    fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde_core::ser::SerializeStruct as _;

        let mut record = serializer.serialize_struct("Record", 8)?;
        record.serialize_field("verdict", self.verdict)?;
        record.serialize_field("failures", &self.failures)?;
        record.serialize_field("failures_before", &self.failures_before)?;
        record.serialize_field("authenticator", &self.authenticator)?;
        record.serialize_field("moving_factor", &self.moving_factor)?;
        record.serialize_field("drift", &self.drift)?;
        record.serialize_field("slot", &self.slot)?;
        record.serialize_field("until", &self.until)?;
        record.serialize_field("disabled", &self.disabled)?;
        record.end()
    }
}
