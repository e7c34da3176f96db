//! A login that accepts each code once: a store that compares and swaps, and the verdicts.
//!
//! `cargo run --example login` tells the story of three users. The times are constants, so that
//! every run prints the same.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write;
use std::sync::Mutex;

use otp_core::verifier::{Attempt, Settled, State, StateError, Swap, Verifier};
use otp_core::{Secret, Totp};

/// Stands for a table: a user, and the bytes of the state.
#[derive(Default)]
struct Store(Mutex<HashMap<&'static str, Vec<u8>>>);

impl Store {
    /// `INSERT INTO otp …`
    fn enrol(&self, user: &'static str) {
        let state = State::enrolment().to_bytes();
        self.0.lock().unwrap().insert(user, state.as_ref().to_vec());
    }

    /// `SELECT state FROM otp WHERE user = :user`. A row that is missing or damaged is an
    /// error, and never a new state.
    fn load(&self, user: &'static str) -> Result<State, StateError> {
        let table = self.0.lock().unwrap();
        State::from_bytes(table.get(user).map(Vec::as_slice).unwrap_or_default())
    }

    /// `UPDATE otp SET state = :new WHERE user = :user AND state = :old`
    fn swap(&self, user: &'static str, old: State, new: State) -> Result<Swap, StateError> {
        let mut table = self.0.lock().unwrap();
        let rows = table.get_mut(user).filter(|row| *row == old.to_bytes().as_ref());
        let rows = rows.map(|row| *row = new.to_bytes().as_ref().to_vec());
        Ok(Swap::from_rows(rows.iter().count() as u64))
    }

    fn commit(&self, user: &'static str, attempt: Attempt) -> Result<Settled, StateError> {
        attempt.commit(|old, new| self.swap(user, old, new))
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
    let verifier = Verifier::DEFAULT;
    let code_at = |time| totp.code_at(time).map(|code| code.to_string());
    let log_in = |user, code: &str, now| {
        let swap = |old, new| store.swap(user, old, new);
        let settled = verifier.log_in(&totp, code, now, || store.load(user), swap)?;
        Ok::<_, Box<dyn Error>>(settled.verdict)
    };
    for user in ["alice", "bob", "carol"] {
        store.enrol(user);
    }
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
    let (now, loaded) = (now + 120, store.load("alice")?);
    let first = verifier.attempt(&totp, loaded, &code_at(now)?, now)?;
    let second = verifier.attempt(&totp, loaded, &code_at(now)?, now)?;
    writeln!(out, "alice clicks twice:             {:?}", store.commit("alice", first)?.verdict)?;
    writeln!(out, "  at the same time:             {:?}", store.commit("alice", second)?.verdict)?;

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

    // Carol has not used her token for years. Its clock is four minutes behind.
    let slow = now - 240;
    writeln!(out, "carol's token is slow:          {:?}", log_in("carol", &code_at(slow)?, now)?)?;
    let loaded = store.load("carol")?;
    let in_a_row = [code_at(slow + 30)?, code_at(slow + 60)?];
    let attempt = verifier.resynchronise(
        &totp,
        loaded,
        &in_a_row.each_ref().map(|code| &**code),
        now + 60,
    )?;
    let settled = attempt.commit(|old, new| store.swap("carol", old, new))?;
    writeln!(out, "  two codes correct its drift:  {:?}", settled.verdict)?;
    writeln!(
        out,
        "  then its codes are right:     {:?}",
        log_in("carol", &code_at(slow + 90)?, now + 90)?
    )?;
    Ok(out)
}
