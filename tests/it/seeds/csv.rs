//! CSV in the formats of manufacturers, with our own values.

use otp_core::seeds::{Buffer, Column, Csv, CsvOptions, Part, Problem, SecretEncoding};
use otp_core::{Algorithm, Digits, Period};
use proptest::prelude::*;

use super::{Row, Tokens, at, csv_with, file_error, only};

const HEX: &str = "3132333435363738393031323334353637383930";
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn csv(file: &str) -> Tokens {
    csv_with(file.as_bytes(), CsvOptions::DEFAULT)
}

fn rows(file: &str) -> Vec<Row> {
    let (tokens, error) = csv(file);
    assert_eq!(error, None, "{file}");
    tokens.into_iter().map(|token| token.unwrap_or_else(|no| panic!("{file}: {no:?}"))).collect()
}

/// HOTP or TOTP with the secret of the RFCs.
fn row(serial: &str, counter: Option<u64>, period: Option<u64>, digits: u8) -> Row {
    Row {
        serial: Some(serial.to_owned()),
        key_id: None,
        issuer: None,
        hotp: counter.is_some(),
        algorithm: Algorithm::Sha1,
        digits,
        counter,
        period,
        last_step: None,
        drift: 0,
        secret: b"12345678901234567890".to_vec(),
    }
}

/// Microsoft's format, as manufacturers use it. `timeinterval` is Deepnet's spelling, and `upn` may
/// be missing.
#[test]
fn entra_s_form_is_read() {
    for header in [
        "upn,serial number,secret key,time interval,manufacturer,model",
        "UPN,Serial Number,Secret Key,timeinterval,Manufacturer,Model",
        "\u{feff}\"upn\",\"serial number\",\"secret key\",\"time interval\",\"manufacturer\",\"model\"",
    ] {
        let file = format!(
            "{header}\r\nHelga@contoso.com,1234567,{BASE32},60,Contoso,HardwareKey\r\n,1234568,{},30,Contoso,HardwareKey\r\n",
            BASE32.to_lowercase()
        );
        assert_eq!(
            rows(&file),
            [row("1234567", None, Some(60), 6), row("1234568", None, Some(30), 6)]
        );
    }
    let file = format!(
        "serial number,secret key,time interval,manufacturer,model\n10001001,{BASE32},60,Deepnet Security,SafeID/Classic\n"
    );
    assert_eq!(rows(&file), [row("10001001", None, Some(60), 6)]);
    let mut buffer = Buffer::new();
    let mut tokens = Csv::open(file.as_bytes(), &mut buffer).unwrap();
    let token = tokens.next_token().unwrap().unwrap().unwrap();
    assert_eq!(
        (token.manufacturer().unwrap(), token.model().unwrap()),
        (token.manufacturer().unwrap(), token.model().unwrap())
    );
    assert_eq!(token.model().unwrap(), "SafeID/Classic");
    assert_eq!(token.user(), None);
}

/// The format of Feitian's files for NetIQ, LinOTP and privacyIDEA.
#[test]
fn records_without_names_are_read() {
    let file = format!(
        "# version 1\n\nToken001, {HEX}\nToken002, {HEX}, totp, 8\nToken003, {HEX}, hotp, 6\nToken004, {HEX}, totp, 6, 60\n"
    );
    assert_eq!(
        rows(&file),
        [
            row("Token001", Some(0), None, 6),
            row("Token002", None, Some(30), 8),
            row("Token003", Some(0), None, 6),
            row("Token004", None, Some(60), 6),
        ]
    );
}

/// PingID: the third cell is the counter.
#[test]
fn a_third_cell_that_is_a_number_is_the_counter() {
    assert_eq!(
        rows(&format!("1,{HEX},17\n2,{HEX}\n")),
        [row("1", Some(17), None, 6), row("2", Some(0), None, 6)]
    );
}

