//! A secret takes the place of a serial number: swapped columns, or a row without its first cell.
//! It is neither read nor repeated.

use otp_core::seeds::{Buffer, Csv, CsvOptions, Part, Problem};

use super::{No, at, csv_with, only, package, pskc, with_key};

const HEX: &str = "3132333435363738393031323334353637383930";
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const BASE64: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=";
const ASCII: &str = "12345678901234567890";

fn csv(file: &str) -> super::Tokens {
    csv_with(file.as_bytes(), CsvOptions::DEFAULT)
}

/// For every error in such a row, the error and the name do not contain the secret.
#[test]
fn a_refused_row_does_not_repeat_its_secret() {
    for secret in [BASE32, HEX, BASE64, ASCII, &BASE32[..16], &HEX[..39], "GEZDGNBVGY3TQOJ!"] {
        for row in [
            // Without its first cell, and without its second.
            format!("{secret},hotp,6\n"),
            format!("{secret}\n"),
            format!("{secret},,totp,6\n"),
            format!("{secret},7654321\n"),
            format!("{secret},7654321,totp,6,30\n"),
            format!("serial,seed\n{secret},7654321\n"),
            format!("serial,seed\n\"{secret}\",\n"),
            format!("id,serial,seed\n{secret},7,\n"),
            format!("id,user,seed\n{secret},{secret},7\n"),
            format!("7,{secret},0,short,,time,\n"),
        ] {
            let mut buffer = Buffer::new();
            let Ok(mut tokens) = Csv::open(row.as_bytes(), &mut buffer) else { continue };
            let refused = tokens.next_token().unwrap().unwrap().unwrap_err();
            let told = format!("{refused} {refused:?}");
            assert!(!told.contains(secret), "{row}: {told}");
        }
    }
    // A serial number is named.
    let no = only(csv("FT-2034 0001 AB,GEZD\n")).unwrap_err();
    assert_eq!(no.name.as_deref(), Some("FT-2034 0001 AB"));
}

/// In each encoding, and in any text of the token: otherwise it would be shown, logged, and used as
/// a file name.
#[test]
fn a_text_that_is_the_secret_is_refused() {
    let lower = BASE32.to_lowercase();
    let spaced = "31323334 35363738 39303132 33343536 37383930";
    for text in [BASE32, &lower, HEX, BASE64, ASCII, spaced, "GEZDGNBV-GY3TQOJQ-GEZDGNBV-GY3TQOJQ"]
    {
        for (column, part) in [
            ("serial", Part::Serial),
            ("user", Part::User),
            ("manufacturer", Part::Manufacturer),
            ("model", Part::Model),
            ("id", Part::KeyId),
            ("issuer", Part::Issuer),
        ] {
            let other = if column == "serial" { "user" } else { "serial" };
            let file = format!("{other},{column},seed\n1,{text},{BASE32}\n2,3,{BASE32}\n");
            let (tokens, error) = csv(&file);
            let [Err(no), Ok(_)] = &tokens[..] else { panic!("{file}: {tokens:?} {error:?}") };
            assert_eq!((no.part, no.problem), (part, Problem::LikeSecret), "{file}");
            assert_eq!(no.offset, at(&file, &format!("{text},")), "{file}");
            assert!(!format!("{no:?}").contains(text), "{no:?}");
        }
        let device = |serial: &str| {
            with_key(&format!(
                "<Key Id=\"k\" Algorithm=\"totp\"><Issuer>{text}</Issuer><Data>{}</Data></Key>",
                super::SECRET
            ))
            .replace("<SerialNo>7<", &format!("<SerialNo>{serial}<"))
        };
        let file = device("7");
        let no = only(pskc(&file)).unwrap_err();
        let offset = at(&file, text);
        let name = Some("7".to_owned());
        let (part, problem) = (Part::Issuer, Problem::LikeSecret);
        assert_eq!(no, No { name, part, problem, offset });
        let no =
            only(pskc(&device(text).replace("Id=\"k\"", &format!("Id=\"{text}\"")))).unwrap_err();
        assert_eq!((no.name, no.part, no.problem), (None, Part::Serial, Problem::LikeSecret));
    }
}

/// A PSKC token that is refused for another reason.
#[test]
fn a_refused_token_of_pskc_does_not_repeat_its_secret() {
    for (plain, serial) in [
        (BASE64, BASE64),
        (BASE64, HEX),
        (BASE64, BASE32),
        ("MTIzNDU2Nzg5MDEy!", "MTIzNDU2Nzg5MDEy!"),
    ] {
        let key = format!(
            "<Key Id=\"{serial}\" Algorithm=\"sha\"><Data><Secret><PlainValue>{plain}</PlainValue>\
             </Secret></Data></Key>"
        );
        let file = super::container(&package(&key).replace(">7<", &format!(">{serial}<")));
        let no = only(pskc(&file)).unwrap_err();
        assert_eq!((no.name, no.part), (None, Part::Algorithm), "{serial}");
    }
}

/// Swapped columns, if both cells of a row can be read.
#[test]
fn a_serial_number_that_looks_like_a_secret_is_refused() {
    for serial in [BASE32, HEX, "ABCDEFGHIJKLMNOPQRSTUVWXYA", "00112233445566778899aabbccddeeff"] {
        let no = only(csv(&format!("{serial},GEZDGNBVGY3TQOJQ\n"))).unwrap_err();
        assert_eq!((no.name, no.part, no.problem), (None, Part::Serial, Problem::LikeSecret));
    }
    // Serial numbers in use, the longest of them, and a UUID.
    for serial in [
        "1",
        "2308724651870",
        "ALNF00012345",
        "VDP 0123456",
        "89490200001234567890",
        "8c2f1d3e-5a6b-4c7d-9e0f-112233445566",
        "HARDWARE TOKEN NUMBER ONE",
    ] {
        let row = only(csv(&format!("{serial},{BASE32}\n"))).unwrap();
        assert_eq!(row.serial.as_deref(), Some(serial));
    }
    // Real names and companies in the other columns.
    let file = format!(
        "serial,user,manufacturer,seed\n1,CHRISTIAN MAXIMILIAN SCHMIDT,FEITIAN TECHNOLOGIES CO LTD AB,{BASE32}\n"
    );
    assert!(only(csv(&file)).is_ok());
}
