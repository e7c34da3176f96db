//! Encrypted files: keys, passphrases, MACs, ciphers, and damaged or changed files.

use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use otp_core::Algorithm;
use otp_core::seeds::{Buffer, Part, Problem, Pskc, PskcOptions, Unlock};
use proptest::prelude::*;

use super::{Tokens, at, container, data, file_error, hex, package, pskc, pskc_with};

const KEY: &[u8; 16] = b" !\"#$%&'()*+,-./";

fn by_key(file: &str, key: &[u8]) -> Tokens {
    pskc_with(file.as_bytes(), Unlock::Key(key), PskcOptions::DEFAULT)
}

fn by_passphrase(file: &str, passphrase: &str) -> Tokens {
    pskc_with(file.as_bytes(), Unlock::Passphrase(passphrase), PskcOptions::DEFAULT)
}

/// Replaces the text between two others, at their `nth` occurrence.
fn replaced(
    file: &str,
    nth: usize,
    start: &str,
    end: &str,
    with: impl Fn(&str) -> String,
) -> String {
    let (at, _) = file.match_indices(start).nth(nth).unwrap();
    let from = at + start.len();
    let to = from + file[from..].find(end).unwrap();
    format!("{}{}{}", &file[..from], with(&file[from..to]), &file[to..])
}

/// Changes a symbol in the middle of a Base64 text.
fn damaged(base64: &str) -> String {
    let middle = base64.len() / 2;
    let other = if &base64[middle..=middle] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &base64[..middle], &base64[middle + 1..])
}

#[test]
fn a_wrong_passphrase_is_told_at_once() {
    for (file, right) in [
        ("rfc6030_figure7.xml", "qwerty"),
        ("python_pskc_pbkdf2_sha1.xml", "pass phrase ü"),
        ("python_pskc_pbkdf2_sha256.xml", "pass phrase ü"),
        ("python_pskc_pbkdf2_sha512.xml", "pass phrase ü"),
    ] {
        let file = data(file);
        assert_eq!(by_passphrase(&file, right).1, None);
        for wrong in ["", "qwertz", "Qwerty", "qwerty ", "pass phrase u"] {
            let (part, problem, _) = file_error(by_passphrase(&file, wrong));
            assert_eq!((part, problem), (Part::MacMethod, Problem::WrongKey), "{wrong}");
        }
    }
}

#[test]
fn a_wrong_key_is_told_at_once() {
    let file = data("python_pskc_aes128.xml");
    // Some of them happen to leave a valid padding after the MAC key.
    for wrong in 0..100_u8 {
        let (part, problem, _) = file_error(by_key(&file, &[wrong; 16]));
        assert_eq!((part, problem), (Part::MacMethod, Problem::WrongKey));
    }
    for len in [0, 1, 15, 17, 31, 33, 64] {
        let (part, problem, _) = file_error(by_key(&file, &vec![7; len]));
        assert_eq!((part, problem), (Part::EncryptionKey, Problem::KeyLength), "{len}");
    }
    // The length is valid for AES, but is not that of this file.
    let (part, problem, _) = file_error(by_key(&file, &[7; 32]));
    assert_eq!((part, problem), (Part::MacMethod, Problem::KeyLength));
}

#[test]
fn an_encrypted_file_asks_for_its_key() {
    for file in ["rfc6030_figure6.xml", "rfc6030_figure7.xml"] {
        let (part, problem, _) = file_error(pskc(&data(file)));
        assert_eq!((part, problem), (Part::EncryptionKey, Problem::Locked));
    }
    let (part, problem, _) = file_error(by_passphrase(&data("rfc6030_figure6.xml"), "qwerty"));
    assert_eq!((part, problem), (Part::EncryptionKey, Problem::Locked));
    // RFC 6030 gives the key that is derived from the passphrase of figure 7.
    let key = hex("651e63cd57008476af1ff6422cd02e41");
    let (tokens, error) = by_key(&data("rfc6030_figure7.xml"), &key);
    assert!(tokens[0].is_ok() && error.is_none());
}

