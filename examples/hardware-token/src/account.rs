//! An account: its engine, its label, and what changes with each code.

use core::fmt::{self, Write};

use heapless::String;
use otp_core::verifier::{State, Swap, Verdict, Verifier};
use otp_core::{CodeFormat, Engine, otpauth};

use crate::decimal::Decimal;
use crate::fault::Fault;

/// The longest label in bytes.
pub(crate) const MAX_LABEL: usize = 64;

const POLICY: Verifier = Verifier::DEFAULT;

/// The shared secret is not in it: the engine holds the HMAC key schedule, and wipes it when it
/// goes.
pub(crate) struct Account {
    label: String<MAX_LABEL>,
    engine: Engine,
    /// HOTP: the counter of the next code to show. `None` after the last one.
    next: Option<u64>,
    /// The state of the verifier.
    state: State,
}

impl Account {
    pub(crate) fn enrol(uri: &str) -> Result<Self, Fault> {
        let uri = otpauth::Uri::parse(uri)?;
        let mut label = String::new();
        if let Some(issuer) = uri.issuer() {
            write!(label, "{issuer}: ").map_err(|_| Fault::LabelTooLong)?;
        }
        write!(label, "{}", uri.account()).map_err(|_| Fault::LabelTooLong)?;
        // The issuer chose the length of the secret. A token that refused it would not help its
        // user.
        let engine = uri.engine_allow_short()?;
        let next = match engine {
            Engine::Hotp { counter, .. } => Some(counter),
            Engine::Totp(_) => None,
        };
        Ok(Self { label, engine, next, state: State::enrolment() })
    }

    /// Shows the code of now, or the next one.
    pub(crate) fn code(&mut self, clock: Option<u64>, out: &mut dyn Write) -> Result<(), Fault> {
        // If the terminal is gone, the token goes on.
        let _ = match &self.engine {
            Engine::Totp(totp) => {
                let now = clock.ok_or(Fault::ClockNotSet)?;
                let code = totp.code_at(now)?;
                let left = totp.seconds_remaining_at(now).unwrap_or_default();
                writeln!(out, "{}, {} s left", code.as_str(), Decimal(left))
            }
            Engine::Hotp { hotp, .. } => {
                let counter = self.next.ok_or(Fault::NoCodeLeft)?;
                // The counter is stored before the code is shown, so no code is shown twice.
                self.next = counter.checked_add(1);
                let code = hotp.code(counter);
                writeln!(out, "{}, counter {}", code.as_str(), Decimal(counter))
            }
        };
        Ok(())
    }

    /// Checks a code as a verifier does.
    pub(crate) fn verify(&mut self, code: &str, now: u64) -> Result<Verdict, Fault> {
        let attempt = POLICY.attempt(&self.engine, self.state, code, now)?;
        // The state is in RAM, and nothing else writes it. If your state is in flash, return the
        // error of the write here.
        let settled = attempt.commit(|_, next| {
            self.state = next;
            Ok::<_, Fault>(Swap::Stored)
        })?;
        Ok(settled.verdict)
    }
}

/// Label and parameters.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)?;
        f.write_str(match self.engine {
            Engine::Totp(_) => " (TOTP",
            Engine::Hotp { .. } => " (HOTP",
        })?;
        match self.engine.format() {
            CodeFormat::Decimal(digits) => {
                let digits = Decimal(digits.get().into());
                write!(f, ", {}, {digits} digits", self.engine.algorithm().name())?;
            }
            CodeFormat::Steam => f.write_str(", Steam")?,
        }
        match (self.engine.period(), self.next) {
            (Some(period), _) => write!(f, ", {} s)", Decimal(period.seconds())),
            (None, Some(next)) => write!(f, ", counter {})", Decimal(next)),
            (None, None) => f.write_str(", counter exhausted)"),
        }
    }
}
