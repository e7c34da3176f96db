//! `otp import` from the outside: each format, and what is wrong with a file.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::state::Folder;
use crate::tool::{Answer, SECRET, TOOL, otp_reading, otp_reading_bytes};

pub(crate) fn data(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = folder.join("tests/data").join(name);
    let seeds = folder.join("../tests/data/pskc").join(name);
    let path = if own.exists() { own } else { seeds };
    path.to_str().unwrap().to_owned()
}

pub(crate) fn import(arguments: &[&str]) -> Answer {
    otp_reading("", &[&["import"], arguments].concat())
}

/// Key URIs, in which `*` stands for the secret that most of the files have.
pub(crate) fn uris(short: &[&str]) -> String {
    short.iter().map(|uri| uri.replace('*', &format!("secret={SECRET}")) + "\n").collect()
}

const STEAM: &str = "otpauth://steam/Steam:gamer?*&issuer=Steam&algorithm=SHA1&digits=5&period=30";
pub(crate) const ALICE: &str =
    "otpauth://totp/ACME:alice%40example.com?*&issuer=ACME&algorithm=SHA1&digits=6&period=30";

#[test]
fn each_app_has_its_keys_and_names_what_it_cannot_give() {
    let table: [(&str, &str, &[&str], &str); 12] = [
        (
            "aegis.json",
            "aegis",
            &[
                "otpauth://totp/ACME%20%26%20S%C3%B6hne:alice%40example.com?*&issuer=ACME%20%26%20S%C3%B6hne&algorithm=SHA1&digits=6&period=30",
                "otpauth://hotp/bob?*&algorithm=SHA256&digits=8&counter=50",
                STEAM,
            ],
            "refused: entry 4 (VPN: carol): type: mOTP is not supported\n\
             refused: entry 5 (Old: dave): secret: not Base32: not a Base32 symbol at byte 31\n",
        ),
        (
            "2fas.2fas",
            "2fas",
            &[
                "otpauth://totp/ACME%20Corp:alice%40example.com?*&issuer=ACME%20Corp&algorithm=SHA1&digits=6&period=30",
                "otpauth://hotp/Counter:?*&issuer=Counter&algorithm=SHA512&digits=8&counter=3",
                STEAM,
                "otpauth://totp/First%20version:?*&issuer=First%20version&algorithm=SHA1&digits=6&period=30",
            ],
            "refused: entry 4 (Short: erin): digits: out of range (6 to 10)\n",
        ),
        (
            "andotp.json",
            "andotp",
            &[
                "otpauth://totp/ACME:alice%40example.com?*&issuer=ACME&algorithm=SHA1&digits=6&period=60",
                "otpauth://hotp/bob?*&algorithm=SHA256&digits=6&counter=12",
                STEAM,
            ],
            "refused: entry 4 (Empty: carol): secret: missing\n",
        ),
        (
            "proton_authenticator.json",
            "proton",
            &[ALICE, STEAM],
            "refused: entry 3 (bob): algorithm: not supported, expected SHA1, SHA256 or SHA512 (at byte 69)\n",
        ),
        (
            "proton_pass.json",
            "proton",
            &[ALICE, "otpauth://totp/Bank:bob?*&issuer=Bank&algorithm=SHA1&digits=6&period=30"],
            "",
        ),
        (
            "proton_pass.csv",
            "proton",
            &[
                "otpauth://totp/ACME:alice?*&issuer=ACME&algorithm=SHA1&digits=8&period=30",
                "otpauth://totp/Bank%2C%20Ltd:bob?*&issuer=Bank%2C%20Ltd&algorithm=SHA1&digits=6&period=30",
            ],
            "",
        ),
        (
            "bitwarden.json",
            "bitwarden",
            &[
                ALICE,
                "otpauth://totp/Bank%20Ltd:bob?*&issuer=Bank%20Ltd&algorithm=SHA256&digits=6&period=30",
                STEAM,
            ],
            "refused: entry 6 (Broken: dave): secret: not Base32: not a Base32 symbol at byte 7\n",
        ),
        (
            "bitwarden.csv",
            "bitwarden",
            &[ALICE, "otpauth://totp/Bank:bob?*&issuer=Bank&algorithm=SHA1&digits=6&period=60"],
            "",
        ),
        (
            "ente.txt",
            "ente",
            &[
                ALICE,
                "otpauth://hotp/Token:bob?*&issuer=Token&algorithm=SHA1&digits=6&counter=4",
                STEAM,
            ],
            "",
        ),
        (
            "google.txt",
            "google",
            &[
                ALICE,
                "otpauth://hotp/Token:carol?*&issuer=Token&algorithm=SHA1&digits=6&counter=7",
                "otpauth://totp/Bank:dave?*&issuer=Bank&algorithm=SHA256&digits=8&period=30",
            ],
            "refused: line 2, entry 2 (Old: bob): algorithm: not supported, expected SHA-1, SHA-256 or SHA-512 (at byte 89 of the payload)\n\
             warning: an export of Google Authenticator: part 2 of 3 is missing: it has more accounts\n",
        ),
        (
            "entra.csv",
            "csv",
            &[
                "otpauth://totp/ACME:alice%40example.com?*&issuer=ACME&algorithm=SHA1&digits=6&period=60",
                "otpauth://totp/ACME:carol%40example.com?*&issuer=ACME&algorithm=SHA1&digits=6&period=30",
            ],
            "refused: token 2 (1000002): secret: neither hexadecimal nor Base32 (at byte 165)\n",
        ),
        (
            "rfc6030_figure3.xml",
            "pskc",
            &[
                "otpauth://hotp/Issuer:UID%3Djsmith%2CDC%3Dexample-bank%2CDC%3Dnet?*&issuer=Issuer&algorithm=SHA1&digits=8&counter=0",
            ],
            "",
        ),
    ];
    for (name, format, expected, told) in table {
        let status = i32::from(told.contains("refused"));
        for arguments in [&[data(name).as_str()][..], &["--from", format, &data(name)]] {
            let answer = import(arguments);
            assert_eq!(answer.out, uris(expected), "{name}: {}", answer.err);
            assert_eq!((answer.err.as_str(), answer.status), (told, status), "{name}");
        }
        // Each is a key that the other commands take.
        for uri in uris(expected).lines() {
            assert_eq!(otp_reading(uri, &["code", "-"]).status, 0, "{uri}");
        }
    }
}

