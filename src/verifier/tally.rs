//! Counts the answers of several authenticators to one code.

use super::attempt::Attempt;
use super::lifecycle::DisabledBy;
use super::verdict::{Accepted, Rejection, Verdict};
use crate::submitted::MalformedCode;

/// The answers of the authenticators.
#[derive(Default)]
pub(super) struct Tally {
    accepted: Option<Accepted>,
    replayed: bool,
    pub(super) rejection: Option<Rejection>,
    locked_until: Option<u64>,
    malformed: Option<MalformedCode>,
    is_disabled: bool,
    /// The reason why this code disabled one.
    pub(super) disabled: Option<DisabledBy>,
    /// The reason why one was already disabled.
    pub(super) barred_by: Option<DisabledBy>,
    /// The largest number of failures in a row among the checked ones, before and after the code.
    pub(super) before: u32,
    pub(super) after: u32,
}

impl Tally {
    pub(super) fn take(&mut self, nth: usize, attempt: Attempt) {
        let (before, next) = (attempt.before, attempt.next);
        let is_tried = matches!(
            attempt.verdict,
            Verdict::Accepted(_) | Verdict::Rejected(_) | Verdict::Replayed
        );
        if is_tried {
            self.before = self.before.max(before.failures());
            self.after = self.after.max(next.failures());
        }
        match attempt.verdict {
            Verdict::Accepted(accepted) => {
                self.accepted.get_or_insert(Accepted { authenticator: nth, ..accepted });
            }
            Verdict::Rejected(rejection) => {
                self.rejection = Some(self.rejection.map_or(rejection, |all| all.or(rejection)));
                self.disabled = next.disabled.or(self.disabled);
            }
            Verdict::Locked { until } => {
                self.locked_until = Some(self.locked_until.map_or(until, |all| all.min(until)));
            }
            Verdict::Malformed(error) => self.malformed = self.malformed.or(Some(error)),
            Verdict::Replayed => self.replayed = true,
            Verdict::Disabled => {
                self.is_disabled = true;
                self.barred_by = self.barred_by.or(before.disabled);
            }
            // Nothing was committed yet.
            Verdict::Conflict => {}
        }
    }

    /// A used code counts as used for all of them, so that it is not accepted by chance. Answers of
    /// open authenticators come before those of locked or disabled ones.
    pub(super) fn verdict(self) -> Option<Verdict> {
        if self.replayed {
            return Some(Verdict::Replayed);
        }
        let failures = self.before;
        let accepted = self.accepted.map(|accepted| Accepted { failures, ..accepted });
        (accepted.map(Verdict::Accepted))
            .or(self.rejection.map(Verdict::Rejected))
            .or(self.malformed.map(Verdict::Malformed))
            .or(self.locked_until.map(|until| Verdict::Locked { until }))
            .or(self.is_disabled.then_some(Verdict::Disabled))
    }
}
