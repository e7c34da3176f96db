//! Recovery codes under the throttle of the verifier, and success only after the commit.

use core::fmt;

use super::attempt::Swap;
use super::judge::{Barred, barred};
use super::policy::Policy;
use super::state::VerifierState;
use super::verdict::Rejection;
use crate::decimal::Decimal;
use crate::error::{MalformedRecoveryCode, RecoveryError, RecoveryInputError, RecoveryIssueError};
use crate::recovery::{Keyed, RecoveryCode, RecoveryHash, RecoverySet};

impl Policy {
    /// Judges a recovery code that a person typed, at `now` in seconds of Unix time, against a set and
    /// under the throttle of a verifier's state. Nothing is told before both are stored: see
    /// [`Redemption`].
    ///
    /// `state` is that of the user's authenticator, so that guesses of either kind count together; or
    /// one of its own, so that an authenticator that was disabled can be recovered by these codes. A
    /// redeemed code clears the failures. If it is locked or disabled, nothing is hashed.
    ///
    /// ```
    /// use otp_core::{Pepper, Policy, RecoverySet, RecoveryVerdict, Swap, VerifierState};
    /// # use otp_core::{Keyed, LongRecoveryLength};
    /// # let mut seed = 0_u8;
    /// # let fill = |bytes: &mut [u8]| {
    /// #     bytes.fill_with(|| { seed = seed.wrapping_mul(5).wrapping_add(7); seed ^ (seed >> 3) });
    /// #     Ok::<(), otp_core::RecoveryInputError>(())
    /// # };
    /// let pepper = Pepper::new(1, b"32 bytes that are not in the database")?;
    /// # let length = LongRecoveryLength::DEFAULT;
    /// # let mut codes = Vec::new();
    /// # let set: RecoverySet<10> = RecoverySet::generate_with(fill, Keyed, length, &pepper, b"user 17", |_, code| codes.push(code.expose().to_owned()))?;
    /// # let (state, typed, now) = (VerifierState::confirmed(), &codes[3], 59);
    /// let redemption = Policy::DEFAULT.redeem(&set, &pepper, b"user 17", state, typed, now)?;
    /// let verdict = redemption.commit(|_next_set, _old_state, _new_state| {
    ///     // One transaction stores both, if set and state are still what was loaded.
    ///     Ok::<_, std::io::Error>(Swap::Stored)
    /// })?;
    /// match verdict {
    ///     RecoveryVerdict::Redeemed(code) => assert_eq!((code.slot(), code.remaining()), (3, 9)),
    ///     verdict => println!("{verdict:?}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`RecoveryInputError`] where pepper, user or memory do not fit the set: the fault is the
    /// host's. Nothing is counted then.
    pub fn redeem<const N: usize, H: RecoveryHash>(
        &self,
        set: &RecoverySet<N, H>,
        keys: H::Keys<'_>,
        user: &[u8],
        state: VerifierState,
        code: &str,
        now: u64,
    ) -> Result<Redemption<N, H>, RecoveryInputError> {
        // One copy of the set, which is large on a token: in what is returned.
        let mut redemption = Redemption {
            changes: false,
            state,
            next_state: state,
            next_set: set.clone(),
            verdict: RecoveryVerdict::Conflict,
        };
        let barred = barred(state, now).map_err(|_| RecoveryInputError::TimeTooFar)?;
        if let Some(barred) = barred {
            redemption.verdict = barred.into();
            return Ok(redemption);
        }
        match set.find(keys, user, code) {
            Ok(Some(slot)) => {
                redemption.next_set.burn(slot);
                redemption.next_state = state.cleared();
                let remaining = redemption.next_set.remaining();
                redemption.verdict =
                    RecoveryVerdict::Redeemed(Redeemed { slot, remaining, replacement: None });
                redemption.changes = true;
            }
            Ok(None) | Err(RecoveryError::Rejected) => {
                let (next, Rejection { tries_left, until, failures_left }) =
                    self.refuse(state, now);
                redemption.next_state = next;
                redemption.verdict = RecoveryVerdict::Rejected { tries_left, until, failures_left };
                redemption.changes = next != state;
            }
            Err(RecoveryError::Malformed(error)) => {
                redemption.verdict = RecoveryVerdict::Malformed(error);
            }
            Err(RecoveryError::Input(error)) => return Err(error),
        }
        Ok(redemption)
    }
}

/// A recovery code that was judged, and not answered yet: the set and the state to be stored, and a
/// sealed verdict, as with [`Attempt`](super::Attempt).
#[must_use = "commit it: only then the verdict comes out"]
pub struct Redemption<const N: usize, H = Keyed> {
    changes: bool,
    state: VerifierState,
    next_state: VerifierState,
    next_set: RecoverySet<N, H>,
    verdict: RecoveryVerdict,
}

