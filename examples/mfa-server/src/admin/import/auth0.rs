//! Reads an entry of Auth0's bulk imports (Auth0's "bulk user import schema").
//!
//! A field that the schema does not have is an error. A field that this server cannot store is
//! left out, and the output names it. No message repeats a value, because the value may be a
//! secret or a hash.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use otp_core::Secret;
use serde_json::{Map, Value};

use super::{Entry, Factor};
use crate::password::foreign;
use crate::signup::address;
use crate::store::MOST;

const READ: [&str; 7] = [
    "email",
    "email_verified",
    "user_id",
    "blocked",
    "password_hash",
    "custom_password_hash",
    "mfa_factors",
];

/// Fields that Auth0's schema has and this server does not store.
const LEFT_OUT: [&str; 10] = [
    "username",
    "given_name",
    "family_name",
    "name",
    "nickname",
    "picture",
    "phone_number",
    "phone_verified",
    "app_metadata",
    "user_metadata",
];

/// The longest user_id, in bytes.
const MAX_ID_LEN: usize = 128;

type Members = Map<String, Value>;

/// Reads an entry. `step` is the current time step.
pub fn read(value: &Value, step: u64) -> Result<Entry, String> {
    let members = value.as_object().ok_or("is not an object")?;
    only(members, "", &[READ.as_slice(), &LEFT_OUT].concat())?;
    let email = text(members, "", "email")?.ok_or("email: is missing")?;
    let email = address(email).ok_or("email: is not an address")?;
    let mut left_out: Vec<_> =
        LEFT_OUT.into_iter().filter(|name| present(members, name).is_some()).collect();
    let factors = factors(members, step, &mut left_out)?;
    Ok(Entry {
        id: text(members, "", "user_id")?.map(id).transpose()?,
        email,
        email_verified: flag(members, "email_verified")?,
        blocked: flag(members, "blocked")?,
        password_hash: password_hash(members)?,
        factors,
        left_out,
    })
}

/// Removes the connection, which Auth0's exports put in front of the id.
fn id(id: &str) -> Result<String, String> {
    let id = id.strip_prefix("auth0|").unwrap_or(id);
    let is_plain = id.bytes().all(|byte| byte.is_ascii_graphic());
    if (1..=MAX_ID_LEN).contains(&id.len()) && is_plain {
        Ok(id.to_owned())
    } else {
        Err("user_id: is not 1 to 128 printable ASCII characters without spaces".into())
    }
}

fn password_hash(members: &Members) -> Result<String, String> {
    let custom = present(members, "custom_password_hash");
    let (name, hash) = match (text(members, "", "password_hash")?, custom) {
        (Some(hash), None) => ("password_hash", hash),
        (None, Some(custom)) => ("custom_password_hash.hash.value", custom_hash(custom)?),
        (Some(_), Some(_)) => {
            return Err("custom_password_hash: the entry has a password_hash too".into());
        }
        (None, None) => {
            return Err("password_hash: is missing, so the user could not log in".into());
        }
    };
    foreign::check(hash).map_err(|error| format!("{name}: {error}"))?;
    Ok(hash.to_owned())
}

/// Returns the hash if its text names its algorithm and costs. Two of Auth0's algorithms do
/// that.
fn custom_hash(value: &Value) -> Result<&str, String> {
    let place = "custom_password_hash";
    let custom = object(value, place)?;
    if !matches!(text(custom, place, "algorithm")?, Some("argon2" | "bcrypt")) {
        return Err(format!("{place}.algorithm: only argon2 and bcrypt are supported"));
    }
    only(custom, place, &["algorithm", "hash", "password"])?;
    if let Some(password) = present(custom, "password") {
        let place = "custom_password_hash.password";
        let password = object(password, place)?;
        only(password, place, &["encoding"])?;
        in_utf8(password, place)?;
    }
    let place = "custom_password_hash.hash";
    let hash = present(custom, "hash").ok_or_else(|| format!("{place}: is missing"))?;
    let hash = object(hash, place)?;
    only(hash, place, &["value", "encoding"])?;
    in_utf8(hash, place)?;
    text(hash, place, "value")?.ok_or_else(|| format!("{place}.value: is missing"))
}

