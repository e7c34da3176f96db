//! Imports hardware tokens from a seed file, and checks that their codes log in.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use otp_core::{Secret, Totp};

use crate::world::{ALICE, World, admin, code, done};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const OTHER: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const HEADER: &str = "upn,serial number,secret key,time interval,manufacturer,model\r\n";

fn totp(secret: &str) -> Totp {
    Totp::new(&Secret::from_base32(secret).unwrap())
}

fn world() -> World {
    let world = World::new();
    world.sign_up();
    world
}

/// Imports a file with this text.
fn import(world: &World, file: &str, more: &[&str]) -> (i32, String, String) {
    fs::write(world.place.path("tokens"), file).unwrap();
    let (status, stdout, stderr) =
        admin(&world.place, &[&["import-tokens", "tokens"], more].concat());
    for secret in [SECRET, OTHER] {
        assert!(!stdout.contains(secret) && !stderr.contains(secret), "{stdout}{stderr}");
    }
    (status, stdout, stderr)
}

fn authenticators(world: &World) -> usize {
    world.listed()["authenticators"].as_array().map_or(0, Vec::len)
}

#[test]
fn an_imported_token_logs_in_once_with_its_code_and_a_refused_one_hides_no_other() {
    let world = world();
    let file = format!(
        "{HEADER}nobody@example.com,1001,{OTHER},30,ACME,T\r\n\
         Alice@Example.com,1002,{SECRET},30,ACME,T\r\n\
         {ALICE},1003,{SECRET},30,ACME,T\r\n\
         {ALICE},1004,{OTHER}AAAA,60,ACME,T\r\n\
         {ALICE},1005,JBSWY3DPEHPK3PXP,30,ACME,T\r\n\
         alice,1006,{OTHER}BBBB,30,ACME,T\r\n\
         ,1007,{OTHER}CCCC,30,ACME,T\r\n\
         {ALICE},1008,hunter1,30,ACME,T\r\n"
    );
    let lines = [
        "token 1001: nobody@example.com: refused: no user has this address",
        "token 1002: alice@example.com: imported",
        "token 1003: refused: token 1002 has the same secret",
        "token 1004: refused: a period of 60 seconds: this server only supports 30",
        "token 1005: refused: its secret has fewer than 128 bits",
        "token 1006: refused: its user is not an e-mail address",
        "token 1007: refused: the file does not name the e-mail address of its user",
    ];
    for dry_run in [true, false] {
        let more: &[&str] = if dry_run { &["--dry-run"] } else { &[] };
        let (status, stdout, stderr) = import(&world, &file, more);
        let would = if dry_run { " (dry run: nothing was stored)" } else { "" };
        assert_eq!((status, stderr), (1, format!("1 imported, 7 refused{would}")), "{stdout}");
        let said: Vec<&str> = stdout.lines().collect();
        assert_eq!(said[..7], lines);
        assert!(
            said.len() == 8 && said[7].starts_with("token 1008: refused: secret: "),
            "{stdout}"
        );
        assert!(!stdout.contains("hunter1"));
        assert_eq!(authenticators(&world), usize::from(!dry_run));
        let log = fs::read_to_string(world.place.path("audit")).unwrap_or_default();
        assert_eq!(log.matches("authenticator.imported").count(), usize::from(!dry_run), "{log}");
        assert!(!log.contains(SECRET));
    }

    let used = code(&totp(SECRET), 0);
    assert_eq!(world.otp(&used), 200);
    assert_eq!(world.submit("otp", "otp", &world.log_in(), &used).1["reason"], "used");

    // A second import of the same file does not import a token twice.
    let (status, stdout, _) = import(&world, &file, &[]);
    let twice = "token 1002: alice@example.com: refused: the user has an authenticator with the same secret";
    assert!(status == 1 && stdout.contains(twice), "{stdout}");
    assert_eq!(authenticators(&world), 1);
}

#[test]
fn a_user_gets_ten_at_most_and_a_dry_run_says_so_too() {
    let world = world();
    let mut file = HEADER.to_owned();
    for letter in 'A'..='K' {
        write!(file, "{ALICE},{letter},{SECRET}{letter}AAAAAAA,30,ACME,T\r\n").unwrap();
    }
    for more in [["--dry-run"].as_slice(), &[]] {
        let (status, stdout, stderr) = import(&world, &file, more);
        assert!(status == 1 && stderr.starts_with("10 imported, 1 refused"), "{stdout}{stderr}");
        let last = stdout.lines().last().unwrap();
        assert!(
            last.starts_with("token K: alice@example.com: refused: the user has 10 authenticators"),
            "{last}"
        );
    }
    assert_eq!(authenticators(&world), 10);
}