/// In the fifth cell NetIQ has a period, and others have the counter of HOTP.
#[test]
fn a_fifth_cell_of_hotp_is_not_guessed() {
    let no = only(csv(&format!("1,{HEX},hotp,6,30\n"))).unwrap_err();
    assert_eq!((no.part, no.problem, no.name.as_deref()), (Part::Token, Problem::Cells, Some("1")));
    assert_eq!(rows(&format!("1,{HEX},hotp,6,0\n2,{HEX},HOTP,6,\n")).len(), 2);
    let columns = [Column::Serial, Column::Secret, Column::Type, Column::Digits, Column::Counter];
    let options = CsvOptions::DEFAULT.with_columns(&columns);
    let (tokens, _) = csv_with(format!("1,{HEX},hotp,6,30\n").as_bytes(), options);
    assert_eq!(tokens, [Ok(row("1", Some(30), None, 6))]);
}

/// Two logs of the YubiKey Personalization Tool.
#[test]
fn yubico_s_logs_are_read() {
    let file = format!(
        "LOGGING START,11.12.13 18:50\n\
         OATH-HOTP,11.12.13 18:55,1,cccccccccccc,,{HEX},,,0,0,0,8,5,0,0,0,0,0\n\
         Yubico OTP,12/11/2013 11:10,1,vvvvvvvvvvvv,ab86c04de6a3,000102030405060708090a0b0c0d0e0f,,,0,0,0,0,0,0,0,0,0,0\n\
         Static Password,11.12.13 19:08,1,,d5a3d50327dc,000102030405060708090a0b0c0d0e0f,,,0,0,0,0,0,0,0,0,0,0\n"
    );
    let (tokens, error) = csv(&file);
    assert_eq!(error, None);
    let hotp =
        Row { serial: None, key_id: Some("cccccccccccc".to_owned()), ..row("", Some(5), None, 8) };
    assert_eq!(tokens[0], Ok(hotp));
    for no in tokens[1..].iter().map(|token| token.as_ref().unwrap_err()) {
        assert_eq!((no.part, no.problem), (Part::Algorithm, Problem::Unsupported));
    }
    assert_eq!(tokens.len(), 3);

    let file = format!(
        "508326,,0,{HEX},,2013-12-12T08:41:07,\n\
         508327,cccccccccccc,123456789012,000102030405060708090a0b0c0d0e0f,,2013-12-12T08:43:17,\n\
         508328,,,000102030405060708090a0b0c0d0e0f,,2013-12-12T08:44:34,\n"
    );
    let (tokens, _) = csv(&file);
    assert_eq!(tokens[0], Ok(row("508326", Some(0), None, 6)));
    assert!(
        tokens[1..].iter().all(|token| token.as_ref().unwrap_err().problem == Problem::Unsupported)
    );
}

#[test]
fn names_may_stand_in_any_order() {
    let file = format!(
        "Model;Digits;SECRET_KEY;Time Drift;Algorithm;Serial No;Type;Comment;counter\n\
         C200;8;{HEX};-3;HMAC-SHA256;1;TOTP;\"a;b\";\n\
         C100;6;{BASE32};;SHA-1;2;HOTP;;7\n\
         C100;6;{BASE32};;;3;;;8\n"
    );
    let found = rows(&file);
    assert_eq!(
        found[0],
        Row { algorithm: Algorithm::Sha256, drift: -3, ..row("1", None, Some(30), 8) }
    );
    assert_eq!(found[1..], [row("2", Some(7), None, 6), row("3", Some(8), None, 6)]);
    let file = format!("serial\tseed\ttype\n1\t{HEX}\ttime\n");
    assert_eq!(rows(&file), [row("1", None, Some(30), 6)]);
}

