//! Key URIs read and written, compared with totp-rs and with a scan of the bytes that decides
//! nothing.

use std::hint::black_box;

use otp_core::Secret;
use otp_core::otpauth::{Uri, UriBuilder};

use super::Row;

const AUTH0: &str = "otpauth://totp/tenant:user?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=tenant\
                     &algorithm=SHA1&digits=6&period=30";

pub(super) fn rows() -> Vec<Row> {
    let group = "key URI";
    let peer = totp_rs::Totp::from_url(AUTH0).expect("it takes this");
    assert_eq!(peer.to_url().expect("it writes what it read").matches("secret=").count(), 1);
    let secret = Uri::parse(AUTH0).expect("it is one").secret().expect("it has one");
    let secret: &'static Secret = Box::leak(Box::new(secret));
    let mut buffer = [0; 200];
    assert_eq!(write(secret, &mut buffer), Some(AUTH0.len()));
    assert_eq!(by_hand(AUTH0), Some(([&b"totp"[..], b"tenant:user"], 5)));

    let (scan, parse_peer, write_peer) = ("scan by hand", "parse, totp-rs", "write, totp-rs");
    vec![
        Row::new(group, scan, || by_hand(black_box(AUTH0))),
        Row::new(group, parse_peer, || totp_rs::Totp::from_url(black_box(AUTH0))),
        Row::new(group, "parse", || Uri::parse(black_box(AUTH0))).beside(parse_peer),
        Row::new(group, "parse, beside the scan", || Uri::parse(black_box(AUTH0))).beside(scan),
        // totp-rs has this after parsing: a decoded secret in a separate value.
        Row::new(group, "parse, and decode the secret", || {
            Uri::parse(black_box(AUTH0)).map(|uri| uri.secret())
        })
        .beside(parse_peer),
        Row::new(group, write_peer, move || black_box(&peer).to_url()),
        Row::new(group, "write", move || write(black_box(secret), &mut buffer)).beside(write_peer),
    ]
}

fn write(secret: &Secret, buffer: &mut [u8]) -> Option<usize> {
    let uri = UriBuilder::totp(secret).with_issuer(black_box("tenant")).ok()?;
    let uri = uri.with_account(black_box("user")).ok()?;
    uri.write_to(buffer).ok().map(str::len)
}

/// Finds the parts of a key URI, and checks for each byte whether it is allowed at its place. This
/// is the minimum work of a parser for this format. It decodes nothing, and does not know any
/// parameter.
fn by_hand(uri: &str) -> Option<([&[u8]; 2], usize)> {
    let rest = uri.as_bytes().strip_prefix(b"otpauth://")?;
    let slash = rest.iter().position(|byte| *byte == b'/')?;
    let (kind, rest) = (&rest[..slash], &rest[slash + 1..]);
    let mark = rest.iter().position(|byte| *byte == b'?')?;
    let (label, query) = (&rest[..mark], &rest[mark + 1..]);
    let is_plain =
        |byte: &u8| matches!(byte, b'!'..=b'~') && !matches!(byte, b'#' | b'?' | b'&' | b'=');
    if !label.iter().all(is_plain) {
        return None;
    }
    let mut parameters = 0;
    for parameter in query.split(|byte| *byte == b'&') {
        let equals = parameter.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (&parameter[..equals], &parameter[equals + 1..]);
        if !name.iter().chain(value).all(is_plain) {
            return None;
        }
        parameters += 1;
    }
    Some(([kind, label], parameters))
}
