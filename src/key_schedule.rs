//! HMAC of a moving factor, computed directly with the compression functions.
//!
//! The crate does not use the `hmac` crate here. After the key schedule, an HMAC of eight bytes
//! takes two compressions. The cost of a window is then the assembly of blocks around them, not the
//! hashing.
//!
//! This file works in layers. It writes the inner blocks of several moving factors, compresses all
//! of them, and then does the same with the outer blocks. Independent chains then overlap in the
//! processor. No block is read back while its bytes are still on their way to memory, unless one
//! wide instruction wrote what one instruction reads. Compared with cloned `Hmac` values, a window
//! takes half the time, and the stored state takes a third of the space.
//!
//! `tests/it/hmac.rs` compares the results with `hmac` for every hash, and for key lengths over
//! several blocks.

use core::convert::{Infallible, identity};
use core::fmt;
use core::hint::black_box;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::algorithm::{Algorithm, AlgorithmError};
use crate::ct::{Stack, scrubbed, wipe};
use crate::hash::{Hash, Sha1, Word};
#[cfg(feature = "sha2")]
use crate::hash::{Sha256, Sha512};
use crate::hmac_key::{HmacKey, LANES, Truncated};
use crate::secret::Secret;
use crate::sha1::FOR_SPEED;

/// The HMAC key schedule of one shared secret, computed once. Engines use it unless they are given
/// another [`HmacKey`](crate::HmacKey).
///
/// It holds the hash states after the inner and after the outer key block (RFC 2104 section 4). So
/// each code costs two compressions, and the shared secret itself need not be kept. These states
/// are as valuable as the secret: they are wiped when dropped, and cannot be printed or cloned.
/// They take 40 bytes if only SHA-1 is built in, and 136 bytes if SHA-512 is too.
///
/// # What is wiped
/// - The key schedule is wiped when it is dropped. A move leaves a copy behind that nothing wipes.
/// - Preparing a key leaves no key, key block or hash state on the stack. The constructors
///   overwrite the stack that they used, up to 4 KB. On 32-bit processors without an operating
///   system they wipe only the key block. The firmware must scrub its stack there, as
///   `examples/hardware-token` does.
/// - Computing a code may leave words of the hash states on the stack, in the frames of the hash
///   function. It leaves the HMACs there.
///
/// Any key length works in [`from_raw_key`](Self::from_raw_key):
///
/// ```
/// use otp_core::{Algorithm, Hotp, KeySchedule};
///
/// let key = [0x5a; 300];
/// let hotp = Hotp::from_key(KeySchedule::from_raw_key(Algorithm::Sha1, &key)?);
/// assert_eq!(hotp.code(0).to_string(), "801415");
/// # Ok::<(), otp_core::AlgorithmError>(())
/// ```
pub struct KeySchedule(Kind);

enum Kind {
    Sha1(Midstates<Sha1>),
    #[cfg(feature = "sha2")]
    Sha256(Midstates<Sha256>),
    #[cfg(feature = "sha2")]
    Sha512(Midstates<Sha512>),
}

impl KeySchedule {
    /// Prepares a shared secret.
    ///
    /// # Errors
    /// [`AlgorithmError::NotBuiltIn`] for SHA-256 and SHA-512 without the feature `sha2`.
    pub fn new(algorithm: Algorithm, secret: &Secret) -> Result<Self, AlgorithmError> {
        Self::from_raw_key(algorithm, secret.expose_bytes())
    }

    /// Prepares a key of any length, without copying it. A key longer than the hash's block (64
    /// bytes, or 128 for SHA-512) is hashed first (RFC 2104 section 2).
    ///
    /// Unlike [`Secret`], this function does not check that the key is long enough. RFC 4226
    /// section 4 (R6) requires at least 128 bits. HMAC is also defined for an empty key, and
    /// anybody can compute its codes, so check the key before you pass it.
    ///
    /// # Errors
    /// [`AlgorithmError::NotBuiltIn`] for SHA-256 and SHA-512 without the feature `sha2`.
    pub fn from_raw_key(algorithm: Algorithm, key: &[u8]) -> Result<Self, AlgorithmError> {
        Self::wrapped(algorithm, key, identity, identity)
    }

