//! A login whose codes work once: a store that compares and swaps, and what the verifier says.
//!
//! `cargo run --example login` tells the story of three users. Times are given, so that it is the
//! same whenever it runs.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write;
use std::sync::Mutex;

use otp_core::{Attempt, Policy, Secret, Totp, Verdict, VerifierState};

/// Stands for a table: a user, and the 24 bytes of the state.
#[derive(Default)]
struct Store(Mutex<HashMap<&'static str, [u8; VerifierState::LEN]>>);

impl Store {
    /// A new enrolment starts from a fresh state.
    fn load(&self, user: &'static str) -> VerifierState {
        let table = self.0.lock().unwrap();
        table.get(user).map_or(VerifierState::FRESH, |bytes| {
            VerifierState::from_bytes(bytes).expect("the table holds what was stored")
        })
    }

    /// `UPDATE otp SET state = :new WHERE user = :user AND state = :old`
    fn compare_and_swap(&self, user: &'static str, old: VerifierState, new: VerifierState) -> bool {
        let mut table = self.0.lock().unwrap();
        let stored = table.entry(user).or_insert(VerifierState::FRESH.to_bytes());
        let unchanged = *stored == old.to_bytes();
        if unchanged {
            *stored = new.to_bytes();
        }
        unchanged
    }

    /// The state goes first. Only then the verdict comes out.
    fn settle(&self, user: &'static str, loaded: VerifierState, attempt: Attempt) -> Verdict {
        let committed = self.compare_and_swap(user, loaded, attempt.next_state());
        attempt.settle(committed)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", story()?);
    Ok(())
}

pub(crate) fn story() -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    let store = Store::default();
    let totp = Totp::new(&Secret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")?);
    let policy = Policy::DEFAULT;
    let code_at = |time| totp.code_at(time).map(|code| code.to_string());
    let log_in = |user, code: &str, now| {
        let loaded = store.load(user);
        let attempt = policy.attempt(&totp, loaded, code, now)?;
        Ok::<_, Box<dyn Error>>(store.settle(user, loaded, attempt))
    };
    let now = 1_800_000_000;

    writeln!(out, "alice confirms her enrolment:   {:?}", log_in("alice", &code_at(now)?, now)?)?;
    writeln!(
        out,
        "  somebody saw the code:        {:?}",
        log_in("alice", &code_at(now)?, now + 5)?
    )?;
    writeln!(
        out,
        "  her next login:               {:?}",
        log_in("alice", &code_at(now + 60)?, now + 60)?
    )?;

    // Two requests that load the same state. It does not matter how long each of them takes.
    let (now, loaded) = (now + 120, store.load("alice"));
    let first = policy.attempt(&totp, loaded, &code_at(now)?, now)?;
    let second = policy.attempt(&totp, loaded, &code_at(now)?, now)?;
    writeln!(out, "alice clicks twice:             {:?}", store.settle("alice", loaded, first))?;
    writeln!(out, "  at the same time:             {:?}", store.settle("alice", loaded, second))?;

    writeln!(out, "mallory guesses:")?;
    for guess in ["000000", "111111", "222222", "333333", "444444", "555555"] {
        writeln!(out, "  {guess}:                       {:?}", log_in("bob", guess, now)?)?;
    }
    writeln!(out, "  bob himself has to wait:      {:?}", log_in("bob", &code_at(now)?, now)?)?;
    writeln!(
        out,
        "  and then gets in:             {:?}",
        log_in("bob", &code_at(now + 30)?, now + 30)?
    )?;

    // Carol's token has lain in a drawer for years: its clock is four minutes behind.
    let slow = now - 240;
    writeln!(out, "carol's token is slow:          {:?}", log_in("carol", &code_at(slow)?, now)?)?;
    let loaded = store.load("carol");
    let in_a_row = [code_at(slow + 30)?, code_at(slow + 60)?];
    let attempt =
        policy.resynchronise(&totp, loaded, &in_a_row.each_ref().map(|code| &**code), now + 60)?;
    writeln!(out, "  two codes bring it home:      {:?}", store.settle("carol", loaded, attempt))?;
    writeln!(
        out,
        "  from then on it is right:     {:?}",
        log_in("carol", &code_at(slow + 90)?, now + 90)?
    )?;
    Ok(out)
}
