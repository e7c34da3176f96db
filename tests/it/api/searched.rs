//! The names that users of other libraries search for lead to an item of this crate.

use std::fs;
use std::path::Path;

/// A searched name, the file of the item that is found, and the beginning of that item.
const SEARCHED: &[(&str, &str, &str)] = &[
    ("2fa", "totp.rs", "pub struct Totp"),
    ("2fa", "verifier/settings.rs", "pub struct Verifier"),
    ("at", "totp.rs", "pub fn code_at"),
    ("authenticate", "verifier/login.rs", "pub fn log_in<"),
    ("backup codes", "recovery/set.rs", "pub struct Set"),
    ("backup_codes", "recovery/set.rs", "pub struct Set"),
    ("brute force", "verifier/throttle.rs", "pub struct Throttle"),
    ("check", "totp.rs", "pub fn verify_at"),
    ("check", "hotp.rs", "pub fn verify"),
    ("check", "verifier/login.rs", "pub fn log_in<"),
    ("clock skew", "verifier/drift.rs", "pub struct DriftLearning"),
    ("counter_window", "window.rs", "pub struct LookAhead"),
    ("digest", "algorithm.rs", "pub enum Algorithm"),
    ("drift", "verifier/drift.rs", "pub struct DriftLearning"),
    ("gen_secret", "secret/owned.rs", "pub fn generate_from_os"),
    ("generate", "hotp.rs", "pub fn code("),
    ("generate", "totp.rs", "pub fn code_at"),
    ("generate_secret", "secret/owned.rs", "pub fn generate<"),
    ("generate_secret", "secret/owned.rs", "pub fn generate_from_os"),
    ("get_totp_token", "totp.rs", "pub fn code_at"),
    ("google authenticator", "totp.rs", "pub struct Totp"),
    ("interval", "period.rs", "pub struct Period"),
    ("is_valid", "totp.rs", "pub fn verify_at"),
    ("keyuri", "otpauth/builder.rs", "pub struct UriBuilder"),
    ("length", "digits.rs", "pub enum Digits"),
    ("lockout", "verifier/throttle.rs", "pub struct Throttle"),
    ("mfa", "totp.rs", "pub struct Totp"),
    ("mfa", "verifier/settings.rs", "pub struct Verifier"),
    ("otpauth_url", "otpauth/builder.rs", "pub struct UriBuilder"),
    ("provisioning_uri", "otpauth/builder.rs", "pub struct UriBuilder"),
    ("random_base32", "secret/owned.rs", "pub fn generate_from_os"),
    ("rate limit", "verifier/throttle.rs", "pub struct Throttle"),
    ("rate limit", "verifier/budget.rs", "pub struct Budget"),
    ("resync", "verifier/resynchronise.rs", "pub fn resynchronise"),
    ("scratch codes", "recovery/set.rs", "pub struct Set"),
    ("skew", "window.rs", "pub struct Window"),
    ("step", "period.rs", "pub struct Period"),
    ("time_step", "period.rs", "pub struct Period"),
    ("tolerance", "window.rs", "pub struct Window"),
    ("ttl", "totp.rs", "pub fn seconds_remaining_at"),
    ("two-factor", "verifier/settings.rs", "pub struct Verifier"),
    ("use_backup_code", "recovery/redeem.rs", "pub fn redeem"),
    ("valid_window", "window.rs", "pub struct Window"),
    ("validate", "totp.rs", "pub fn verify_at"),
    ("verify", "verifier/login.rs", "pub fn log_in<"),
    ("verify_totp", "totp.rs", "pub fn verify_at"),
];

/// Returns the attributes and comments before an item.
fn in_front_of(text: &str, item: &str) -> Option<String> {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| line.starts_with(item))?;
    let is_attached = |line: &&str| !line.is_empty() && !line.ends_with('}');
    let above = lines[..at].iter().rev().copied().take_while(is_attached);
    Some(above.collect::<Vec<_>>().join("\n"))
}

#[test]
fn names_of_other_libraries_lead_here() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (name, file, item) in SEARCHED {
        let text = fs::read_to_string(src.join(file)).unwrap();
        let above = in_front_of(&text, item).unwrap_or_else(|| panic!("{file}: no {item}"));
        let aliases = above.lines().filter(|line| line.starts_with("#[doc(alias("));
        let found = aliases.flat_map(|line| line.split('"').skip(1).step_by(2));
        assert!(
            found.collect::<Vec<_>>().contains(name),
            "{file}: {item} is not found by {name:?}"
        );
    }
}
