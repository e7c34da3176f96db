//! `otp enroll`: a new shared secret, as a key URI, for typing, and as a QR code.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use otp_core::{Algorithm, Secret, otpauth};
use zeroize::Zeroizing;

use crate::{Outcome, picture};

#[derive(Args)]
pub(crate) struct Enroll {
    /// Who issues the key
    #[arg(long, value_name = "I")]
    issuer: String,
    /// Whose account it is
    #[arg(long, value_name = "A")]
    account: String,
    /// SHA1, SHA256 or SHA512; many apps only read SHA1 [default: SHA1]
    #[arg(long, value_name = "A")]
    algorithm: Option<Algorithm>,
    /// Also write the QR code to this file, as SVG. It shows the secret
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

impl Enroll {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        let algorithm = self.algorithm.unwrap_or_default();
        // With the feature `getrandom` this is `Secret::generate_from_os(algorithm)`.
        let mut bytes = Zeroizing::new([0; 64]);
        let bytes = &mut bytes[..algorithm.output_len()];
        getrandom::fill(bytes)?;
        let secret = Secret::from_bytes(bytes)?;
        let uri = otpauth::UriBuilder::totp(&secret)
            .with_algorithm(algorithm)
            .with_issuer(&self.issuer)
            .map_err(|error| format!("issuer: {error}"))?
            .with_account(&self.account)
            .map_err(|error| format!("account: {error}"))?;

        // First what can fail, so that a secret is not shown that came to nothing.
        let picture = picture::draw(&uri, self.svg.as_deref())?;
        let symbols = Zeroizing::new(secret.expose_base32().to_string());
        let mut out = io::stdout().lock();
        writeln!(out, "{uri}\n\nFor typing:")?;
        for (at, symbol) in symbols.chars().enumerate() {
            let gap = if at > 0 && at.is_multiple_of(4) { " " } else { "" };
            write!(out, "{gap}{symbol}")?;
        }
        writeln!(out, "\n\n{}", picture.as_str())?;
        Ok(ExitCode::SUCCESS)
    }
}
