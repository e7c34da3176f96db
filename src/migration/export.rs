//! A whole export: the URI, its payload, and its accounts.

use core::fmt;
use core::iter::FusedIterator;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::base64;
use super::entry::{self, Entry};
use super::error::{EntryError, Error, Part, Problem};
use super::protobuf::{Field, Message};
use crate::uri::{
    Span, end_of_query, next_parameter, split_authority, split_path, split_query, strip_scheme,
};

const SCHEME: &str = "otpauth-migration";
const HOST: &str = "offline";
/// `MigrationPayload.otp_parameters`, repeated, with one account each.
const ENTRY: u64 = 1;

/// An export of Google Authenticator, decoded into a buffer of the caller.
///
/// # Use
/// ```
/// use otp_core::{Engine, migration::Export};
///
/// let uri = "otpauth-migration://offline?data=\
///            CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC";
/// let mut buffer = [0; 2215];
/// let migration = Export::parse(uri, &mut buffer)?;
/// for entry in migration.entries() {
///     let entry = entry?; // or tell the user which entry cannot be read, and go on
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
/// # Accepted input
/// Scheme and host may be in any case, and a `/` may precede the `?`. The parameter `data` must
/// occur exactly once. Other parameters are ignored, and the text after `#` is dropped.
///
/// `data` is standard Base64, with or without padding. Its symbols may be raw or percent-escaped:
/// `+` is a plus and never a space. Left-over bits at its end are refused if they are set.
///
/// In the payload, unknown fields are skipped. If a field occurs twice, the last one counts, but a
/// second secret is refused. Groups and fields with a wrong wire type are refused. Only a field
/// that is absent or "unspecified" takes a default (SHA-1, 6 digits, TOTP). An export without
/// entries is valid.
///
/// Each entry is read separately. [`entries`](Self::entries) returns an [`EntryError`] for an entry
/// in these cases:
///
/// - The entry does not have a secret.
/// - A text has a character that [`Problem::Control`] names.
/// - The algorithm, the number of digits or the type is unknown.
///
/// The other entries are not affected.
///
/// # Several QR codes
/// An export of many accounts has several QR codes. [`batch_size`](Self::batch_size) returns how
/// many, and [`batch_index`](Self::batch_index) returns the number of this one. Tell the user if
/// there are more.
///
/// # Secrets
/// The buffer holds every secret of the export. The written part is wiped when the value is
/// dropped, and an error wipes the whole buffer. `Debug` does not show any of them.
pub struct Export<'b> {
    /// INVARIANT: `read_payload` accepts it.
    payload: &'b mut [u8],
    batch: Batch,
}

/// The position of this QR code in a larger export.
#[derive(Clone, Copy, Default)]
struct Batch {
    version: u32,
    size: u32,
    index: u32,
    id: i32,
}

impl<'b> Export<'b> {
    /// Reads an export, in a time linear in the length of `uri`.
    ///
    /// `buffer` receives the decoded payload. Three quarters of the length of `uri` in bytes,
    /// rounded up, are always enough: 2,215 for the 2,953 bytes that one QR code can hold.
    ///
    /// # Errors
    /// [`Error`], with the part, the problem and the position. `buffer` is then wiped.
    pub fn parse(uri: &str, buffer: &'b mut [u8]) -> Result<Self, Error> {
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

    /// Returns the accounts in the order of the export, each with its own error.
    #[must_use]
    pub fn entries(&self) -> Entries<'_> {
        Entries { rest: Message { bytes: self.payload, offset: 0 }, number: 0 }
    }

    /// Returns the issuer and the account of the entry with this number, counted from 1. It also
    /// works for an entry that cannot be read, so that you can tell the user which account is
    /// missing. A text that cannot be shown is left out: the issuer is then `None`, or the account
    /// is empty. Returns `None` if there is no such entry.
    #[must_use]
    pub fn label(&self, number: usize) -> Option<(Option<&str>, &str)> {
        let mut fields = Message { bytes: self.payload, offset: 0 };
        let fields = core::iter::from_fn(|| fields.next_field().ok()?);
        let mut entries = fields.filter(|field| field.number == ENTRY);
        entries.nth(number.checked_sub(1)?).map(|field| entry::name(&field))
    }