#[test]
fn an_encrypted_export_is_named_with_what_to_do() {
    for (name, sentence) in [
        ("aegis_encrypted.json", "an encrypted Aegis vault: export it as plain text"),
        ("2fas_encrypted.2fas", "an encrypted 2FAS backup: export it without a password"),
        ("bitwarden_encrypted.json", "an encrypted Bitwarden export: export it as plain .json"),
        (
            "proton_authenticator_encrypted.json",
            "an encrypted Proton export: export it without a password",
        ),
        ("ente_encrypted.json", "an encrypted export of Ente Auth: export it as plain text"),
    ] {
        let answer = import(&[&data(name)]);
        assert_eq!(answer.err, format!("error: {sentence}\n"), "{name}");
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{name}");
    }
}

/// The secret of the tokens in RFC 6030 is that of RFC 4226.
#[test]
fn pskc_opens_by_a_key_or_a_passphrase_from_a_file() {
    let folder = Folder::new("pskc");
    let key = folder.0.join("key");
    fs::write(&key, "12345678901234567890123456789012\n").unwrap();
    let key = key.to_str().unwrap();
    let expected = |label: &str, issuer: &str| {
        uris(&[&format!(
            "otpauth://hotp/{label}?*&issuer={issuer}&algorithm=SHA1&digits=8&counter=0"
        )])
    };
    let answer = import(&["--key", key, &data("rfc6030_figure6.xml")]);
    assert_eq!(answer.out, expected("Issuer:987654321", "Issuer"), "{}", answer.err);
    let passphrase = data("passphrase.txt");
    let answer = import(&[&data("rfc6030_figure7.xml"), "--passphrase-file", &passphrase]);
    assert_eq!(
        answer.out,
        expected("Example-Issuer:987654321", "Example-Issuer"),
        "{}",
        answer.err
    );

    let refuses = |arguments: &[&str], sentence: &str| {
        let answer = import(arguments);
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{arguments:?}");
        assert!(answer.err.contains(sentence), "{}", answer.err);
        assert!(
            !answer.err.contains("qwerty") && !answer.err.contains("123456789"),
            "{}",
            answer.err
        );
    };
    refuses(&[&data("rfc6030_figure7.xml")], "use --key or --passphrase-file");
    refuses(&["--key", key, &data("rfc6030_figure7.xml")], "error: ");
    refuses(&["--key", &passphrase, &data("rfc6030_figure6.xml")], "the key is not hexadecimal");
    refuses(
        &["--key", "/nowhere", &data("rfc6030_figure6.xml")],
        "error: --key: there is no such file",
    );
    refuses(&["--key", key, &data("ente.txt")], "are for PSKC files");
    fs::write(folder.0.join("wrong"), "qwertz\n").unwrap();
    let wrong = folder.0.join("wrong");
    let wrong = ["--passphrase-file", wrong.to_str().unwrap(), &data("rfc6030_figure7.xml")];
    refuses(&wrong, "wrong key or passphrase");
}

