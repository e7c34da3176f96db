//! A code that was checked but not answered yet. The commit returns the verdict.

use core::fmt;

use super::record::Record;
use super::state::State;
use super::verdict::Verdict;

/// A code that was checked but not answered yet. It holds the state to store, and a hidden verdict.
///
/// Only [`commit`](Self::commit) returns the verdict, and it stores the state first. So a code lets
/// one request log in, and a guess that was not counted is not answered.
/// [`Verifier::log_in`](crate::verifier::Verifier::log_in) does all of it in one call.
///
/// You need neither a lock nor a session.
///
/// A query that was sent without an error may still not have found its row. So these do not
/// compile:
///
/// ```compile_fail,E0308
/// # use otp_core::verifier::{Attempt, State};
/// # fn swap(old: State, new: State) -> Result<u64, ()> { Ok(0) }
/// fn settle(attempt: Attempt) {
///     let settled = attempt.commit(|old, new| Ok::<_, ()>(swap(old, new).is_ok())).unwrap();
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use otp_core::verifier::{Attempt, Verdict};
/// fn before_the_commit(attempt: Attempt) -> Verdict {
///     attempt.verdict()
/// }
/// ```
///
/// ```compile_fail,E0382
/// # use otp_core::verifier::{Attempt, State, Swap};
/// fn twice(attempt: Attempt) {
///     let swap = |_: State, _: State| Ok::<_, ()>(Swap::Stored);
///     let first = attempt.commit(swap).unwrap();
///     let second = attempt.commit(swap).unwrap();
/// }
/// ```
#[must_use = "commit it: only the commit returns the verdict"]
pub struct Attempt {
    pub(super) before: State,
    pub(super) next: State,
    pub(super) verdict: Verdict,
    /// See [`Record::kind`].
    kind: &'static str,
}

/// The result of a compare-and-swap: whether the store still held the old state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "after a lost race, load the state and attempt again"]
#[expect(clippy::exhaustive_enums, reason = "a swap has two outcomes")]
pub enum Swap {
    /// The store held the old state, and now holds the new one. It is durable.
    Stored,
    /// The store held another state: another request was faster, and nothing was stored.
    Lost,
}

impl Swap {
    /// Returns the result of a statement like
    /// `UPDATE … SET state = $new WHERE id = $id AND state = $old` from the number of rows that it
    /// found. The result is [`Stored`](Self::Stored) for one row and [`Lost`](Self::Lost) for none.
    /// It is also `Lost` for more than one row, because `id` must be unique.
    pub const fn from_rows(found: u64) -> Self {
        if found == 1 { Self::Stored } else { Self::Lost }
    }
}

/// The verdict of a committed attempt or redemption, and its line for an audit log.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "only a success lets anybody in"]
#[non_exhaustive]
pub struct Settled<V = Verdict> {
    /// The answer.
    pub verdict: V,
    /// The line for an audit log. It does not contain a code or a secret.
    pub record: Record,
}

impl Attempt {
    pub(super) const fn new(before: State, next: State, verdict: Verdict) -> Self {
        Self { before, next, verdict, kind: "code" }
    }

    pub(super) const fn of_kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    pub(super) const fn unchanged(state: State, verdict: Verdict) -> Self {
        Self::new(state, state, verdict)
    }

    /// Calls `swap` to replace the state, and returns the verdict.
    ///
    /// `swap` receives the old and the new state. It must store the new state only if the store
    /// still holds the old one: `UPDATE otp SET state = $new WHERE id = $id AND state = $old`. It
    /// returns [`Swap::from_rows`] of the number of rows.
    ///
    /// `swap` is called only for codes that are accepted or rejected. A code that was used before
    /// changes nothing, and a code that comes while the authenticator is locked changes nothing
    /// either.
    ///
    /// If the race was lost, the verdict is [`Verdict::Conflict`], which reveals nothing about the
    /// code. Load the state and attempt again.
    ///
    /// # Errors
    /// The error of `swap`. The verdict is then lost, because it is unknown whether the state was
    /// stored.
    pub fn commit<E>(
        self,
        swap: impl FnOnce(State, State) -> Result<Swap, E>,
    ) -> Result<Settled, E> {
        let swapped =
            if self.changes_state() { swap(self.before, self.next)? } else { Swap::Stored };
        Ok(self.settle(swapped))
    }

    /// Commits like [`commit`](Self::commit), with an asynchronous `swap`.
    ///
    /// # Errors
    /// The error of `swap`, as in [`commit`](Self::commit).
    pub async fn commit_async<E>(
        self,
        swap: impl AsyncFnOnce(State, State) -> Result<Swap, E>,
    ) -> Result<Settled, E> {
        let swapped =
            if self.changes_state() { swap(self.before, self.next).await? } else { Swap::Stored };
        Ok(self.settle(swapped))
    }

    /// Returns whether there is anything to store. For an accepted code there always is: if the
    /// host checked it, the host marks it as used in `swap`.
    fn changes_state(&self) -> bool {
        matches!(self.verdict, Verdict::Accepted(_) | Verdict::Rejected(_))
    }

    fn settle(self, swapped: Swap) -> Settled {
        let Self { before, next, verdict, kind } = self;
        match swapped {
            Swap::Stored => {
                let record = Record::new(kind, &verdict, before, next);
                Settled { verdict, record }
            }
            Swap::Lost => {
                let verdict = Verdict::Conflict;
                let record = Record::new(kind, &verdict, before, before);
                Settled { verdict, record }
            }
        }
    }
}

/// Does not show the verdict.
impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt(sealed)")
    }
}
