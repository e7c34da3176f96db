//! Reads CSV one token at a time.

use core::fmt;

use super::buffer::Buffer;
use super::cells::{MAX_CELLS, Record, Records};
use super::columns::{Column, Columns};
use super::error::{Error, Part, Problem, Refused};
use super::exposed;
use super::options::{CsvOptions, SecretEncoding};
use super::suite::{self, Kind};
use super::text::Text;
use super::token::{About, Token, state};
use super::value;
use crate::period::Period;

/// A CSV file of seeds, read one token at a time.
///
/// ```
/// use otp_core::seeds::{Buffer, Csv};
///
/// let file = b"upn,serial number,secret key,time interval,manufacturer,model\r\n\
///              alice@example.com,1234567,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,60,ACME,Key\r\n";
/// let mut buffer = Buffer::new();
/// let mut tokens = Csv::open(file, &mut buffer)?;
/// let token = tokens.next_token()?.unwrap()?;
/// assert_eq!(token.user().unwrap(), "alice@example.com");
/// assert_eq!(token.period().unwrap().seconds(), 60);
/// assert!(token.engine().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Formats
/// If the first record names the columns, these names are used, in any order, case and punctuation.
/// Otherwise each record shows which format it has:
///
/// | format | cells |
/// |---|---|
/// | Entra ID, Token2, Deepnet SafeID | names: `upn,serial number,secret key,time interval,manufacturer,model`, `upn` may be missing |
/// | `pskc2csv` | names: `serial,secret,algorithm,response_length,time_interval` |
/// | Feitian and others, as NetIQ, LinOTP and privacyIDEA read it | `serial, seed, type, digits, period`; only the first two are required |
/// | PingID | `serial, seed, counter` |
/// | YubiKey Personalization Tool, "traditional" | `OATH-HOTP,time,slot,public id,,seed,…,digits,counter,…`: 13 cells or more |
/// | YubiKey Personalization Tool, "Yubico" | `serial,public id,counter,seed,,time,`: 7 cells |
/// For another format, use [`CsvOptions::with_columns`]. An unknown column is ignored.
///
/// A token is time-based if its type says so, or if it has a period. It is counter-based if its
/// type says so, or if it has a counter. Otherwise [`CsvOptions`] decides: it is counter-based,
/// unless [`with_totp`](CsvOptions::with_totp) was called. The fifth cell of an unnamed HOTP record
/// is refused, because manufacturers give it two meanings.
///
/// Commas, semicolons or tabs separate the cells. The first line shows which, or names the
/// separator as Excel does (`sep=;`). Quotes follow RFC 4180 section 2, and white space around a
/// cell is removed. Blank lines and lines that start with `#` are skipped. The file must be UTF-8.
///
/// If columns are swapped, a secret takes the place of the serial number. A token is refused if its
/// serial number looks like a secret of 128 bits or more, or if any of its texts is its secret.
///
/// # Errors that end the file
/// The file ends with an [`Error`] if quotes do not match, or if the first record names a column
/// twice. [`open`](Self::open) or [`next_token`](Self::next_token) returns it, and nothing more is
/// read. Every other error in a record is [`Refused`], and the next record is read.
pub struct Csv<'f, 'b> {
    records: Records<'f>,
    columns: Columns,
    defaults: CsvOptions<'static>,
    buffer: &'b mut Buffer,
    ended: bool,
}

impl<'f, 'b> Csv<'f, 'b> {
    /// Opens a file, and reads the names of its columns.
    ///
    /// # Errors
    /// [`Error`] if it is not UTF-8, or if its first record cannot be read.
    pub fn open(file: &'f [u8], buffer: &'b mut Buffer) -> Result<Self, Error> {
        Self::open_with(file, CsvOptions::DEFAULT, buffer)
    }

    /// Opens a file like [`open`](Self::open), with options.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open). [`Part::Header`] if the columns of the options do not
    /// include a secret, or include a column twice.
    pub fn open_with(
        file: &'f [u8],
        options: CsvOptions<'_>,
        buffer: &'b mut Buffer,
    ) -> Result<Self, Error> {
        buffer.wipe();
        let text = value::utf8(file)?;
        let mut records = Records::new(text, options.separator);
        let columns = match options.columns {
            Some(columns) => Columns::of(columns)?,
            None => {
                let mut ahead = records;
                let first = ahead.next()?;
                match first.map(|record| Columns::named(&record)).transpose()?.flatten() {
                    Some(columns) => {
                        records = ahead;
                        columns
                    }
                    None => Columns::Unnamed,
                }
            }
        };
        let defaults = CsvOptions { columns: None, ..options };
        Ok(Self { records, columns, defaults, buffer, ended: false })
    }

