//! The token: accounts, a clock that is set from outside, and what each command does.

use core::fmt::{self, Write};

use heapless::Vec;

use crate::account::Account;
use crate::bench::{self, Timer};
use crate::command::{COMMANDS, Command};
use crate::decimal::Decimal;
use crate::fault::Fault;
use crate::recovery::Recovery;

/// The most accounts of a token.
pub const MAX_ACCOUNTS: usize = 8;

/// The contents of a token.
#[derive(Default)]
pub struct Token {
    accounts: Vec<Account, MAX_ACCOUNTS>,
    /// Unix time in seconds.
    clock: Option<u64>,
    /// A vector with at most one element. An empty vector is all zeros, and an `Option` is not. So
    /// a new token is in .bss, and not in flash.
    recovery: Vec<Recovery, 1>,
}

impl Token {
    /// Makes a token without accounts, without a time, and without recovery codes.
    #[must_use]
    pub const fn new() -> Self {
        Self { accounts: Vec::new(), clock: None, recovery: Vec::new() }
    }

    /// Gives it recovery codes.
    pub fn provision(&mut self, recovery: Recovery) {
        self.recovery.clear();
        // The vector is empty.
        let _ = self.recovery.push(recovery);
    }

    /// Carries out a line, and writes the answer: lines, each with `\n` at its end. If it cannot,
    /// the answer is one line that begins with `error: `, and nothing has changed.
    pub fn line(&mut self, line: &[u8], out: &mut impl Write, timer: &mut impl Timer) {
        if let Err(fault) = self.obey(line, out, timer) {
            complain(fault, out);
        }
    }

    fn obey(
        &mut self,
        line: &[u8],
        out: &mut dyn Write,
        timer: &mut dyn Timer,
    ) -> Result<(), Fault> {
        let Some(command) = Command::parse(line)? else { return Ok(()) };
        // If the terminal is gone, the token goes on.
        let _ = match command {
            Command::Put { uri } => {
                self.put(uri)?;
                self.list(self.accounts.len(), out)
            }
            Command::List if self.accounts.is_empty() => out.write_str("no accounts\n"),
            Command::List => self.list(1, out),
            Command::Time { now } => {
                self.clock = Some(now);
                writeln!(out, "it is {}", Decimal(now))
            }
            Command::Code { number } => {
                let clock = self.clock;
                return self.account(number)?.code(clock, out);
            }
            Command::Verify { number, code } => {
                let clock = self.clock;
                let account = self.account(number)?;
                let verdict = account.verify(code, clock.ok_or(Fault::ClockNotSet)?)?;
                writeln!(out, "{verdict}")
            }
            Command::Recover { code } => {
                let recovery = self.recovery.first_mut().ok_or(Fault::NotProvisioned)?;
                let verdict = recovery.redeem(code, self.clock.ok_or(Fault::ClockNotSet)?)?;
                writeln!(out, "{verdict}")
            }
            Command::Bench => bench::run(self.recovery.first(), out, timer),
            Command::Help => {
                COMMANDS.iter().try_for_each(|usage| writeln!(out, "{usage}: {}", usage.what))
            }
        };
        Ok(())
    }

    /// Not inlined, so that only this command uses its stack.
    #[inline(never)]
    fn put(&mut self, uri: &str) -> Result<(), Fault> {
        if self.accounts.is_full() {
            return Err(Fault::Full);
        }
        self.accounts.push(Account::enrol(uri)?).map_err(|_| Fault::Full)
    }

    fn account(&mut self, number: u64) -> Result<&mut Account, Fault> {
        let place = number.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| self.accounts.get_mut(place)).ok_or(Fault::NoAccount)
    }

    /// Shows the accounts from a number on.
    fn list(&self, from: usize, out: &mut dyn Write) -> fmt::Result {
        for (number, account) in (1..).zip(&self.accounts).skip(from.saturating_sub(1)) {
            writeln!(out, "{} {account}", Decimal(number))?;
        }
        Ok(())
    }
}

pub(crate) fn complain(fault: Fault, out: &mut dyn Write) {
    let _ = writeln!(out, "error: {fault}");
}
