//! Whether a host keeps the promises that the verifier rests on: its store, its login, its key.
//!
//! A code opens one door only, and a guess is counted before it is answered, **if** the store of
//! [`State`] really compares and swaps (see [`Attempt`](crate::verifier::Attempt)). These checks find
//! out, in a test of the host, on the database that it runs on: `SQLite`, Postgres, Redis, flash. They
//! need the feature `conformance` and std; a test depends on it, a service does not:
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
//! They work on **one record, of the test alone**, which holds any state at the beginning. Sixteen
//! threads call them, started anew again and again: what is not `Sync`, or has a thread of its own,
//! is opened in the closure or taken out of a pool. They are the code that the service runs, as
//! `SELECT state …` and `UPDATE … SET state = $new WHERE id = $id AND state = $expected`.
//!
//! - `compare_and_swap` is `true` if and only if the new state was stored in the place of the
//!   expected one. `MySQL` counts only rows that it changed, so that a row which is set to what it
//!   was is none, unless the connection asks for the rows that were found.
//! - A store that fails or cannot answer is no refusal: try again in the closure, or panic. A panic
//!   of a closure goes on to the caller. A transaction that was rolled back because another one won
//!   (Postgres 40001) is a refusal.
//!
//! An asynchronous store blocks in the closures; no thread of the checks belongs to a runtime:
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
//! [`check_login`] submits codes to a host's enrolment and login, and needs to know nothing of how they work. It also
//! finds what no check of the store can: an enrolment whose code opens a login too, or a used code that is forgotten
//! while its window is open.
//!
//! # What a pass says
//! That no violation was seen. The laws of a single thread are checked in full on the values there
//! are. Of races only chance decides: where a request lies between comparing and writing, hardly one
//! run misses it; where a few nanoseconds do, as in memory, two runs out of three do, so there let
//! the check run a hundred times.

mod host;
mod key;
mod login;
mod record;
mod states;
mod violation;

pub use self::{host::check_login, key::check_key, violation::Violation};

use self::record::Record;
use crate::verifier::State;

/// Checks the host's store of [`State`]: one record that is loaded, and replaced by
/// compare-and-swap. See the [module](self) for what the closures have to do.
///
/// 1. What [`check_compare_and_swap`] checks, with states that use every byte and reach every bound,
///    and many that differ in one field alone.
/// 2. Sixteen threads submit one good code, eight times over: one is accepted each time.
/// 3. Sixteen threads guess, eight times over: the failures that are stored are the guesses that
///    were answered, and no more of them than the verifier allows.
///
/// It ends at the first violation. Where there is none it takes some 1,100 loads and 700 swaps in
/// memory, and no more than 3,000 of each where threads are often in each other's way; 700 in all
/// come one after the other, the rest from sixteen threads. That is milliseconds in memory, and some
/// ten seconds where each takes five milliseconds. The record is disabled in the end, so that one that is left behind lets
/// nobody in; the next run starts from there.
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

/// Checks the host's store of anything that is replaced by compare-and-swap, as
/// [`check_store`] does for [`State`].
///
/// `value` makes what is stored, from numbers under 1,000: another value for each number, and the
/// same whenever it is asked. The first 19 are the ones to choose with care, for each of them is
/// expected where another one is stored: at the bounds, and different in one field alone.
///
/// 1. What is stored is read back as it was.
/// 2. The expected value is replaced, also by itself; where another one is stored, nothing is.
/// 3. Sixteen threads swap from one snapshot, sixteen times over: one commits each time, and its
///    value is the one that is stored, which whoever has an answer sees.
/// 4. Sixteen threads count up side by side: no step is lost, and nothing is read that is older than
///    what was committed before.
///
/// The record may hold anything in the beginning, and holds one of the values in the end.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
/// use otp_core::conformance::{Violation, check_compare_and_swap};
///
/// let record = AtomicU64::new(0);
/// let load = || record.load(SeqCst);
/// let value = |n: u64| n.wrapping_mul(u64::MAX);
/// check_compare_and_swap(load, |old, new| record.compare_exchange(old, new, SeqCst, SeqCst).is_ok(), value)?;
///
/// // Writes whatever is stored.
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
