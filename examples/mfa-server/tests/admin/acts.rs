//! The effect of an operator's commands on one user.

use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};

use crate::program::Place;
use crate::world::{ALICE, World, admin, code, done};

#[test]
fn what_an_operator_does_is_done_at_once_and_audited() {
    let world = World::new();
    let place = &world.place;
    world.sign_up();
    let (totp, first_recovery) = world.enrol();

    let table = done(place, &["list"]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("EMAIL "), "{table}");
    assert!(lines[1].starts_with(&format!("{ALICE}  enabled")), "{table}");
    assert_eq!((lines.len(), lines[1].matches("ready").count()), (2, 2), "{table}");

    // Five wrong codes and recovery codes.
    for _ in 0..5 {
        assert_eq!(world.otp("000000"), 403);
        assert_eq!(world.recover("AAAA-BBBB-CCCC-DDDD-EEEE-FFFF"), 403);
    }
    assert_eq!(world.otp(&code(&totp, 1)), 429);
    let user = world.listed();
    assert_eq!(user["authenticators"][0]["failures"], 5);
    assert!(user["authenticators"][0]["state"].as_str().unwrap().starts_with("locked until 2"));
    let said = done(place, &["unlock", " Alice@Example.com"]);
    assert_eq!(said, format!("{ALICE}: 2 authenticators or recovery codes unlocked"));
    assert_eq!(world.otp(&code(&totp, 1)), 200);
    assert_eq!(done(place, &["unlock", ALICE]), format!("{ALICE}: nothing was locked or disabled"));

    let said = done(place, &["recovery-code", ALICE]);
    let recovery = said.strip_prefix(&format!("{ALICE}: the recovery code is ")).unwrap();
    assert_eq!(world.recover(&first_recovery), 403);
    assert_eq!(world.recover(recovery), 200);

    let mfa_token = world.log_in();
    done(place, &["disable", ALICE]);
    assert_eq!(world.password().1["error"], "unauthorized");
    assert!(done(place, &["list"]).contains(&format!("{ALICE}  disabled")));
    assert!(done(place, &["disable", ALICE]).contains("was disabled before"));
    done(place, &["enable", ALICE]);
    assert_eq!(
        world.submit("otp", "otp", &mfa_token, &code(&totp, 1)).0,
        403,
        "the mfa_token was spent"
    );

    assert_eq!(world.listed()["email_verified"], json!(false));
    done(place, &["verify-email", ALICE]);
    assert_eq!(world.listed()["email_verified"], json!(true));

    // After a reset, the password is not enough.
    let said = done(place, &["reset", ALICE]);
    let handed = said.strip_prefix(&format!(
        "{ALICE}: 1 authenticator disabled, all sessions ended; the next login enrols again, with \
         the recovery code "
    ));
    assert_eq!(world.associate(&world.log_in()).0, 403);
    assert_eq!(world.otp(&code(&totp, 2)), 403, "the lost authenticator is disabled");
    let unlocked = done(place, &["unlock", ALICE]);
    assert_eq!(unlocked, format!("{ALICE}: nothing was locked or disabled"));
    assert_eq!(world.listed()["authenticators"][0]["state"], "disabled");
    // Access tokens of the second of the reset are void.
    thread::sleep(Duration::from_secs(2));
    let access = world.recovered(handed.unwrap());
    let (_, answer) = world.associate(&access);
    let found = World::totp(&answer);
    assert_eq!(world.submit("otp", "otp", &access, &code(&found, 0)).0, 200);
    assert_eq!(
        world.listed()["authenticators"].as_array().unwrap().len(),
        1,
        "the lost one is gone"
    );
    assert_eq!(world.otp(&code(&found, 1)), 200);
    assert_eq!(world.recover(handed.unwrap()), 403);

    assert_eq!(done(place, &["delete", ALICE]), format!("{ALICE}: deleted"));
    assert_eq!(world.password().1["error"], "invalid_grant");
    assert_eq!(done(place, &["list"]).lines().count(), 1);
    world.sign_up();
    let (status, _, said) = admin(place, &["recovery-code", ALICE]);
    assert_eq!((status, said), (1, format!("{ALICE}: the user has no authenticator")));
    let said = done(place, &["reset", ALICE]);
    assert_eq!(said, format!("{ALICE}: all sessions ended; the next login enrols"));
    world.enrol();

    let log = fs::read_to_string(place.path("audit")).unwrap();
    let events: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "user.unlocked",
            "user.unlocked",
            "recovery_code.issued",
            "user.disabled",
            "user.disabled",
            "user.enabled",
            "user.email_verified",
            "user.reset",
            "user.unlocked",
            "user.deleted",
            "user.reset",
        ]
    );
    let (again, events) = events.split_last().unwrap();
    assert_ne!(again["user_id"], user["user_id"]);
    for event in events {
        assert_eq!(event["user_id"], user["user_id"]);
        assert!(!event["operator"].as_str().unwrap().is_empty());
    }
    let secrets = [recovery, handed.unwrap(), "example.com"];
    assert!(secrets.iter().all(|secret| !log.contains(secret)));
}

/// After wrong passwords, the account has to wait.
#[test]
fn an_operator_ends_the_wait_of_a_password() {
    let world = World::new();
    world.sign_up();
    for _ in 0..5 {
        world.password_of(ALICE, "of nobody");
    }
    assert_eq!(world.password().0, 429);
    let said = done(&world.place, &["unlock", ALICE]);
    assert_eq!(said, format!("{ALICE}: the password accepts attempts again"));
    assert_eq!(world.password().1["error"], "mfa_required");
}

/// As in the `otp` tool: 1 means "no", 2 means an error.
#[test]
fn the_exit_status_tells_a_no_from_an_error() {
    let place = Place::new();
    let (status, stdout, stderr) = admin(&place, &["list"]);
    assert_eq!((status, stdout.as_str()), (2, ""));
    assert!(stderr.contains("the database mfa-server.db does not exist"), "{stderr}");
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 0, "no file was created");

    let server = place.start(&["--signing-alg", "es256"]);
    for act in
        ["list", "unlock", "reset", "disable", "enable", "verify-email", "delete", "recovery-code"]
    {
        let (status, stdout, stderr) = admin(&place, &[act, "bob@example.com"]);
        let said = "bob@example.com: no user has this address";
        assert_eq!((status, stdout.as_str(), stderr.as_str()), (1, "", said), "{act}");
    }
    assert_eq!(admin(&place, &["forget", "bob@example.com"]).0, 2);
    assert_eq!(admin(&place, &["unlock"]).0, 2);
    server.stop();
    fs::remove_file(place.path("mfa-server.key")).unwrap();
    let (status, _, stderr) = admin(&place, &["list"]);
    assert!(status == 2 && stderr.contains("key file mfa-server.key: No such file"), "{stderr}");
    assert!(!place.path("mfa-server.key").exists(), "a command must not create a key");
    assert_eq!(fs::read_to_string(place.path("audit")).unwrap(), "");
}
