//! The byte format of a state, and serde.

use super::error::StateError;
use super::factor::Factor;
use super::lifecycle::DisabledBy;
use super::state::{MAX_DRIFT, Origin, State};
use super::throttle::Failures;
#[cfg(feature = "serde")]
use crate::stored::{Stored, deserialize, serialize_text};

/// The version that this crate writes.
const VERSION: u8 = 2;
const LEN: usize = 38;
const LEN_1: usize = 24;

const CONFIRMED: u8 = 1;
const DISABLED: u8 = 1 << 1;
const USED: u8 = 1 << 2;
const BY_HOST: u8 = 1 << 3;
const COUNTER: u8 = 1 << 4;
const PENDING: u8 = 1 << 5;
const RECOVERY: u8 = 1 << 6;
const KNOWN: u8 = CONFIRMED | DISABLED | USED | BY_HOST | COUNTER | PENDING | RECOVERY;

/// The largest drift in version 1, in steps.
const MAX_DRIFT_1: u16 = 1000;

/// The bytes of a [`State`]. Store them as they are: `state.to_bytes().as_ref()`.
///
/// Their number depends on the version, and is at most [`StateBytes::MAX_LEN`]. This version writes
/// 38 bytes, with all numbers in big-endian order:
///
/// | bytes | |
/// |---|---|
/// | 0 | version, 2 |
/// | 1 | flags: 1 confirmed, 2 disabled, 4 a moving factor or a recovery code is used, 8 disabled by the host, 16 counters, 32 resynchronised, 64 recovery codes |
/// | 2–3 | drift in steps, two's complement |
/// | 4–7 | failures in a row |
/// | 8–15 | the last used moving factor, or the last redemption of a recovery code, counted from 0; 0 without the flag |
/// | 16–23 | wait until, seconds of Unix time |
/// | 24–31 | the budget is full at, seconds of Unix time |
/// | 32–35 | the period of a clock in seconds, 0 for counters and recovery codes, and while it is unknown |
/// | 36–37 | drift in steps that a resynchronisation found, two's complement, 0 without the flag |
///
/// Version 1 had the first 24 of them. This crate reads it too. A state that was read from version
/// 1 is written in version 1 until it has something that version 1 cannot express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StateBytes {
    /// The bytes after the length are zero.
    bytes: [u8; LEN],
    len: u8,
}

impl StateBytes {
    /// The largest number of bytes of a state in any version: 64. In a record of a fixed size,
    /// store the number of bytes too, because bytes with padding after them cannot be read.
    pub const MAX_LEN: usize = 64;

    pub(super) fn of(state: State) -> Self {
        let version_1 = is_version_1(state);
        let (version, len) = if version_1 { (1, LEN_1) } else { (VERSION, LEN) };
        let by_host = state.disabled == Some(DisabledBy::Host) && !version_1;
        let flag = |set, flag| if set { flag } else { 0 };
        let flags = flag(state.confirmed, CONFIRMED)
            | flag(state.disabled.is_some(), DISABLED)
            | flag(state.last.is_some(), USED)
            | flag(by_host, BY_HOST)
            | flag(state.factor == Factor::Counter, COUNTER)
            | flag(state.pending.is_some(), PENDING)
            | flag(state.factor == Factor::Recovery, RECOVERY);
        let period = if let Factor::Clock { period } = state.factor { period } else { 0 };
        let mut bytes = [0; LEN];
        let mut rest = bytes.as_mut_slice();
        put(&mut rest, [version, flags]);
        put(&mut rest, state.drift.to_be_bytes());
        put(&mut rest, state.failures.count.to_be_bytes());
        put(&mut rest, state.last.unwrap_or_default().to_be_bytes());
        put(&mut rest, state.failures.wait_until.to_be_bytes());
        put(&mut rest, state.failures.full_at.to_be_bytes());
        put(&mut rest, period.to_be_bytes());
        put(&mut rest, state.pending.unwrap_or_default().to_be_bytes());
        let [.., len] = len.to_be_bytes();
        Self { bytes, len }
    }
}

/// Writes a field. There is space for all of them.
fn put<const N: usize>(rest: &mut &mut [u8], field: [u8; N]) {
    if let Some((place, behind)) = core::mem::take(rest).split_first_chunk_mut() {
        *place = field;
        *rest = behind;
    }
}

/// Reads a field. All of them exist.
fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let (field, behind) = rest.split_first_chunk().unwrap_or((&[0; N], &[]));
    *rest = behind;
    *field
}

/// Returns whether the state was read from version 1 and has nothing that version 1 cannot express.
fn is_version_1(state: State) -> bool {
    let Failures { count, full_at, .. } = state.failures;
    matches!(state.origin, Origin::Version1)
        && full_at == 0
        && state.factor == Factor::Unknown
        && state.pending.is_none()
        && state.drift.unsigned_abs() <= MAX_DRIFT_1
        && state.disabled.is_none_or(|by| by == disabled_by(count))
        && (state.last.is_some() || !state.confirmed)
        && (state.confirmed || state.drift == 0)
}