#[test]
fn what_a_file_does_not_say_the_options_say() {
    let options = CsvOptions::DEFAULT
        .with_totp()
        .with_algorithm(Algorithm::Sha512)
        .with_digits(Digits::Eight)
        .with_period(Period::new(60).unwrap());
    let (tokens, _) = csv_with(format!("1,{HEX}\n").as_bytes(), options);
    assert_eq!(tokens, [Ok(Row { algorithm: Algorithm::Sha512, ..row("1", None, Some(60), 8) })]);
    let (tokens, _) =
        csv_with(format!("1|{HEX}\n").as_bytes(), CsvOptions::DEFAULT.with_separator(b'|'));
    assert_eq!(tokens, [Ok(row("1", Some(0), None, 6))]);
}

/// RFC 4180 section 2.
#[test]
fn quotes_are_those_of_rfc_4180() {
    let file = format!("model,serial,seed\r\n\"a,\"\"b\"\" c\", \"1\" ,\"{HEX}\"\r\n\"\",2,{HEX}");
    assert_eq!(rows(&file), [row("1", Some(0), None, 6), row("2", Some(0), None, 6)]);
    let mut buffer = Buffer::new();
    let mut tokens = Csv::open(file.as_bytes(), &mut buffer).unwrap();
    let token = tokens.next_token().unwrap().unwrap().unwrap();
    assert_eq!(token.model().unwrap(), "a,\"b\" c");
    // The end of the record is then unknown.
    let open = format!("1,{HEX}\n2,\"{HEX}\n3,{HEX}\n");
    let (tokens, error) = csv(&open);
    let error = error.unwrap();
    assert_eq!(
        (tokens.len(), error.problem(), error.offset()),
        (1, Problem::Truncated, at(&open, "\""))
    );
    let open = format!("1,{HEX}\n2,\"{HEX}\"x\n3,{HEX}\n");
    let (tokens, error) = csv(&open);
    let error = error.unwrap();
    assert_eq!(
        (tokens.len(), error.problem(), error.offset()),
        (1, Problem::Malformed, at(&open, "x\n"))
    );
}

#[test]
fn the_encoding_is_hexadecimal_or_base32() {
    let with = |secret: &str, encoding| {
        let file = format!("serial,seed\n1,{secret}\n");
        only(csv_with(file.as_bytes(), CsvOptions::DEFAULT.with_encoding(encoding)))
    };
    use SecretEncoding::{Base32, Either, Hex};
    for (secret, encoding) in [
        (HEX, Either),
        (HEX, Hex),
        (BASE32, Either),
        (BASE32, Base32),
        ("gezd gnbv-gy3t qojq gezd gnbv gy3t qojq", Either),
        ("31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30", Hex),
    ] {
        assert_eq!(with(secret, encoding).unwrap().secret, b"12345678901234567890", "{secret}");
    }
    // Both encodings are possible: the options decide.
    assert_eq!(with("ABCDEF234567ABCDABCDEF234567ABCD", Either).unwrap().secret.len(), 16);
    assert_eq!(with("ABCDEF234567ABCDABCDEF234567ABCD", Base32).unwrap().secret.len(), 20);
    for (secret, encoding, problem) in [
        (HEX, Base32, Problem::Encoding),
        (BASE32, Hex, Problem::Encoding),
        ("313", Hex, Problem::Encoding),
        ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", Either, Problem::Encoding),
        ("\u{663}1", Either, Problem::Encoding),
        (&"00".repeat(129), Either, Problem::TooLong),
        (&"A".repeat(400), Either, Problem::TooLong),
        (&HEX[..18], Either, Problem::OutOfRange),
        (&BASE32[..14], Base32, Problem::OutOfRange),
    ] {
        let no = with(secret, encoding).unwrap_err();
        assert_eq!((no.part, no.problem), (Part::Secret, problem), "{secret}");
    }
    assert_eq!(with(&"00".repeat(128), Either).unwrap().secret.len(), 128);
    assert_eq!(with(&HEX[..20], Either).unwrap().secret.len(), 10);
}

