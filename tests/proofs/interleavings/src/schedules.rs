//! Every schedule of two threads, and many of three, that log in by one call with one code.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use otp_core::verifier::{State, Swap, Verdict, Verifier};
use otp_core::{Secret, Totp};
use shuttle::scheduler::{DfsScheduler, RandomScheduler};
use shuttle::sync::atomic::{AtomicU32, Ordering::SeqCst};
use shuttle::sync::{Arc, Mutex};
use shuttle::{Config, Runner, future, thread};

const NOW: u64 = 1_234_567_890;

/// A row: compared and written in one step, or in two.
#[derive(Clone)]
struct Store {
    row: Arc<Mutex<State>>,
    in_two_steps: bool,
}

impl Store {
    fn load(&self) -> State {
        *self.row.lock().expect("no thread panics")
    }

    fn swap(&self, old: State, new: State) -> Swap {
        if self.in_two_steps {
            let matches = self.load() == old;
            if matches {
                *self.row.lock().expect("no thread panics") = new;
            }
            return if matches { Swap::Stored } else { Swap::Lost };
        }
        let mut row = self.row.lock().expect("no thread panics");
        if *row != old {
            return Swap::Lost;
        }
        *row = new;
        Swap::Stored
    }

    /// The login in one call, sync or async.
    fn log_in(&self, totp: &Totp, code: &str, is_async: bool) -> bool {
        let settled = if is_async {
            future::block_on(Verifier::DEFAULT.log_in_async(
                totp,
                code,
                NOW,
                || async {
                    future::yield_now().await;
                    Ok::<_, Infallible>(self.load())
                },
                |old, new| async move {
                    future::yield_now().await;
                    Ok(self.swap(old, new))
                },
            ))
        } else {
            let load = || Ok::<_, Infallible>(self.load());
            Verifier::DEFAULT.log_in(totp, code, NOW, load, |old, new| Ok(self.swap(old, new)))
        };
        matches!(settled.expect("the verifier answers").verdict, Verdict::Accepted(_))
    }
}

fn race(threads: usize, is_async: bool, in_two_steps: bool) {
    let totp = Totp::new(&Secret::from_bytes(&[7; 20]).expect("20 bytes are a secret"));
    let totp = Arc::new(totp);
    let code = totp.code_at(NOW).expect("the time is after T0").to_string();
    let store = Store { row: Arc::new(Mutex::new(State::confirmed())), in_two_steps };
    let accepted = Arc::new(AtomicU32::new(0));
    let threads: Vec<_> = (0..threads)
        .map(|_| {
            let (store, totp) = (store.clone(), totp.clone());
            let (code, accepted) = (code.clone(), accepted.clone());
            thread::spawn(move || {
                accepted.fetch_add(store.log_in(&totp, &code, is_async).into(), SeqCst);
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("no thread panics"));
    assert_eq!(accepted.load(SeqCst), 1, "one code is accepted once");
}

/// All schedules of two threads, and so many of three.
fn walk_all(is_async: bool, in_two_steps: bool, of_three: usize) -> bool {
    let schedules = std::sync::Arc::new(AtomicU64::new(0));
    let job = |threads| {
        let schedules = std::sync::Arc::clone(&schedules);
        move || {
            schedules.fetch_add(1, Relaxed);
            race(threads, is_async, in_two_steps);
        }
    };
    let (two, three) =
        (DfsScheduler::new(None, false), RandomScheduler::new_from_seed(1, of_three));
    let run = || {
        Runner::new(two, Config::default()).run(job(2));
        Runner::new(three, Config::default()).run(job(3));
    };
    let holds = catch_unwind(AssertUnwindSafe(run)).is_ok();
    let kind = if is_async { "log_in_async" } else { "log_in" };
    println!("{} schedules of {kind}", schedules.load(Relaxed));
    println!("  {}: one code is accepted once", if holds { "holds" } else { "BROKEN" });
    holds
}

pub(crate) fn walk(host: &str) -> bool {
    match host {
        "quick" => walk_all(false, false, 2_000) & walk_all(true, false, 2_000),
        "long" => walk_all(false, false, 100_000) & walk_all(true, false, 100_000),
        "two-steps" => walk_all(false, true, 2_000) & walk_all(true, true, 2_000),
        _ => panic!("no mistake {host}"),
    }
}