/// `python-pskc` writes an empty `EncryptionKey` if its pre-shared key does not have a name.
#[test]
fn an_encryption_key_without_a_name_is_a_pre_shared_one() {
    let file = data("python_pskc_aes128.xml");
    let whole = by_key(&file, KEY);
    let (start, end) = ("<pskc:EncryptionKey>", "</pskc:EncryptionKey>");
    for empty in ["<pskc:EncryptionKey/>", "<pskc:EncryptionKey> </pskc:EncryptionKey>"] {
        let file =
            format!("{}{empty}{}", &file[..at(&file, start)], &file[at(&file, end) + end.len()..]);
        let (tokens, error) = by_key(&file, KEY);
        assert_eq!((tokens, error), whole);
        for problem in [pskc(&file), by_passphrase(&file, "qwerty")] {
            let (part, problem, _) = file_error(problem);
            assert_eq!((part, problem), (Part::EncryptionKey, Problem::Locked));
        }
    }
}

/// No MAC protects the MAC key. An attacker who knows the secret of one token could insert its
/// ciphertext there, or a part of it, and then make MACs for all other tokens.
#[test]
fn a_mac_key_that_is_the_ciphertext_of_a_value_is_refused() {
    let file = data("python_pskc_aes128.xml");
    let decode = |text: &str| {
        let mut bytes = vec![0; text.len()];
        Base64::decode(text.trim(), &mut bytes).unwrap().to_vec()
    };
    let encode = |bytes: &[u8]| {
        let mut text = vec![0; 2 * bytes.len()];
        Base64::encode(bytes, &mut text).unwrap().to_owned()
    };
    let value = |nth: usize| {
        let (start, _) = file.match_indices("<xenc:CipherValue>").nth(nth).unwrap();
        let text = &file[start + "<xenc:CipherValue>".len()..];
        text[..text.find('<').unwrap()].to_owned()
    };
    // The value of any token, including the last one; two of its blocks, of which the first is then
    // the IV; and the value after another IV.
    for nth in [1, 3, 7] {
        let bytes = decode(&value(nth));
        let last = bytes[bytes.len() - 32..].to_vec();
        let other = [&[9; 16], &bytes[16..]].concat();
        for spliced in [bytes, last, other] {
            let file = replaced(&file, 0, "<xenc:CipherValue>", "<", |_| encode(&spliced));
            let offset = at(&file, "<pskc:MACKey>");
            assert_eq!(
                file_error(by_key(&file, KEY)),
                (Part::MacMethod, Problem::Reused, offset),
                "{nth}"
            );
        }
    }
    // A manufacturer may use one IV for all.
    let iv = decode(&value(0))[..16].to_vec();
    let file = replaced(&file, 1, "<xenc:CipherValue>", "<", |text| {
        encode(&[&iv[..], &decode(text)[16..]].concat())
    });
    let (tokens, error) = by_key(&file, KEY);
    // Its MAC is computed for the old IV.
    assert_eq!((tokens.len(), error), (7, None));
    assert!(tokens[0].is_err() && tokens[1..].iter().all(Result::is_ok));
}

#[test]
fn a_plain_file_needs_no_key() {
    let file = data("python_pskc_plain.xml");
    // A caller that gives a key expects MACs, because an attacker may have replaced the
    // manufacturer's file by a plain one.
    let (tokens, error) = by_key(&file, KEY);
    assert_eq!(error, None);
    assert_eq!(tokens.len(), pskc(&file).0.len());
    for token in tokens {
        let no = token.unwrap_err();
        assert_eq!((no.part, no.problem), (Part::Secret, Problem::NoMac));
    }
    let (tokens, error) = by_passphrase(&file, "qwerty");
    let error = error.unwrap();
    assert_eq!(
        (tokens, error.part(), error.problem()),
        (vec![], Part::EncryptionKey, Problem::Missing)
    );
    // No MAC is required.
    let options = PskcOptions::DEFAULT.with_values_without_mac();
    assert_eq!(pskc_with(file.as_bytes(), Unlock::Key(KEY), options), pskc(&file));
}

