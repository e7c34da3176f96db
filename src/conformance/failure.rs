//! Checks what a host answers while its store fails.

use super::violation::Violation;

/// Checks that nobody is let in while the host's store fails, and that the code is not used up
/// then.
///
/// `code` is right at `now`, in seconds of Unix time: a TOTP code, or an unused recovery code.
/// `submit` submits it to the host's login, and returns whether it was accepted.
/// `submit_while_failing` does the same while the store cannot write. It is called first.
///
/// Call it for each write that a login needs. Most databases have a mode in which every write
/// fails: `PRAGMA query_only = ON` in `SQLite`, `SET default_transaction_read_only = on` in
/// Postgres. To make a single statement fail, such as the `INSERT` of the session, rename its table
/// or add a trigger that raises an error.
///
/// 1. The code must not be accepted while the store fails.
/// 2. It must be accepted when the store works again, because its owner was not let in by it.
///
/// ```
/// use std::cell::Cell;
/// use otp_core::conformance::{self, Violation};
///
/// let used = Cell::new(false);
/// let log_in = |_: &str, _: u64| !used.replace(true);
/// // Marks the code as used, and then cannot store the session.
/// let without_sessions = |_: &str, _: u64| {
///     used.set(true);
///     false
/// };
/// let found = conformance::check_store_failure("755224", 59, log_in, without_sessions);
/// assert_eq!(found, Err(Violation::UsedUnstored));
/// ```
///
/// # Errors
/// [`Violation::AcceptedUnstored`] or [`Violation::UsedUnstored`].
pub fn check_store_failure(
    code: &str,
    now: u64,
    submit: impl FnOnce(&str, u64) -> bool,
    submit_while_failing: impl FnOnce(&str, u64) -> bool,
) -> Result<(), Violation> {
    if submit_while_failing(code, now) {
        return Err(Violation::AcceptedUnstored);
    }
    if submit(code, now) { Ok(()) } else { Err(Violation::UsedUnstored) }
}
