//! Seed files of hardware tokens: PSKC and CSV.

use alloc::string::ToString as _;
use core::fmt::Display;

use otp_core::otpauth::Kind;
use otp_core::seeds::{Buffer, Csv, CsvOptions, Error, Pskc, Refused, Token, Unlock};
use otp_core::{Digits, Period};

use crate::fault::Fault;
use crate::json::Json;
use crate::memory::{Output, call};
use crate::state;
use crate::written::{Written, countable, refuse, told, whole};

/// Reads a PSKC file. It is opened by 0 nothing, 1 a key, 2 a passphrase, which lies behind the file.
#[unsafe(no_mangle)]
pub extern "C" fn seeds_pskc(file: u32, unlock: u32, key: u32) -> i32 {
    call(|arguments, output, _| {
        let file = arguments.bytes(file)?;
        let unlock = match unlock {
            0 => Unlock::Plain,
            1 => Unlock::Key(arguments.bytes(key)?),
            _ => Unlock::Passphrase(arguments.text(key)?),
        };
        let mut buffer = Buffer::new();
        let mut tokens = Pskc::open(file, unlock, &mut buffer)?;
        write(output, |json| {
            while let Some(token) = tokens.next_token()? {
                json.item(|json| one(json, token));
            }
            Ok(())
        })
    })
}

/// Reads a CSV file. The other arguments hold for a token of which the file does not say it.
#[unsafe(no_mangle)]
pub extern "C" fn seeds_csv(file: u32, totp: u32, algorithm: u32, digits: u32, period: f64) -> i32 {
    call(|arguments, output, _| {
        let file = arguments.bytes(file)?;
        let mut options = CsvOptions::DEFAULT
            .with_algorithm(arguments.text(algorithm)?.parse()?)
            .with_digits(Digits::new(u8::try_from(digits).unwrap_or(0))?)
            .with_period(Period::new(whole(period))?);
        if totp != 0 {
            options = options.with_totp();
        }
        let mut buffer = Buffer::new();
        let mut tokens = Csv::open_with(file, options, &mut buffer)?;
        write(output, |json| {
            while let Some(token) = tokens.next_token()? {
                json.item(|json| one(json, token));
            }
            Ok(())
        })
    })
}

/// An error of the file is told of beside the tokens that were read before it.
fn write(
    output: &mut Output,
    tokens: impl FnOnce(&mut Json<'_>) -> Result<(), Error>,
) -> Result<i32, Fault> {
    let mut ended = Ok(());
    Json::object(output, |json| {
        json.array("tokens", |json| ended = tokens(json));
    });
    ended?;
    Ok(output.len())
}

fn one(json: &mut Json<'_>, token: Result<Token<'_>, Refused<'_>>) {
    let token = match token {
        Ok(token) => token,
        Err(refused) => {
            let serial = refused.serial();
            json.optional_text("serial", serial.as_ref().map(|text| text as &dyn Display));
            return refuse(json, &refused.error().into());
        }
    };
    let texts = [
        ("serial", token.serial()),
        ("manufacturer", token.manufacturer()),
        ("model", token.model()),
        ("keyId", token.key_id()),
        ("issuer", token.issuer()),
        ("friendlyName", token.friendly_name()),
        ("user", token.user()),
        ("startDate", token.start_date()),
        ("expiryDate", token.expiry_date()),
    ];
    for (name, text) in &texts {
        json.optional_text(name, text.as_ref().map(|text| text as &dyn Display));
    }
    state::told(token.state(), |text| _ = json.text("state", text));
    told(json, key(&token));
}

fn key(token: &Token<'_>) -> Result<Written, Fault> {
    let digits = token.digits();
    let kind = match (token.counter(), token.period()) {
        (Some(counter), _) => Kind::Hotp { digits, counter: countable(counter)? },
        (None, period) => Kind::Totp { digits, period: period.unwrap_or_default() },
    };
    let text = |text: Option<otp_core::seeds::Text<'_>>| {
        text.map(|text| text.to_string()).unwrap_or_default()
    };
    Ok(Written {
        secret: token.secret_allow_short()?,
        kind,
        algorithm: token.algorithm(),
        issuer: text(token.issuer().or(token.manufacturer())),
        account: text(token.user().or(token.serial())),
    })
}