/// A plain token beside encrypted ones does not have a MAC, and does not avoid the check.
#[test]
fn a_plain_secret_among_encrypted_ones_is_refused() {
    let file = data("python_pskc_aes128.xml");
    let (whole, _) = by_key(&file, KEY);
    let (start, end) = (at(&file, "<pskc:EncryptedValue"), at(&file, "</pskc:ValueMAC>"));
    let plain = "<pskc:PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</pskc:PlainValue>";
    let file = format!("{}{plain}{}", &file[..start], &file[end + "</pskc:ValueMAC>".len()..]);
    let (tokens, error) = by_key(&file, KEY);
    assert_eq!(error, None);
    let no = tokens[0].as_ref().unwrap_err();
    assert_eq!((no.part, no.problem), (Part::Secret, Problem::NoMac));
    assert_eq!(tokens[1..], whole[1..]);
}

/// The other tokens are read, and this one is not.
#[test]
fn a_damaged_value_is_that_token_s() {
    let file = data("python_pskc_aes128.xml");
    let (whole, _) = by_key(&file, KEY);
    for nth in 0..whole.len() {
        // The first one is that of the MAC key.
        for (start, end, nth_start) in
            [("<xenc:CipherValue>", "<", nth + 1), ("<pskc:ValueMAC>", "<", nth)]
        {
            let file = replaced(&file, nth_start, start, end, damaged);
            let (tokens, error) = by_key(&file, KEY);
            assert_eq!(error, None);
            for (at, (token, whole)) in tokens.iter().zip(&whole).enumerate() {
                match token {
                    Err(no) if at == nth => {
                        assert_eq!((no.part, no.problem), (Part::Secret, Problem::Mac));
                        assert_eq!(no.name, whole.as_ref().unwrap().serial);
                    }
                    token => assert_eq!(token, whole),
                }
            }
        }
    }
}

#[test]
fn a_file_without_a_matching_mac_does_not_open() {
    let mut file = data("python_pskc_aes128.xml");
    for nth in 0..7 {
        file = replaced(&file, nth, "<pskc:ValueMAC>", "<", damaged);
    }
    let (part, problem, _) = file_error(by_key(&file, KEY));
    assert_eq!((part, problem), (Part::MacMethod, Problem::WrongKey));
}

#[test]
fn a_damaged_mac_key_does_not_open() {
    let file = replaced(&data("python_pskc_aes128.xml"), 0, "<xenc:CipherValue>", "<", damaged);
    let (part, problem, _) = file_error(by_key(&file, KEY));
    assert_eq!((part, problem), (Part::MacMethod, Problem::WrongKey));
}

#[test]
fn a_value_without_a_mac_is_refused_unless_it_is_allowed() {
    let file = data("python_pskc_aes128.xml");
    let without = replaced(&file, 0, "</pskc:EncryptedValue>", "</pskc:Secret>", |_| String::new());
    let (tokens, error) = by_key(&without, KEY);
    assert_eq!(error, None);
    let Err(no) = &tokens[0] else { panic!("{tokens:?}") };
    assert_eq!((no.part, no.problem), (Part::Secret, Problem::NoMac));
    assert!(tokens[1..].iter().all(Result::is_ok));

    let options = PskcOptions::DEFAULT.with_values_without_mac();
    let lenient = |file: &str| pskc_with(file.as_bytes(), Unlock::Key(KEY), options);
    assert_eq!(lenient(&without), by_key(&file, KEY));
    // A MAC that is present is still checked.
    let (tokens, _) = lenient(&replaced(&file, 0, "<pskc:ValueMAC>", "<", damaged));
    assert_eq!(tokens[0].as_ref().unwrap_err().problem, Problem::Mac);
}

