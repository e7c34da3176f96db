//! The byte form of a state, and serde.

use super::state::{DisabledBy, Factor, MAX_DRIFT, Origin, VerifierState};
use crate::error::StateError;
use crate::throttle::Failures;

/// The version that this one writes.
const VERSION: u8 = 2;
const LEN: usize = 36;
const LEN_1: usize = 24;

const CONFIRMED: u8 = 1;
const DISABLED: u8 = 1 << 1;
const USED: u8 = 1 << 2;
const BY_HOST: u8 = 1 << 3;
const COUNTER: u8 = 1 << 4;
const RECOVERY: u8 = 1 << 5;

/// The bytes of a [`VerifierState`]. Store them as they are: `state.to_bytes().as_ref()`.
///
/// Their number depends on the version, and is at most [`StateBytes::MAX_LEN`]. This version writes 36 bytes, with
/// all numbers in big-endian order:
///
/// | bytes | |
/// |---|---|
/// | 0 | version, 2 |
/// | 1 | flags: 1 confirmed, 2 disabled, 4 a moving factor is used up, 8 disabled by the host, 16 counters, 32 recovery codes |
/// | 2–3 | drift in steps, two's complement |
/// | 4–7 | failures in a row |
/// | 8–15 | the last moving factor that is used up, 0 without the flag |
/// | 16–23 | wait until, seconds of Unix time |
/// | 24–31 | the budget is full at, seconds of Unix time |
/// | 32–35 | the period of a clock in seconds, 0 for counters and recovery codes, and if it is not known yet |
///
/// Version 1 had the first 24 of them. It is read, and a state that was read from it is written so until it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StateBytes {
    /// Zeros behind the length.
    bytes: [u8; LEN],
    len: u8,
}

impl StateBytes {
    /// The most bytes of a state in any version: 64. In a record of a fixed size, store their number too: bytes with
    /// padding behind them are not read.
    pub const MAX_LEN: usize = 64;

    pub(super) fn of(state: VerifierState) -> Self {
        let version_1 = is_version_1(state);
        let (version, len) = if version_1 { (1, LEN_1) } else { (VERSION, LEN) };
        let by_host = state.disabled == Some(DisabledBy::Host) && !version_1;
        let flag = |set, flag| if set { flag } else { 0 };
        let flags = flag(state.confirmed, CONFIRMED)
            | flag(state.disabled.is_some(), DISABLED)
            | flag(state.last.is_some(), USED)
            | flag(by_host, BY_HOST)
            | flag(state.factor == Factor::Counter, COUNTER)
            | flag(state.factor == Factor::Recovery, RECOVERY);
        let period = if let Factor::Clock { period } = state.factor { period } else { 0 };
        let mut bytes = [0; LEN];
        let fields: [&[u8]; 7] = [
            &[version, flags],
            &state.drift.to_be_bytes(),
            &state.failures.count.to_be_bytes(),
            &state.last.unwrap_or_default().to_be_bytes(),
            &state.failures.wait_until.to_be_bytes(),
            &state.failures.full_at.to_be_bytes(),
            &period.to_be_bytes(),
        ];
        for (slot, byte) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
            *slot = *byte;
        }
        let [.., len] = len.to_be_bytes();
        Self { bytes, len }
    }
}

/// Whether the state was read from version 1 and has nothing that version 1 could not say.
fn is_version_1(state: VerifierState) -> bool {
    let Failures { count, full_at, .. } = state.failures;
    matches!(state.origin, Origin::Version1)
        && full_at == 0
        && state.factor == Factor::Unknown
        && state.disabled.is_none_or(|by| by == disabled_by(count))
        && (state.last.is_some() || !state.confirmed)
        && (state.confirmed || state.drift == 0)
}

/// Version 1 did not say who had disabled it. A hundred failures did, or the host.
fn disabled_by(failures: u32) -> DisabledBy {
    if failures >= 100 { DisabledBy::Failures } else { DisabledBy::Host }
}

impl AsRef<[u8]> for StateBytes {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.len.into()).unwrap_or_default()
    }
}

