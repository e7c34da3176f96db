//! The tour: what a server does with a new token, in the order in which it does it.

use std::io::{self, Write};

use otp_core::{Secret, Totp, Window};
use zeroize::Zeroizing;

use crate::{Outcome, now};

pub(crate) fn run() -> Outcome<()> {
    let mut out = io::stdout().lock();

    // Enrolment: a new shared secret, as long as the hash (RFC 6238 section 5.1). With the feature
    // `getrandom` this is `Secret::generate_from_os(Algorithm::Sha1)`.
    let mut bytes = Zeroizing::new([0; 20]);
    getrandom::fill(&mut *bytes)?;
    let secret = Secret::from_bytes(&*bytes)?;
    let base32 = secret.expose_base32();
    writeln!(out, "A new shared secret, which both sides keep:  {base32}")?;

    // The engine holds the key schedule; the secret is not needed any more.
    let totp = Totp::new(&secret);

    // The authenticator app shows a code and how long it lasts.
    let now = now()?;
    let code = totp.code_at(now)?;
    let seconds = totp.seconds_remaining_at(now)?;
    writeln!(out, "The code at {now}, for {seconds} more seconds:  {code}")?;
    writeln!(out, "  oathtool agrees:  oathtool --totp -b --now=@{now} {base32}")?;

    // The user types the code in two groups, and it arrives a little later. After ten minutes
    // it is not accepted. A text that is not formatted as a code has an error of its own.
    let code = code.to_string();
    let (left, right) = code.split_at(3);
    let typed = format!("{left} {right}");
    for (typed, later) in [(typed.as_str(), 20), (&typed, 600), ("12345", 20), ("l23456", 20)] {
        match totp.verify_at(typed, now + later, Window::DEFAULT) {
            // Here a server stores the step, so that the code is accepted once.
            Ok(hit) => writeln!(
                out,
                "`{typed}` {later} s later:  accepted, time step {}, drift {}",
                hit.step(),
                hit.drift()
            )?,
            Err(error) => writeln!(out, "`{typed}` {later} s later:  {error}")?,
        }
    }
    writeln!(out, "\nNext: cargo run -p otp -- --help")?;
    Ok(())
}
