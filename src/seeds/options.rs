//! The options for opening seed files.

use core::fmt;

use super::columns::Column;
use crate::algorithm::Algorithm;
use crate::digits::Digits;
use crate::period::Period;

/// The key that opens an encrypted PSKC file.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Unlock<'k> {
    /// No key: the values are plain.
    Plain,
    /// The pre-shared key: 16, 24 or 32 bytes. The manufacturer sends it separately from the file.
    Key(&'k [u8]),
    /// The passphrase that the key is derived from.
    Passphrase(&'k str),
}

/// Does not show the key or the passphrase.
impl fmt::Debug for Unlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "Plain",
            Self::Key(_) => "Key(..)",
            Self::Passphrase(_) => "Passphrase(..)",
        })
    }
}

/// Options to accept more in a PSKC file than the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PskcOptions {
    pub(super) max_iterations: u32,
    pub(super) unauthenticated: bool,
}

impl PskcOptions {
    /// At most 1,000,000 iterations of PBKDF2, and no encrypted value without a MAC.
    pub const DEFAULT: Self = Self { max_iterations: 1_000_000, unauthenticated: false };

    /// Sets the largest number of PBKDF2 iterations that a file may request. A file that requests
    /// more is refused before anything is computed. A million iterations take about half a second
    /// on a server.
    #[must_use]
    pub const fn with_max_iterations(mut self, iterations: u32) -> Self {
        self.max_iterations = iterations;
        self
    }

    /// Accepts encrypted values without a MAC. RFC 6030 section 6.1 advises against it: a wrong key
    /// or a changed file is then found only by chance. MACs in the file are still checked.
    #[must_use]
    pub const fn with_values_without_mac(mut self) -> Self {
        self.unauthenticated = true;
        self
    }
}

impl Default for PskcOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The encoding of secrets in a CSV file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretEncoding {
    /// Hexadecimal if all symbols are hexadecimal digits and their number is even, otherwise
    /// Base32.
    ///
    /// A Base32 secret of 160 bits consists only of `A` to `F` and `2` to `7` in one of 40 trillion
    /// cases. For 80 bits, it is one of 6 million.
    #[default]
    Either,
    /// Hexadecimal.
    Hex,
    /// Base32, read like [`decode_base32`](crate::decode_base32).
    Base32,
}

/// The options for reading a CSV file: its columns, and the defaults for values that the file does
/// not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvOptions<'c> {
    pub(super) columns: Option<&'c [Column]>,
    pub(super) separator: Option<u8>,
    pub(super) encoding: SecretEncoding,
    pub(super) time_based: bool,
    pub(super) algorithm: Algorithm,
    pub(super) digits: Digits,
    pub(super) period: Period,
}

impl<'c> CsvOptions<'c> {
    /// Columns and separator as the first record shows them; secrets in hexadecimal or Base32;
    /// HOTP, SHA-1, 6 digits and 30 seconds.
    pub const DEFAULT: Self = Self {
        columns: None,
        separator: None,
        encoding: SecretEncoding::Either,
        time_based: false,
        algorithm: Algorithm::Sha1,
        digits: Digits::Six,
        period: Period::DEFAULT,
    };

    /// Sets the columns, for a file in another format. The first record is then a token.
    #[must_use]
    pub const fn with_columns(mut self, columns: &'c [Column]) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Sets the separator of cells. It must be an ASCII character, such as a semicolon.
    #[must_use]
    pub const fn with_separator(mut self, separator: u8) -> Self {
        self.separator = Some(separator);
        self
    }

    /// Sets the encoding of secrets.
    #[must_use]
    pub const fn with_encoding(mut self, encoding: SecretEncoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Treats tokens as time-based if the file does not say their type. The default is
    /// counter-based.
    #[must_use]
    pub const fn with_totp(mut self) -> Self {
        self.time_based = true;
        self
    }

    /// Sets the hash function of tokens for which the file does not name one.
    #[must_use]
    pub const fn with_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Sets the number of digits of tokens for which the file does not give it.
    #[must_use]
    pub const fn with_digits(mut self, digits: Digits) -> Self {
        self.digits = digits;
        self
    }

    /// Sets the period of tokens for which the file does not give it.
    #[must_use]
    pub const fn with_period(mut self, period: Period) -> Self {
        self.period = period;
        self
    }
}

impl Default for CsvOptions<'_> {
    fn default() -> Self {
        Self::DEFAULT
    }
}
