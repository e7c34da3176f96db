//! Tests of a host: does it keep what the verifier requires of its store, its login and its key?
//!
//! A code logs in only once, and a guess is counted before it is answered, **if** the store of
//! [`State`] really compares and swaps (see [`Attempt`](crate::verifier::Attempt)). These checks
//! test that, in a test of the host, on the database that the host uses: `SQLite`, Postgres, Redis
//! or flash. They need the feature `conformance` and std. Only tests depend on that feature, not
//! the service:
//!
//! ```toml
//! [dev-dependencies]
//! otp-core = { version = "0.1", features = ["conformance"] }
//! ```
//!
//! ```
//! use std::sync::Mutex;
//! use otp_core::conformance;
//! use otp_core::verifier::State;
//!
//! let record = Mutex::new(State::enrolment());
//! conformance::check_store(
//!     || *record.lock().unwrap(),
//!     |expected, new| {
//!         let mut stored = record.lock().unwrap();
//!         let unchanged = *stored == expected;
//!         if unchanged {
//!             *stored = new;
//!         }
//!         unchanged
//!     },
//! )?;
//! # Ok::<(), conformance::Violation>(())
//! ```
//!
//! # The two closures
//! They work on **one record that only the test uses**. Its initial state does not matter. Sixteen
//! threads call the closures concurrently, and new threads are started many times. A connection
//! that is not `Sync` or is bound to a thread must be opened in the closure or taken from a pool.
//! The closures run the same code as the service, such as `SELECT state …` and
//! `UPDATE … SET state = $new WHERE id = $id AND state = $expected`.
//!
//! - `compare_and_swap` returns `true` if and only if it replaced the expected state by the new
//!   one. `MySQL` counts only changed rows by default, so a row that is set to its old value is not
//!   counted. Configure the connection to count the rows found.
//! - A failure of the store is not a refusal. If the store fails or cannot answer, try again in the
//!   closure, or panic. A panic of a closure reaches the caller. A transaction that was rolled back
//!   because another one won (Postgres 40001) is a refusal.
//!
//! For an asynchronous store, block in the closures. No thread of the checks belongs to a runtime:
//!
//! ```
//! # use std::{future::Future, sync::Mutex};
//! # use otp_core::conformance;
//! # use otp_core::verifier::State;
//! # struct Runtime;
//! # impl Runtime {
//! #     fn block_on<F: Future>(&self, future: F) -> F::Output {
//! #         let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! #         match std::pin::pin!(future).poll(&mut context) {
//! #             std::task::Poll::Ready(output) => output,
//! #             std::task::Poll::Pending => panic!("nothing here waits"),
//! #         }
//! #     }
//! # }
//! # struct Store(Mutex<State>);
//! # impl Store {
//! #     async fn load(&self) -> Result<State, ()> { Ok(*self.0.lock().unwrap()) }
//! #     async fn swap(&self, expected: State, new: State) -> Result<bool, ()> {
//! #         let mut stored = self.0.lock().unwrap();
//! #         let unchanged = *stored == expected;
//! #         if unchanged { *stored = new; }
//! #         Ok(unchanged)
//! #     }
//! # }
//! # let (runtime, store) = (Runtime, Store(Mutex::new(State::enrolment())));
//! conformance::check_store(
//!     || runtime.block_on(store.load()).unwrap(),
//!     |expected, new| runtime.block_on(store.swap(expected, new)).unwrap(),
//! )?;
//! # Ok::<(), conformance::Violation>(())
//! ```
//!
//! # The login as a whole
//! [`check_login`] submits codes to a host's enrolment and login. It does not need to know how they
//! work. It also finds mistakes that no check of the store can find. Two examples: the code of an
//! enrolment also logs in, or a used code is forgotten while its window is open.
//!
//! [`check_store_failure`] submits a code while the store fails: nobody may be let in, and the code
//! must stay good.
//!
//! # Several authenticators, and recovery codes
//! If a user has several authenticators, [`check_store_any`] tests the closures of
//! [`Verifier::log_in_any`](crate::verifier::Verifier::log_in_any) on at least two rows.
//! [`check_recovery`] submits recovery codes to a host, as [`check_login`] does with codes.
//!
//! # The meaning of a pass
//! A pass means that the check saw no violation. The rules for a single thread are checked
//! completely on the chosen values. Races are found by chance:
//!
//! - If a network round trip separates the compare from the write, almost every run finds the race.
//! - If only a few nanoseconds separate them, as in memory, about two runs in three miss the race.
//!   Run the check a hundred times there.