    /// Reads the next token. Returns `None` after the last token, and after an error of the file.
    ///
    /// # Errors
    /// [`Error`] if nothing more can be read. An error of this token is the inner one, [`Refused`].
    pub fn next_token(&mut self) -> Result<Option<Result<Token<'_>, Refused<'f>>>, Error> {
        let secret = &mut self.buffer.secret;
        secret.clear();
        if self.ended {
            return Ok(None);
        }
        let record = match self.records.next() {
            Ok(Some(record)) => record,
            end => {
                self.ended = true;
                return end.map(|_| None);
            }
        };
        let mut fields = Fields::default();
        let token = fields
            .collect(&record, &self.columns)
            .and_then(|()| fields.token(&self.defaults, record.offset))
            .and_then(|token| {
                let text = fields.secret.ok_or(missing(record.offset))?;
                value::secret(text, fields.encoding.unwrap_or(self.defaults.encoding), secret)?;
                exposed::check_serial(&token.about)?;
                exposed::check(&token.about, secret.get())?;
                Ok(token)
            });
        match token {
            Ok(token) => Ok(Some(Ok(Token { secret: secret.get(), ..token }))),
            Err(error) => {
                secret.clear();
                let About { serial, key_id, .. } = fields.shown();
                Ok(Some(Err(Refused { error, serial, key_id })))
            }
        }
    }
}

/// Does not show the content of the file.
impl fmt::Debug for Csv<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Csv").field("offset", &self.records.offset()).finish_non_exhaustive()
    }
}

fn missing(offset: usize) -> Error {
    Error::new(Part::Secret, Problem::Missing, offset)
}

/// The cells of a record by their meaning.
#[derive(Default)]
struct Fields<'f> {
    about: About<'f>,
    kind: Option<Text<'f>>,
    secret: Option<Text<'f>>,
    digits: Option<Text<'f>>,
    period: Option<Text<'f>>,
    counter: Option<Text<'f>>,
    drift: Option<Text<'f>>,
    algorithm: Option<Text<'f>>,
    /// The encoding, if the format of the record defines one.
    encoding: Option<SecretEncoding>,
}

impl<'f> Fields<'f> {
    fn collect(&mut self, record: &Record<'f>, columns: &Columns) -> Result<(), Error> {
        if record.len > MAX_CELLS {
            return Err(Error::new(Part::Token, Problem::Cells, record.offset));
        }
        match columns {
            Columns::Named { columns, len } => {
                // An unquoted comma has moved the cells after it.
                if (*len..record.len).any(|at| record.cell(at).is_some()) {
                    return Err(Error::new(Part::Token, Problem::Cells, record.offset));
                }
                for (at, column) in columns.iter().enumerate() {
                    if let Some(slot) = self.slot(*column) {
                        *slot = record.cell(at);
                    }
                }
                // The other tokens have an interval. Without one, this token would be read as HOTP.
                let says_what_it_is = self.kind.is_some()
                    || self.counter.is_some()
                    || self.algorithm.is_some_and(|text| kind_of(text).is_some());
                if columns.contains(&Column::Period) && self.period.is_none() && !says_what_it_is {
                    return Err(Error::new(Part::TimeInterval, Problem::Missing, record.offset));
                }
                Ok(())
            }
            Columns::Unnamed => self.collect_unnamed(record),
        }
    }