    /// Prepares a key, and returns the result of `wrap` with the key schedule. No copy of the key,
    /// of its key blocks or of the key schedule is left on the stack.
    #[inline(always)]
    pub(crate) fn wrapped<T, E>(
        algorithm: Algorithm,
        key: &[u8],
        wrap: impl FnOnce(Self) -> T,
        #[cfg_attr(feature = "sha2", expect(unused_variables, reason = "all are built in"))]
        fail: impl FnOnce(AlgorithmError) -> E,
    ) -> Result<T, E> {
        let stack = match algorithm {
            Algorithm::Sha1 => Stack::OneKilobyte,
            #[cfg(feature = "sha2")]
            Algorithm::Sha256 => Stack::TwoKilobytes,
            #[cfg(feature = "sha2")]
            Algorithm::Sha512 => Stack::FourKilobytes,
            #[cfg(not(feature = "sha2"))]
            _ => Stack::OneKilobyte,
        };
        // Each arm makes the whole return value. A value that the arms share would be copied.
        scrubbed(stack, || match algorithm {
            Algorithm::Sha1 => Ok(wrap(Self(Kind::Sha1(Midstates::new(key))))),
            #[cfg(feature = "sha2")]
            Algorithm::Sha256 => Ok(wrap(Self(Kind::Sha256(Midstates::new(key))))),
            #[cfg(feature = "sha2")]
            Algorithm::Sha512 => Ok(wrap(Self(Kind::Sha512(Midstates::new(key))))),
            #[cfg(not(feature = "sha2"))]
            Algorithm::Sha256 | Algorithm::Sha512 => Err(fail(AlgorithmError::NotBuiltIn)),
        })
    }

    /// Writes the whole HMAC of one moving factor, and returns the part of `hmac` that it fills:
    /// 20, 32 or 64 bytes.
    ///
    /// Token protocols need it beside the code: a challenge of eight bytes is a moving factor,
    /// highest byte first. All codes of the moving factor follow from the HMAC, so wipe it after
    /// use.
    ///
    /// ```
    /// use otp_core::{Algorithm, KeySchedule, Truncated};
    ///
    /// let key = KeySchedule::from_raw_key(Algorithm::Sha1, b"12345678901234567890")?;
    /// let mut hmac = [0; 64];
    /// // The first row of RFC 4226 appendix D.
    /// let hmac = key.expose_hmac(0, &mut hmac);
    /// assert_eq!(hmac[..4], [0xcc, 0x93, 0xcf, 0x18]);
    /// assert_eq!(hmac.len(), 20);
    /// # Ok::<(), otp_core::AlgorithmError>(())
    /// ```
    #[must_use]
    pub fn expose_hmac<'a>(&self, moving_factor: u64, hmac: &'a mut [u8; 64]) -> &'a [u8] {
        match &self.0 {
            Kind::Sha1(midstates) => midstates.write_hmac(moving_factor, hmac),
            #[cfg(feature = "sha2")]
            Kind::Sha256(midstates) => midstates.write_hmac(moving_factor, hmac),
            #[cfg(feature = "sha2")]
            Kind::Sha512(midstates) => midstates.write_hmac(moving_factor, hmac),
        }
    }

    /// Prepares a key like [`wrapped`](Self::wrapped), for HMAC-SHA-1.
    pub(crate) fn wrapped_sha1<T>(key: &[u8], wrap: impl FnOnce(Self) -> T) -> T {
        scrubbed(Stack::OneKilobyte, || wrap(Self(Kind::Sha1(Midstates::new(key)))))
    }

    /// Returns the hash function that HMAC uses.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            Kind::Sha1(_) => Algorithm::Sha1,
            #[cfg(feature = "sha2")]
            Kind::Sha256(_) => Algorithm::Sha256,
            #[cfg(feature = "sha2")]
            Kind::Sha512(_) => Algorithm::Sha512,
        }
    }
}

