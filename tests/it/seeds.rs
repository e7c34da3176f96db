//! Seed files of hardware tokens: PSKC (RFC 6030) and CSV.

use std::fs;

use otp_core::Period;
use otp_core::seeds::{
    Buffer, Csv, CsvOptions, Error, Part, Problem, Pskc, PskcOptions, Refused, Token, Unlock,
};

mod csv;
mod drift;
mod exposed;
mod hostile;
mod locked;
mod makers;
mod policies;
mod speed;
mod vectors;
mod xml;

/// The content of a token, in a comparable form.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    serial: Option<String>,
    key_id: Option<String>,
    issuer: Option<String>,
    hotp: bool,
    algorithm: otp_core::Algorithm,
    digits: u8,
    counter: Option<u64>,
    period: Option<u64>,
    last_step: Option<u64>,
    drift: i16,
    secret: Vec<u8>,
}

impl Row {
    fn of(token: &Token<'_>) -> Self {
        Self {
            serial: token.serial().map(|text| text.to_string()),
            key_id: token.key_id().map(|text| text.to_string()),
            issuer: token.issuer().map(|text| text.to_string()),
            hotp: token.is_hotp(),
            algorithm: token.algorithm(),
            digits: token.digits().get(),
            counter: token.counter(),
            period: token.period().map(Period::seconds),
            last_step: token.last_step(),
            drift: token.drift(),
            secret: token.expose_secret_bytes().to_vec(),
        }
    }
}

/// A refused token: its name, the part, the problem and the position.
#[derive(Clone, Debug, PartialEq)]
struct No {
    name: Option<String>,
    part: Part,
    problem: Problem,
    offset: usize,
}

impl No {
    fn of(refused: &Refused<'_>) -> Self {
        let error = refused.error();
        Self {
            name: refused.serial().or(refused.key_id()).map(|text| text.to_string()),
            part: error.part(),
            problem: error.problem(),
            offset: error.offset(),
        }
    }
}

/// All tokens of a file, and the error of the file at the end.
type Tokens = (Vec<Result<Row, No>>, Option<Error>);

fn pskc_with(file: &[u8], unlock: Unlock<'_>, options: PskcOptions) -> Tokens {
    let mut buffer = Buffer::new();
    let mut tokens = vec![];
    let mut reader = match Pskc::open_with(file, unlock, options, &mut buffer) {
        Ok(reader) => reader,
        Err(error) => return (tokens, Some(error)),
    };
    loop {
        match reader.next_token() {
            Ok(Some(token)) => {
                tokens.push(token.map(|token| Row::of(&token)).map_err(|refused| No::of(&refused)));
            }
            Ok(None) => return (tokens, None),
            Err(error) => {
                assert!(matches!(reader.next_token(), Ok(None)), "nothing comes after an error");
                return (tokens, Some(error));
            }
        }
    }
}

fn pskc(file: &str) -> Tokens {
    pskc_with(file.as_bytes(), Unlock::Plain, PskcOptions::DEFAULT)
}

fn csv_with(file: &[u8], options: CsvOptions<'_>) -> Tokens {
    let mut buffer = Buffer::new();
    let mut tokens = vec![];
    let mut reader = match Csv::open_with(file, options, &mut buffer) {
        Ok(reader) => reader,
        Err(error) => return (tokens, Some(error)),
    };
    loop {
        match reader.next_token() {
            Ok(Some(token)) => {
                tokens.push(token.map(|token| Row::of(&token)).map_err(|refused| No::of(&refused)));
            }
            Ok(None) => return (tokens, None),
            Err(error) => {
                assert!(matches!(reader.next_token(), Ok(None)), "nothing comes after an error");
                return (tokens, Some(error));
            }
        }
    }
}

/// Returns the error of a file without a token before it.
fn file_error((tokens, error): Tokens) -> (Part, Problem, usize) {
    let error = error.expect("an error of the file");
    assert_eq!(tokens, [], "{error}");
    (error.part(), error.problem(), error.offset())
}

/// Returns the only token of a file.
fn only((tokens, error): Tokens) -> Result<Row, No> {
    assert_eq!(error, None);
    let [token] = <[_; 1]>::try_from(tokens).expect("one token");
    token
}

fn data(name: &str) -> String {
    let path = format!("{}/tests/data/pskc/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

const NAMESPACE: &str = "xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"";
const SECRET: &str = "<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>";

/// A file with one TOTP token. `data` is inside `Data` beside the secret, and `behind` follows
/// `Data`.
fn totp(data: &str, behind: &str) -> String {
    with_key(&format!(
        "<Key Id=\"k\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\">\
         <Data>{SECRET}{data}</Data>{behind}</Key>"
    ))
}

fn with_key(key: &str) -> String {
    container(&package(key))
}

fn package(key: &str) -> String {
    format!("<KeyPackage><DeviceInfo><SerialNo>7</SerialNo></DeviceInfo>{key}</KeyPackage>")
}

fn container(inside: &str) -> String {
    format!("<KeyContainer Version=\"1.0\" {NAMESPACE}>{inside}</KeyContainer>")
}

/// Returns the position of the first occurrence of a text.
fn at(file: &str, text: &str) -> usize {
    file.find(text).unwrap_or_else(|| panic!("no {text}"))
}
