//! Whether the store compares and swaps, by the suite that the crate ships: on SQLite, and on PostgreSQL
//! where `TEST_POSTGRES_URL` names an empty database of the test alone.

use std::env;

use mfa_server::store::{By, DatabaseUrl, Otp, Store, StoreError, Trouble, User};
use otp_core::conformance;
use otp_core::verifier;
use tokio::runtime::Runtime;

fn inspect(url: &str) {
    let runtime = Runtime::new().unwrap();
    let database: DatabaseUrl = url.parse().unwrap();
    let store = runtime.block_on(Store::open(&database, 8)).unwrap();
    // Another server on the same database: what one stores the other sees.
    let other = runtime.block_on(Store::open(&database, 8)).unwrap();

    let user = User::new("auth0|17".into(), "alice@example.com".into(), "none".into());
    let otp = Otp {
        id: "totp|dev_17".into(),
        active: false,
        sealed_secret: vec![1; 49],
        stored: verifier::State::enrolment().into(),
        created_at: 0,
    };
    runtime.block_on(store.add_user(&user, 0)).unwrap();
    let by = By::Operator { user_id: &user.id };
    runtime.block_on(store.enrol(by, &otp, None)).unwrap().unwrap();

    conformance::check_store(
        || runtime.block_on(other.state(&otp.id)).unwrap().unwrap(),
        |expected, new| {
            loop {
                match runtime.block_on(store.compare_and_swap(&otp.id, expected, new)) {
                    // A machine that has other things to do: nothing was stored.
                    Err(StoreError::Database(error))
                        if Trouble::of(&error) == Some(Trouble::Busy) => {}
                    done => return done.unwrap(),
                }
            }
        },
    )
    .unwrap();
}

#[test]
fn sqlite() {
    let folder = tempfile::tempdir().unwrap();
    inspect(&format!("sqlite://{}", folder.path().join("test.db").display()));
}

#[test]
#[ignore = "needs TEST_POSTGRES_URL"]
fn postgres() {
    inspect(&env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL"));
}

#[test]
fn addresses_of_databases() {
    for refused in ["", "mfa.db", "sqlite://", "sqlite://:memory:", "mysql://localhost/x"] {
        assert!(refused.parse::<DatabaseUrl>().is_err(), "{refused}");
    }
}
