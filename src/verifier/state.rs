//! What is stored for each authenticator between two codes.

use crate::error::StateError;
use crate::throttle::Failures;

/// The farthest that a drift reaches: what a resynchronisation may find.
pub(crate) const MAX_DRIFT: u16 = 1000;

const VERSION: u8 = 1;
const CONFIRMED: u8 = 1;
const DISABLED: u8 = 1 << 1;
const USED: u8 = 1 << 2;

/// What a verifier has to remember of one authenticator: 24 bytes, none of them secret.
///
/// It holds the last moving factor that is used up, the learned drift, the failures in a row, the
/// time until which nothing is tried, and where in its life the authenticator stands. The host stores
/// it beside the shared secret, and **replaces it by compare-and-swap alone** (see
/// [`Attempt`](crate::Attempt)).
///
/// ```
/// use otp_core::{Lifecycle, VerifierState};
///
/// let state = VerifierState::FRESH;
/// assert_eq!(state.lifecycle(), Lifecycle::Unconfirmed);
/// let stored: [u8; VerifierState::LEN] = state.to_bytes();
/// assert_eq!(VerifierState::from_bytes(&stored)?, state);
/// # Ok::<(), otp_core::StateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VerifierState {
    /// Every moving factor up to this one is used or passed over.
    pub(super) last: Option<u64>,
    /// Steps that the client's clock is known to be off.
    pub(super) drift: i16,
    pub(super) failures: Failures,
    pub(super) confirmed: bool,
    pub(super) disabled: bool,
}

/// Where in its life an authenticator stands. Whether it is locked follows from the time, see
/// [`VerifierState::locked_until`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lifecycle {
    /// Enrolled, and no code was accepted yet: what an MFA API shows as `active: false`. The first
    /// accepted code confirms it and is used up by that.
    Unconfirmed,
    /// Confirmed, in use.
    Active,
    /// After too many failures in a row, or by the host. Nothing is accepted until it is enrolled
    /// anew or [reset](VerifierState::reset) by an administrator.
    Disabled,
}

impl VerifierState {
    /// The state of a new enrolment: no history, not confirmed.
    pub const FRESH: Self = Self {
        last: None,
        drift: 0,
        failures: Failures { count: 0, wait_until: 0 },
        confirmed: false,
        disabled: false,
    };
    /// The length of the byte form.
    pub const LEN: usize = 24;
    /// The most steps of drift, either way.
    pub const MAX_DRIFT: u16 = MAX_DRIFT;

    /// The state of a new enrolment whose first acceptable moving factor is `counter`: for a bare
    /// [`Hotp`](crate::Hotp). An [`Engine`](crate::Engine) brings its counter along and starts from
    /// [`FRESH`](Self::FRESH).
    #[must_use]
    pub const fn starting_at(counter: u64) -> Self {
        Self { last: counter.checked_sub(1), ..Self::FRESH }
    }

    /// Where in its life the authenticator stands.
    #[must_use]
    pub const fn lifecycle(self) -> Lifecycle {
        match self {
            Self { disabled: true, .. } => Lifecycle::Disabled,
            Self { confirmed: true, .. } => Lifecycle::Active,
            _ => Lifecycle::Unconfirmed,
        }
    }