/// Version 1 does not store the reason of the disabling. It was a hundred failures, or the host.
fn disabled_by(failures: u32) -> DisabledBy {
    if failures >= 100 { DisabledBy::Failures } else { DisabledBy::Host }
}

impl AsRef<[u8]> for StateBytes {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.len.into()).unwrap_or_default()
    }
}

impl State {
    /// Returns the byte format, for storing.
    ///
    /// Equal states give equal bytes, with one exception. A state that was read from the bytes of
    /// an earlier version is written in that version, so that compare-and-swap finds its row. This
    /// ends when it has something that its version cannot express.
    #[must_use]
    pub fn to_bytes(self) -> StateBytes {
        StateBytes::of(self)
    }

    /// Reads the byte format of this version, and of earlier versions.
    ///
    /// # Errors
    /// - [`StateError::Length`] if the number of bytes does not fit the version.
    /// - [`StateError::Version`] if a later version of this crate wrote it.
    /// - [`StateError::Impossible`] for bytes that are never written.
    ///
    /// Do not start with a new state in any of these cases: a new state accepts used codes again.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let (len, known, max_drift) = match bytes.first() {
            None => return Err(StateError::Length),
            Some(1) => (LEN_1, CONFIRMED | DISABLED | USED, MAX_DRIFT_1),
            Some(&VERSION) => (LEN, KNOWN, MAX_DRIFT),
            Some(_) => return Err(StateError::Version),
        };
        // Version 1 is this version without its last fields.
        let mut fields = [0; LEN];
        match fields.get_mut(..len) {
            Some(place) if bytes.len() == len => place.copy_from_slice(bytes),
            _ => return Err(StateError::Length),
        }
        let mut rest = fields.as_slice();
        let [_, flags] = take(&mut rest);
        let drift = i16::from_be_bytes(take(&mut rest));
        let count = u32::from_be_bytes(take(&mut rest));
        let last = u64::from_be_bytes(take(&mut rest));
        let wait_until = u64::from_be_bytes(take(&mut rest));
        let full_at = u64::from_be_bytes(take(&mut rest));
        let period = u32::from_be_bytes(take(&mut rest));
        let pending = i16::from_be_bytes(take(&mut rest));

        let is = |flag| flags & flag != 0;
        let is_version_1 = len == LEN_1;
        let possible = flags & !known == 0
            && (is(USED) || last == 0)
            && (count > 0 || wait_until == 0)
            && (is(DISABLED) || !is(BY_HOST))
            && (period == 0 || !(is(COUNTER) || is(RECOVERY)))
            // A state of recovery codes is confirmed from the start. It never gets a counter or a
            // drift.
            && (!is(RECOVERY) || (is(CONFIRMED) && flags & (COUNTER | PENDING) == 0 && drift == 0))
            // Only a clock is resynchronised in this way.
            && if is(PENDING) { is(USED) && period > 0 } else { pending == 0 }
            && drift.unsigned_abs().max(pending.unsigned_abs()) <= max_drift
            // Version 1 did not write a drift before a code was accepted.
            && (!is_version_1 || if is(CONFIRMED) { is(USED) } else { drift == 0 });
        if !possible {
            return Err(StateError::Impossible);
        }
        let by = match (is_version_1, is(BY_HOST)) {
            (true, _) => disabled_by(count),
            (false, true) => DisabledBy::Host,
            (false, false) => DisabledBy::Failures,
        };
        Ok(Self {
            last: is(USED).then_some(last),
            drift,
            pending: is(PENDING).then_some(pending),
            failures: Failures { count, wait_until, full_at },
            confirmed: is(CONFIRMED),
            disabled: is(DISABLED).then_some(by),
            factor: match (flags & (COUNTER | RECOVERY), period) {
                (COUNTER, _) => Factor::Counter,
                (RECOVERY, _) => Factor::Recovery,
                (_, 0) => Factor::Unknown,
                (_, period) => Factor::Clock { period },
            },
            origin: if is_version_1 { Origin::Version1 } else { Origin::Current },
        })
    }
}

impl TryFrom<&[u8]> for State {
    type Error = StateError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        Self::from_bytes(bytes)
    }
}

/// Serialises as hexadecimal text in formats that people read, such as JSON. All other formats have
/// the [byte format](StateBytes).
#[cfg(feature = "serde")]
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl serde_core::Serialize for State {
    fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.to_bytes();
        if serializer.is_human_readable() {
            serialize_text(bytes.as_ref(), &mut [0; 2 * StateBytes::MAX_LEN], serializer)
        } else {
            serializer.serialize_bytes(bytes.as_ref())
        }
    }
}

/// Reads hexadecimal text, bytes or a list of bytes, and checks like [`State::from_bytes`]. A
/// missing field of this type is an error, because there is no default.
#[cfg(feature = "serde")]
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<'de> serde_core::Deserialize<'de> for State {
    fn deserialize<D: serde_core::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize::<_, _, { StateBytes::MAX_LEN }>(deserializer, D::deserialize_bytes)
    }
}

#[cfg(feature = "serde")]
impl Stored for State {
    const NAME: &'static str = "a verifier state";
    type Error = StateError;

    fn read(bytes: &[u8]) -> Result<Self, StateError> {
        Self::from_bytes(bytes)
    }
}