/// A first record that names some columns is not a token. A record of unknown titles is not one
/// either, because they are too short for a secret.
#[test]
fn the_title_of_a_column_is_no_secret() {
    for titles in [
        "Name,Seed",
        "Name,Secret",
        "ID,Key",
        "account,seed",
        "Token ID,Token Seed",
        "serial,type",
        "no,key",
        "serial",
    ] {
        let (tokens, error) = csv(&format!("{titles}\nA1,{BASE32}\n"));
        let error = error.map(|error| (error.part(), error.problem()));
        assert_eq!((tokens, error), (vec![], Some((Part::Header, Problem::Missing))), "{titles}");
    }
    for titles in ["Token,HOTPSeed", "tokenid,tokenkey", "Name,Seed code", "no,data"] {
        let (tokens, error) = csv(&format!("{titles}\nA1,{BASE32}\n"));
        assert_eq!(error, None, "{titles}");
        let parts: Vec<_> =
            tokens.iter().map(|token| token.as_ref().map_err(|no| no.part)).collect();
        assert!(matches!(parts[..], [Err(Part::Secret), Ok(_)]), "{titles}: {parts:?}");
    }
}

/// An unquoted comma moves the cells after it. The serial number would become the secret, and the
/// secret a label.
#[test]
fn a_record_has_no_more_cells_than_names() {
    let named = "upn,serial,secret,manufacturer,model\n";
    let no = only(csv(&format!("{named}Doe, Jane,12345678,{BASE32},A,K\n"))).unwrap_err();
    assert_eq!((no.part, no.problem), (Part::Token, Problem::Cells));
    // Empty cells at the end come from a spreadsheet.
    assert_eq!(rows(&format!("{named}a@x,1,{BASE32},A,K,,\n")).len(), 1);
    // Swapped, without names.
    let no = only(csv(&format!("{BASE32},12345678,totp\n"))).unwrap_err();
    assert_eq!((no.part, no.problem), (Part::Secret, Problem::OutOfRange));
}

/// A token without the interval that the others have is not read as HOTP.
#[test]
fn an_interval_that_is_left_out_is_missing() {
    let file = format!("serial,secret key,time interval\n1,{BASE32},30\n2,{BASE32},\n");
    let (tokens, error) = csv(&file);
    assert_eq!((error, tokens.len()), (None, 2));
    let no = tokens[1].as_ref().unwrap_err();
    assert_eq!((no.part, no.problem), (Part::TimeInterval, Problem::Missing));
    // If its type or a counter says what it is, nothing is missing.
    let file = format!("serial,seed,type,period\n1,{BASE32},hotp,\n2,{BASE32},totp,\n");
    assert_eq!(rows(&file).len(), 2);
}

#[test]
fn a_record_that_is_wrong_is_refused_alone() {
    let file = format!(
        "serial,seed,type,digits,period\n1,{HEX},totp,6,30\n2,,totp,6,30\n3,{HEX},ocra,6,30\n4,{HEX},totp,5,30\n\
         5,{HEX},totp,6,0\n6,{HEX},totp,6,x\n7\u{202e},{HEX},totp,6,30\n8,{HEX},totp,6,30\n,,,,\n"
    );
    let (tokens, error) = csv(&file);
    assert_eq!((tokens.len(), error), (8, None));
    let no = |at: usize| tokens[at].as_ref().unwrap_err();
    for (at, part, problem) in [
        (1, Part::Secret, Problem::Missing),
        (2, Part::Algorithm, Problem::Unsupported),
        (3, Part::ResponseFormat, Problem::OutOfRange),
        (4, Part::TimeInterval, Problem::OutOfRange),
        (5, Part::TimeInterval, Problem::NotANumber),
        (6, Part::Serial, Problem::Control),
    ] {
        assert_eq!((no(at).part, no(at).problem), (part, problem));
        let line = file.lines().take(at + 1).map(|line| line.len() + 1).sum::<usize>();
        assert!(no(at).offset >= line && no(at).offset < line + file[line..].find('\n').unwrap());
        let name = (at != 6).then(|| (at + 1).to_string());
        assert_eq!(no(at).name, name);
    }
    assert!(tokens[0].is_ok() && tokens[7].is_ok());
}