    /// Whether it is confirmed and not disabled: the `active` of an MFA API.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self.lifecycle(), Lifecycle::Active)
    }

    /// The lowest moving factor that is still acceptable. `None` after `u64::MAX`: the key has no
    /// code left and has to be replaced.
    ///
    /// A time step that lies far above the one of now means that the clock stood in the future when
    /// a code was accepted. No code is accepted until time has caught up: then compare and decide.
    #[must_use]
    pub const fn next_factor(self) -> Option<u64> {
        match self.last {
            None => Some(0),
            Some(last) => last.checked_add(1),
        }
    }

    /// How many time steps the client's clock is known to be off; negative where it is behind (RFC
    /// 6238 section 6). −1000 to 1000, and 0 unless drift is learned or the client was
    /// resynchronised.
    #[must_use]
    pub const fn drift(self) -> i16 {
        self.drift
    }

    /// Failures in a row.
    #[must_use]
    pub const fn failures(self) -> u32 {
        self.failures.count
    }

    /// Until when nothing is tried, in seconds of Unix time, if that is after `now`.
    #[must_use]
    pub fn locked_until(self, now: u64) -> Option<u64> {
        self.failures.locked_until(now)
    }

    /// Disabled by the host, for a device that was lost.
    #[must_use]
    pub const fn disable(mut self) -> Self {
        self.disabled = true;
        self
    }

    /// What an administrator does for a user who is locked out or disabled: no failures, no wait,
    /// enabled. What is used up stays used up, the drift stays, and an authenticator that was never
    /// confirmed still is not.
    ///
    /// The count is what keeps a guesser out, so whoever calls this has made sure who is asking.
    #[must_use]
    pub const fn reset(mut self) -> Self {
        self.failures = Failures { count: 0, wait_until: 0 };
        self.disabled = false;
        self
    }

    /// Joins the states of two replicas: the higher moving factor and its drift, the more failures, the
    /// longer wait; disabled where either is, confirmed where either is. What is used up in either stays
    /// used up, and while either is locked or disabled nothing is tried.
    ///
    /// In any order and grouping, and as often as you like, it gives the same. That also means that
    /// a success or a [reset](Self::reset) does not clear the failures that another replica still
    /// remembers. Replicas that merge cannot keep a code one-time between two merges: only one store
    /// that compares and swaps can.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let (last, drift) = (self.last, self.drift).max((other.last, other.drift));
        Self {
            last,
            drift,
            failures: self.failures.merge(other.failures),
            confirmed: self.confirmed | other.confirmed,
            disabled: self.disabled | other.disabled,
        }
    }

    /// The byte form, the same for the same state. All numbers are big-endian:
    ///
    /// | bytes | |
    /// |---|---|
    /// | 0 | version, 1 |
    /// | 1 | flags: 1 confirmed, 2 disabled, 4 a moving factor is used up |
    /// | 2–3 | drift in steps, two's complement |
    /// | 4–7 | failures in a row |
    /// | 8–15 | the last moving factor that is used up, 0 without the flag |
    /// | 16–23 | wait until, seconds of Unix time |
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let flag = |set, flag| if set { flag } else { 0 };
        let flags = flag(self.confirmed, CONFIRMED)
            | flag(self.disabled, DISABLED)
            | flag(self.last.is_some(), USED);
        let mut bytes = [0; Self::LEN];
        let fields: [&[u8]; 5] = [
            &[VERSION, flags],
            &self.drift.to_be_bytes(),
            &self.failures.count.to_be_bytes(),
            &self.last.unwrap_or_default().to_be_bytes(),
            &self.failures.wait_until.to_be_bytes(),
        ];
        for (slot, byte) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
            *slot = *byte;
        }
        bytes
    }

    /// Reads the byte form.
    ///
    /// # Errors
    /// [`StateError::Length`] for another number of bytes than [`LEN`](Self::LEN),
    /// [`StateError::Version`] for a version that this one does not know, [`StateError::Impossible`]
    /// for what no state is written as.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let &[version, ref rest @ ..] = bytes else { return Err(StateError::Length) };
        if version != VERSION {
            return Err(StateError::Version);
        }
        let (flags, rest) = field::<1>(rest)?;
        let (drift, rest) = field(rest)?;
        let (count, rest) = field(rest)?;
        let (last, rest) = field(rest)?;
        let (wait_until, []) = field(rest)? else { return Err(StateError::Length) };

        let [flags] = flags;
        let last = u64::from_be_bytes(last);
        let state = Self {
            last: (flags & USED != 0).then_some(last),
            drift: i16::from_be_bytes(drift),
            failures: Failures {
                count: u32::from_be_bytes(count),
                wait_until: u64::from_be_bytes(wait_until),
            },
            confirmed: flags & CONFIRMED != 0,
            disabled: flags & DISABLED != 0,
        };
        let possible = flags & !(CONFIRMED | DISABLED | USED) == 0
            && (state.last.is_some() || last == 0)
            && (state.last.is_some() || !state.confirmed)
            && (state.confirmed || state.drift == 0)
            && state.drift.unsigned_abs() <= MAX_DRIFT
            && (state.failures.count > 0 || state.failures.wait_until == 0);
        if possible { Ok(state) } else { Err(StateError::Impossible) }
    }
}

fn field<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), StateError> {
    bytes.split_first_chunk().map(|(field, rest)| (*field, rest)).ok_or(StateError::Length)
}

impl Default for VerifierState {
    fn default() -> Self {
        Self::FRESH
    }
}

impl From<VerifierState> for [u8; VerifierState::LEN] {
    fn from(state: VerifierState) -> Self {
        state.to_bytes()
    }
}

impl TryFrom<&[u8]> for VerifierState {
    type Error = StateError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        Self::from_bytes(bytes)
    }
}

/// The byte form, as a tuple of 24 bytes.
#[cfg(feature = "serde")]
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl serde_core::Serialize for VerifierState {
    fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_bytes().serialize(serializer)
    }
}

/// As [`VerifierState::from_bytes`].
#[cfg(feature = "serde")]
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<'de> serde_core::Deserialize<'de> for VerifierState {
    fn deserialize<D: serde_core::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <[u8; Self::LEN]>::deserialize(deserializer)?;
        Self::from_bytes(&bytes).map_err(serde_core::de::Error::custom)
    }
}