impl<const N: usize, H: RecoveryHash> Redemption<N, H> {
    /// Puts a fresh code into the slot of a redeemed one, in the same commit (NIST SP 800-63B-4
    /// section 4.2.1.1): [`Redeemed::replacement`] is it. Changes nothing for any other verdict.
    ///
    /// `fill` fills a buffer from a CSPRNG.
    ///
    /// # Errors
    /// As [`RecoverySet::reissue_with`].
    pub fn with_replacement<E>(
        mut self,
        fill: impl FnMut(&mut [u8]) -> Result<(), E>,
        keys: H::Keys<'_>,
        user: &[u8],
    ) -> Result<Self, RecoveryIssueError<E>> {
        if let RecoveryVerdict::Redeemed(redeemed) = &mut self.verdict {
            let length = self.next_set.code_length();
            self.next_set =
                self.next_set.reissue_with(redeemed.slot, fill, keys, user, |_, code| {
                    redeemed.replacement = RecoveryCode::parse(code.expose(), length).ok();
                })?;
            redeemed.remaining = self.next_set.remaining();
        }
        Ok(self)
    }

    /// Calls `swap` to replace the set and the state, and returns the verdict.
    ///
    /// `swap` gets the next set, the old state and the new one. It stores set and state together, in one transaction, only
    /// if the store still holds what was loaded. It is not called if nothing changes.
    ///
    /// If the race was lost, the verdict is [`RecoveryVerdict::Conflict`], which tells nothing of the code.
    ///
    /// # Errors
    /// That of `swap`. The verdict is gone with it.
    pub fn commit<E>(
        self,
        swap: impl FnOnce(&RecoverySet<N, H>, VerifierState, VerifierState) -> Result<Swap, E>,
    ) -> Result<RecoveryVerdict, E> {
        if self.changes && swap(&self.next_set, self.state, self.next_state)? == Swap::Lost {
            return Ok(RecoveryVerdict::Conflict);
        }
        Ok(self.verdict)
    }

    /// As [`commit`](Self::commit), with an asynchronous `swap`.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub async fn commit_async<E>(
        self,
        swap: impl AsyncFnOnce(&RecoverySet<N, H>, VerifierState, VerifierState) -> Result<Swap, E>,
    ) -> Result<RecoveryVerdict, E> {
        if self.changes && swap(&self.next_set, self.state, self.next_state).await? == Swap::Lost {
            return Ok(RecoveryVerdict::Conflict);
        }
        Ok(self.verdict)
    }
}

/// Tells nothing of the verdict.
impl<const N: usize, H> fmt::Debug for Redemption<N, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redemption(sealed)")
    }
}

/// The answer to a submitted recovery code. It cannot be copied.
#[derive(Debug)]
#[must_use = "only `Redeemed` lets anybody in"]
#[non_exhaustive]
pub enum RecoveryVerdict {
    /// The code is right, and used up now.
    Redeemed(Redeemed),
    /// The code is wrong, or was used: the two are not told apart, so that
    /// somebody who found an old code learns nothing from it. It is counted.
    #[non_exhaustive]
    Rejected {
        /// Tries left before the next wait; 0 if it has begun.
        tries_left: u32,
        /// Until when nothing is tried, in seconds of Unix time, if a wait has begun.
        until: Option<u64>,
        /// Failures left until it is disabled; 0 if it is now.
        failures_left: u32,
    },
    /// Too many failures: nothing was tried.
    Locked {
        /// Until when, in seconds of Unix time.
        until: u64,
    },
    /// Disabled: nothing was tried.
    Disabled,
    /// What was typed is not formatted as a code. It is not counted: nothing was hashed.
    Malformed(MalformedRecoveryCode),
    /// Another request was faster: nothing was stored. Nothing is told of the code.
    Conflict,
}

impl From<Barred> for RecoveryVerdict {
    fn from(barred: Barred) -> Self {
        match barred {
            Barred::Locked { until } => Self::Locked { until },
            Barred::Disabled => Self::Disabled,
        }
    }
}

/// Tells what a user may know, and no code: not even the one that takes the place of a redeemed one.
impl fmt::Display for RecoveryVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redeemed(code) => code.fmt(f),
            &Self::Rejected { tries_left, until, failures_left } => {
                let rejection = Rejection { tries_left, until, failures_left };
                write!(f, "the recovery code is not accepted{rejection}")
            }
            Self::Locked { until } => write!(f, "locked until {}", Decimal::from(*until)),
            Self::Disabled => f.write_str("disabled"),
            Self::Malformed(error) => write!(f, "malformed recovery code: {error}"),
            Self::Conflict => f.write_str("another request was faster"),
        }
    }
}

/// What is known of a redeemed code.
#[derive(Debug)]
pub struct Redeemed {
    slot: u8,
    remaining: u8,
    replacement: Option<RecoveryCode>,
}

impl Redeemed {
    /// The slot of the code, counted from 0.
    #[must_use]
    pub const fn slot(&self) -> u8 {
        self.slot
    }

    /// How many codes are left, a fresh one among them. At 0 it was the last: make a new set.
    #[must_use]
    pub const fn remaining(&self) -> u8 {
        self.remaining
    }

    /// The code that has taken its place, to be shown now and never again; of
    /// [`Redemption::with_replacement`].
    #[must_use]
    pub const fn replacement(&self) -> Option<&RecoveryCode> {
        self.replacement.as_ref()
    }
}

impl fmt::Display for Redeemed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the recovery code is accepted, codes left: {}", Decimal::from(self.remaining))
    }
}
