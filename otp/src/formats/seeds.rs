//! Seed files of hardware tokens: PSKC and CSV.

use otp_core::seeds::{Buffer, Csv, Error, Problem, Pskc, Refused, Token, Unlock};

use super::Opening;
use crate::Outcome;
use crate::entry::{Entry, shown};
use crate::reading::Reading;

pub(super) fn pskc(text: &str, opening: &Opening<'_>, reading: &mut Reading) -> Outcome<()> {
    let unlock = match (opening.key, opening.passphrase) {
        (Some(key), _) => Unlock::Key(key),
        (None, Some(passphrase)) => Unlock::Passphrase(passphrase),
        (None, None) => Unlock::Plain,
    };
    let mut buffer = Buffer::new();
    let tokens = Pskc::open_with(text.as_bytes(), unlock, opening.pskc, &mut buffer);
    let mut tokens = tokens.map_err(with_remedy)?;
    let mut number = 0;
    while let Some(token) = tokens.next_token().map_err(with_remedy)? {
        number += 1;
        take(number, token, reading);
    }
    Ok(())
}

pub(super) fn csv(text: &str, opening: &Opening<'_>, reading: &mut Reading) -> Outcome<()> {
    let mut buffer = Buffer::new();
    let mut tokens = Csv::open_with(text.as_bytes(), opening.csv, &mut buffer)?;
    let mut number = 0;
    while let Some(token) = tokens.next_token()? {
        number += 1;
        take(number, token, reading);
    }
    Ok(())
}

fn take(number: usize, token: Result<Token<'_>, Refused<'_>>, reading: &mut Reading) {
    let place = format!("token {number}");
    match token {
        Ok(token) => reading.accept(&place, Entry::of_token(&token)),
        Err(refused) => {
            let name = refused.serial().or(refused.key_id());
            let name = name.map(|name| shown(&name.to_string())).unwrap_or_default();
            reading.refuse(&place, &name, &with_remedy(refused.error()));
        }
    }
}

/// The error, and the option that helps.
fn with_remedy(error: Error) -> String {
    match error.problem() {
        Problem::Locked => format!("{error}: use --key or --passphrase-file"),
        Problem::NoMac => format!("{error}: --without-mac accepts that"),
        _ => error.to_string(),
    }
}
