//! Exports of Google Authenticator: `otpauth-migration://offline?data=…`.
//!
//! There is no specification. The payload is a protocol buffer, `MigrationPayload`, whose fields
//! are known from apps that read it; they are named beside their numbers below.

mod read;

use core::fmt;
use core::iter::FusedIterator;

use zeroize::{Zeroize, ZeroizeOnDrop};

use self::read::{ENTRY, read, read_entry};
use crate::algorithm::Algorithm;
use crate::digits::Digits;
use crate::error::{MigrationError, SecretError};
use crate::period::Period;
use crate::protobuf::Message;
use crate::secret::Secret;

/// An export of Google Authenticator, decoded into a buffer of the caller and checked as a whole.
///
/// # Use
/// ```
/// use otp_core::{Engine, Migration};
///
/// let uri = "otpauth-migration://offline?data=\
///            CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC";
/// let mut buffer = [0; 2215];
/// let migration = Migration::parse(uri, &mut buffer)?;
/// for entry in migration.entries() {
///     assert_eq!(entry.issuer(), Some("Example"));
///     assert_eq!(entry.account(), "alice@google.com");
///     // The secret of this example has 80 bits. `engine` refuses less than 128.
///     let Engine::Totp(totp) = entry.engine_allow_short()? else { continue };
///     println!("{}", totp.code_at(59)?);
/// }
/// # assert_eq!(migration.entries().count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What it accepts
/// Scheme and host in any case, and a `/` before the `?`. The parameter `data` exactly once, others
/// are ignored, and what follows `#` is cut off. `data` is standard Base64, padded or not, with its
/// symbols raw or percent-escaped: `+` is a plus, never a space. Bits left over at its end are
/// refused if they are set.
///
/// In the payload unknown fields are skipped, and of a field that comes twice the last counts,
/// except for a secret: two are refused. A field of another wire type than its own is refused, as
/// are groups. Each of these makes the whole export an error: an entry without a secret; a text with a
/// character that [`MigrationError::Control`] names; an unknown algorithm, number of digits or type.
/// No entry is dropped quietly. Only a field that is absent or "unspecified" takes a default (SHA-1, 6
/// digits, TOTP). An export without entries is none, not an error.
///
/// # Secrets
/// The buffer holds every secret of the export. What was written there is wiped when the value is
/// dropped, and an error wipes the whole buffer. `Debug` tells none.
pub struct Migration<'b> {
    /// INVARIANT: `read_payload` accepts it.
    payload: &'b mut [u8],
    batch: Batch,
}

/// Which part of a larger export this is.
#[derive(Clone, Copy, Default)]
struct Batch {
    version: u32,
    size: u32,
    index: u32,
    id: i32,
}

impl<'b> Migration<'b> {
    /// Reads an export, in time linear in the length of `uri`.
    ///
    /// `buffer` takes the decoded payload. Three quarters of the length of `uri`, in bytes and
    /// rounded up, always suffice: 2,215 for what one QR code holds (2,953 bytes).
    ///
    /// # Errors
    /// [`MigrationError`], with the offset of what is at fault. `buffer` is then wiped.
    pub fn parse(uri: &str, buffer: &'b mut [u8]) -> Result<Self, MigrationError> {
        match read(uri, buffer) {
            Ok((len, batch)) => {
                let payload = buffer.get_mut(..len).unwrap_or_default();
                Ok(Self { payload, batch })
            }
            Err(error) => {
                buffer.zeroize();
                Err(error)
            }
        }
    }

    /// The accounts, in the order of the export.
    #[must_use]
    pub fn entries(&self) -> MigrationEntries<'_> {
        MigrationEntries { rest: Message { bytes: self.payload, offset: 0 } }
    }

    /// The version of the payload, 0 to 2^31 − 1, and 0 where none is given. Nothing depends on it.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.batch.version
    }

    /// How many QR codes the whole export has, 0 to 2^31 − 1, and 0 where it does not say.
    #[must_use]
    pub const fn batch_size(&self) -> u32 {
        self.batch.size
    }

    /// Which of them this is, counted from 0: 0 to 2^31 − 1. Not checked against
    /// [`batch_size`](Self::batch_size).
    #[must_use]
    pub const fn batch_index(&self) -> u32 {
        self.batch.index
    }

    /// A number that the QR codes of one export share, any at all; 0 where none is given.
    #[must_use]
    pub const fn batch_id(&self) -> i32 {
        self.batch.id
    }
}

impl Drop for Migration<'_> {
    fn drop(&mut self) {
        self.payload.zeroize();
    }
}

