//! How seed files are opened.

use core::fmt;

use super::columns::Column;
use crate::algorithm::Algorithm;
use crate::digits::Digits;
use crate::period::Period;

/// What opens an encrypted PSKC file.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Unlock<'k> {
    /// Nothing: the values are plain.
    Plain,
    /// The pre-shared key: 16, 24 or 32 bytes. The maker sends it apart from the file.
    Key(&'k [u8]),
    /// The passphrase that the key is derived from.
    Passphrase(&'k str),
}

/// Does not tell the key or the passphrase.
impl fmt::Debug for Unlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "Plain",
            Self::Key(_) => "Key(..)",
            Self::Passphrase(_) => "Passphrase(..)",
        })
    }
}

/// What is accepted of a PSKC file beyond the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PskcOptions {
    pub(super) max_iterations: u32,
    pub(super) unauthenticated: bool,
}

impl PskcOptions {
    /// At most 1,000,000 iterations of PBKDF2, and no encrypted value without a MAC.
    pub const DEFAULT: Self = Self { max_iterations: 1_000_000, unauthenticated: false };

    /// Sets the most iterations of PBKDF2 that a file may ask for. A file that asks for more is an error before anything is
    /// computed. A million take about half a second on a server.
    #[must_use]
    pub const fn with_max_iterations(mut self, iterations: u32) -> Self {
        self.max_iterations = iterations;
        self
    }

    /// Accepts encrypted values without a MAC, which RFC 6030 section 6.1 advises against: a wrong key or a changed file is
    /// then found by chance only. A MAC that is there is checked all the same.
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

/// How secrets are written in a CSV file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretEncoding {
    /// Hexadecimal if each symbol is a hexadecimal digit and they are even in number, otherwise Base32.
    ///
    /// A Base32 secret of 160 bits consists only of `A` to `F` and `2` to `7` in one of 40 trillion cases, and one of 80 bits in
    /// one of 6 million.
    #[default]
    Either,
    /// Hexadecimal.
    Hex,
    /// Base32, as [`decode_base32`](crate::decode_base32) reads it.
    Base32,
}

/// How a CSV file is read: its columns, and what holds for a token if the file does not say it.
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
    /// Columns and separator as the first record shows them; secrets in hexadecimal or Base32; HOTP, SHA-1, 6 digits,
    /// 30 seconds.
    pub const DEFAULT: Self = Self {
        columns: None,
        separator: None,
        encoding: SecretEncoding::Either,
        time_based: false,
        algorithm: Algorithm::Sha1,
        digits: Digits::Six,
        period: Period::DEFAULT,
    };

    /// Sets what the columns are, for a file in another form. The first record is then a token.
    #[must_use]
    pub const fn with_columns(mut self, columns: &'c [Column]) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Sets the character between cells: an ASCII one, such as a semicolon.
    #[must_use]
    pub const fn with_separator(mut self, separator: u8) -> Self {
        self.separator = Some(separator);
        self
    }

    /// Sets how secrets are written.
    #[must_use]
    pub const fn with_encoding(mut self, encoding: SecretEncoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Takes tokens for time-based if the file does not say what they are. The default is counter-based.
    #[must_use]
    pub const fn with_totp(mut self) -> Self {
        self.time_based = true;
        self
    }

    /// Sets the hash of tokens for which the file does not name one.
    #[must_use]
    pub const fn with_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Sets the number of digits of tokens for which the file does not say it.
    #[must_use]
    pub const fn with_digits(mut self, digits: Digits) -> Self {
        self.digits = digits;
        self
    }

    /// Sets the period of tokens for which the file does not say it.
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
