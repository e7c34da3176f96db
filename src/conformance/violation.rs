//! The laws, by what it means to break them.

use core::error::Error;
use core::fmt;

/// A law of the store or of the key that was seen broken, and what that would let somebody do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Violation {
    /// A stored value came back as another one.
    Altered,
    /// A value was loaded that nobody has stored.
    Foreign,
    /// A swap said that it was committed, and nothing was written.
    NotWritten,
    /// A value was loaded that is older than one committed before.
    StaleRead,
    /// A value was replaced that is not the expected one.
    StaleSwap,
    /// The expected value was not replaced, though nobody else was there; or nobody was let through.
    Refused,
    /// A value was not replaced by itself.
    RefusedSame,
    /// A swap said that it was refused, and something was written.
    RefusedButWritten,
    /// From one value, more than one swap was committed.
    ManyCommits,
    /// What was committed was overwritten by another one that did not know of it.
    LostUpdate,
    /// Submitted side by side, one good code was accepted more than once.
    AcceptedTwice,
    /// Submitted side by side, a good code was not accepted at all.
    NotAccepted,
    /// More guesses were answered than failures are stored.
    Uncounted,
    /// The code that confirmed an enrolment was accepted by a login too.
    EnrolmentReplayed,
    /// The used code of a login was accepted again.
    Replayed,
    /// After as many wrong codes as may ever be answered, the right one was accepted.
    Unthrottled,
    /// A key that lives elsewhere failed, or left an answer unwritten.
    KeyUnanswered,
    /// A key that lives elsewhere gave another code than the same key in software.
    KeyDiffers,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Altered => {
                "a stored value has to be read back as it was, and came back as another one: what \
                 is lost may be the used code, which is then accepted again, or that the \
                 authenticator is disabled"
            }
            Self::Foreign => {
                "a value was loaded that nobody has stored: half of one and half of another may \
                 be a state in which used codes are good again"
            }
            Self::NotWritten => {
                "a swap that says it was committed has to have written, and had not: every code is \
                 accepted again, and no guess is counted"
            }
            Self::StaleRead => {
                "a load has to see what was committed before it, and saw an older value: a lock or \
                 a lost device that was disabled is not noticed by whoever reads it, and right \
                 codes fail for as long as it lasts"
            }
            Self::StaleSwap => {
                "a swap has to be refused where another value than the expected one is stored, in \
                 any part of it, and was committed: who submits one code many times at once gets \
                 in many times, and guesses made at once count as one"
            }
            Self::Refused => {
                "a swap from the value that is stored has to be committed, and was refused: the \
                 owner is kept out, and whoever then stores without comparing lets others in"
            }
            Self::RefusedSame => {
                "a swap from the stored value to the same one has to be committed, and was refused \
                 (rows changed are not rows found): such a request looks like a race that was lost"
            }
            Self::RefusedButWritten => {
                "a swap that says it was refused has to leave the record alone, and had written: \
                 whoever loses a race takes back what the winner has stored, and a right code is \
                 used up without letting its owner in"
            }
            Self::ManyCommits => {
                "of many swaps from one value exactly one has to be committed, and more were, for \
                 comparing and writing are not one step: who submits one code many times at once \
                 gets in many times"
            }
            Self::LostUpdate => {
                "what was committed has to stay until somebody who has seen it replaces it, and was \
                 overwritten: guesses made at once count as one, so nothing stops a guesser"
            }
            Self::AcceptedTwice => {
                "one good code submitted many times at once has to be accepted once, and was \
                 accepted more often: who sees a code typed can use it too"
            }
            Self::NotAccepted => {
                "one good code submitted many times at once has to be accepted once, and was not \
                 accepted at all: anybody who submits along with the owner keeps the owner out"
            }
            Self::Uncounted => {
                "every guess that is answered has to be counted, and there were more answers: who \
                 guesses many times at once has more tries than the verifier allows"
            }
            Self::EnrolmentReplayed => {
                "the code that confirms an enrolment is used up by it, and opened a login: who sees \
                 it typed gets in"
            }
            Self::Replayed => {
                "a code is used up by its login, and was accepted again: who sees it typed gets in \
                 for as long as its window is open"
            }
            Self::Unthrottled => {
                "at most 100 wrong codes in a row are answered, and after them the right one was \
                 accepted: who knows the password guesses until a code is right"
            }
            Self::KeyUnanswered => {
                "every answer has to be written, and one was left as it was, or the key failed: the \
                 code of that moving factor is never accepted, and its owner is kept out"
            }
            Self::KeyDiffers => {
                "the key has to give the codes that the same key gives in software, and gave others: \
                 the owner is kept out, and codes that everybody may compute let others in"
            }
        })
    }
}

impl Error for Violation {}