impl HmacKey for KeySchedule {
    type Error = Infallible;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Infallible> {
        let mut out = [Truncated::UNWRITTEN];
        self.truncated_batch(&[moving_factor], &mut out)?;
        let [truncated] = out;
        Ok(truncated)
    }

    fn truncated_batch(
        &self,
        moving_factors: &[u64],
        answers: &mut [Truncated],
    ) -> Result<(), Infallible> {
        match &self.0 {
            Kind::Sha1(midstates) => midstates.run(moving_factors, answers),
            #[cfg(feature = "sha2")]
            Kind::Sha256(midstates) => midstates.run(moving_factors, answers),
            #[cfg(feature = "sha2")]
            Kind::Sha512(midstates) => midstates.run(moving_factors, answers),
        }
        Ok(())
    }
}

impl ZeroizeOnDrop for KeySchedule {}

impl fmt::Debug for KeySchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySchedule").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

/// The hash states after the inner and after the outer key block.
struct Midstates<H: Hash> {
    inner: H::State,
    outer: H::State,
}

impl<H: Hash> Midstates<H> {
    /// It is not inlined, so that no returned value is in memory that the hash function used.
    /// Unused bytes of an enum are copied with the rest of it.
    #[cfg_attr(not(all(target_os = "none", not(target_pointer_width = "64"))), inline(never))]
    fn new(key: &[u8]) -> Self {
        let mut block = H::EMPTY;
        let mut inner = H::IV;
        if key.len() <= H::BLOCK_LEN {
            write_key(block.as_mut(), key);
        } else {
            // The hash is computed in the inner state, so that there is no second state to wipe.
            digest::<H>(key, &mut inner);
            H::Word::write(inner.as_ref(), block.as_mut());
            inner = H::IV;
        }
        // RFC 2104 section 2: ipad is 0x36, opad 0x5c.
        xor(block.as_mut(), 0x36);
        H::compress(&mut inner, &block);
        let mut outer = H::IV;
        xor(block.as_mut(), 0x36 ^ 0x5c);
        H::compress(&mut outer, &block);
        wipe(&mut block, H::EMPTY);
        Self { inner, outer }
    }

    /// Writes one whole HMAC.
    fn write_hmac<'a>(&self, moving_factor: u64, hmac: &'a mut [u8; 64]) -> &'a [u8] {
        let mut block = H::INNER;
        copy(&moving_factor.to_be_bytes(), block.as_mut());
        let mut state = self.inner;
        H::compress(&mut state, &block);
        block = H::OUTER;
        H::Word::write(state.as_ref(), block.as_mut());
        state = self.outer;
        H::compress(&mut state, &block);
        H::Word::write(state.as_ref(), hmac);
        let (written, _) = hmac.split_at_checked(size_of::<H::State>()).unwrap_or_default();
        written
    }

    fn run(&self, moving_factors: &[u64], answers: &mut [Truncated]) {
        const AT_ONCE: usize = if FOR_SPEED { LANES } else { 1 };
        let answers = answers.chunks_mut(AT_ONCE);
        for (factors, answers) in moving_factors.chunks(AT_ONCE).zip(answers) {
            // Each number of lanes has its own code. Code that counts them at run time would slow
            // down all of them.
            self.all::<1>(factors, answers);
            if FOR_SPEED {
                self.all::<2>(factors, answers);
                self.all::<3>(factors, answers);
                self.all::<4>(factors, answers);
                self.all::<5>(factors, answers);
                self.all::<6>(factors, answers);
            }
        }
    }

    /// Calls [`layer`](Self::layer) if there are `L` moving factors.
    fn all<const L: usize>(&self, moving_factors: &[u64], answers: &mut [Truncated]) {
        if let (Ok(factors), Ok(answers)) = (moving_factors.try_into(), answers.try_into()) {
            self.layer::<L>(factors, answers);
        }
    }

    /// Writes all inner blocks before it compresses the first, and all outer blocks before it
    /// compresses the first of those.
    fn layer<const L: usize>(&self, moving_factors: &[u64; L], answers: &mut [Truncated; L]) {
        let mut blocks = [H::INNER; L];
        let mut states = [self.inner; L];
        for (block, factor) in blocks.iter_mut().zip(moving_factors) {
            write_factor(block.as_mut(), *factor);
        }
        for (block, state) in blocks.iter_mut().zip(&mut states) {
            H::compress(state, block);
            *block = H::OUTER;
            H::Word::write(state.as_ref(), block.as_mut());
            *state = self.outer;
        }
        for (block, state) in blocks.iter().zip(&mut states) {
            H::compress(state, block);
        }
        for (state, answer) in states.iter().zip(answers) {
            *answer = H::Word::truncate(state.as_ref());
        }
    }
}

