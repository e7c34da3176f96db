//! Files as editors, shells and Excel save them.

use std::fs;

use crate::import::{ALICE, data, import, uris};
use crate::state::Folder;
use crate::tool::{SECRET, otp_reading, otp_reading_bytes};

/// Files as editors and shells save them: a byte order mark, white space at the end, UTF-16.
#[test]
fn a_key_and_a_passphrase_are_read_as_editors_save_them() {
    let folder = Folder::new("import-editors");
    let file = folder.0.join("file");
    let path = file.to_str().unwrap();
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        let bytes = if big { u16::to_be_bytes } else { u16::to_le_bytes };
        format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
    };
    let pepper = "00112233445566778899aabbccddeeff";
    for end in ["", "\n", "\r\n", " ", " \t\r\n\r\n", "\n\n"] {
        for (option, value, figure) in [
            ("--key", "12345678901234567890123456789012", "rfc6030_figure6.xml"),
            ("--passphrase-file", "qwerty", "rfc6030_figure7.xml"),
        ] {
            let text = format!("{value}{end}");
            let with_bom = format!("\u{feff}{text}").into_bytes();
            for bytes in
                [text.clone().into_bytes(), with_bom, utf16(&text, false), utf16(&text, true)]
            {
                fs::write(&file, &bytes).unwrap();
                let answer = import(&[option, path, &data(figure)]);
                assert_eq!((answer.err.as_str(), answer.status), ("", 0), "{option} {bytes:?}");
            }
        }
        let set = folder.0.join("set");
        let set = ["--set", set.to_str().unwrap()];
        let new = |bytes: &[u8]| {
            fs::write(&file, bytes).unwrap();
            let answer =
                otp_reading("", &[&["recovery", "new", "--pepper-file", path][..], &set].concat());
            // From the second set on, the tool warns that it replaces one.
            let error = answer.err.lines().find(|line| !line.starts_with("warning: the codes"));
            assert_eq!((error, answer.status), (None, 0), "{bytes:?}");
            answer.out
        };
        let codes = new(format!("\u{feff}{pepper}{end}").as_bytes());
        // It is the same pepper.
        fs::write(&file, pepper).unwrap();
        let code = codes.lines().next().unwrap();
        let line = [&["recovery", "redeem", "--pepper-file", path][..], &set, &[code]].concat();
        assert_eq!(otp_reading("", &line).status, 0);
    }
    // And a key on standard input.
    for input in [
        "\u{feff}3132333435363738393031323334353637383930 \r\n",
        "3132333435363738393031323334353637383930\t",
    ] {
        assert_eq!(otp_reading(input, &["code", "--hex", "--at", "59", "-"]).out, "287082\n");
    }
    let uri = format!("\u{feff} otpauth://totp/a?secret={SECRET} \n");
    assert_eq!(otp_reading(&uri, &["code", "--at", "59", "-"]).out, "287082\n");
}

/// The declaration of such a file says UTF-16, and the file is UTF-16.
#[test]
fn pskc_in_utf_16_is_read() {
    let file = fs::read_to_string(data("rfc6030_figure3.xml")).unwrap();
    let expected = otp_reading(&file, &["import", "-"]).out;
    assert_eq!(expected.lines().count(), 1);
    let utf16 = file.replacen("UTF-8", "UTF-16", 1);
    assert_ne!(utf16, file);
    let little: Vec<u8> = utf16.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = utf16.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in
        [&little, &big, &[b"\xff\xfe", &little[..]].concat(), &[b"\xfe\xff", &big[..]].concat()]
    {
        let answer = otp_reading_bytes(bytes, &["import", "-"]);
        assert_eq!((answer.out.as_str(), answer.err.as_str()), (expected.as_str(), ""));
    }
    // One that only says so, and one that says something else: the remedy is named.
    assert_eq!(otp_reading(&utf16, &["import", "-"]).out, expected);
    let answer = otp_reading(&file.replacen("UTF-8", "windows-1252", 1), &["import", "-"]);
    assert_eq!((answer.out.as_str(), answer.status), ("", 2));
    assert!(answer.err.contains("not UTF-8, save the file as UTF-8"), "{}", answer.err);
}

/// Excel's first line, in files of password managers too.
#[test]
fn excel_s_first_line_is_passed_over() {
    for (input, count) in [
        (format!("sep=;\nserial;seed;type\n7;{SECRET};totp\n"), 1),
        (format!("sep=,\r\nname,login_uri,login_username,login_totp\r\nACME,,bob,{SECRET}\r\n"), 1),
        (format!("\"sep=,\"\nname,username,email,totp,vault\nACME,bob,,{SECRET},x\n"), 1),
    ] {
        let answer = otp_reading(&input, &["import", "-"]);
        assert_eq!((answer.out.lines().count(), answer.err.as_str()), (count, ""), "{input}");
    }
}

#[test]
fn lists_are_read_as_people_have_them() {
    let list = format!(
        "\u{feff}# mine\r\n\r\n  otpauth://totp/ACME:alice%40example.com?secret={SECRET}  \r\nsteam://{SECRET}\r\n"
    );
    let steam = "otpauth://steam/Steam:?*&issuer=Steam&algorithm=SHA1&digits=5&period=30";
    let expected = uris(&[ALICE, steam]);
    let little: Vec<u8> = list.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = list.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [list.as_bytes(), &little, &big] {
        let answer = otp_reading_bytes(bytes, &["import", "-"]);
        assert_eq!((answer.out.as_str(), answer.status), (expected.as_str(), 0), "{}", answer.err);
        assert_eq!(answer.err, "");
    }
    // A secret in mixed case is read with a warning, one that is not a key hides no other.
    let list = format!(
        "otpauth://totp/a?secret=gezdGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\nhello\nmotp://x\notpauth://totp/b?secret={SECRET}&digits=5\n\
         otpauth://totp/%E2%80%AEb?secret={SECRET}\n"
    );
    let answer = otp_reading(&list, &["import", "-"]);
    assert_eq!(answer.out, uris(&["otpauth://totp/a?*&algorithm=SHA1&digits=6&period=30"]));
    assert_eq!(answer.status, 1);
    let told: Vec<_> = answer.err.lines().collect();
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(
        told[0].starts_with("warning: line 1 (a): the secret is read as Base32: "),
        "{}",
        told[0]
    );
    assert_eq!(told[1], "refused: line 2: scheme: not supported, expected otpauth://");
    assert_eq!(told[2], "refused: line 3: type: mOTP is not supported");
    assert!(told[3].starts_with("refused: line 4: digits: "), "{}", told[3]);
    assert!(told[4].contains("text-direction override"), "{}", told[4]);
}
