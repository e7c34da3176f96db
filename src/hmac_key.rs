//! The trait for the place that computes HMAC, and dynamic truncation.

use core::fmt;

use crate::ct::{Mask, Modulus};
pub(crate) use crate::sha1::LANES;

/// Computes HMAC of a moving factor with one key, and truncates it.
///
/// The engines are generic over this trait, so that the key can be kept in the safest place. The
/// default is [`KeySchedule`](crate::KeySchedule), which computes in software. If a secure element
/// or a hash peripheral holds the key, implement this trait for it. The implementation computes
/// HMAC of the eight bytes `moving_factor.to_be_bytes()`, and [`Truncated::from_hmac`] does the
/// rest. If the driver of a peripheral needs `&mut`, put it into a `RefCell` or a mutex.
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
    /// The error of the computation. In software it is [`Infallible`](core::convert::Infallible).
    type Error;

    /// Returns the truncated HMAC of one moving factor (RFC 4226 section 5.3, steps 1 and 2).
    ///
    /// # Errors
    /// If HMAC could not be computed.
    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Self::Error>;

    /// Writes the truncated HMACs of several moving factors into `answers`, one into each slot.
    /// `answers` has as many slots as there are moving factors: 1 to 6. The moving factors are in
    /// ascending order, without duplicates.
    ///
    /// The provided method computes them one by one. Override it if your software is faster with
    /// several at a time, or if your key answers a batch in one message.
    ///
    /// An implementation must write every slot. A slot that is not written does not match any code.
    /// `conformance::check_key` (feature `conformance`) tests an implementation.
    ///
    /// # Errors
    /// If HMAC could not be computed. The content of `answers` is then unspecified.
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

/// The 31 bits that dynamic truncation selects from an HMAC (RFC 4226 section 5.3). All digits of
/// the code follow from them, so they are as secret as the code.
#[derive(Clone, Copy)]
pub struct Truncated(u32);

impl Truncated {
    /// The content of a slot before [`HmacKey::truncated_batch`] writes it. It does not match any
    /// code, so a slot that is not written never lets anybody log in.
    pub const UNWRITTEN: Self = Self(u32::MAX);

    /// Takes the number itself, and drops its highest bit, as truncation does.
    ///
    /// Use it for hardware that truncates, and in tests.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits & 0x7fff_ffff)
    }

    /// Truncates an HMAC of 20, 32 or 64 bytes. Another length does not compile.
    ///
    /// The offset is secret, so it is not used as an index. Four fixed steps shift the words, and a
    /// mask decides whether each step takes effect.
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

    /// Truncates an HMAC that is given as at least five 32-bit words.
    pub(crate) fn from_words(mut words: impl DoubleEndedIterator<Item = u32> + Clone) -> Self {
        let mut head = [0; 5];
        for (slot, word) in head.iter_mut().zip(words.clone()) {
            *slot = word;
        }
        let [w0, w1, w2, w3, w4] = head;
        // The offset is in the low four bits of the last byte.
        let last = words.next_back().unwrap_or_default();
        let [by_8, by_4, by_2, by_1] = Mask::low_bits(last);
        // Offsets are 0 to 15, so bytes 0 to 18 take part. First the steps by two words and by one
        // word …
        let (w0, w1, w2) = (by_8.select(w0, w2), by_8.select(w1, w3), by_8.select(w2, w4));
        let (w0, w1) = (by_4.select(w0, w1), by_4.select(w1, w2));
        // … then the steps by two bytes and by one byte.
        let (w0, w1) = (by_2.select(w0, w0 << 16 | w1 >> 16), by_2.select(w1, w1 << 16));
        Self::from_bits(by_1.select(w0, w0 << 8 | w1 >> 24))
    }

    /// Returns the number itself, 0 to 2^31 − 1.
    #[must_use]
    pub const fn expose_bits(self) -> u32 {
        self.0 & 0x7fff_ffff
    }

    pub(crate) const fn is_unwritten(self) -> bool {
        self.0 == Self::UNWRITTEN.0
    }

    /// Returns the number of the code. For an unwritten slot, the number is larger than every code.
    pub(crate) fn code(self, modulus: Modulus) -> u64 {
        u64::from(modulus.reduce(self.expose_bits())) | u64::from(self.0 >> 31) << 63
    }
}

impl fmt::Debug for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Truncated(elided)")
    }
}