impl ZeroizeOnDrop for Migration<'_> {}

/// Tells which part of an export it is.
impl fmt::Debug for Migration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migration")
            .field("batch_size", &self.batch.size)
            .field("batch_index", &self.batch.index)
            .field("batch_id", &self.batch.id)
            .finish_non_exhaustive()
    }
}

impl<'m> IntoIterator for &'m Migration<'_> {
    type Item = MigrationEntry<'m>;
    type IntoIter = MigrationEntries<'m>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries()
    }
}

/// The accounts of a [`Migration`], made by [`Migration::entries`].
#[derive(Clone)]
pub struct MigrationEntries<'m> {
    rest: Message<'m>,
}

impl<'m> Iterator for MigrationEntries<'m> {
    type Item = MigrationEntry<'m>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // All of it was read once, by `Migration::parse`: there is no error to be lost here.
            let field = self.rest.next_field().ok()??;
            if field.number == ENTRY {
                return read_entry(&field).ok();
            }
        }
    }
}

impl FusedIterator for MigrationEntries<'_> {}

/// Tells nothing of the accounts.
impl fmt::Debug for MigrationEntries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigrationEntries").finish_non_exhaustive()
    }
}

/// One account of a [`Migration`].
#[derive(Clone, Copy)]
pub struct MigrationEntry<'m> {
    /// INVARIANT: not empty.
    secret: &'m [u8],
    account: &'m str,
    issuer: Option<&'m str>,
    algorithm: Algorithm,
    digits: Digits,
    /// The counter of HOTP, or `None` for TOTP.
    counter: Option<u64>,
}

impl<'m> MigrationEntry<'m> {
    /// Returns the shared secret, 16 to [`Secret::MAX_LEN`] bytes.
    ///
    /// # Errors
    /// - [`SecretError::Short`] if it has less than 128 bits (RFC 4226 section 4, R6). To accept it, call
    ///   [`secret_allow_short`](Self::secret_allow_short).
    /// - [`SecretError::Long`] if it has more than [`Secret::MAX_LEN`] bytes. An engine can still be made
    ///   of such a key: [`KeySchedule::from_raw_key`](crate::KeySchedule::from_raw_key).
    pub fn secret(&self) -> Result<Secret, SecretError> {
        Secret::from_bytes(self.secret)
    }

    /// Returns the shared secret, 1 to [`Secret::MAX_LEN`] bytes: for keys that another system has
    /// issued too short. It relaxes the length and nothing else.
    ///
    /// # Errors
    /// [`SecretError::Long`] as [`secret`](Self::secret).
    pub fn secret_allow_short(&self) -> Result<Secret, SecretError> {
        Secret::from_bytes_allow_short(self.secret)
    }

    /// The shared secret itself: at least one byte, and of any length. Nothing checks here that it has
    /// at least 128 bits, as [`secret`](Self::secret) does.
    #[must_use]
    pub const fn expose_secret_bytes(&self) -> &'m [u8] {
        self.secret
    }

    /// Whose account it is, possibly empty. The issuer before it is cut off, with the colon. The text
    /// is not normalised. It has no character that [`MigrationError::Control`] names.
    #[must_use]
    pub const fn account(&self) -> &'m str {
        self.account
    }

    /// Who issued it, never empty. If the export has it only in the name, `issuer:account`, it is the
    /// text before the first colon. It has no character that [`MigrationError::Control`] names.
    #[must_use]
    pub const fn issuer(&self) -> Option<&'m str> {
        self.issuer
    }

    /// The algorithm. Whether this build can compute it is [`Algorithm::is_built_in`].
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// How many digits a code has: 6 or 8, the format knows no others.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// Whether it is HOTP. Otherwise it is TOTP.
    #[must_use]
    pub const fn is_hotp(&self) -> bool {
        self.counter.is_some()
    }

    /// The next counter of HOTP, 0 to 2^63 − 1, and 0 where none is given. `None` for TOTP.
    #[must_use]
    pub const fn counter(&self) -> Option<u64> {
        self.counter
    }

    /// The period of TOTP, always 30 seconds: the format has no field for it. `None` for HOTP.
    #[must_use]
    pub const fn period(&self) -> Option<Period> {
        if self.is_hotp() { None } else { Some(Period::DEFAULT) }
    }
}

/// Tells all but the secret.
impl fmt::Debug for MigrationEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigrationEntry")
            .field("issuer", &self.issuer)
            .field("account", &self.account)
            .field("algorithm", &self.algorithm)
            .field("digits", &self.digits)
            .field("counter", &self.counter)
            .finish_non_exhaustive()
    }
}
