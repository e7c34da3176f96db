//! The problems of a database, in words that help a client and an operator.

use std::io::ErrorKind;

use sqlx::error::DatabaseError;

/// A problem that passes, or that an operator can solve while the server runs. Any other
/// problem is a bug of this server, or rows that no version of it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Another transaction won, and this one was undone: a serialization failure or a deadlock.
    Conflict,
    /// A lock, a connection or an answer did not arrive in time.
    Busy,
    /// The connection was lost, or no connection can be made.
    Unreachable,
    /// The disk is full.
    Full,
    /// The database is a replica, or is read-only.
    ReadOnly,
    /// A read or a write failed.
    Input,
}

impl Trouble {
    /// Returns the word for probes, logs and metrics. It reveals nothing about the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Busy => "busy",
            Self::Unreachable => "unreachable",
            Self::Full => "full",
            Self::ReadOnly => "read-only",
            Self::Input => "io",
        }
    }

    /// Returns after how many seconds a client should try again.
    pub fn retry_after(self) -> u64 {
        match self {
            Self::Conflict | Self::Busy => 1,
            Self::Unreachable => 5,
            Self::Full | Self::ReadOnly | Self::Input => 30,
        }
    }

    pub fn of(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::Io(error) if error.kind() == ErrorKind::TimedOut => Some(Self::Busy),
            sqlx::Error::PoolTimedOut => Some(Self::Busy),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Some(Self::Unreachable),
            sqlx::Error::Database(error) => Self::told(&**error),
            _ => None,
        }
    }

    /// Returns whether the answer was lost on its way. The statement may have been done.
    pub fn is_silence(error: &sqlx::Error) -> bool {
        match error {
            sqlx::Error::Database(error) => Self::told(&**error) == Some(Self::Unreachable),
            error => Self::of(error).is_some(),
        }
    }

    /// Classifies the database's error code: PostgreSQL's have five characters, and SQLite's
    /// are numbers.
    fn told(error: &dyn DatabaseError) -> Option<Self> {
        let code = error.code()?;
        if code.len() == 5 { Self::of_postgres(&code) } else { Self::of_sqlite(code.parse().ok()?) }
    }

    /// See "PostgreSQL Error Codes", appendix A of its documentation.
    fn of_postgres(code: &str) -> Option<Self> {
        match (code.get(..2).unwrap_or_default(), code) {
            (_, "40001" | "40P01") => Some(Self::Conflict),
            // Transactions that blocked each other, and statements that took too long.
            ("40", _) | (_, "55P03" | "57014" | "25P03" | "53300") => Some(Self::Busy),
            (_, "53100") => Some(Self::Full),
            (_, "25006") => Some(Self::ReadOnly),
            (_, "58030") => Some(Self::Input),
            // Connections, passwords or databases that are gone; shutdowns; and missing
            // resources.
            ("08" | "28" | "3D" | "53" | "57" | "58", _) => Some(Self::Unreachable),
            _ => None,
        }
    }

    /// See "Result and Error Codes" of SQLite. The low byte is the kind.
    fn of_sqlite(code: u32) -> Option<Self> {
        match code & 0xff {
            // BUSY, LOCKED, PROTOCOL (a race for a lock), INTERRUPT
            5 | 6 | 15 | 9 => Some(Self::Busy),
            8 => Some(Self::ReadOnly),
            13 => Some(Self::Full),
            // NOMEM, IOERR
            7 | 10 => Some(Self::Input),
            // CANTOPEN
            14 => Some(Self::Unreachable),
            _ => None,
        }
    }
}
