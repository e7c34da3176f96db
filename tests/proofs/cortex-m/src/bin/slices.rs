//! A login under `embassy-executor`, a moving factor at a time: another task runs after each
//! slice. Prints the number of slices, the instructions of the longest, those of the login in one
//! piece, and how often the other task ran.

#![no_std]
#![no_main]

use core::cell::Cell;
use core::convert::Infallible;
use core::hint::black_box;

use cortex_m::Peripherals;
use cortex_m_proofs::{contents, measure};
use cortex_m_semihosting::{debug, hprintln};
use embassy_executor::{Spawner, task};
use embassy_futures::yield_now;
use otp_core::verifier::{Plan, State, Swap, Verdict, Verifier};
use otp_core::{Algorithm, HmacKey, KeySchedule, Totp, Truncated};

/// The factors of a window of a step each way, and the last used ones.
const MOST_FACTORS: usize = 6;

/// The count of the other task. There is one core, and no task is interrupted.
struct Count(Cell<u32>);
// SAFETY: only tasks of one executor use it, in thread mode.
unsafe impl Sync for Count {}
static RUNS: Count = Count(Cell::new(0));

/// A task that must not wait long.
#[task]
async fn control() {
    loop {
        RUNS.0.set(RUNS.0.get().wrapping_add(1));
        yield_now().await;
    }
}

/// The longest slice so far.
#[derive(Default)]
struct Slices {
    number: u32,
    longest: u32,
}

impl Slices {
    /// A slice, and then the other tasks.
    async fn slice<T>(&mut self, work: impl FnOnce() -> T) -> Option<T> {
        let (mut work, mut result) = (Some(work), None);
        let count = measure::instructions(&mut || result = work.take().map(|work| work()));
        self.number = self.number.wrapping_add(1);
        self.longest = self.longest.max(count);
        yield_now().await;
        result
    }
}

fn totp() -> Option<Totp> {
    let key = KeySchedule::from_raw_key(black_box(Algorithm::Sha1), black_box(contents::KEY));
    key.ok().map(Totp::from_key)
}

/// The last login was an hour ago, so that the most factors are looked at.
fn state(totp: &Totp) -> State {
    let step = totp.step_at(contents::NOW).unwrap_or_default();
    State::confirmed().with_last_used(step.wrapping_sub(120))
}

fn plan<'v>(verifier: &'v Verifier, totp: &Totp) -> Option<Plan<'v>> {
    verifier.plan(totp, black_box(state(totp)), black_box(contents::CODE), contents::NOW).ok()
}

/// Set if the code was accepted.
fn settle(plan: Plan<'_>, answers: &[Truncated]) -> bool {
    let Ok(attempt) = plan.attempt(answers.iter().copied()) else { return false };
    let settled = attempt.commit(|_, next| {
        black_box(next.to_bytes());
        Ok::<_, Infallible>(Swap::Stored)
    });
    settled.is_ok_and(|settled| matches!(settled.verdict, Verdict::Accepted(_)))
}

async fn in_slices(slices: &mut Slices) -> Option<bool> {
    let verifier = Verifier::DEFAULT;
    let totp = slices.slice(totp).await??;
    let plan = slices.slice(|| plan(&verifier, &totp)).await??;
    let mut answers = [Truncated::UNWRITTEN; MOST_FACTORS];
    let mut len = 0_usize;
    for (factor, answer) in plan.moving_factors().zip(&mut answers) {
        let Ok(truncated) = slices.slice(|| totp.key().truncated(factor)).await?;
        *answer = truncated;
        len = len.wrapping_add(1);
    }
    slices.slice(|| settle(plan, answers.get(..len).unwrap_or_default())).await
}

fn in_one_piece() -> Option<bool> {
    let totp = totp()?;
    let attempt = Verifier::DEFAULT
        .attempt(&totp, black_box(state(&totp)), black_box(contents::CODE), contents::NOW)
        .ok()?;
    let settled = attempt.commit(|_, next| {
        black_box(next.to_bytes());
        Ok::<_, Infallible>(Swap::Stored)
    });
    Some(settled.is_ok_and(|settled| matches!(settled.verdict, Verdict::Accepted(_))))
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    if let Some(mut peripherals) = Peripherals::take() {
        measure::start(&mut peripherals.SYST);
    }
    if let Ok(token) = control() {
        spawner.spawn(token);
    }
    yield_now().await;
    let mut slices = Slices::default();
    let before = RUNS.0.get();
    let opens = in_slices(&mut slices).await;
    let runs = RUNS.0.get().wrapping_sub(before);
    let mut opens_too = None;
    let whole = measure::instructions(&mut || opens_too = in_one_piece());
    hprintln!("{} {} {} {}", slices.number, slices.longest, whole, runs);
    let held = opens == Some(true) && opens_too == Some(true) && runs >= slices.number;
    debug::exit(if held { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
}