    fn slot(&mut self, column: Column) -> Option<&mut Option<Text<'f>>> {
        Some(match column {
            Column::Serial => &mut self.about.serial,
            Column::Secret => &mut self.secret,
            Column::Type => &mut self.kind,
            Column::Digits => &mut self.digits,
            Column::Period => &mut self.period,
            Column::Counter => &mut self.counter,
            Column::Drift => &mut self.drift,
            Column::Algorithm => &mut self.algorithm,
            Column::User => &mut self.about.user,
            Column::Manufacturer => &mut self.about.manufacturer,
            Column::Model => &mut self.about.model,
            Column::KeyId => &mut self.about.key_id,
            Column::Issuer => &mut self.about.issuer,
            Column::StartDate => &mut self.about.start_date,
            Column::ExpiryDate => &mut self.about.expiry_date,
            Column::Other => return None,
        })
    }

    fn collect_unnamed(&mut self, record: &Record<'f>) -> Result<(), Error> {
        let cells = Error::new(Part::Token, Problem::Cells, record.offset);
        match record.len {
            2..=5 => {
                self.about.serial = record.cell(0);
                self.secret = record.cell(1);
                let third = record.cell(2);
                if record.len == 3
                    && third.is_some_and(|cell| value::number(Part::Counter, cell).is_ok())
                {
                    self.counter = third;
                } else {
                    self.kind = third;
                }
                self.digits = record.cell(3);
                self.period = record.cell(4);
                // NetIQ has the period there for all tokens, and others have the counter of HOTP.
                let hotp = self.kind.is_none_or(|kind| kind_of(kind) == Some(Kind::Hotp));
                if hotp && self.period.is_some_and(|cell| cell != "0") {
                    return Err(cells);
                }
                self.period = self.period.filter(|_| !hotp);
                Ok(())
            }
            // A log of the YubiKey Personalization Tool in its own format, in HOTP mode. Other
            // modes have an AES key but no counter.
            7 if record.cell(6).is_none() => {
                self.about.serial = record.cell(0);
                self.about.key_id = record.cell(1);
                self.counter = record.cell(2);
                self.secret = record.cell(3);
                self.encoding = Some(SecretEncoding::Hex);
                let is_hotp = self.secret.is_some_and(|secret| secret.chars().count() == 40)
                    && self.counter.is_some_and(|cell| value::number(Part::Counter, cell).is_ok());
                if is_hotp { Ok(()) } else { Err(unsupported(Part::Algorithm, record.offset)) }
            }
            // The same in its traditional format.
            13.. => {
                self.about.key_id = record.cell(3);
                if record.cell(0).is_none_or(|event| !event.is_like("OATH-HOTP")) {
                    return Err(unsupported(Part::Algorithm, record.offset));
                }
                self.kind = record.cell(0);
                self.secret = record.cell(5);
                self.digits = record.cell(11);
                self.counter = record.cell(12);
                self.encoding = Some(SecretEncoding::Hex);
                Ok(())
            }
            _ => Err(cells),
        }
    }

    /// Returns the texts that can be shown if the record is refused. A missing cell may have moved
    /// the secret into one of them.
    fn shown(&self) -> About<'f> {
        let mut about = self.about;
        for slot in [&mut about.serial, &mut about.key_id] {
            *slot = slot.filter(|text| exposed::is_short(*text) && text.first_refused().is_none());
        }
        about
    }

    /// Returns the token, without its secret.
    fn token(&self, defaults: &CsvOptions<'_>, offset: usize) -> Result<Token<'f>, Error> {
        let about = &self.about;
        for (text, column) in [
            (about.serial, Column::Serial),
            (about.user, Column::User),
            (about.manufacturer, Column::Manufacturer),
            (about.model, Column::Model),
            (about.key_id, Column::KeyId),
            (about.issuer, Column::Issuer),
            (about.start_date, Column::StartDate),
            (about.expiry_date, Column::ExpiryDate),
        ] {
            if let Some(at) = text.and_then(Text::first_refused) {
                return Err(Error::new(column.part(), Problem::Control, at));
            }
        }
        let (kind, algorithm) = self.kind_and_algorithm(defaults)?;
        let digits = self.digits.map(value::digits).transpose()?.unwrap_or(defaults.digits);
        let out_of_range = |part, text: Option<Text<'_>>| {
            Error::new(part, Problem::OutOfRange, text.map_or(offset, Text::offset))
        };
        let number = |column: Column, text: Option<Text<'_>>| {
            text.map(|text| value::number(column.part(), text)).transpose()
        };
        let period = match number(Column::Period, self.period)? {
            None => defaults.period,
            Some(seconds) => u64::try_from(seconds)
                .ok()
                .and_then(|seconds| Period::new(seconds).ok())
                .ok_or(out_of_range(Part::TimeInterval, self.period))?,
        };
        let counter = number(Column::Counter, self.counter)?.unwrap_or(0);
        let counter =
            u64::try_from(counter).map_err(|_| out_of_range(Part::Counter, self.counter))?;
        let drift = number(Column::Drift, self.drift)?.unwrap_or(0);
        let state = i16::try_from(drift)
            .ok()
            .and_then(|drift| state(kind, counter, None, drift))
            .ok_or(out_of_range(Part::TimeDrift, self.drift))?;
        Ok(Token {
            about: self.about,
            secret: &[],
            kind,
            algorithm,
            digits,
            counter,
            period,
            last_step: None,
            transactions: None,
            has_pin: false,
            state,
        })
    }

    fn kind_and_algorithm(
        &self,
        defaults: &CsvOptions<'_>,
    ) -> Result<(Kind, crate::algorithm::Algorithm), Error> {
        // `pskc2csv` writes the type of the token as its algorithm.
        let (named, hash) = match self.algorithm {
            Some(text) if kind_of(text).is_some() => (self.kind.or(Some(text)), None),
            hash => (self.kind, hash),
        };
        let by_default = if defaults.time_based { Kind::Totp } else { Kind::Hotp };
        let kind = match named {
            Some(text) => kind_of(text).ok_or(unsupported(Part::Algorithm, text.offset()))?,
            None if self.period.is_some() => Kind::Totp,
            None if self.counter.is_some() => Kind::Hotp,
            None => by_default,
        };
        let algorithm = match hash {
            Some(text) => suite::hash(text).ok_or(unsupported(Part::Suite, text.offset()))?,
            None => defaults.algorithm,
        };
        Ok((kind, algorithm))
    }
}

fn unsupported(part: Part, offset: usize) -> Error {
    Error::new(part, Problem::Unsupported, offset)
}

/// Returns the type of a token from the words of CSV files.
fn kind_of(text: Text<'_>) -> Option<Kind> {
    let words = |words: [&str; 3]| words.iter().any(|word| text.is_like(word));
    if words(["hmac", "event", "event-based"]) {
        Some(Kind::Hotp)
    } else if words(["time", "time-based", "timebased"]) {
        Some(Kind::Totp)
    } else {
        Kind::of(text)
    }
}
