//! The rules of the checks, named by their violations.

use core::error::Error;
use core::fmt;

/// A violation of a rule for the store, the login or the key. Its message says what the violation
/// allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Violation {
    /// A stored value was read back as a different one.
    Altered,
    /// A value was loaded that nobody stored.
    Foreign,
    /// A swap reported success, but nothing was written.
    NotWritten,
    /// A value was loaded that is older than one committed before.
    StaleRead,
    /// A value was replaced that is not the expected one.
    StaleSwap,
    /// The expected value was not replaced although no other thread was active, or none of several
    /// threads succeeded.
    Refused,
    /// A value was not replaced by itself.
    RefusedSame,
    /// A swap reported a refusal, but something was written.
    RefusedButWritten,
    /// More than one swap from the same value was committed.
    ManyCommits,
    /// A committed value was overwritten by a swap that did not know it.
    LostUpdate,
    /// One valid code was accepted more than once when it was submitted concurrently.
    AcceptedTwice,
    /// A valid code was not accepted at all when it was submitted concurrently.
    NotAccepted,
    /// A code was accepted although the store had failed.
    AcceptedUnstored,
    /// A code was used up although the store had failed and the code was not accepted.
    UsedUnstored,
    /// The check needs at least two rows, but fewer were loaded.
    TooFewRows,
    /// More guesses were answered than failures were stored.
    Uncounted,
    /// A login accepted the code that confirmed an enrolment, or the enrolment accepted it again.
    EnrolmentReplayed,
    /// A login or the enrolment accepted a code that a login had used.
    Replayed,
    /// A login accepted the right code after the largest allowed number of wrong codes.
    Unthrottled,
    /// An external key failed, or left an answer unwritten.
    KeyUnanswered,
    /// An external key gave another code than the same key in software.
    KeyDiffers,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Altered => {
                "a stored value must be read back unchanged, but came back different: the loss \
                 may be a used code, which is then accepted again, or the disabling of the \
                 authenticator"
            }
            Self::Foreign => {
                "a value was loaded that nobody stored: a mixture of two states may make used \
                 codes valid again"
            }
            Self::NotWritten => {
                "a swap that reports success must have written, but had not: every code is \
                 accepted again, and no guess is counted"
            }
            Self::StaleRead => {
                "a load must see everything committed before it, but saw an older value: the \
                 reader misses a lock-out or a disabled device, and right codes fail in the \
                 meantime"
            }
            Self::StaleSwap => {
                "a swap must be refused unless the whole stored value is the expected one, but \
                 was committed: one code submitted many times at once logs in many times, and \
                 concurrent guesses count once"
            }
            Self::Refused => {
                "a swap from the stored value must be committed, but was refused: the owner \
                 cannot log in, and a host that then stores without comparing lets others log in"
            }
            Self::RefusedSame => {
                "a swap from the stored value to the same value must be committed, but was \
                 refused (count the rows found, not the rows changed): such a request looks like \
                 a lost race"
            }
            Self::RefusedButWritten => {
                "a swap that reports a refusal must not change the record, but had written: the \
                 loser of a race undoes the winner's change, and a right code becomes used \
                 without logging its owner in"
            }
            Self::ManyCommits => {
                "exactly one of many swaps from the same value must be committed, but more were, \
                 because comparing and writing are not one step: one code submitted many times at \
                 once logs in many times"
            }
            Self::LostUpdate => {
                "a committed value must stay until a request that has read it replaces it, but it \
                 was overwritten: concurrent guesses count as one, so guessing is not limited"
            }
            Self::AcceptedTwice => {
                "one valid code submitted many times at once must be accepted once, but was \
                 accepted more often: a person who sees a code being typed can use it too"
            }
            Self::NotAccepted => {
                "one valid code submitted many times at once must be accepted once, but was not \
                 accepted at all: an attacker who submits codes at the same time can block the \
                 owner's login"
            }
            Self::AcceptedUnstored => {
                "a code must not be accepted if the store failed, but it was: the code is not \
                 marked as used, so it can be used again by a person who sees it being typed"
            }
            Self::UsedUnstored => {
                "a code must stay good if it was not accepted because the store failed, but it was \
                 used up: the owner is told that the code was used before, and a recovery code is \
                 lost"
            }
            Self::TooFewRows => {
                "the check needs at least two rows of one user, but fewer were loaded: load two \
                 rows that only the test uses"
            }
            Self::Uncounted => {
                "every answered guess must be counted, but there were more answers: an attacker \
                 who guesses concurrently gets more tries than the verifier allows"
            }
            Self::EnrolmentReplayed => {
                "the code that confirms an enrolment must not log in again, but it did: a person \
                 who sees it being typed can log in"
            }
            Self::Replayed => {
                "the code of a login must not be accepted again, but it was: a person who sees it \
                 being typed can log in while its window is open"
            }
            Self::Unthrottled => {
                "at most 100 wrong codes in a row may be answered, but then the right code was \
                 still accepted: an attacker who knows the password can guess until a code is \
                 right"
            }
            Self::KeyUnanswered => {
                "the key must write every answer, but it left one unwritten or failed: the code \
                 of that moving factor is never accepted, and its owner cannot log in"
            }
            Self::KeyDiffers => {
                "the key must give the same codes as the same key in software, but gave others: \
                 the owner cannot log in, and codes that everybody can compute may be accepted"
            }
        })
    }
}

impl Error for Violation {}
