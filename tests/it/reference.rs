//! A slow and simple reader of key URIs: strings, a map, one step after the other. It knows only
//! which URIs are accepted, not the reasons of a refusal.
//!
//! `fuzz/` compares the crate with it too.

use std::collections::HashMap;

use otp_core::otpauth;

use crate::unicode::{Kind, kind};

/// Returns the result of the crate, in the form of the answers of [`read`].
pub(crate) fn describe(uri: &otpauth::Uri<'_>) -> String {
    let mut buffer = vec![0; uri.secret_len()];
    let secret = uri.decode_secret(&mut buffer).unwrap();
    assert_eq!(secret.len(), uri.secret_len());
    let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let (kind, digits, last) = match uri.kind() {
        otpauth::Kind::Totp { digits, period } => ("totp", digits.get(), period.seconds()),
        otpauth::Kind::Hotp { digits, counter } => ("hotp", digits.get(), counter),
        otpauth::Kind::Steam => ("steam", 5, 30),
    };
    let issuer = uri.issuer().map_or("-".into(), |issuer| issuer.to_string());
    let (account, algorithm) = (uri.account(), uri.algorithm());
    format!("{kind}|{issuer}|{account}|{algorithm}|{digits}|{last}|{secret}")
}

/// Returns the content of a URI, or `None` if it must be refused.
pub(crate) fn read(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    scheme.eq_ignore_ascii_case("otpauth").then_some(())?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let mut kind = rest[..end].to_ascii_lowercase();
    ["totp", "hotp", "steam"].contains(&kind.as_str()).then_some(())?;
    let rest = &rest[end..];
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    (!rest[end..].starts_with('#')).then_some(())?;
    let (path, query) = (&rest[..end], rest[end..].strip_prefix('?').unwrap_or(""));
    let query = query.split('#').next().unwrap();

    let marked = path.replace("%3A", ":").replace("%3a", ":");
    let (prefix, account) = match marked.split_once(':') {
        None => (None, path.to_owned()),
        Some((prefix, _)) => {
            let after = &path[prefix.len()..];
            let len = if after.starts_with('%') { 3 } else { 1 };
            let mut account = &after[len..];
            while !prefix.is_empty() && (account.starts_with(' ') || account.starts_with("%20")) {
                account = &account[if account.starts_with(' ') { 1 } else { 3 }..];
            }
            (Some(prefix.to_owned()), account.to_owned())
        }
    };
    let prefix = prefix.map_or(Some(String::new()), |prefix| label(&prefix, false))?;
    let account = label(&account, false)?;

    let mut known = HashMap::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let names = ["secret", "issuer", "algorithm", "digits", "period", "counter", "encoder"];
        if names.contains(&name) && known.insert(name, value).is_some() {
            return None;
        }
    }
    let get = |name: &str| known.get(name).copied().filter(|value| !value.is_empty());
    let secret = secret(get("secret")?)?;
    let issuer = get("issuer").map_or(Some(prefix), |issuer| label(issuer, true))?;
    let issuer = if issuer.is_empty() { "-".to_owned() } else { issuer };
    if let Some(encoder) = get("encoder") {
        (encoder.eq_ignore_ascii_case("steam") && kind != "hotp").then_some(())?;
        kind = "steam".into();
    }
    if kind == "steam" {
        return Some(format!("steam|{issuer}|{account}|SHA1|5|30|{secret}"));
    }
    let algorithm = get("algorithm").map_or(Some("SHA1".into()), |name| label(name, true))?;
    let algorithm = algorithm.to_ascii_uppercase();
    ["SHA1", "SHA256", "SHA512"].contains(&algorithm.as_str()).then_some(())?;
    let digits = get("digits").map_or(Some(6), number)?;
    (6..=10).contains(&digits).then_some(())?;
    let last = match kind.as_str() {
        "totp" => get("period").map_or(Some(30), number).filter(|period| *period > 0)?,
        _ => known.get("counter").map_or(Some(0), |counter| number(counter))?,
    };
    Some(format!("{kind}|{issuer}|{account}|{algorithm}|{digits}|{last}|{secret}"))
}

fn unescape(text: &str, plus: bool) -> Option<Vec<u8>> {
    let text = if plus { text.replace('+', " ") } else { text.to_owned() };
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let pair = std::str::from_utf8(after.get(..2)?).ok()?;
            pair.chars().all(|c| c.is_ascii_hexdigit()).then_some(())?;
            bytes.push(u8::from_str_radix(pair, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
        }
    }
    Some(bytes)
}

fn label(text: &str, plus: bool) -> Option<String> {
    let text = String::from_utf8(unescape(text, plus)?).ok()?;
    (!text.chars().any(is_refused)).then_some(text)
}

/// Returns whether a label must not have the character.
fn is_refused(character: char) -> bool {
    // Separators of lines and paragraphs, then embeddings, overrides and isolates.
    character.is_control()
        || "\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}".contains(character)
        || "\u{2066}\u{2067}\u{2068}\u{2069}".contains(character)
}

fn number(text: &str) -> Option<u64> {
    let text = String::from_utf8(unescape(text, true)?).ok()?;
    let digits = text.strip_prefix('+').unwrap_or(&text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// Returns whether a character carries no information in a secret.
fn is_separator(character: char) -> bool {
    matches!(kind(character), Kind::Space | Kind::Dash)
}

fn secret(text: &str) -> Option<String> {
    let mut bits = String::new();
    let text = unescape(text, true)?;
    // The rest of invalid UTF-8 is not a symbol either.
    let text = String::from_utf8_lossy(&text).into_owned();
    let symbols: String = text.chars().filter(|one| !is_separator(*one)).collect();
    let letters: String = symbols.chars().filter(char::is_ascii_alphabetic).collect();
    let [upper, lower] = [letters.to_ascii_uppercase(), letters.to_ascii_lowercase()];
    // A phone's keyboard capitalises the first letter.
    let is_large_first = letters.get(1..) == lower.get(1..) && letters.get(..1) == upper.get(..1);
    (letters == upper || letters == lower || is_large_first).then_some(())?;
    let symbols = symbols.as_bytes();
    let end = symbols.iter().position(|byte| *byte == b'=').unwrap_or(symbols.len());
    symbols[end..].iter().all(|byte| *byte == b'=').then_some(())?;
    for symbol in &symbols[..end] {
        let upper = char::from(symbol.to_ascii_uppercase());
        bits += &format!("{:05b}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(upper)?);
    }
    let bytes = bits.as_bytes().chunks_exact(8);
    let byte = |bits| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap();
    let hex: String = bytes.map(|bits| format!("{:02x}", byte(bits))).collect();
    (!hex.is_empty()).then_some(hex)
}