fn in_utf8(members: &Members, place: &str) -> Result<(), String> {
    match text(members, place, "encoding")? {
        None | Some("utf8") => Ok(()),
        Some(_) => Err(format!("{place}.encoding: only utf8 is supported")),
    }
}

fn factors(
    members: &Members,
    step: u64,
    left_out: &mut Vec<&'static str>,
) -> Result<Vec<Factor>, String> {
    let Some(list) = present(members, "mfa_factors") else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or("mfa_factors: is not an array")?;
    if list.len() > MOST {
        return Err(format!("mfa_factors: has more than {MOST} factors"));
    }
    let mut factors: Vec<Factor> = Vec::new();
    for (nth, value) in list.iter().enumerate() {
        let place = format!("mfa_factors[{nth}]");
        let mut kinds = object(value, &place)?.iter();
        let (Some((kind, value)), None) = (kinds.next(), kinds.next()) else {
            return Err(format!("{place}: does not have one member"));
        };
        match kind.as_str() {
            "totp" => {
                let factor = totp(value, &format!("{place}.totp"), step)?;
                if factors.iter().any(|other| is_same(&other.secret, &factor.secret)) {
                    return Err(format!("{place}.totp.secret: another factor has the same secret"));
                }
                factors.push(factor);
            }
            "phone" => left_out.push("a phone factor"),
            "email" => left_out.push("an email factor"),
            _ => return Err(format!("{place}: is not totp, phone or email")),
        }
    }
    // Without a factor, a password would be enough to enrol one: a thief of the password could
    // enrol before the user does.
    if factors.is_empty() && !list.is_empty() {
        return Err("mfa_factors: only totp is supported, so the user would have no factor".into());
    }
    Ok(factors)
}

/// `last_used_step` is an addition of this server: Auth0's schema does not have it.
fn totp(value: &Value, place: &str, step: u64) -> Result<Factor, String> {
    let totp = object(value, place)?;
    only(totp, place, &["secret", "last_used_step"])?;
    let secret =
        text(totp, place, "secret")?.ok_or_else(|| format!("{place}.secret: is missing"))?;
    // Text in lower case could be hexadecimal too, so it is refused.
    if !secret.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7')) {
        return Err(format!("{place}.secret: is not Base32 of A to Z and 2 to 7, without padding"));
    }
    // Secrets of other systems may have fewer than 128 bits.
    let secret = Secret::from_base32_allow_short(secret)
        .map_err(|error| format!("{place}.secret: {error}"))?;
    let last_used_step = match present(totp, "last_used_step") {
        None => None,
        Some(value) => {
            let last = value.as_u64().filter(|last| *last <= step.saturating_add(1));
            Some(last.ok_or_else(|| {
                format!("{place}.last_used_step: is not a time step, or is in the future")
            })?)
        }
    };
    Ok(Factor { secret, last_used_step })
}

fn is_same(one: &Secret, other: &Secret) -> bool {
    verify_slices_are_equal(one.expose_bytes(), other.expose_bytes()).is_ok()
}

/// Returns a field's value. A null counts as a missing field.
fn present<'a>(members: &'a Members, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}

fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Members, String> {
    value.as_object().ok_or_else(|| format!("{place}: is not an object"))
}

fn text<'a>(members: &'a Members, place: &str, name: &str) -> Result<Option<&'a str>, String> {
    let wrong = || format!("{}: is not a string", within(place, name));
    present(members, name).map(|value| value.as_str().ok_or_else(wrong)).transpose()
}

fn flag(members: &Members, name: &str) -> Result<bool, String> {
    let wrong = || format!("{name}: is neither true nor false");
    present(members, name).map_or(Ok(false), |value| value.as_bool().ok_or_else(wrong))
}

/// Refuses fields that this module does not know.
fn only(members: &Members, place: &str, known: &[&str]) -> Result<(), String> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!(
            "{}: is not a known field",
            within(place, &name.escape_debug().to_string())
        )),
        None => Ok(()),
    }
}

fn within(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}