impl<H: Hash> Drop for Midstates<H> {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// Hashes a key that is longer than a block (FIPS 180-4 sections 5.1 and 6). `state` must be the
/// initial state.
fn digest<H: Hash>(key: &[u8], state: &mut H::State) {
    let mut block = H::EMPTY;
    let mut chunks = key.chunks_exact(H::BLOCK_LEN);
    for chunk in &mut chunks {
        copy(chunk, block.as_mut());
        H::compress(state, &block);
    }
    let tail = chunks.remainder();
    block = H::EMPTY;
    copy(tail, block.as_mut());
    if let Some(after) = block.as_mut().get_mut(tail.len()) {
        *after = 0x80;
    }
    // The length field takes an eighth of a block. No key has 2^61 bytes, so eight bytes of the
    // field hold the number of bits.
    if tail.len() >= H::BLOCK_LEN.saturating_sub(H::BLOCK_LEN / 8) {
        H::compress(state, &block);
        block = H::EMPTY;
    }
    if let Some(bits) = block.as_mut().last_chunk_mut() {
        *bits = (key.len() as u64).wrapping_mul(8).to_be_bytes();
    }
    H::compress(state, &block);
    wipe(&mut block, H::EMPTY);
}

/// Writes a moving factor into an inner block that already has its padding. The first bit of the
/// padding follows the moving factor.
fn write_factor(block: &mut [u8], moving_factor: u64) {
    if !FOR_SPEED {
        copy(&moving_factor.to_be_bytes(), block);
    } else if let Some(place) = block.first_chunk_mut() {
        write_wide(place, [moving_factor.to_be(), 0x80_u64.to_le()]);
    }
}

/// Writes a key at the start of an empty block.
fn write_key(block: &mut [u8], key: &[u8]) {
    if !FOR_SPEED {
        return copy(key, block);
    }
    let (whole, end) = key.as_chunks::<16>();
    let mut places = block.as_chunks_mut().0.iter_mut();
    for (whole, place) in whole.iter().zip(&mut places) {
        *place = *whole;
    }
    if let (Some(place), [_, ..]) = (places.next(), end) {
        let (low, high) = words(end);
        write_wide(place, [low, high]);
    }
}

/// Returns the two words of up to 16 bytes. It is not inlined, so that both words are returned in
/// registers.
#[inline(never)]
fn words(bytes: &[u8]) -> (u64, u64) {
    let word = |bytes: &[u8]| {
        bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)).to_le()
    };
    let (low, high) = bytes.split_at(bytes.len().min(8));
    (word(low), word(high))
}

/// Writes two words with one instruction, if the processor has registers of that width.
///
/// The hash reads its block back immediately, sixteen bytes at a time. A processor forwards these
/// bytes if one instruction wrote them. Otherwise it waits for all earlier work, which takes as
/// long as a compression. The words are merged with zeros that the optimiser cannot see, so that it
/// holds both in one register.
fn write_wide(place: &mut [u8; 16], words: [u64; 2]) {
    const ZEROS: [[u64; 2]; 2] = [[0; 2]; 2];
    let halves = place.as_chunks_mut().0.iter_mut();
    let [zeros, more] = black_box(&ZEROS);
    for (((half, word), zeros), more) in halves.zip(words).zip(zeros).zip(more) {
        *half = (word ^ zeros ^ more).to_ne_bytes();
    }
}

fn copy(from: &[u8], to: &mut [u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

fn xor(block: &mut [u8], pad: u8) {
    for byte in block {
        *byte ^= pad;
    }
}