#[test]
fn an_encrypted_file_opens_with_its_key() {
    let world = world();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/pskc");
    let file = fs::read_to_string(data.join("python_pskc_aes128.xml")).unwrap();
    // Gives the last token of the file a user. It has none in the original.
    let (front, end) = file.rsplit_once("</pskc:Key>").unwrap();
    let file = format!("{front}<pskc:UserId>{ALICE}</pskc:UserId></pskc:Key>{end}");
    fs::write(world.place.path("key"), "202122232425262728292A2B2C2D2E2F\n").unwrap();
    fs::write(world.place.path("wrong"), "00".repeat(16)).unwrap();

    let errors: [(&[&str], &str); 5] = [
        (&[], "encrypted, give the key or the passphrase"),
        (&["--key", "wrong"], "wrong key or passphrase"),
        (&["--key", "tokens"], "tokens: is not 32, 48 or 64 hexadecimal digits"),
        (&["--key", "nowhere"], "nowhere: No such file"),
        (&["--key", "key", "--user", ALICE], "a file with one token, and this file has 7"),
    ];
    for (more, why) in errors {
        let (status, stdout, stderr) = import(&world, &file, more);
        assert!(status == 2 && stdout.is_empty() && stderr.contains(why), "{stderr}");
    }
    // If the file is cut off, none of its tokens is imported.
    let (status, stdout, _) = import(&world, &format!("{front}</pskc:Key>"), &["--key", "key"]);
    assert!(status == 2 && stdout.is_empty(), "{stdout}");
    assert_eq!(authenticators(&world), 0);

    let (status, stdout, stderr) = import(&world, &file, &["--key", "key"]);
    assert_eq!((status, stderr.as_str()), (1, "1 imported, 6 refused"), "{stdout}");
    let hotp =
        "HOTP: this server only supports TOTP, and the file does not say that the token is TOTP";
    let lines = [
        format!("token A001: refused: {hotp}"),
        format!("token A002: refused: {hotp}"),
        format!("token A003: refused: {hotp}"),
        "token B001: refused: a period of 60 seconds: this server only supports 30".into(),
        "token B002: refused: SHA256: this server only supports SHA1".into(),
        "token B003: refused: SHA512: this server only supports SHA1".into(),
        "token B004: alice@example.com: imported".into(),
    ];
    assert_eq!(stdout.lines().collect::<Vec<_>>(), lines);
    let expected = fs::read_to_string(data.join("expected.txt")).unwrap();
    let is_it =
        |line: &&str| line.starts_with("python_pskc_aes128.xml") && line.contains("\tB004\t");
    let secret = expected.lines().find(is_it).unwrap().rsplit('\t').next().unwrap();
    let byte = |at| u8::from_str_radix(&secret[at..at + 2], 16).unwrap();
    let secret: Vec<u8> = (0..secret.len()).step_by(2).map(byte).collect();
    let totp = Totp::new(&Secret::from_bytes(&secret).unwrap());
    assert_eq!(world.otp(&code(&totp, 0)), 200);
}

fn pskc(within_key: &str, data: &str) -> String {
    format!(
        r#"<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"><KeyPackage>
        <DeviceInfo><SerialNo>7</SerialNo></DeviceInfo>
        <Key Id="1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp">
        <AlgorithmParameters><ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters>
        <Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>{data}</Data>
        {within_key}</Key></KeyPackage></KeyContainer>"#
    )
}

/// The token's clock is six steps ahead. That is outside of the server's window.
#[test]
fn a_token_keeps_its_drift_and_comes_from_standard_input() {
    let world = world();
    let drift = "<TimeDrift><PlainValue>6</PlainValue></TimeDrift>";
    let mut command = world.place.command();
    command.args(["admin", "import-tokens", "-", "--user", "Alice@example.com"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let file = pskc("<UserId>UID=alice,DC=example</UserId>", drift);
    process.stdin.take().unwrap().write_all(file.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(stdout, "token 7: alice@example.com: imported\n1 imported, 0 refused\n");
    assert_eq!(world.otp(&code(&totp(SECRET), 0)), 403);
    assert_eq!(world.otp(&code(&totp(SECRET), 6)), 200);
}

#[test]
fn a_token_that_the_server_cannot_verify_is_refused_and_lost_data_is_named() {
    let world = world();
    let policy = |inner: &str| format!("<Policy>{inner}</Policy>");
    let expiry = |time: &str| policy(&format!("<ExpiryDate>{time}</ExpiryDate>"));
    let refused = [
        (
            policy("<NumberOfTransactions>9</NumberOfTransactions>"),
            "",
            "the file limits the number of uses",
        ),
        (policy("<StartDate>2100-01-01T00:00:00Z</StartDate>"), "", "start date is in the future"),
        (expiry("2020-01-01T00:00:00"), "", "it has expired"),
        (expiry("soon"), "", "its expiry date cannot be read"),
        (
            String::new(),
            "<Time><PlainValue>120000000</PlainValue></Time>",
            "its last used time step is in the future",
        ),
    ];
    let more = ["--user", ALICE];
    for (within_key, data, why) in refused {
        let (status, stdout, _) = import(&world, &pskc(&within_key, data), &more);
        assert!(status == 1 && stdout.starts_with("token 7: refused: "), "{stdout}");
        assert!(stdout.contains(why), "{stdout}");
    }
    for (file, more, why) in [
        ("", [].as_slice(), "has no token"),
        (HEADER, &["--passphrase-file", "tokens"], "need a PSKC file"),
        (&pskc("", ""), &["--user", "alice"], "--user: is not an address"),
    ] {
        let (status, stdout, stderr) = import(&world, file, more);
        assert!(status == 2 && stdout.is_empty() && stderr.contains(why), "{stderr}");
    }
    fs::write(world.place.path("tokens"), pskc(&expiry("2099-12-31T00:00:00Z"), "")).unwrap();
    let said = done(&world.place, &["import-tokens", "tokens", "--user", ALICE]);
    assert!(said.starts_with("token 7: alice@example.com: imported; left out: the expiry date\n"));
    assert_eq!(authenticators(&world), 1);
}
