//! The figures of RFC 6030, and files that `python-pskc` encrypted. The expected values are from
//! `python-pskc` and `pskctool`.

use std::collections::BTreeMap;

use otp_core::seeds::{Buffer, Csv, Part, Problem, Pskc, PskcOptions, Unlock};
use otp_core::verifier::{State, Swap, Verdict, Verifier};
use otp_core::{Algorithm, Engine};

use super::{No, Row, Tokens, csv_with, data, file_error, hex, pskc, pskc_with};

fn said(cell: &str) -> Option<String> {
    (cell != "-").then(|| cell.to_owned())
}

fn number<N: std::str::FromStr>(cell: &str) -> Option<N> {
    cell.parse().ok()
}

/// Reads a line of `expected.txt`: how the file is opened, and the token.
fn expected(line: &str) -> (String, [String; 2], Row) {
    let cells: Vec<&str> = line.split('\t').collect();
    let [file, how, with, serial, key_id, issuer, kind, suite, digits, numbers, secret] = cells[..]
    else {
        panic!("{line}")
    };
    let hotp = kind == "hotp";
    let numbers: Vec<&str> = numbers.split(':').collect();
    let algorithm = match suite {
        "-" => Algorithm::Sha1,
        suite => suite.replace("HMAC-", "").parse().unwrap(),
    };
    let row = Row {
        serial: said(serial),
        key_id: said(key_id),
        issuer: said(issuer),
        hotp,
        algorithm,
        digits: number(digits).unwrap_or(6),
        counter: hotp.then(|| number(numbers[0]).unwrap_or(0)),
        period: (!hotp).then(|| number(numbers[0]).unwrap_or(30)),
        last_step: if hotp { None } else { number(numbers[1]).filter(|step| *step > 0) },
        drift: if hotp { 0 } else { number(numbers[2]).unwrap_or(0) },
        secret: hex(secret),
    };
    (file.to_owned(), [how.to_owned(), with.to_owned()], row)
}

fn open(file: &str, [how, with]: &[String; 2]) -> Tokens {
    let key = if how == "key" { hex(with) } else { vec![] };
    let unlock = match &**how {
        "plain" => Unlock::Plain,
        "key" => Unlock::Key(&key),
        _ => Unlock::Passphrase(with),
    };
    pskc_with(data(file).as_bytes(), unlock, PskcOptions::DEFAULT)
}

#[test]
fn every_file_is_read_as_python_pskc_reads_it() {
    let mut files = BTreeMap::<_, Vec<Row>>::new();
    for line in data("expected.txt").lines().filter(|line| !line.starts_with('#')) {
        let (file, how, row) = expected(line);
        files.entry((file, how)).or_default().push(row);
    }
    assert!(files.len() >= 14);
    for ((file, how), rows) in files {
        let (tokens, error) = open(&file, &how);
        assert_eq!(error, None, "{file}");
        let read: Vec<Row> = tokens.into_iter().filter_map(Result::ok).collect();
        assert_eq!(read, rows, "{file}");
    }
}

/// Figure 5 has a token with a PIN, and the PIN as a separate key.
#[test]
fn a_key_that_is_a_pin_is_named_and_refused() {
    let file = data("rfc6030_figure5.xml");
    let (tokens, error) = pskc(&file);
    assert_eq!((tokens.len(), error), (2, None));
    assert!(tokens[0].is_ok());
    let algorithm = file.rfind("urn:ietf:params:xml:ns:keyprov:pskc:pin").unwrap();
    let no = No {
        name: Some("987654321".to_owned()),
        part: Part::Algorithm,
        problem: Problem::Unsupported,
        offset: algorithm,
    };
    assert_eq!(tokens[1], Err(no));
}

/// Figure 4 only says where to find the secret.
#[test]
fn a_secret_that_is_elsewhere_is_missing() {
    let (tokens, _) = pskc(&data("rfc6030_figure4.xml"));
    let [Err(no)] = &tokens[..] else { panic!("{tokens:?}") };
    assert_eq!((no.part, no.problem), (Part::Secret, Problem::Missing));
}

