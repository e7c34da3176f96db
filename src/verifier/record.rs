//! The line for an audit log that describes a verdict.

use core::fmt;

use super::lifecycle::DisabledBy;
use super::state::State;
use super::verdict::Verdict;
use crate::decimal::Decimal;

/// One line for an audit log: the verdict, and the change of the state. It does not contain a code
/// or a secret.
///
/// `Display` writes it as `key=value` pairs, separated by spaces, always in the same order. Unknown
/// values are omitted.
///
/// ```
/// use otp_core::{Secret, Totp};
/// use otp_core::verifier::{State, Swap, Verifier};
///
/// let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
/// let attempt = Verifier::DEFAULT.attempt(&totp, State::confirmed(), "287082", 89)?;
/// let settled = attempt.commit(|_, _| Ok::<_, ()>(Swap::Stored)).unwrap();
/// let line = "kind=code verdict=accepted failures=0 failures_before=0 moving_factor=1 drift=-1";
/// assert_eq!(settled.record.to_string(), line);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Record {
    /// The kind of the check in one word: `code`, `resynchronisation`, `recovery`, or `host` for a
    /// code that the host checked itself.
    pub kind: &'static str,
    /// The verdict in one word: `accepted`, `redeemed`, `resynchronised`, `replayed`, `rejected`,
    /// `locked`, `disabled`, `malformed` or `conflict`.
    pub verdict: &'static str,
    /// The failures in a row after it. For a conflict, these are the loaded ones.
    pub failures: u32,
    /// The failures in a row before it. For an accepted code, this is the number of wrong codes
    /// since the last success.
    pub failures_before: u32,
    /// For an accepted code of one of several authenticators: its position among the loaded ones,
    /// counted from 0. The id of its row is [`SettledAny::accepted_by`](super::SettledAny).
    pub authenticator: Option<usize>,
    /// For an accepted code: the time step or the counter.
    pub moving_factor: Option<u64>,
    /// For an accepted code: the drift of the client's clock in steps, or how many counters the
    /// client was ahead.
    pub drift: Option<i64>,
    /// For a redeemed recovery code: its slot, counted from 0.
    pub slot: Option<u8>,
    /// The end of the wait, in seconds of Unix time, after a wrong code or during a lock-out.
    pub until: Option<u64>,
    /// The reason why the authenticator is disabled after it, if it is.
    pub disabled: Option<DisabledBy>,
}

impl Record {
    /// Returns the fields that every verdict has.
    pub(crate) fn of(
        kind: &'static str,
        verdict: &'static str,
        before: State,
        next: State,
    ) -> Self {
        Self::with_counts(kind, verdict, before.failures(), next.failures(), next.disabled)
    }

    pub(super) fn new(kind: &'static str, verdict: &Verdict, before: State, next: State) -> Self {
        Self::of(kind, verdict.name(), before, next).told(verdict)
    }

    /// Returns the record for several authenticators. Its failures are the largest number among the
    /// checked ones.
    pub(super) fn of_several(
        verdict: &Verdict,
        before: u32,
        after: u32,
        disabled: Option<DisabledBy>,
    ) -> Self {
        let record = Self::with_counts("code", verdict.name(), before, after, disabled);
        let mut record = record.told(verdict);
        if let Verdict::Accepted(code) = verdict {
            record.authenticator = Some(code.authenticator);
        }
        record
    }

    fn with_counts(
        kind: &'static str,
        verdict: &'static str,
        before: u32,
        after: u32,
        disabled: Option<DisabledBy>,
    ) -> Self {
        Self {
            kind,
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

    /// Adds the fields from the verdict itself.
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
        write!(f, "kind={} verdict={}", self.kind, self.verdict)?;
        write!(f, " failures={failures} failures_before={before}")?;
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
        if let Some(by) = self.disabled {
            write!(f, " disabled={}", by.name())?;
        }
        Ok(())
    }
}

/// Serialises a structure with the fields above.
#[cfg(feature = "serde")]
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl serde_core::Serialize for Record {
    fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde_core::ser::SerializeStruct as _;

        // Their number comes first, and some formats rely on it.
        macro_rules! serialize {
            ($($field:ident),+) => {{
                let fields = [$(stringify!($field)),+].len();
                let mut record = serializer.serialize_struct("Record", fields)?;
                $(record.serialize_field(stringify!($field), &self.$field)?;)+
                record.end()
            }};
        }
        serialize!(
            kind,
            verdict,
            failures,
            failures_before,
            authenticator,
            moving_factor,
            drift,
            slot,
            until,
            disabled
        )
    }
}

/// Serialises it as one word: `failures` or `host`.
#[cfg(feature = "serde")]
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl serde_core::Serialize for DisabledBy {
    fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