mod failure;
mod host;
mod key;
mod login;
mod record;
mod recovery;
mod several;
mod states;
mod violation;

pub use self::{
    failure::check_store_failure, host::check_login, key::check_key, recovery::check_recovery,
    several::check_store_any, violation::Violation,
};

use self::record::Record;
use crate::verifier::State;

/// Checks the host's store of [`State`]: one record that is loaded, and replaced by
/// compare-and-swap. The [module](self) says what the closures must do.
///
/// 1. It checks everything that [`check_compare_and_swap`] checks. The states use every byte and
///    reach every bound, and many differ in only one field.
/// 2. Sixteen threads submit one valid code, eight times. One submission must be accepted each
///    time.
/// 3. Sixteen threads guess, eight times. The stored failures must equal the answered guesses, and
///    must not exceed what the verifier allows.
///
/// The check ends at the first violation. Without a violation it takes about 1,100 loads and 700
/// swaps in memory. If threads often collide, it takes at most 3,000 of each. About 700 of them are
/// sequential, the others come from sixteen threads. That takes milliseconds in memory, and about
/// ten seconds if each takes five milliseconds.
///
/// The record is disabled at the end, so that nobody can log in with a record that is left behind.
/// The next run can start from it.
///
/// # Errors
/// The [`Violation`] that was found.
pub fn check_store(
    load: impl Fn() -> State + Sync,
    compare_and_swap: impl Fn(State, State) -> bool + Sync,
) -> Result<(), Violation> {
    let record = Record { load: &load, swap: &compare_and_swap };
    record.check(&states::state)?;
    login::check(record)?;
    record.put(&State::enrolment().disabled())
}

/// Checks the host's store of any value that is replaced by compare-and-swap, as [`check_store`]
/// does for [`State`].
///
/// `value` makes the values to store, from numbers under 1,000. It must return a different value
/// for each number, and always the same value for the same number. Choose the first 19 with care:
/// use values at the bounds, and values that differ in only one field. The check expects each of
/// them while another one is stored.
///
/// 1. A stored value must be read back unchanged.
/// 2. A swap from the stored value must succeed. A swap from a value to the same value must succeed
///    too. If another value is stored, nothing may be replaced.
/// 3. Sixteen threads swap from one snapshot, sixteen times. One must commit each time, and every
///    thread that has its answer must see the committed value.
/// 4. Sixteen threads count up concurrently. No step may be lost, and no thread may read a value
///    older than the last one known to be committed.
///
/// The initial content of the record does not matter. At the end it holds one of the values.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
/// use otp_core::conformance::{Violation, check_compare_and_swap};
///
/// let record = AtomicU64::new(0);
/// let load = || record.load(SeqCst);
/// let value = |n: u64| n.wrapping_mul(u64::MAX);
/// let swap = |old, new| record.compare_exchange(old, new, SeqCst, SeqCst).is_ok();
/// check_compare_and_swap(load, swap, value)?;
///
/// // Writes without comparing.
/// let overwrite = |_, new| {
///     record.store(new, SeqCst);
///     true
/// };
/// assert_eq!(check_compare_and_swap(load, overwrite, value), Err(Violation::StaleSwap));
/// # Ok::<(), Violation>(())
/// ```
///
/// # Errors
/// The [`Violation`] that was found.
pub fn check_compare_and_swap<T: Clone + PartialEq + Send + Sync>(
    load: impl Fn() -> T + Sync,
    compare_and_swap: impl Fn(T, T) -> bool + Sync,
    value: impl Fn(u64) -> T + Sync,
) -> Result<(), Violation> {
    Record { load: &load, swap: &compare_and_swap }.check(&value)
}
