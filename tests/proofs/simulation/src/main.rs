//! Accounts whose passwords are known, attacked for a year; and owners who mistype for ten.

use std::convert::Infallible;
use std::process::ExitCode;

use otp_core::verifier::{Attempt, State, Swap, Throttle, Verdict, Verifier};
use otp_core::{Secret, Totp};

const DAY: u64 = 86_400;
const YEAR: u64 = 365 * DAY;
const ACCOUNTS: u32 = 4_000;
/// Nothing depends on when it begins.
const START: u64 = 1_800_000_000;

/// Steele, Lea and Flood's `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn totp(&mut self) -> Totp {
        let key: Vec<u8> = (0..3).flat_map(|_| self.next().to_be_bytes()).collect();
        Totp::new(&Secret::from_bytes(&key[..20]).expect("20 bytes are a secret"))
    }
}

fn commit(attempt: Attempt, state: &mut State) -> Verdict {
    let Ok(settled) = attempt.commit(|_, new| {
        *state = new;
        Ok::<_, Infallible>(Swap::Stored)
    });
    settled.verdict
}

/// One account.
struct Account {
    totp: Totp,
    state: State,
}

impl Account {
    fn new(random: &mut Random) -> Self {
        Self { totp: random.totp(), state: State::confirmed() }
    }

    fn submit(&mut self, verifier: Verifier, code: &str, now: u64) -> Verdict {
        let attempt = verifier.attempt(&self.totp, self.state, code, now);
        commit(attempt.expect("the verifier answers"), &mut self.state)
    }

    fn right(&self, now: u64) -> String {
        self.totp.code_at(now).expect("it is after 1970").to_string()
    }
}

/// Returns whether an attacker who knows the password gets in within a year. They guess as often
/// as they are let, as long as the wait that follows ends before the owner comes: that login
/// clears the count.
fn is_broken(verifier: Verifier, random: &mut Random, logins_a_day: u64) -> bool {
    let mut account = Account::new(random);
    let every = DAY / logins_a_day;
    let mut owner_at = START + random.below(every);
    let mut now = START;
    while now < START + YEAR {
        let wait = verifier.throttle().wait_after(account.state.failures() + 1);
        if now + wait >= owner_at {
            let code = account.right(owner_at);
            drop(account.submit(verifier, &code, owner_at));
            // The step of the owner's code is used up: the window is whole again after two more.
            now = owner_at + 90;
            owner_at += every;
            continue;
        }
        let guess = format!("{:06}", random.below(1_000_000));
        match account.submit(verifier, &guess, now) {
            Verdict::Accepted(_) => return true,
            Verdict::Rejected(rejection) => now = rejection.until().unwrap_or(now),
            Verdict::Locked { until } => now = until,
            Verdict::Disabled => return false,
            // The number of a step that the owner has used up.
            Verdict::Replayed => now += 30,
            other => panic!("{other:?}"),
        }
    }
    false
}

fn share_broken(verifier: Verifier, logins_a_day: u64) -> f64 {
    let mut random = Random(logins_a_day);
    let broken = (0..ACCOUNTS).filter(|_| is_broken(verifier, &mut random, logins_a_day)).count();
    broken as f64 / f64::from(ACCOUNTS)
}

/// Counts how often owners meet an empty budget in ten years: five logins a day, one code in
/// twenty mistyped, ten more on one day of each month.
fn shut_out(owners: u32) -> u32 {
    let verifier = Verifier::DEFAULT;
    let mut random = Random(99);
    let mut shut_out = 0;
    for _ in 0..owners {
        let mut account = Account::new(&mut random);
        let bad_day = random.below(30);
        for day in 0..3650 {
            for login in 0..5 {
                let mut now = START + day * DAY + login * 3 * 3600;
                let worse = if day % 30 == bad_day { 2 } else { 0 };
                let mistyped = worse + u64::from(random.below(20) == 0);
                for _ in 0..mistyped {
                    let code = account.right(now + 1000 * 30);
                    drop(account.submit(verifier, &code, now));
                    // They wait as long as they are told, if that is not for the budget.
                    now = account.state.locked_until(now).unwrap_or(now);
                }
                let code = account.right(now);
                let verdict = account.submit(verifier, &code, now);
                let budget_waits = account.state.budget_full_at() > now + 29 * DAY;
                shut_out += u32::from(budget_waits || matches!(verdict, Verdict::Disabled));
            }
        }
    }
    shut_out
}

fn main() -> ExitCode {
    let verifier = Verifier::DEFAULT;
    let bound = verifier.guess_bound(&Random(0).totp(), YEAR, 1);
    // Four standard deviations of a share that is at the bound.
    let most = bound + 4.0 * (bound / f64::from(ACCOUNTS)).sqrt();
    let mut holds = true;
    for logins_a_day in [1, 10] {
        let share = share_broken(verifier, logins_a_day);
        println!(
            "{logins_a_day} logins a day: {:.3} % of {ACCOUNTS} accounts broken in a year; the bound is {:.3} %",
            share * 100.0,
            bound * 100.0
        );
        holds &= share <= most;
    }
    let without = verifier.with_throttle(Throttle::DEFAULT.without_budget());
    for logins_a_day in [1, 10] {
        let share = share_broken(without, logins_a_day);
        println!("{logins_a_day} logins a day, without the budget: {:.2} %", share * 100.0);
        // It notices what the budget is there for.
        holds &= share > most;
    }
    let owners = 1_000;
    let shut_out = shut_out(owners);
    println!("{owners} clumsy owners in ten years: shut out by the budget {shut_out} times");
    holds &= shut_out == 0;
    println!("{}", if holds { "the bound holds" } else { "THE BOUND DOES NOT HOLD" });
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
