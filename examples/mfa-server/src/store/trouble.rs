//! What is wrong with the database, in words that a client and an operator can do something with.

use std::io::ErrorKind;

use sqlx::error::DatabaseError;

/// A trouble that passes, or that an operator can end while the server runs. What is none of these is a
/// mistake of this server's or a database that holds what no version of it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Another transaction won, and this one was undone: a serialization failure or a deadlock.
    Conflict,
    /// A lock, a connection or an answer did not come in time.
    Busy,
    /// The connection is lost, or there is none to be had.
    Unreachable,
    /// There is no space left.
    Full,
    /// The database is a replica, or may not be written.
    ReadOnly,
    /// Reading or writing failed.
    Input,
}

impl Trouble {
    /// For probes, logs and metrics. It tells nothing of the database.
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

    /// Seconds after which it is worth to try again.
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

    /// Whether the answer was lost on its way: what was asked may have been done.
    pub fn is_silence(error: &sqlx::Error) -> bool {
        match error {
            sqlx::Error::Database(error) => Self::told(&**error) == Some(Self::Unreachable),
            error => Self::of(error).is_some(),
        }
    }

    /// By the code that the database gives: five characters of PostgreSQL's, a number of SQLite's.
    fn told(error: &dyn DatabaseError) -> Option<Self> {
        let code = error.code()?;
        if code.len() == 5 { Self::of_postgres(&code) } else { Self::of_sqlite(code.parse().ok()?) }
    }

    /// See "PostgreSQL Error Codes", appendix A of its documentation.
    fn of_postgres(code: &str) -> Option<Self> {
        match (code.get(..2).unwrap_or_default(), code) {
            (_, "40001" | "40P01") => Some(Self::Conflict),
            // Transactions that were in somebody's way, and statements that took too long.
            ("40", _) | (_, "55P03" | "57014" | "25P03" | "53300") => Some(Self::Busy),
            (_, "53100") => Some(Self::Full),
            (_, "25006") => Some(Self::ReadOnly),
            (_, "58030") => Some(Self::Input),
            // Connections, passwords and databases that are gone, shut-downs, and what resources lack.
            ("08" | "28" | "3D" | "53" | "57" | "58", _) => Some(Self::Unreachable),
            _ => None,
        }
    }

    /// See "Result and Error Codes" of SQLite. The low byte is the kind.
    fn of_sqlite(code: u32) -> Option<Self> {
        match code & 0xff {
            // BUSY, LOCKED, PROTOCOL (which is a race for a lock), INTERRUPT
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