/// Figure 8 is encrypted for a certificate.
#[test]
fn a_certificate_is_not_supported() {
    let file = data("rfc6030_figure8.xml");
    let error = file_error(pskc(&file));
    assert_eq!((error.0, error.1), (Part::EncryptionKey, Problem::Unsupported));
}

/// The token of figure 7 logs in, with the first code of RFC 4226 appendix D in eight digits.
#[test]
fn a_token_of_an_encrypted_file_logs_in() {
    let mut buffer = Buffer::new();
    let file = data("rfc6030_figure7.xml");
    let mut tokens =
        Pskc::open(file.as_bytes(), Unlock::Passphrase("qwerty"), &mut buffer).unwrap();
    let token = tokens.next_token().unwrap().unwrap().unwrap();
    assert_eq!(token.manufacturer().unwrap(), "TokenVendorAcme");
    let (engine, state) = (token.engine().unwrap(), token.state());
    assert!(state.requires_code());
    let Engine::Hotp { counter: 0, .. } = engine else { panic!("{engine:?}") };
    let attempt = Verifier::DEFAULT.attempt(&engine, state, "84755224", 1_700_000_000).unwrap();
    let settled = attempt.commit(|_, _| Ok::<_, ()>(Swap::Stored)).unwrap();
    assert!(matches!(settled.verdict, Verdict::Accepted(_)), "{:?}", settled.verdict);
}

#[test]
fn what_pskc2csv_writes_is_read() {
    let plain = pskc(&data("python_pskc_plain.xml")).0;
    let (tokens, error) =
        csv_with(data("pskc2csv.csv").as_bytes(), otp_core::seeds::CsvOptions::DEFAULT);
    assert_eq!((tokens.len(), error), (plain.len(), None));
    for (csv, pskc) in tokens.into_iter().zip(plain) {
        let (csv, pskc) = (csv.unwrap(), pskc.unwrap());
        // It does not have a column for the rest.
        let (csv, pskc) = [csv, pskc]
            .map(|row| (row.serial, row.hotp, row.digits, row.period, row.secret))
            .into();
        assert_eq!(csv, pskc);
    }
}

/// A token starts with the state from its file.
#[test]
fn the_state_is_what_the_file_tells() {
    let mut buffer = Buffer::new();
    let file = data("python_pskc_plain.xml");
    let mut tokens = Pskc::open(file.as_bytes(), Unlock::Plain, &mut buffer).unwrap();
    let mut states = vec![];
    while let Some(token) = tokens.next_token().unwrap() {
        states.push(token.unwrap().state());
    }
    let fresh = State::confirmed();
    assert_eq!(
        states,
        [
            fresh,
            fresh.with_next_counter(0x1234_5678),
            fresh.with_next_counter(255),
            fresh.with_drift(4).unwrap(),
            fresh.with_last_used(41_152_263),
            fresh,
            fresh,
        ]
    );
}

#[test]
fn texts_are_decoded() {
    let mut buffer = Buffer::new();
    let file = data("python_pskc_plain.xml");
    let mut tokens = Pskc::open(file.as_bytes(), Unlock::Plain, &mut buffer).unwrap();
    let token = tokens.next_token().unwrap().unwrap().unwrap();
    let manufacturer = token.manufacturer().unwrap();
    assert_eq!((manufacturer, manufacturer.to_string()), (manufacturer, "ACME & Söhne".to_owned()));
    assert_eq!((manufacturer.len(), manufacturer.chars().count()), (13, 12));
    assert_eq!(token.model().unwrap(), "T<1>");
    assert_eq!(manufacturer.copy_to(&mut [0; 13]), Ok("ACME & Söhne"));
    assert!(manufacturer.copy_to(&mut [0; 12]).is_err());

    let mut buffer = Buffer::new();
    let mut tokens = Csv::open(
        b"serial,seed\n\" a\"\"b,\r\nc\",4142434445464748494a4b4c4d4e4f50\n",
        &mut buffer,
    )
    .unwrap();
    let refused = tokens.next_token().unwrap().unwrap().unwrap_err();
    assert_eq!(
        (refused.error().part(), refused.error().problem()),
        (Part::Serial, Problem::Control)
    );
}