#[test]
fn headers_are_checked() {
    let error = file_error(csv("serial,seed,Serial Number\n1,2,3\n"));
    assert_eq!(error, (Part::Header, Problem::Duplicate, 0));
    let options = CsvOptions::DEFAULT.with_columns(&[Column::Serial]);
    assert_eq!(file_error(csv_with(b"1", options)), (Part::Header, Problem::Missing, 0));
    let many = [Column::Other; 33];
    assert_eq!(
        file_error(csv_with(b"1", CsvOptions::DEFAULT.with_columns(&many))),
        (Part::Header, Problem::Cells, 0)
    );
    assert_eq!(
        file_error(csv_with(b"serial,seed\n1,\xff", CsvOptions::DEFAULT)),
        (Part::File, Problem::NotUtf8, 14)
    );
    assert_eq!(csv(""), (vec![], None));
    assert_eq!(csv("\u{feff}\r\n# x\r\n"), (vec![], None));
    for cells in [1, 6, 8, 12, 40] {
        let no = only(csv(&format!("1{}x\n", ",".repeat(cells - 1)))).unwrap_err();
        assert_eq!((no.part, no.problem), (Part::Token, Problem::Cells), "{cells}");
    }
}

proptest! {
    /// Cells with any content are read as they were written.
    #[test]
    fn what_was_quoted_comes_out(model in "[ -~]{0,12}", secret in proptest::collection::vec(any::<u8>(), 10..=128)) {
        let seed: String = secret.iter().map(|byte| format!("{byte:02X}")).collect();
        let file = format!("model,serial,seed\r\n\"{}\",1,{seed}\r\n", model.replace('"', "\"\""));
        let mut buffer = Buffer::new();
        let mut tokens = Csv::open(file.as_bytes(), &mut buffer).unwrap();
        let token = tokens.next_token().unwrap().unwrap().unwrap();
        let shown = token.model().map(|text| text.to_string()).unwrap_or_default();
        prop_assert_eq!(shown, model.trim_matches(' '));
        prop_assert_eq!(token.expose_secret_bytes(), secret);
    }

    #[test]
    fn any_text_ends(file in "[a1,;\"\n\r #]{0,40}") {
        let (tokens, _) = csv(&file);
        prop_assert!(tokens.len() <= 40);
    }
}

/// The first line that Excel writes and reads to name the separator.
#[test]
fn excel_s_first_line_tells_the_separator() {
    for (line, separator) in [
        ("sep=;", ';'),
        ("SEP=,", ','),
        ("\u{feff}sep=;", ';'),
        ("\"sep=;\"", ';'),
        ("sep=\t", '\t'),
        ("sep=|", '|'),
    ] {
        // There are more commas than separators, and the commas would win otherwise.
        for end in ["\n", "\r\n"] {
            let s = separator;
            let file = format!("{line}{end}serial{s}seed{s}\"a,b,c,d;e;f\"{end}1{s}{HEX}{s}{end}");
            assert_eq!(rows(&file), [row("1", Some(0), None, 6)], "{file}");
            let (tokens, _) =
                csv_with(file.as_bytes(), CsvOptions::DEFAULT.with_separator(s as u8));
            assert_eq!(tokens, [Ok(row("1", Some(0), None, 6))], "{file}");
        }
    }
    // It names nothing else, and has no effect further down.
    assert_eq!(csv("sep=;"), (vec![], None));
    let (tokens, _) = csv(&format!("1,{HEX}\nsep=;\n"));
    assert!(tokens[0].is_ok() && tokens[1].is_err());
}
