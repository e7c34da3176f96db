//! Codes made and checked without a state, compared with totp-rs and with the compressions that
//! they need.

use std::hint::black_box;
use std::rc::Rc;

use otp_core::{Algorithm, KeySchedule, Secret, Totp, Window};

use super::{NOW, Row, raw};

const WRONG: &str = "000000";

pub(super) fn rows() -> Vec<Row> {
    [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512].into_iter().flat_map(of).collect()
}

/// The shared secret of all rows. It is as long as the hash.
pub(super) fn key(algorithm: Algorithm) -> Vec<u8> {
    vec![0x5a; algorithm.output_len()]
}

pub(super) fn totp(algorithm: Algorithm) -> Totp {
    let key = KeySchedule::from_raw_key(algorithm, &key(algorithm));
    Totp::from_key(key.expect("it is built in"))
}

fn of(algorithm: Algorithm) -> Vec<Row> {
    let group = algorithm.name();
    let (held, key) = (Rc::new(totp(algorithm)), key(algorithm));
    let secret = Rc::new(Secret::from_bytes(&key).expect("it is long enough"));
    let peer = Rc::new(totp_rs(algorithm, &key));
    let right: Rc<str> = held.code_at(NOW + 30).expect("it is after 1970").as_str().into();
    for (code, is_right) in [(WRONG, false), (&*right, true)] {
        assert_eq!(held.verify_at(code, NOW, Window::DEFAULT).is_ok(), is_right);
        assert_eq!(peer.check(code, NOW).is_some(), is_right);
    }

    let two = "2 compressions, chained";
    let six = "6 compressions, chained";
    let mut rows = vec![
        Row::new(group, two, move || raw::chained::<2>(algorithm)),
        Row::new(group, six, move || raw::chained::<6>(algorithm)),
        Row::new(group, "6 compressions, two layers of three", move || raw::layered(algorithm))
            .beside(six),
    ];
    for (which, code) in [("wrong", Rc::from(WRONG)), ("right", right)] {
        let name = |what: &str| format!("{what}, {which} code");
        let verify = name("verify ±1, held key");
        let (totp, typed) = (held.clone(), code.clone());
        rows.push(
            Row::new(group, &*verify, move || {
                totp.verify_at(black_box(&typed), black_box(NOW), Window::DEFAULT)
            })
            .beside(six),
        );
        let (secret, typed) = (secret.clone(), code.clone());
        rows.push(
            Row::new(group, name("verify ±1, cold key"), move || {
                let totp = Totp::for_algorithm(algorithm, black_box(&secret));
                let totp = totp.as_ref().expect("it is built in");
                totp.verify_at(black_box(&typed), black_box(NOW), Window::DEFAULT)
            })
            .beside(six),
        );
        let peer = peer.clone();
        rows.push(
            Row::new(group, name("verify ±1, totp-rs"), move || {
                peer.check(black_box(&code), black_box(NOW))
            })
            .beside(&verify),
        );
    }
    let generate = "generate, held key";
    let totp = held.clone();
    rows.extend([
        Row::new(group, generate, move || totp.code_at(black_box(NOW))).beside(two),
        Row::new(group, "generate, cold key", move || {
            let totp = Totp::for_algorithm(algorithm, black_box(&secret));
            totp.as_ref().expect("it is built in").code_at(black_box(NOW))
        })
        .beside(two),
        Row::new(group, "generate, totp-rs", move || peer.generate(black_box(NOW)))
            .beside(generate),
    ]);
    let wide = Window::new(Window::MAX, Window::MAX).expect("it is at the bound");
    rows.push(
        Row::new(group, "verify ±100, each candidate", move || {
            held.verify_at(black_box(WRONG), black_box(NOW), wide)
        })
        .per(wide.candidates().into())
        .beside(two),
    );
    rows
}

fn totp_rs(algorithm: Algorithm, key: &[u8]) -> totp_rs::Totp {
    totp_rs::Builder::new()
        .with_algorithm(match algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        })
        .with_skew(1)
        .with_secret(key.to_vec())
        .build()
        .expect("it takes these")
}
