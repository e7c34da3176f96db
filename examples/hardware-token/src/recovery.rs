//! Recovery codes: the set, what is needed to redeem one, and the throttle on guesses.

use otp_core::recovery::{Pepper, PepperError, Set, SetError, Verdict};
use otp_core::verifier::{State, Swap, Verifier};

use crate::fault::Fault;

/// The number of codes of a set.
pub const SLOTS: usize = 10;

/// A set of recovery codes, as it was provisioned.
pub struct Recovery {
    set: Set<SLOTS>,
    pepper: Pepper,
    user: &'static [u8],
    /// A state of its own, so that an account that is locked can still be recovered.
    state: State,
}

impl Recovery {
    /// Takes the bytes of a set, with the pepper and the user that it was made for.
    ///
    /// # Errors
    /// If the bytes are not a set of [`SLOTS`] codes, or the pepper is too short.
    pub fn new(
        set: &[u8],
        key_id: u32,
        pepper: &[u8],
        user: &'static [u8],
    ) -> Result<Self, ProvisionError> {
        Ok(Self {
            set: Set::from_bytes(set).map_err(ProvisionError::Set)?,
            pepper: Pepper::new(key_id, pepper).map_err(ProvisionError::Pepper)?,
            user,
            state: State::for_recovery(),
        })
    }

    pub(crate) fn redeem(&mut self, code: &str, now: u64) -> Result<Verdict, Fault> {
        let Self { set, pepper, user, state } = self;
        let redemption = Verifier::DEFAULT.redeem(set, pepper, user, *state, code, now)?;
        let settled = redemption.commit(|next_set, _, next| {
            // Both or neither: in flash they are one record.
            set.clone_from(next_set);
            *state = next;
            Ok::<_, Fault>(Swap::Stored)
        })?;
        Ok(settled.verdict)
    }

    /// Does the work of a wrong code, and does not count it.
    pub(crate) fn rehearse(&self, code: &str, now: u64) {
        let Self { set, pepper, user, .. } = self;
        let fresh = State::for_recovery();
        core::hint::black_box(
            Verifier::DEFAULT.redeem(set, pepper, user, fresh, code, now).is_ok(),
        );
    }
}

/// The provisioned bytes are not a set, or not a pepper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvisionError {
    /// The set.
    Set(SetError),
    /// The pepper.
    Pepper(PepperError),
}