#[test]
fn a_mac_without_a_method_is_refused() {
    let file = data("rfc6030_figure6.xml");
    let (start, end) = (at(&file, "<MACMethod"), at(&file, "<KeyPackage>"));
    let (tokens, _) = by_key(
        &format!("{}{}", &file[..start], &file[end..]),
        &hex("12345678901234567890123456789012"),
    );
    let Err(no) = &tokens[0] else { panic!("{tokens:?}") };
    assert_eq!((no.part, no.problem), (Part::MacMethod, Problem::Missing));
}

#[test]
fn other_ciphers_and_macs_are_named() {
    let file = data("python_pskc_aes128.xml");
    for cipher in [
        "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
        "http://www.w3.org/2001/04/xmlenc#kw-aes128",
        "http://www.w3.org/2009/xmlenc11#aes128-gcm",
        "aes128-cbc",
        "",
    ] {
        let with = |nth| {
            replaced(&file, nth, "EncryptionMethod Algorithm=\"", "\"", |_| cipher.to_owned())
        };
        // For the MAC key, and for the second token.
        let (part, problem, offset) = file_error(by_key(&with(0), KEY));
        assert_eq!((part, problem), (Part::MacMethod, Problem::Cipher), "{cipher} {offset}");
        let (tokens, error) = by_key(&with(2), KEY);
        assert_eq!(error, None);
        let no = tokens[1].as_ref().unwrap_err();
        assert_eq!((no.part, no.problem), (Part::Secret, Problem::Cipher));
        assert_eq!(tokens.iter().filter(|token| token.is_ok()).count(), 6);
    }
    // One of our ciphers, with a key of another length.
    let file = replaced(&file, 2, "EncryptionMethod Algorithm=\"", "\"", |cipher| {
        cipher.replace("128", "256")
    });
    assert_eq!(by_key(&file, KEY).0[1].as_ref().unwrap_err().problem, Problem::KeyLength);
    for mac in ["http://www.w3.org/2001/04/xmldsig-more#hmac-md5", "hmac-sha224", "xyz"] {
        let file = replaced(&file, 0, "MACMethod Algorithm=\"", "\"", |_| mac.to_owned());
        let (part, problem, offset) = file_error(by_key(&file, KEY));
        assert_eq!(
            (part, problem, offset),
            (Part::MacMethod, Problem::Unsupported, at(&file, mac))
        );
    }
}

/// A file that would hang is refused before anything is computed.
#[test]
fn iterations_have_a_bound() {
    let file = data("rfc6030_figure7.xml");
    let with = |count: &str| file.replace(">1000<", &format!(">{count}<"));
    let open = |file: &str, most: u32| {
        let options = PskcOptions::DEFAULT.with_max_iterations(most);
        pskc_with(file.as_bytes(), Unlock::Passphrase("qwerty"), options)
    };
    assert_eq!(open(&file, 1000).1, None);
    for (count, most, problem) in [
        ("1000", 999, Problem::Iterations),
        ("1000001", 1_000_000, Problem::Iterations),
        ("4294967295", 1_000_000, Problem::Iterations),
        ("4294967296", u32::MAX, Problem::Iterations),
        ("18446744073709551615", u32::MAX, Problem::Iterations),
        ("99999999999999999999", u32::MAX, Problem::OutOfRange),
        ("0", 1000, Problem::OutOfRange),
        ("-1", 1000, Problem::OutOfRange),
        ("", 1000, Problem::NotANumber),
    ] {
        let file = with(count);
        let (part, found, offset) = file_error(open(&file, most));
        assert_eq!((part, found), (Part::KeyDerivation, problem), "{count}");
        assert!(count.is_empty() || offset == at(&file, &format!(">{count}<")) + 1);
    }
    assert_eq!(PskcOptions::DEFAULT, PskcOptions::DEFAULT.with_max_iterations(1_000_000));
}

