//! Where HMAC is computed, as a seam; and dynamic truncation.

use core::fmt;

use crate::ct::{Mask, Modulus};
pub(crate) use crate::sha1::LANES;

/// Computes HMAC of a moving factor under one key, and truncates it.
///
/// The engines are generic over this trait, so that the key can live where it is safest.
/// Their default is [`KeySchedule`](crate::KeySchedule), which computes in software. A secure
/// element or a hash peripheral that holds the key implements this trait instead: it computes
/// HMAC of the eight bytes `moving_factor.to_be_bytes()`, and [`Truncated::from_hmac`] does the
/// rest. A peripheral behind a bus that wants `&mut` goes into a `RefCell` or a mutex.
///
/// ```
/// use core::cell::RefCell;
/// use otp_core::{Hotp, HmacKey, Truncated};
///
/// # struct Bus;
/// # #[derive(Debug)] struct BusError;
/// # impl Bus {
/// #     fn hmac_sha1(&mut self, _slot: u8, message: [u8; 8]) -> Result<[u8; 20], BusError> {
/// #         if message == [0; 8] { Ok([7; 20]) } else { Err(BusError) }
/// #     }
/// # }
/// struct SecureElement {
///     bus: RefCell<Bus>,
///     slot: u8,
/// }
///
/// impl HmacKey for SecureElement {
///     type Error = BusError;
///
///     fn truncated(&self, moving_factor: u64) -> Result<Truncated, BusError> {
///         let hmac = self.bus.borrow_mut().hmac_sha1(self.slot, moving_factor.to_be_bytes())?;
///         Ok(Truncated::from_hmac(&hmac))
///     }
/// }
///
/// let token = Hotp::from_key(SecureElement { bus: RefCell::new(Bus), slot: 3 });
/// let code = token.try_code(0).unwrap();
/// assert_eq!(code.as_bytes().len(), 6);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not compute the HMACs of one-time codes",
    label = "this type does not implement `HmacKey`",
    note = "for a key in software, make an engine from a secret: `Totp::new(&secret)` or `Hotp::new(&secret)`",
    note = "for a key in a secure element, an HSM or a TPM, implement `otp_core::HmacKey`"
)]
pub trait HmacKey {
    /// What can go wrong; [`Infallible`](core::convert::Infallible) in software.
    type Error;

    /// The truncated HMAC of one moving factor (RFC 4226 section 5.3, steps 1 and 2).
    ///
    /// # Errors
    /// Where HMAC could not be computed.
    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Self::Error>;

    /// Writes the truncated HMACs of several moving factors, one into each slot of `answers`, which has as many slots as
    /// there are moving factors: 1 to 6. They rise, and none comes twice.
    ///
    /// The provided method asks for one after the other. Software that gains from working on several at a time does
    /// better, and so does a key that answers a batch in one message.
    ///
    /// An implementation writes every slot: one that is left as it was matches no code.
    /// `conformance::check_key` (feature `conformance`) tests an implementation.
    ///
    /// # Errors
    /// If HMAC could not be computed. The content of `answers` is unspecified then.
    fn truncated_batch(
        &self,
        moving_factors: &[u64],
        answers: &mut [Truncated],
    ) -> Result<(), Self::Error> {
        for (moving_factor, answer) in moving_factors.iter().zip(answers) {
            *answer = self.truncated(*moving_factor)?;
        }
        Ok(())
    }
}

impl<M: HmacKey + ?Sized> HmacKey for &M {
    type Error = M::Error;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Self::Error> {
        (**self).truncated(moving_factor)
    }

    fn truncated_batch(
        &self,
        moving_factors: &[u64],
        answers: &mut [Truncated],
    ) -> Result<(), Self::Error> {
        (**self).truncated_batch(moving_factors, answers)
    }
}

/// The 31 bits that dynamic truncation takes out of an HMAC (RFC 4226 section 5.3): from them all
/// digits of the code follow, so they are as secret as the code.
#[derive(Clone, Copy)]
pub struct Truncated(u32);

impl Truncated {
    /// What a slot holds before [`HmacKey::truncated_batch`] has written it. It matches no code, so that an answer which is
    /// left unwritten lets nobody in.
    pub const UNWRITTEN: Self = Self(u32::MAX);

    /// Takes the number itself; its highest bit is dropped, as truncation does.
    ///
    /// For hardware that truncates on its own, and for tests.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits & 0x7fff_ffff)
    }

    /// Truncates an HMAC of 20, 32 or 64 bytes (another length does not compile).
    ///
    /// The offset is secret, so the four bytes are not taken by an index: the words are shifted in
    /// four fixed steps, each made or not made by a mask.
    ///
    /// ```
    /// use otp_core::Truncated;
    ///
    /// // The example of RFC 4226 section 5.4: offset 10, 0x50ef7f19.
    /// let hmac = [
    ///     0x1f, 0x86, 0x98, 0x69, 0x0e, 0x02, 0xca, 0x16, 0x61, 0x85,
    ///     0x50, 0xef, 0x7f, 0x19, 0xda, 0x8e, 0x94, 0x5b, 0x55, 0x5a,
    /// ];
    /// assert_eq!(Truncated::from_hmac(&hmac).expose_bits(), 0x50ef_7f19);
    /// ```
    #[must_use]
    pub fn from_hmac<const N: usize>(hmac: &[u8; N]) -> Self {
        const { assert!(N == 20 || N == 32 || N == 64, "no hash of RFC 6238 has this length") };
        Self::from_words(hmac.as_chunks().0.iter().copied().map(u32::from_be_bytes))
    }

    /// Truncates an HMAC given as its 32-bit words, of which there are at least five.
    pub(crate) fn from_words(mut words: impl DoubleEndedIterator<Item = u32> + Clone) -> Self {
        let mut head = [0; 5];
        for (slot, word) in head.iter_mut().zip(words.clone()) {
            *slot = word;
        }
        let [w0, w1, w2, w3, w4] = head;
        // The offset is in the low four bits of the last byte.
        let last = words.next_back().unwrap_or_default();
        let [by_8, by_4, by_2, by_1] = Mask::low_bits(last);
        // Offsets 0 to 15, so that bytes 0 to 18 take part: two words on, one word on …
        let (w0, w1, w2) = (by_8.select(w0, w2), by_8.select(w1, w3), by_8.select(w2, w4));
        let (w0, w1) = (by_4.select(w0, w1), by_4.select(w1, w2));
        // … two bytes on, one byte on.
        let (w0, w1) = (by_2.select(w0, w0 << 16 | w1 >> 16), by_2.select(w1, w1 << 16));
        Self::from_bits(by_1.select(w0, w0 << 8 | w1 >> 24))
    }

    /// The number itself, 0 to 2^31 − 1.
    #[must_use]
    pub const fn expose_bits(self) -> u32 {
        self.0 & 0x7fff_ffff
    }

    pub(crate) const fn is_unwritten(self) -> bool {
        self.0 == Self::UNWRITTEN.0
    }

    /// The number of the code, or one over every code if it is unwritten.
    pub(crate) fn code(self, modulus: Modulus) -> u64 {
        u64::from(modulus.reduce(self.expose_bits())) | u64::from(self.0 >> 31) << 63
    }
}

impl fmt::Debug for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Truncated(elided)")
    }
}
