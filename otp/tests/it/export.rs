//! `otp export` from the outside.

use std::fmt::Write as _;
use std::fs;

use crate::import::data;
use crate::state::Folder;
use crate::tool::{Answer, SECRET, otp_reading};

fn export(input: &str, arguments: &[&str]) -> Answer {
    otp_reading(input, &[&["export"], arguments].concat())
}

/// So many keys of all kinds that Google Authenticator has.
fn keys(count: usize) -> String {
    let mut list = String::new();
    for at in 0..count {
        let rest = match at % 3 {
            0 => format!(
                "totp/ACME:user{at}?secret={SECRET}&issuer=ACME&algorithm=SHA1&digits=6&period=30"
            ),
            1 => format!(
                "hotp/B%2FC:user{at}?secret={SECRET}&issuer=B%2FC&algorithm=SHA256&digits=8&counter={}",
                at * 1000
            ),
            _ => format!("totp/user{at}?secret={SECRET}&algorithm=SHA512&digits=8&period=30"),
        };
        writeln!(list, "otpauth://{rest}").unwrap();
    }
    list
}

/// Keys that are exported for Google Authenticator come back as they were.
#[test]
fn parts_for_google_have_ten_accounts_at_most() {
    for (count, parts) in [(1, 1), (10, 1), (11, 2), (34, 4)] {
        let list = keys(count);
        let answer = export(&list, &["--google", "--text", "-"]);
        assert_eq!((answer.status, answer.err.as_str()), (0, ""));
        assert_eq!(answer.out.lines().count(), parts);
        for (at, line) in answer.out.lines().enumerate() {
            // Version 28 of a QR code, with the error correction that the tool takes.
            assert!(line.len() <= 1300, "{}", line.len());
            let entries = otp_reading(line, &["import", "-"]);
            assert!(entries.out.lines().count() <= 10);
            let inspected = otp_reading("", &["inspect", line]).out;
            assert_eq!(inspected.contains(&format!("part {} of {parts}", at + 1)), parts > 1);
        }
        let back = otp_reading(&answer.out, &["import", "-"]);
        assert_eq!((back.out, back.err.as_str(), back.status), (list, "", 0));
    }
}

#[test]
fn long_labels_make_smaller_parts() {
    let mut list = String::new();
    for at in 0..10 {
        let account = "x".repeat(300) + &at.to_string();
        writeln!(
            list,
            "otpauth://totp/{account}?secret={SECRET}&algorithm=SHA1&digits=6&period=30"
        )
        .unwrap();
    }
    let answer = export(&list, &["--google", "--text", "-"]);
    assert_eq!(answer.out.lines().count(), 5);
    assert_eq!(otp_reading(&answer.out, &["import", "-"]).out, list);
    assert!(answer.out.lines().all(|line| line.len() <= 1300));
}

#[test]
fn what_google_does_not_have_is_named() {
    let list = format!(
        "otpauth://totp/a?secret={SECRET}&period=60\notpauth://steam/b?secret={SECRET}\n\
         otpauth://totp/c?secret={SECRET}&digits=7\notpauth://totp/d?secret={SECRET}\n"
    );
    let answer = export(&list, &["--google", "--text", "-"]);
    assert_eq!((answer.status, answer.out.lines().count()), (1, 1));
    let expected = "refused: key 1 (a): period: Google Authenticator only has 30 seconds\n\
                    refused: key 2 (b): type: Google Authenticator does not have Steam\n\
                    refused: key 3 (c): digits: Google Authenticator only has 6 and 8\n";
    assert_eq!(answer.err, expected);
    let one = format!("otpauth://steam/b?secret={SECRET}");
    let answer = export(&one, &["--google", "-"]);
    assert_eq!((answer.status, answer.out.as_str()), (2, ""));
    assert!(answer.err.ends_with("error: nothing can be exported\n"), "{}", answer.err);
}

/// Reads the QR code of a drawing in which what is light is drawn.
fn scan(drawing: &str) -> String {
    const SCALE: usize = 4;
    let mut rows: Vec<Vec<bool>> = Vec::new();
    for line in drawing.lines() {
        let light = |upper: bool| {
            let blocks = if upper { ['█', '▀'] } else { ['█', '▄'] };
            line.chars().map(move |block| blocks.contains(&block)).collect()
        };
        rows.extend([light(true), light(false)]);
    }
    let width = rows.iter().map(Vec::len).max().unwrap();
    let is_light = |x: usize, y: usize| rows[y / SCALE].get(x / SCALE).copied().unwrap_or(false);
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(width * SCALE, rows.len() * SCALE, |x, y| {
            if is_light(x, y) { 255 } else { 0 }
        });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "{drawing}");
    grids[0].decode().unwrap().1
}

#[test]
fn a_phone_reads_the_full_parts() {
    let list = keys(20);
    let shown = export(&list, &["--google", "-"]).out;
    let parts: Vec<_> = shown.split("part ").skip(1).collect();
    assert_eq!(parts.len(), 2);
    let scanned: Vec<_> = parts
        .iter()
        .map(|part| scan(part.split_once('\n').unwrap().1.trim_matches('\n')))
        .collect();
    let back = otp_reading(&scanned.join("\n"), &["import", "-"]);
    assert_eq!((back.out, back.err.as_str()), (list, ""));
}

#[test]
fn qr_codes_in_the_terminal_and_as_svg() {
    let answer = export("", &[&data("ente.txt")]);
    assert_eq!((answer.status, answer.err.as_str()), (0, ""));
    for title in ["ACME: alice@example.com\n", "\n\nToken: bob\n", "\n\nSteam: gamer\n"] {
        assert!(answer.out.contains(title), "{title}");
    }
    assert!(answer.out.contains('▀') && !answer.out.contains("GEZD"), "{}", answer.out);

    let folder = Folder::new("export");
    let svg = folder.0.join("new/folder");
    let answer = export("", &["--svg", svg.to_str().unwrap(), &data("ente.txt")]);
    assert_eq!((answer.status, answer.err.as_str()), (0, ""));
    assert_eq!(
        answer.out,
        "001.svg ACME: alice@example.com\n002.svg Token: bob\n003.svg Steam: gamer\n"
    );
    for name in ["001.svg", "002.svg", "003.svg"] {
        let text = fs::read_to_string(svg.join(name)).unwrap();
        assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"), "{text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(svg.join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
    let answer = export(&keys(11), &["--google", "--svg", svg.to_str().unwrap(), "-"]);
    assert_eq!(answer.out, "001.svg part 1 of 2\n002.svg part 2 of 2\n");
    let answer = export("", &["--svg", "/dev/null/x", &data("ente.txt")]);
    assert_eq!((answer.status, answer.out.as_str()), (2, ""));
    assert!(answer.err.starts_with("error: --svg: "), "{}", answer.err);
}