#[test]
fn key_derivations_have_their_parts() {
    let file = data("rfc6030_figure7.xml");
    for (part_of_it, with, problem) in [
        ("<KeyLength>16</KeyLength>", "<KeyLength>15</KeyLength>", Problem::KeyLength),
        ("<KeyLength>16</KeyLength>", "<KeyLength>32</KeyLength>", Problem::KeyLength),
        ("<KeyLength>16</KeyLength>", "", Problem::Missing),
        ("<IterationCount>1000</IterationCount>", "", Problem::Missing),
        ("<Specified>Ej7/PEpyEpw=</Specified>", "", Problem::Missing),
        ("Ej7/PEpyEpw=", "Ej7/PEpyEp", Problem::Base64),
        (
            "<PRF/>",
            "<PRF Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#hmac-md5\"/>",
            Problem::Unsupported,
        ),
        ("<PRF/>", "<PRF/><KeyLength>16</KeyLength>", Problem::Duplicate),
        ("pkcs-5v2-0#pbkdf2\"", "pkcs-5v2-0#scrypt\"", Problem::Unsupported),
    ] {
        let changed = file.replace(part_of_it, with);
        assert_ne!(changed, file);
        let (part, found, _) = file_error(by_passphrase(&changed, "qwerty"));
        // A longer key is derived, but it does not fit the cipher.
        let expected = if with.contains(">32<") { Part::MacMethod } else { Part::KeyDerivation };
        assert_eq!((part, found), (expected, problem), "{with}");
    }
}

#[test]
fn parts_that_stand_too_late_or_twice_are_errors() {
    let file = data("rfc6030_figure6.xml");
    let key = hex("12345678901234567890123456789012");
    let (start, end) = (at(&file, "<MACMethod"), at(&file, "<KeyPackage>"));
    let method = &file[start..end];
    let twice = file.replace("<KeyPackage>", &format!("{method}<KeyPackage>"));
    let (part, problem, _) = file_error(by_key(&twice, &key));
    assert_eq!((part, problem), (Part::MacMethod, Problem::Duplicate));
    let late = file.replace("</KeyPackage>", &format!("</KeyPackage>{method}"));
    let (tokens, error) = by_key(&late, &key);
    let error = error.unwrap();
    assert_eq!(
        (tokens.len(), error.part(), error.problem()),
        (1, Part::MacMethod, Problem::OutOfOrder)
    );
    let twice = file.replace("</EncryptionKey>", "</EncryptionKey><EncryptionKey/>");
    let (part, problem, _) = file_error(by_key(&twice, &key));
    assert_eq!((part, problem), (Part::EncryptionKey, Problem::Duplicate));
}

/// A value that must not be treated as authenticated is refused.
#[test]
fn a_plain_value_with_a_mac_is_refused() {
    let value = "<PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue>";
    for (inside, problem) in [
        (format!("{value}<ValueMAC>AAAA</ValueMAC>"), Problem::Unsupported),
        (format!("{value}<EncryptedValue/>"), Problem::Duplicate),
        ("<EncryptedValue/>".to_owned(), Problem::Locked),
        ("<ValueMAC>AAAA</ValueMAC>".to_owned(), Problem::Missing),
        (String::new(), Problem::Missing),
    ] {
        let key = format!("<Key Algorithm=\"hotp\"><Data><Secret>{inside}</Secret></Data></Key>");
        let (tokens, _) = pskc(&container(&package(&key)));
        let no = tokens[0].as_ref().unwrap_err();
        assert_eq!((no.part, no.problem), (Part::Secret, problem), "{inside}");
    }
}

// A writer for the tests.

fn base64(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits =
            (0..3).fold(0_usize, |bits, i| bits * 256 + usize::from(*group.get(i).unwrap_or(&0)));
        for i in 0..4 {
            let symbol = SYMBOLS[(bits >> (18 - 6 * i)) % 64];
            text.push(if i <= group.len() { char::from(symbol) } else { '=' });
        }
    }
    text
}

/// An initialisation vector, and a value in AES-128-CBC with a filler byte in the padding.
fn encrypted(value: &[u8], filler: u8) -> Vec<u8> {
    let iv = [filler; 16];
    let mut padded = value.to_vec();
    let padding = 16 - padded.len() % 16;
    padded.resize(padded.len() + padding - 1, filler);
    padded.push(padding as u8);
    let mut encryptor = cbc::Encryptor::<aes::Aes128>::new_from_slices(KEY, &iv).unwrap();
    for block in padded.as_chunks_mut::<16>().0 {
        encryptor.encrypt_block(block.into());
    }
    [&iv[..], &padded].concat()
}

