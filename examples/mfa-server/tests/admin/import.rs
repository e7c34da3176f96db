//! Imports users of another system, and checks that they can log in.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use otp_core::{Secret, Totp};
use serde_json::{Value, json};

use crate::world::{ALICE, World, admin, code, done};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const OTHER: &str = "JBSWY3DPEHPK3PXP";
const PASSWORD: &str = "of another system";

fn hash() -> String {
    bcrypt::hash(PASSWORD, 4).unwrap()
}

fn totp(secret: &str) -> Totp {
    Totp::new(&Secret::from_base32_allow_short(secret).unwrap())
}

fn step() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 30
}

/// Imports a file with this text.
fn import(world: &World, text: &str) -> (i32, String, String) {
    fs::write(world.place.path("users"), text).unwrap();
    admin(&world.place, &["import", "users"])
}

#[test]
fn an_imported_user_logs_in_with_the_first_code_and_its_replay_fails() {
    let world = World::new();
    let users = json!([
        {
            "email": "Alice@Example.com", "user_id": "auth0|5f0", "password_hash": hash(),
            "email_verified": true, "name": "Alice", "username": null,
            "mfa_factors": [
                {"totp": {"secret": SECRET}},
                {"phone": {"value": "+12125550001"}},
                {"totp": {"secret": OTHER, "last_used_step": step() + 1}},
            ],
        },
        {
            "email": "bob@example.com", "blocked": true,
            "custom_password_hash": {
                "algorithm": "bcrypt", "hash": {"value": hash(), "encoding": "utf8"},
            },
        },
    ]);
    let (status, stdout, stderr) = import(&world, &users.to_string());
    assert_eq!((status, stderr.as_str()), (0, ""));
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(
        lines,
        [
            "entry 1: alice@example.com: imported with 2 authenticators; left out: name, a phone factor",
            "entry 2: bob@example.com: imported with 0 authenticators",
            "2 imported, 0 refused",
        ]
    );

    let table = done(&world.place, &["list"]);
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    assert_eq!(rows[1], ["alice@example.com", "enabled", "-", "ready, ready", "-"]);
    assert_eq!(rows[2], ["bob@example.com", "disabled", "-", "-", "-"]);

    assert_eq!(world.password_of(ALICE, "of nobody").0, 403);
    let used = code(&totp(SECRET), 0);
    let log_in = || world.log_in_as(ALICE, PASSWORD);
    // The file names the last used code of this secret, and the code stays used.
    assert_eq!(world.submit("otp", "otp", &log_in(), &code(&totp(OTHER), 0)).0, 403);
    assert_eq!(world.submit("otp", "otp", &log_in(), &used).0, 200);
    assert_eq!(world.submit("otp", "otp", &log_in(), &used).1["reason"], "used");
    assert_eq!(world.password_of("bob@example.com", PASSWORD).1["error"], "unauthorized");

    let user = world.listed();
    assert_eq!((&user["user_id"], &user["email_verified"]), (&json!("auth0|5f0"), &json!(true)));
    let log = fs::read_to_string(world.place.path("audit")).unwrap();
    assert_eq!(log.matches("user.imported").count(), 2);
    assert!(!log.contains(SECRET) && !log.contains("$2b$"));
}

/// The first login replaces the hash of the other system.
#[test]
fn a_foreign_hash_goes_with_the_first_login() {
    let world = World::new();
    let foreign = hash();
    import(&world, &json!({"email": ALICE, "password_hash": foreign}).to_string());
    let stored = |hash: &str| {
        let parts = ["mfa-server.db", "mfa-server.db-wal"];
        let bytes = parts.map(|part| fs::read(world.place.path(part)).unwrap_or_default());
        bytes.concat().windows(hash.len()).any(|window| window == hash.as_bytes())
    };
    assert!(stored(&foreign) && !stored("$argon2id$"));
    world.password_of(ALICE, "of nobody");
    assert!(!stored("$argon2id$"));
    world.log_in_as(ALICE, PASSWORD);
    assert!(stored("$argon2id$"));
    world.log_in_as(ALICE, PASSWORD);
    // bcrypt ignored everything after 72 bytes.
    assert_eq!(world.password_of(ALICE, &format!("{PASSWORD} ")).0, 403);
}

