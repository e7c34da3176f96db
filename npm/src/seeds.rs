//! Seed files of hardware tokens: PSKC and CSV.

use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt::Display;

use otp_core::otpauth::Kind;
use otp_core::seeds::{
    Buffer, Column, Csv, CsvOptions, Error, Pskc, PskcOptions, Refused, SecretEncoding, Token,
    Unlock,
};
use otp_core::{Digits, Period};

use crate::fault::Fault;
use crate::json::Json;
use crate::memory::{Output, call};
use crate::state;
use crate::written::{Written, countable, refuse, told, whole};

/// Reads a PSKC file. `unlock` is 0 for a plain file, 1 for a key and 2 for a passphrase, which
/// follows the file in the input. `without_mac` accepts encrypted values without a MAC if it is
/// not 0.
#[unsafe(no_mangle)]
pub extern "C" fn seeds_pskc(
    file: u32,
    unlock: u32,
    key: u32,
    max_iterations: u32,
    without_mac: u32,
) -> f64 {
    call(|arguments, output, _| {
        let file = arguments.bytes(file)?;
        let unlock = match unlock {
            0 => Unlock::Plain,
            1 => Unlock::Key(arguments.bytes(key)?),
            _ => Unlock::Passphrase(arguments.text(key)?),
        };
        let mut options = PskcOptions::DEFAULT.with_max_iterations(max_iterations);
        if without_mac != 0 {
            options = options.with_values_without_mac();
        }
        let mut buffer = Buffer::new();
        let mut tokens = Pskc::open_with(file, unlock, options, &mut buffer)?;
        write(output, |json| {
            while let Some(token) = tokens.next_token()? {
                json.item(|json| one(json, token));
            }
            Ok(())
        })
    })
}

/// The columns of a CSV file, in the order in which `js/seeds.js` numbers them.
const COLUMNS: [Column; 16] = [
    Column::Other,
    Column::Serial,
    Column::Secret,
    Column::Type,
    Column::Digits,
    Column::Period,
    Column::Counter,
    Column::Drift,
    Column::Algorithm,
    Column::User,
    Column::Manufacturer,
    Column::Model,
    Column::KeyId,
    Column::Issuer,
    Column::StartDate,
    Column::ExpiryDate,
];

/// Reads a CSV file. `totp`, `algorithm`, `digits` and `period` hold for a token if the file does
/// not say it. The columns follow the algorithm in the input, one byte for each; 0 columns are
/// those that the file names. The separator is a character, or 0 for the one that the file shows.
/// The encoding of secrets is 0 for either, 1 for hexadecimal and 2 for Base32.
#[unsafe(no_mangle)]
pub extern "C" fn seeds_csv(
    file: u32,
    totp: u32,
    algorithm: u32,
    digits: u32,
    period: f64,
    columns: u32,
    separator: u32,
    encoding: u32,
) -> f64 {
    call(|arguments, output, _| {
        let file = arguments.bytes(file)?;
        let mut options = CsvOptions::DEFAULT
            .with_algorithm(arguments.text(algorithm)?.parse()?)
            .with_digits(Digits::new(u8::try_from(digits).unwrap_or(0))?)
            .with_period(Period::new(whole(period))?);
        if totp != 0 {
            options = options.with_totp();
        }
        let column = |&number: &u8| COLUMNS.get(usize::from(number)).copied();
        let named: Vec<_> = arguments.bytes(columns)?.iter().filter_map(column).collect();
        if columns != 0 {
            options = options.with_columns(&named);
        }
        // JavaScript has checked that it is an ASCII character.
        if let Some(separator) = u8::try_from(separator).ok().filter(|byte| *byte != 0) {
            options = options.with_separator(separator);
        }
        options = options.with_encoding(match encoding {
            1 => SecretEncoding::Hex,
            2 => SecretEncoding::Base32,
            _ => SecretEncoding::Either,
        });
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

/// Writes the tokens of a file. An error of the file is the error of the call.
fn write(
    output: &mut Output,
    tokens: impl FnOnce(&mut Json<'_>) -> Result<(), Error>,
) -> Result<f64, Fault> {
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
