//! What the cells of a CSV file mean: by the names in its first record, or by the form of a maker.

use super::cells::{MAX_CELLS, Record};
use super::error::{Error, Part, Problem};
use super::text::Text;

/// What a column of a CSV file holds.
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
    /// The hash.
    Algorithm,
    /// Whose token it is.
    User,
    /// Who made it.
    Manufacturer,
    /// Its model.
    Model,
    /// The identifier of the key.
    KeyId,
    /// Who issued the key.
    Issuer,
    /// From when on the key is valid.
    StartDate,
    /// Until when the key is valid.
    ExpiryDate,
    /// Anything else. It is passed over.
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

    /// The column of a name in the first record, in any case and with any punctuation.
    fn named(name: Text<'_>) -> Self {
        let is = |other: &&str| {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|c| c.to_ascii_lowercase()).eq(other.chars())
        };
        let found = NAMES.iter().find(|(names, _)| names.iter().any(is));
        found.map_or(Self::Other, |(_, column)| *column)
    }
}

/// Names of columns, without punctuation: Entra's, those of `pskc2csv`, and others in use.
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

/// What the columns of a file are.
#[derive(Clone, Copy)]
pub(super) enum Columns {
    /// By name, or as the caller says.
    Named {
        columns: [Column; MAX_CELLS],
        /// How many the first record names. The cells behind them do not have a meaning.
        len: usize,
    },
    /// Without names. Each record shows by itself in which maker's form it is.
    Unnamed,
}

impl Columns {
    /// The columns that the caller names.
    pub(super) fn of(columns: &[Column]) -> Result<Self, Error> {
        let mut named = [Column::Other; MAX_CELLS];
        if columns.len() > MAX_CELLS {
            return Err(Error::new(Part::Header, Problem::Cells, 0));
        }
        for (slot, column) in named.iter_mut().zip(columns) {
            *slot = *column;
        }
        // The caller may name the first ones only.
        Self::checked(named, MAX_CELLS, 0)
    }

    /// The columns that the first record names. `None` if it names none: then it is a token.
    ///
    /// # Errors
    /// If it names some, but no secret, or neither a serial number nor a user. Taken for a token, it would get the title of a
    /// column as its secret.
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