fn value(name: &str, cipher_text: &[u8], mac_key: &[u8]) -> String {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(mac_key).unwrap();
    mac.update(cipher_text);
    format!(
        "<{name}><EncryptedValue>{}</EncryptedValue><ValueMAC>{}</ValueMAC></{name}>",
        cipher_data(cipher_text),
        base64(&mac.finalize().into_bytes())
    )
}

fn cipher_data(cipher_text: &[u8]) -> String {
    format!(
        "<x:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/>\
         <x:CipherData><x:CipherValue>{}</x:CipherValue></x:CipherData>",
        base64(cipher_text)
    )
}

fn sealed(mac_key: &[u8], kind: &str, values: &[(&str, Vec<u8>)]) -> String {
    let values: String = values.iter().map(|(name, text)| value(name, text, mac_key)).collect();
    container(&format!(
        "<EncryptionKey><d:KeyName xmlns:d=\"http://www.w3.org/2000/09/xmldsig#\">k</d:KeyName></EncryptionKey>\
         <MACMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"><MACKey>{}</MACKey></MACMethod>{}",
        cipher_data(&encrypted(mac_key, 9)),
        package(&format!("<Key Algorithm=\"{kind}\"><Data>{values}</Data></Key>"))
    ))
    .replace("<KeyContainer", "<KeyContainer xmlns:x=\"http://www.w3.org/2001/04/xmlenc#\"")
}

proptest! {
    #[test]
    fn what_was_encrypted_comes_out(
        secret in proptest::collection::vec(any::<u8>(), 1..=128),
        mac_key in proptest::collection::vec(any::<u8>(), 1..=128),
        filler: u8, counter: u64, drift in -2880_i64..=2880,
    ) {
        prop_assume!(secret.iter().any(|byte| *byte != 0));
        let counter_bytes = counter.to_be_bytes();
        let file = sealed(&mac_key, "hotp", &[
            ("Secret", encrypted(&secret, filler)), ("Counter", encrypted(&counter_bytes, filler)),
        ]);
        let (tokens, _) = by_key(&file, KEY);
        let row = tokens[0].as_ref().unwrap();
        prop_assert_eq!((&row.secret, row.counter), (&secret, Some(counter)));
        let short = (drift as i32).to_be_bytes();
        for drift_bytes in [&short[..], &drift.to_be_bytes()] {
            let file = sealed(&mac_key, "totp", &[
                ("TimeDrift", encrypted(drift_bytes, filler)), ("Secret", encrypted(&secret, filler)),
            ]);
            let (tokens, _) = by_key(&file, KEY);
            prop_assert_eq!(i64::from(tokens[0].as_ref().unwrap().drift), drift);
        }
    }

    /// If any byte is changed, no secret is returned that was not in the file.
    #[test]
    fn a_changed_byte_makes_no_other_secret(at: prop::sample::Index, byte: u8) {
        for name in ["python_pskc_aes128.xml", "python_pskc_aes256_all.xml"] {
            let mut file = data(name).into_bytes();
            let key: Vec<u8> = (0x20..if name.contains("256") { 0x40 } else { 0x30 }).collect();
            let open = |file: &[u8]| pskc_with(file, Unlock::Key(&key), PskcOptions::DEFAULT).0;
            let secrets: Vec<Vec<u8>> = open(&file).into_iter().map(|row| row.unwrap().secret).collect();
            prop_assert_eq!(secrets.len(), 7);
            let at = at.index(file.len());
            file[at] = byte;
            for row in open(&file).into_iter().flatten() {
                prop_assert!(secrets.contains(&row.secret));
            }
        }
    }
}

