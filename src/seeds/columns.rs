//! The meaning of the cells of a CSV file, from the names in its first record or from a
//! manufacturer's format.

use super::cells::{MAX_CELLS, Record};
use super::error::{Error, Part, Problem};
use super::text::Text;

/// The content of a column of a CSV file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Column {
    /// The serial number.
    Serial,
    /// The shared secret, in hexadecimal or Base32.
    Secret,
    /// HOTP or TOTP.
    Type,
    /// The number of digits.
    Digits,
    /// The length of a time step in seconds.
    Period,
    /// The next counter of HOTP.
    Counter,
    /// The drift, in time steps.
    Drift,
    /// The hash function.
    Algorithm,
    /// The user of the token.
    User,
    /// The manufacturer.
    Manufacturer,
    /// The model.
    Model,
    /// The identifier of the key.
    KeyId,
    /// The issuer of the key.
    Issuer,
    /// The start of the key's validity.
    StartDate,
    /// The end of the key's validity.
    ExpiryDate,
    /// Anything else. It is ignored.
    Other,
}

impl Column {
    pub(super) const fn part(self) -> Part {
        match self {
            Self::Serial => Part::Serial,
            Self::Secret => Part::Secret,
            Self::Type => Part::Algorithm,
            Self::Digits => Part::ResponseFormat,
            Self::Period => Part::TimeInterval,
            Self::Counter => Part::Counter,
            Self::Drift => Part::TimeDrift,
            Self::Algorithm => Part::Suite,
            Self::User => Part::User,
            Self::Manufacturer => Part::Manufacturer,
            Self::Model => Part::Model,
            Self::KeyId => Part::KeyId,
            Self::Issuer => Part::Issuer,
            Self::StartDate => Part::StartDate,
            Self::ExpiryDate => Part::ExpiryDate,
            Self::Other => Part::Token,
        }
    }

    /// Returns the column with a name from the first record, in any case and with any punctuation.
    fn named(name: Text<'_>) -> Self {
        let is = |other: &&str| {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|c| c.to_ascii_lowercase()).eq(other.chars())
        };
        let found = NAMES.iter().find(|(names, _)| names.iter().any(is));
        found.map_or(Self::Other, |(_, column)| *column)
    }
}

/// The names of columns, without punctuation: those of Entra, those of `pskc2csv`, and other common
/// names.
const NAMES: [(&[&str], Column); 15] = [
    (
        &["serialnumber", "serial", "serialno", "tokenserial", "tokenserialnumber", "sn"],
        Column::Serial,
    ),
    (&["secretkey", "secret", "seed", "tokenseed", "oathseed", "key", "otpkey"], Column::Secret),
    (&["type", "tokentype", "otptype"], Column::Type),
    (&["digits", "otplength", "otplen", "codelength", "responselength"], Column::Digits),
    (
        &["timeinterval", "timeintervalinseconds", "interval", "timestep", "period", "step"],
        Column::Period,
    ),
    (&["counter", "movingfactor"], Column::Counter),
    (&["timedrift", "drift"], Column::Drift),
    (&["algorithm", "hash", "hashfunction", "hashalgorithm", "algorithmsuite"], Column::Algorithm),
    (&["upn", "user", "username", "userprincipalname", "userid", "assignedto"], Column::User),
    (&["manufacturer", "vendor"], Column::Manufacturer),
    (&["model"], Column::Model),
    (&["id", "keyid"], Column::KeyId),
    (&["issuer"], Column::Issuer),
    (&["startdate"], Column::StartDate),
    (&["expirydate", "expires"], Column::ExpiryDate),
];

/// The columns of a file.
#[derive(Clone, Copy)]
pub(super) enum Columns {
    /// The columns have names, or the caller named them.
    Named {
        columns: [Column; MAX_CELLS],
        /// The number of named columns. Later cells have no meaning.
        len: usize,
    },
    /// The columns do not have names. Each record shows which manufacturer's format it has.
    Unnamed,
}

impl Columns {
    /// Returns the columns that the caller names.
    pub(super) fn of(columns: &[Column]) -> Result<Self, Error> {
        let mut named = [Column::Other; MAX_CELLS];
        if columns.len() > MAX_CELLS {
            return Err(Error::new(Part::Header, Problem::Cells, 0));
        }
        for (slot, column) in named.iter_mut().zip(columns) {
            *slot = *column;
        }
        // The caller may name only the first columns.
        Self::checked(named, MAX_CELLS, 0)
    }

    /// Returns the columns that the first record names. `None` if it does not name any: the record
    /// is then a token.
    ///
    /// # Errors
    /// If it names some columns, but no secret, or neither a serial number nor a user. If such a
    /// record were read as a token, its secret would be the title of a column.
    pub(super) fn named(record: &Record<'_>) -> Result<Option<Self>, Error> {
        let mut named = [Column::Other; MAX_CELLS];
        for (slot, cell) in named.iter_mut().zip(record.cells()) {
            *slot = cell.map_or(Column::Other, Column::named);
        }
        let has = |column| named.contains(&column);
        if named.iter().all(|column| *column == Column::Other) {
            return Ok(None);
        }
        if !(has(Column::Serial) || has(Column::User)) {
            return Err(Error::new(Part::Header, Problem::Missing, record.offset));
        }
        Self::checked(named, record.len, record.offset).map(Some)
    }

    fn checked(named: [Column; MAX_CELLS], len: usize, offset: usize) -> Result<Self, Error> {
        let error = |problem| Err(Error::new(Part::Header, problem, offset));
        if !named.contains(&Column::Secret) {
            return error(Problem::Missing);
        }
        let mut rest = named.iter();
        while let Some(column) = rest.next() {
            if *column != Column::Other && rest.clone().any(|other| other == column) {
                return error(Problem::Duplicate);
            }
        }
        Ok(Self::Named { columns: named, len })
    }
}