    /// Returns the version of the payload, 0 to 2^31 − 1. It is 0 if the export does not give one.
    /// Nothing depends on it.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.batch.version
    }

    /// Returns the number of QR codes of the whole export, 0 to 2^31 − 1. It is 0 if the export
    /// does not give it.
    #[must_use]
    pub const fn batch_size(&self) -> u32 {
        self.batch.size
    }

    /// Returns the number of this QR code, counted from 0: 0 to 2^31 − 1. It is not checked against
    /// [`batch_size`](Self::batch_size).
    #[must_use]
    pub const fn batch_index(&self) -> u32 {
        self.batch.index
    }

    /// Returns the number that the QR codes of one export share. It can be any number, and is 0 if
    /// the export does not give one.
    #[must_use]
    pub const fn batch_id(&self) -> i32 {
        self.batch.id
    }
}

impl Drop for Export<'_> {
    fn drop(&mut self) {
        self.payload.zeroize();
    }
}

impl ZeroizeOnDrop for Export<'_> {}

/// Shows the position of this QR code in the export.
impl fmt::Debug for Export<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("batch_size", &self.batch.size)
            .field("batch_index", &self.batch.index)
            .field("batch_id", &self.batch.id)
            .finish_non_exhaustive()
    }
}

impl<'m> IntoIterator for &'m Export<'_> {
    type Item = Result<Entry<'m>, EntryError>;
    type IntoIter = Entries<'m>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries()
    }
}

/// The accounts of an [`Export`], made by [`Export::entries`].
#[derive(Clone)]
pub struct Entries<'m> {
    rest: Message<'m>,
    /// The number of entries before.
    number: usize,
}

impl<'m> Iterator for Entries<'m> {
    type Item = Result<Entry<'m>, EntryError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // `Export::parse` has read all fields once, so no error is lost here.
            let field = self.rest.next_field().ok()??;
            if field.number == ENTRY {
                self.number = self.number.saturating_add(1);
                let number = self.number;
                return Some(entry::read(&field).map_err(|error| EntryError { number, error }));
            }
        }
    }
}

impl FusedIterator for Entries<'_> {}

/// Shows nothing of the accounts.
impl fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries").finish_non_exhaustive()
    }
}

/// Decodes the payload into the start of `buffer`, checks it, and returns its length.
fn read(uri: &str, buffer: &mut [u8]) -> Result<(usize, Batch), Error> {
    let len = base64::decode(find_data(uri)?, buffer)?;
    let batch = read_payload(buffer.get(..len).unwrap_or_default())?;
    Ok((len, batch))
}

/// Finds the value of the parameter `data`.
fn find_data(uri: &str) -> Result<Span<'_>, Error> {
    let uri = Span::new(uri);
    let no_scheme = Error::new(Part::Scheme, Problem::Unsupported, uri.start);
    let rest = strip_scheme(uri, SCHEME).ok_or(no_scheme)?;
    let (host, rest) = split_authority(rest);
    if !host.text.eq_ignore_ascii_case(HOST) {
        return Err(Error::new(Part::Host, Problem::Unsupported, host.start));
    }
    let (path, rest) = split_path(rest);
    if !path.text.is_empty() {
        return Err(Error::new(Part::Path, Problem::Unsupported, path.start));
    }

    let mut query = split_query(rest);
    let end = query.map_or(rest.start, end_of_query);
    let mut found = None;
    while let Some((name, value)) = next_parameter(&mut query) {
        if name.text == "data" && found.replace(value).is_some() {
            return Err(Error::new(Part::Data, Problem::Duplicate, name.start));
        }
    }
    let data = found.flatten().filter(|data| !data.text.is_empty());
    data.ok_or(Error::new(Part::Data, Problem::Missing, end))
}

/// Checks the fields of a `MigrationPayload`. [`Entries`] checks the content of each entry.
fn read_payload(payload: &[u8]) -> Result<Batch, Error> {
    let mut message = Message { bytes: payload, offset: 0 };
    let mut batch = Batch::default();
    while let Some(field) = message.next_field()? {
        match field.number {
            2 => batch.version = read_count(&field, Part::Version)?,
            3 => batch.size = read_count(&field, Part::BatchSize)?,
            4 => batch.index = read_count(&field, Part::BatchIndex)?,
            5 => {
                // An `int32` is the low half of the number on the wire.
                let [a, b, c, d, ..] = field.varint(Part::BatchId)?.to_le_bytes();
                batch.id = i32::from_le_bytes([a, b, c, d]);
            }
            _ => {}
        }
    }
    Ok(batch)
}

/// Reads an `int32` that must not be negative.
fn read_count(field: &Field<'_>, part: Part) -> Result<u32, Error> {
    i32::try_from(field.varint(part)?)
        .map(i32::unsigned_abs)
        .map_err(|_| Error::new(part, Problem::Unsupported, field.offset))
}