#[test]
fn encrypted_bytes_of_a_wrong_length_are_refused() {
    let right = encrypted(b"12345678901234567890", 1);
    for (text, problem) in [
        (right[..16].to_vec(), Problem::Padding),
        (right[..right.len() - 1].to_vec(), Problem::Padding),
        (vec![], Problem::Padding),
        // Its last byte is not a padding.
        (right[..32].to_vec(), Problem::Padding),
        (vec![7; 176], Problem::TooLong),
        // A padding of a whole block, and nothing before it.
        (encrypted(b"", 1), Problem::Missing),
    ] {
        let file = sealed(b"mac key", "hotp", &[("Secret", text.clone())]);
        let (tokens, error) = by_key(&file, KEY);
        assert_eq!(error, None);
        let no = tokens[0].as_ref().unwrap_err();
        assert_eq!((no.part, no.problem), (Part::Secret, problem), "{}", text.len());
    }
}

/// `python-pskc` writes numbers with as few bytes as they need. Bytes that are also digits may have
/// been meant as digits. A counter of 53 that is read as 5 accepts used codes again.
#[test]
fn encrypted_numbers_of_other_lengths_are_read() {
    for (bytes, counter) in [
        (&b"\x01"[..], Some(1)),
        (b"\x00", Some(0)),
        (b"\x01\x00", Some(256)),
        (b"\x2f", Some(47)),
        (b"\x3a", Some(58)),
        (b"831791", None),
        (b"0", None),
        (b"5", None),
        // Four and eight bytes are not digits (RFC 6030 section 4.2).
        (b"0000", Some(0x3030_3030)),
        (b"\xff\xff\xff\xff", Some(0xffff_ffff)),
        (b"\x01\x00\x00\x00\x00\x00\x00\x00\x00", None),
        (b"99999999999999999999", None),
        (b"", None),
    ] {
        let file = sealed(
            b"k",
            "hotp",
            &[("Secret", encrypted(b"12345678901234567890", 1)), ("Counter", encrypted(bytes, 1))],
        );
        let (tokens, _) = by_key(&file, KEY);
        match counter {
            Some(_) => assert_eq!(tokens[0].as_ref().unwrap().counter, counter),
            None => assert_eq!(tokens[0].as_ref().unwrap_err().part, Part::Counter),
        }
    }
}

/// RFC 6030 section 6.1.1: if there is no MAC key, it is the encryption key.
#[test]
fn the_encryption_key_stands_in_for_a_mac_key() {
    let file = sealed(KEY, "hotp", &[("Secret", encrypted(b"12345678901234567890", 1))]);
    let (start, end) = (at(&file, "<MACKey>"), at(&file, "</MACMethod>"));
    let without = format!("{}{}", &file[..start], &file[end..]);
    assert_eq!(by_key(&without, KEY).0, by_key(&file, KEY).0);
    assert!(by_key(&without, KEY).0[0].as_ref().is_ok_and(|row| row.algorithm == Algorithm::Sha1));
    let elsewhere =
        format!("{}<MACKeyReference>k</MACKeyReference>{}", &file[..start], &file[end..]);
    let (part, problem, _) = file_error(by_key(&elsewhere, KEY));
    assert_eq!((part, problem), (Part::MacMethod, Problem::Unsupported));
}

#[test]
fn an_error_leaves_nothing_readable() {
    let mut buffer = Buffer::new();
    let file = data("python_pskc_aes128.xml");
    let file = replaced(&file, 1, "<pskc:ValueMAC>", "<", damaged);
    let mut tokens = Pskc::open(file.as_bytes(), Unlock::Key(KEY), &mut buffer).unwrap();
    assert!(tokens.next_token().unwrap().unwrap().is_ok());
    let refused = tokens.next_token().unwrap().unwrap().unwrap_err();
    assert_eq!(refused.serial().unwrap(), "A002");
    assert!(
        refused
            .to_string()
            .starts_with("token A002: secret: damaged, the MAC does not match (at byte ")
    );
    assert!(!format!("{tokens:?} {refused:?}").contains("205"));
    assert_eq!(
        format!("{:?} {:?}", Unlock::Key(KEY), Unlock::Passphrase("x")),
        "Key(..) Passphrase(..)"
    );
}