/// JSON has the properties that a key URI does not have a place for.
#[test]
fn lines_of_json_have_serial_counter_drift_and_last_step() {
    let answer = import(&["--json", &data("python_pskc_plain.xml")]);
    assert_eq!((answer.status, answer.err.as_str()), (0, ""));
    let tokens: Vec<serde_json::Value> =
        answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(tokens.len(), 7);
    let first = &answer.out.lines().next().unwrap();
    assert_eq!(
        *first,
        r#"{"ok":true,"type":"hotp","issuer":"Issuer-A","account":"A001","secret_hex":"ea99dea32768ab5d38add3737b2162bd30f897e4","algorithm":"SHA1","digits":6,"period":null,"counter":0,"serial":"A001"}"#
    );
    assert_eq!(tokens[1]["counter"], 305_419_896);
    assert_eq!((&tokens[2]["account"], &tokens[2]["serial"]), (&"alice".into(), &"A003".into()));
    assert_eq!((&tokens[3]["drift"], &tokens[3]["period"]), (&4.into(), &60.into()));
    assert_eq!(tokens[4]["last_step"], 41_152_263);
    assert!(tokens[5].get("drift").is_none() && tokens[5].get("last_step").is_none());
    let answer = import(&[&data("python_pskc_plain.xml")]);
    assert_eq!(answer.status, 0);
    assert_eq!(
        answer.err,
        "note: tokens with a known drift or last step: 2. A key URI has no place for these: use --states or --json\n"
    );
    // `inspect --json` writes the same of the URI.
    let google = import(&["--json", &data("ente.txt")]).out;
    let uris = import(&[&data("ente.txt")]).out;
    assert_eq!(google, otp_reading(&uris, &["inspect", "--json", "-"]).out);
}

