//! Reading and writing key URIs beside totp-rs.
//!
//! `cargo bench --bench uri` measures both in one run and ends with the ratios that README quotes.

#[path = "report.rs"]
mod report;

use std::hint::black_box;

use otp_core::{Secret, otpauth};

const AUTH0: &str = "otpauth://totp/tenant:user?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=tenant\
                     &algorithm=SHA1&digits=6&period=30";

fn main() {
    let mut report = report::Report::new();
    let mut group = report.group("uri");

    let secret = otpauth::Uri::parse(AUTH0).unwrap().secret().unwrap();
    let peer = totp_rs::Totp::from_url(AUTH0).unwrap();
    assert_eq!(peer.to_url().unwrap().matches("secret=").count(), 1);

    group.time("parse", &mut || report::keep(otpauth::Uri::parse(black_box(AUTH0))));
    // What totp-rs has after parsing: a decoded secret in a value of its own.
    group.time("parse, and decode the secret", &mut || {
        report::keep(otpauth::Uri::parse(black_box(AUTH0)).map(|uri| uri.secret()));
    });
    group.time("parse, totp-rs", &mut || report::keep(totp_rs::Totp::from_url(black_box(AUTH0))));

    let mut buffer = [0; 200];
    let writer = |secret: &'static Secret| {
        let uri = otpauth::UriBuilder::totp(secret).with_issuer(black_box("tenant")).unwrap();
        uri.with_account(black_box("user")).unwrap()
    };
    let secret: &'static Secret = Box::leak(Box::new(secret));
    assert_eq!(writer(secret).write_to(&mut buffer), Ok(AUTH0));
    group.time("write", &mut || {
        report::keep(writer(black_box(secret)).write_to(&mut buffer).map(str::len));
    });
    group.time("write, totp-rs", &mut || report::keep(black_box(&peer).to_url()));
    drop(group);

    report.finish();
    println!("\nMedians of this run in nanoseconds, and ratios:\n");
    println!("| | otp-core | totp-rs | otp-core ÷ totp-rs |\n|---|--:|--:|--:|");
    for (what, peer) in [
        ("parse", "parse, totp-rs"),
        ("parse, and decode the secret", "parse, totp-rs"),
        ("write", "write, totp-rs"),
    ] {
        if let (Some(ours), Some(theirs)) = (report.median("uri", what), report.median("uri", peer))
        {
            println!("| {what} | {ours:.0} | {theirs:.0} | {:.2} |", ours / theirs);
        }
    }
}
