//! A code that was judged, and not answered yet: the verdict comes out by the commit.

use core::fmt;

use super::record::Record;
use super::state::State;
use super::verdict::Verdict;

/// A code that was judged, and not answered yet: the state to be stored, and a sealed verdict.
///
/// The verdict comes out only by [`commit`](Self::commit), which has the state stored first. So a code lets one
/// request in, and a guess that was not counted is not answered. [`Verifier::log_in`](crate::verifier::Verifier::log_in) does all of it in
/// one call.
///
/// Neither a lock nor a session is needed.
///
/// Whether a query was sent without an error is not whether it found its row. So these do not compile:
///
/// ```compile_fail,E0308
/// # use otp_core::verifier::{Attempt, State};
/// # fn swap(old: State, new: State) -> Result<u64, ()> { Ok(0) }
/// fn settle(attempt: Attempt) {
///     let verdict = attempt.commit(|old, new| Ok::<_, ()>(swap(old, new).is_ok())).unwrap().verdict;
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
#[must_use = "commit it: only then the verdict comes out"]
pub struct Attempt {
    pub(super) before: State,
    pub(super) next: State,
    pub(super) verdict: Verdict,
    /// See [`Record::kind`].
    kind: &'static str,
}

/// What became of a compare-and-swap: whether the store still held the old state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a lost race has to be judged again"]
#[expect(clippy::exhaustive_enums, reason = "a swap has two outcomes")]
pub enum Swap {
    /// The store held the old state, and holds the new one now. It is durable.
    Stored,
    /// The store held another state: another request was faster, and nothing was stored.
    Lost,
}

impl Swap {
    /// Returns what a statement like `UPDATE … SET state = $new WHERE id = $id AND state = $old` says by the number of
    /// rows that it found: [`Stored`](Self::Stored) for one row, [`Lost`](Self::Lost) for none. More than one row is
    /// `Lost` too: `id` has to be unique.
    pub const fn from_rows(found: u64) -> Self {
        if found == 1 { Self::Stored } else { Self::Lost }
    }
}

/// The verdict of an attempt or a redemption that was committed, and its line for an audit log.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "only a success lets anybody in"]
#[non_exhaustive]
pub struct Settled<V = Verdict> {
    /// The answer.
    pub verdict: V,
    /// What to write into an audit log: no code and no secret.
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
    /// `swap` gets the old and the new state. It stores the new one only if the store still holds the old one:
    /// `UPDATE otp SET state = $new WHERE id = $id AND state = $old`, and returns [`Swap::from_rows`] of the number of
    /// rows. It is called for every code that is accepted or rejected, and for no other: a code that was used before
    /// changes nothing, and neither does one that comes while the authenticator is locked.
    ///
    /// If the race was lost, the verdict is [`Verdict::Conflict`], which tells nothing of the code: load the state and
    /// attempt again.
    ///
    /// # Errors
    /// That of `swap`. The verdict is gone with it, because nobody knows whether the state was stored.
    pub fn commit<E>(
        self,
        swap: impl FnOnce(State, State) -> Result<Swap, E>,
    ) -> Result<Settled, E> {
        let swapped =
            if self.changes_state() { swap(self.before, self.next)? } else { Swap::Stored };
        Ok(self.settle(swapped))
    }

    /// As [`commit`](Self::commit), with an asynchronous `swap`.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub async fn commit_async<E>(
        self,
        swap: impl AsyncFnOnce(State, State) -> Result<Swap, E>,
    ) -> Result<Settled, E> {
        let swapped =
            if self.changes_state() { swap(self.before, self.next).await? } else { Swap::Stored };
        Ok(self.settle(swapped))
    }

    /// Whether there is anything to store. An accepted code always has: if the host judged it, the
    /// host uses it up in `swap`.
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

/// Tells nothing of the verdict.
impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt(sealed)")
    }
}