#[test]
fn a_wrong_entry_keeps_no_other_one_out_and_nothing_is_half_imported() {
    let world = World::new();
    world.sign_up();
    let with = |more: Value| {
        let mut entry = json!({"email": "bob@example.com", "password_hash": hash()});
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry.to_string()
    };
    let factors = |factors: Value| with(json!({ "mfa_factors": factors }));
    let secret = |secret: &str| json!({"totp": {"secret": secret}});
    let cost = hash().replace("$04$", "$31$");
    // The server could not verify any password with these hashes: each login would be a server
    // error.
    let no_cost = hash().replace("$04$", "$03$");
    let no_version = "$argon2id$v=18$m=64,t=1,p=1$c29tZXNhbHRzb21l$\
                      MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI";
    let refused = [
        ("7".to_owned(), "is not an object"),
        ("{\"email\": ".to_owned(), "is not JSON"),
        (json!({"password_hash": hash()}).to_string(), "email: is missing"),
        (json!({"email": "carol@example.com"}).to_string(), "password_hash: is missing"),
        (with(json!({"email": "bob"})), "email: is not an address"),
        (with(json!({"email": "a b@example.com"})), "email: is not an address"),
        (with(json!({"email": ALICE})), "a user with this address"),
        (with(json!({"email_verified": "yes"})), "email_verified: is neither true nor false"),
        (with(json!({"user_id": "a b"})), "user_id: is not"),
        (with(json!({"surname": "Brown"})), "surname: is not a known field"),
        (with(json!({"password_hash": "hunter2"})), "password_hash: is not a bcrypt hash, and not"),
        (with(json!({ "password_hash": cost })), "with a cost over"),
        (with(json!({ "password_hash": no_cost })), "is not a bcrypt hash"),
        (
            with(json!({ "password_hash": no_version })),
            "password_hash: is not a bcrypt hash, and not",
        ),
        (with(json!({"custom_password_hash": {}})), "the entry has a password_hash too"),
        (
            with(json!({
                "password_hash": null,
                "custom_password_hash": {"algorithm": "md5", "hash": {"value": "hunter2"}},
            })),
            "only argon2 and bcrypt",
        ),
        (factors(json!({})), "mfa_factors: is not an array"),
        (factors(json!([secret("hunter2")])), "mfa_factors[0].totp.secret: is not Base32"),
        (factors(json!([secret("")])), "mfa_factors[0].totp.secret: "),
        (factors(json!([secret(SECRET), secret(SECRET)])), "another factor has the same secret"),
        (
            factors(json!([{"totp": {"secret": SECRET, "digits": 8}}])),
            "totp.digits: is not a known field",
        ),
        (
            factors(json!([{"totp": {"secret": SECRET, "last_used_step": step() * 1000}}])),
            "last_used_step: is not",
        ),
        (factors(json!([{"email": {"value": "a@example.com"}}])), "the user would have no factor"),
        (factors(json!([{"webauthn": {}}])), "mfa_factors[0]: is not totp, phone or email"),
        (factors(json!(vec![json!({"totp": {}}); 11])), "more than 10"),
    ];
    let mut lines: Vec<&str> = refused.iter().map(|(line, _)| line.as_str()).collect();
    let good = factors(json!([secret(SECRET)]));
    lines.extend([good.as_str(), "", good.as_str()]);
    let text = lines.join("\n");

    for dry_run in [true, false] {
        fs::write(world.place.path("users"), &text).unwrap();
        let arguments: &[&str] =
            if dry_run { &["import", "users", "--dry-run"] } else { &["import", "users"] };
        let (status, stdout, stderr) = admin(&world.place, arguments);
        assert!(status == 1 && stderr.starts_with("1 imported, 26 refused"), "{stdout}{stderr}");
        let said: Vec<&str> = stdout.lines().collect();
        assert_eq!(said.len(), 27, "{stdout}");
        for (nth, ((_, why), said)) in refused.iter().zip(&said).enumerate() {
            let place = format!("line {}: ", nth + 1);
            assert!(said.starts_with(&place) && said.contains("refused: "), "{said}");
            assert!(said.contains(why) && !said.contains("hunter2"), "{said}");
        }
        assert_eq!(said[25], "line 26: bob@example.com: imported with 1 authenticator");
        assert_eq!(said[26], "line 28: bob@example.com: refused: email: line 26 has the same one");
        let users = done(&world.place, &["list"]).lines().count() - 1;
        assert_eq!(users, if dry_run { 1 } else { 2 });
    }
    // A second import of the same file does not import a user twice.
    let (_, stdout, _) = import(&world, &good);
    assert!(
        stdout.contains("refused: a user with this address or user_id exists already"),
        "{stdout}"
    );

    // If the file is not valid JSON, the error does not repeat any of its text.
    for (text, why) in [("[{\"email\": \"hunter2\"", "line 1, column"), ("[1", "line 1, column")] {
        let (status, stdout, stderr) = import(&world, text);
        assert!(status == 2 && stdout.is_empty() && stderr.contains(why), "{stderr}");
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
    let (status, _, stderr) = admin(&world.place, &["import", "nowhere"]);
    assert!(status == 2 && stderr.contains("nowhere: No such file"), "{stderr}");
}

#[test]
fn users_come_from_standard_input() {
    let world = World::new();
    let mut command = world.place.command();
    command.args(["admin", "import", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
    let entry = json!({"email": ALICE, "password_hash": hash()}).to_string();
    process.stdin.take().unwrap().write_all(entry.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    world.log_in_as(ALICE, PASSWORD);
}