impl VerifierState {
    /// Reads the byte form of this version, and of those before it.
    ///
    /// # Errors
    /// [`StateError::Length`] for another number of bytes than a state of its version has,
    /// [`StateError::Version`] if a later version of this crate wrote it, [`StateError::Impossible`]
    /// for bytes that no state is written as. None of these is a reason to begin anew: a new state accepts used codes
    /// again.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let &[version, ref rest @ ..] = bytes else { return Err(StateError::Length) };
        let (flags, rest) = field::<1>(rest)?;
        let [flags] = flags;
        match version {
            1 => {
                let (state, rest) = common(flags, rest)?;
                let disabled = state.disabled.map(|_| disabled_by(state.failures.count));
                let state = Self { disabled, origin: Origin::Version1, ..state };
                // It wrote no drift before a code was accepted.
                let possible = flags & !(CONFIRMED | DISABLED | USED) == 0
                    && (state.last.is_some() || !state.confirmed)
                    && (state.confirmed || state.drift == 0);
                finish(state, rest, possible)
            }
            2 => {
                let (state, rest) = common(flags, rest)?;
                let (full_at, rest) = field(rest)?;
                let (period, rest) = field(rest)?;
                let factor = match (flags & (COUNTER | RECOVERY), u32::from_be_bytes(period)) {
                    (0, 0) => Factor::Unknown,
                    (0, period) => Factor::Clock { period },
                    (COUNTER, 0) => Factor::Counter,
                    // It is born confirmed, and nothing gives it a moving factor.
                    (RECOVERY, 0) if flags & CONFIRMED != 0 => Factor::Recovery,
                    _ => return Err(StateError::Impossible),
                };
                let full_at = u64::from_be_bytes(full_at);
                let failures = Failures { full_at, ..state.failures };
                let possible =
                    flags & !(CONFIRMED | DISABLED | USED | BY_HOST | COUNTER | RECOVERY) == 0
                        && (flags & BY_HOST == 0 || flags & DISABLED != 0);
                finish(Self { failures, factor, ..state }, rest, possible)
            }
            _ => Err(StateError::Version),
        }
    }
}

/// Reads the fields that both versions have, behind the flags.
fn common(flags: u8, rest: &[u8]) -> Result<(VerifierState, &[u8]), StateError> {
    let (drift, rest) = field(rest)?;
    let (count, rest) = field(rest)?;
    let (last, rest) = field(rest)?;
    let (wait_until, rest) = field(rest)?;
    let last = u64::from_be_bytes(last);
    if flags & USED == 0 && last != 0 {
        return Err(StateError::Impossible);
    }
    let by = if flags & BY_HOST == 0 { DisabledBy::Failures } else { DisabledBy::Host };
    let state = VerifierState {
        last: (flags & USED != 0).then_some(last),
        drift: i16::from_be_bytes(drift),
        failures: Failures {
            count: u32::from_be_bytes(count),
            wait_until: u64::from_be_bytes(wait_until),
            full_at: 0,
        },
        confirmed: flags & CONFIRMED != 0,
        disabled: (flags & DISABLED != 0).then_some(by),
        factor: Factor::Unknown,
        origin: Origin::Current,
    };
    Ok((state, rest))
}

fn finish(state: VerifierState, rest: &[u8], possible: bool) -> Result<VerifierState, StateError> {
    if !rest.is_empty() {
        return Err(StateError::Length);
    }
    let possible = possible
        && state.drift.unsigned_abs() <= MAX_DRIFT
        && (state.failures.count > 0 || state.failures.wait_until == 0);
    if possible { Ok(state) } else { Err(StateError::Impossible) }
}

fn field<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), StateError> {
    bytes.split_first_chunk().map(|(field, rest)| (*field, rest)).ok_or(StateError::Length)
}

impl TryFrom<&[u8]> for VerifierState {
    type Error = StateError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        Self::from_bytes(bytes)
    }
}

/// As the [byte form](StateBytes).
#[cfg(feature = "serde")]
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl serde_core::Serialize for VerifierState {
    fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.to_bytes().as_ref())
    }
}

/// As [`VerifierState::from_bytes`]. A field of this type that is missing is an error: there is no default.
#[cfg(feature = "serde")]
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<'de> serde_core::Deserialize<'de> for VerifierState {
    fn deserialize<D: serde_core::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(Read)
    }
}

#[cfg(feature = "serde")]
struct Read;

#[cfg(feature = "serde")]
impl<'de> serde_core::de::Visitor<'de> for Read {
    type Value = VerifierState;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the bytes of a verifier state")
    }

    fn visit_bytes<E: serde_core::de::Error>(self, bytes: &[u8]) -> Result<VerifierState, E> {
        VerifierState::from_bytes(bytes).map_err(E::custom)
    }

    fn visit_seq<A: serde_core::de::SeqAccess<'de>>(
        self,
        mut bytes: A,
    ) -> Result<VerifierState, A::Error> {
        let mut read = [0; StateBytes::MAX_LEN];
        let mut len = 0_usize;
        while let Some(byte) = bytes.next_element()? {
            let too_long = || serde_core::de::Error::custom(StateError::Length);
            *read.get_mut(len).ok_or_else(too_long)? = byte;
            len = len.saturating_add(1);
        }
        self.visit_bytes(read.get(..len).unwrap_or_default())
    }
}