#[test]
fn a_file_that_gives_nothing_has_status_2_and_a_sentence() {
    let seeds = fs::read_to_string(data("rfc6030_figure10.xml")).unwrap();
    let cut = &seeds[..seeds.len() - 400];
    for (input, sentence) in [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("hello", "the format is not recognised: --from NAME says what the file is"),
        ("{\"a\":1}", "JSON of an unknown app"),
        ("{\"db\":", "the file is cut off (at line 1, column 6)"),
        ("{\"secret\":GEZDGNBV}", "the file is not JSON (at line 1, column 11)"),
        ("{\"encrypted\":false,\"items\":[]}", "the file does not have any keys"),
        ("otpauth://totp/a", "the only entry of the file cannot be read"),
        ("otpauth://totp/a\notpauth://totp/a", "none of the 2 entries can be read"),
        ("-----BEGIN PGP MESSAGE-----\n", "an encrypted export, of Proton Pass for example"),
        ("SQLite format 3\0", "a database of an app"),
        ("<a/>", "container: not supported"),
        // Nothing is half imported.
        (cut, "cut off"),
        ("name,login_uri,login_totp\na,b,\"c", "a quote is not closed"),
    ] {
        let answer = otp_reading(input, &["import", "-"]);
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{input}");
        assert!(answer.err.contains(sentence), "{input}: {}", answer.err);
        assert!(!answer.err.contains("GEZD") && !answer.err.contains("panicked"), "{}", answer.err);
    }
    // Encrypted bytes, and a file that Excel saves for Windows.
    for (bytes, sentence) in [
        (&b"\x80\x81\x01\x82"[..], "not text in UTF-8 (at byte 0). An encrypted backup"),
        // andOTP starts with the number of iterations.
        (b"\x00\x02\x22\xe0\x80\x81\x01\x82", "not text in UTF-8 (at byte 3). An encrypted backup"),
        (
            b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0[Content_Types].xml",
            "a workbook of Excel: save it as CSV in UTF-8",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook of Excel: save it as CSV in UTF-8"),
        (b"PK\x03\x04\x14\0keys.json", "a ZIP archive: unpack it"),
        (b"\x89PNG\r\n\x1a\n\0\0", "an image: `zbarimg --raw` reads its QR codes"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "an image: `zbarimg --raw` reads its QR codes"),
        (b"<!DOCTYPE html>\n<html>", "a web page: export the keys as plain text or JSON"),
        (b"\n<HTML><body>", "a web page: export the keys as plain text or JSON"),
        (b"# only a comment\n\n", "the file does not have any keys"),
        (b"sep=;\r\n", "the file does not have any keys"),
        (b"serial,seed,user\n1,2,M\xfcller\n", "(at byte 22). If it is text, save it as UTF-8"),
    ] {
        let answer = otp_reading_bytes(bytes, &["import", "-"]);
        assert_eq!(answer.status, 2);
        assert!(answer.err.contains(sentence), "{}", answer.err);
    }
    let answer = import(&["/nowhere"]);
    assert_eq!(answer.status, 2);
    assert!(answer.err.starts_with("error: FILE: there is no such file"), "{}", answer.err);
    let answer = import(&["--from", "keepass", &data("ente.txt")]);
    assert!(answer.err.contains("one of uris, google, pskc, csv, aegis, 2fas"), "{}", answer.err);
    assert!(!answer.err.contains("keepass"));
}

/// Tokens that say nothing of their kind are counter-based, unless somebody knows better.
#[test]
fn tokens_of_a_csv_file_are_what_the_option_says() {
    let file = format!("1000001,{SECRET}\n");
    let answer = otp_reading(&file, &["import", "-"]);
    assert_eq!(answer.out, uris(&["otpauth://hotp/1000001?*&algorithm=SHA1&digits=6&counter=0"]));
    let answer = otp_reading(&file, &["import", "--totp", "-"]);
    assert_eq!(answer.out, uris(&["otpauth://totp/1000001?*&algorithm=SHA1&digits=6&period=30"]));
}

/// Long imports show how far they are, but only to a person at a terminal.
#[test]
fn a_long_import_shows_its_progress_at_a_terminal() {
    let folder = Folder::new("progress");
    let list = folder.0.join("list");
    fs::write(&list, format!("otpauth://totp/a?secret={SECRET}\n").repeat(1200)).unwrap();
    let list = list.to_str().unwrap();
    let answer = import(&[list]);
    assert_eq!((answer.out.lines().count(), answer.err.as_str(), answer.status), (1200, "", 0));
    // `script` of util-linux makes a terminal.
    let line = format!("{TOOL} import {list} >/dev/null");
    let Ok(output) = Command::new("script").args(["-qec", &line, "/dev/null"]).output() else {
        println!("skipped: there is no `script`");
        return;
    };
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(shown, "\r500 entries read\r1000 entries read\r\u{1b}[K");
}

/// Wherever a file is cut off: no panic, and no secret in a message.
#[test]
fn a_file_that_is_cut_off_anywhere_gets_an_answer() {
    for name in [
        "2fas.2fas",
        "aegis.json",
        "andotp.json",
        "bitwarden.csv",
        "bitwarden.json",
        "entra.csv",
        "ente.txt",
        "google.txt",
        "proton_authenticator.json",
        "proton_pass.csv",
        "proton_pass.json",
        "rfc6030_figure3.xml",
    ] {
        let file = fs::read(data(name)).unwrap();
        for end in (0..file.len()).step_by(file.len() / 17) {
            let answer = otp_reading_bytes(&file[..end], &["import", "-"]);
            assert!((0..=2).contains(&answer.status), "{name} to {end}");
            for word in ["panicked", "GEZD", "hunter2", "1234567890"] {
                assert!(!answer.err.contains(word), "{name} to {end}: {}", answer.err);
            }
        }
    }
}

/// Nobody knows which of the two is right. Other readers take the first or the last.
#[test]
fn a_member_of_json_that_comes_twice_is_an_error() {
    let entry = |members: &str| {
        format!(
            "{{\"header\":{{}},\"db\":{{\"entries\":[{{\"type\":\"totp\",\"name\":\"a\",\"info\":{{{members}}}}}]}}}}"
        )
    };
    let once = format!("\"secret\":\"{SECRET}\",\"digits\":6");
    assert_eq!(otp_reading(&entry(&once), &["import", "-"]).status, 0);
    for second in
        ["\"secret\":\"MFRGGZDFMZTWQ2LKMFRGGZDFMZ\"", "\"digits\":8", "\"dig\\u0069ts\":6"]
    {
        let answer = otp_reading(&entry(&format!("{once},{second}")), &["import", "-"]);
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{second}");
        assert!(
            answer
                .err
                .starts_with("error: the file has a member of JSON twice (at line 1, column "),
            "{}",
            answer.err
        );
    }
    let twice = entry(&once).replacen("\"db\"", "\"db\":{\"entries\":[]},\"db\"", 1);
    assert_eq!(otp_reading(&twice, &["import", "-"]).status, 2);
    // Numbers of each kind, nested lists and texts with escapes are what they are.
    let odd =
        entry(&format!("{once},\"x\":[1,-1,1.5,null,true,[],{{\"a\":{{}}}}],\"y\":\"\\u00fc\\n\""));
    assert_eq!(otp_reading(&odd, &["import", "-"]).status, 0);
}
