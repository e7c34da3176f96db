//! Checks the store's compare-and-swap with the suite of the crate: on SQLite, and on
//! PostgreSQL if `TEST_POSTGRES_URL` names an empty database that only this test uses.

use std::{env, fs};

use mfa_server::store::{By, DatabaseUrl, Otp, Store, StoreError, Trouble, User};
use otp_core::conformance;
use otp_core::verifier::{self, State};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, Connection as _, SqlSafeStr as _};
use tokio::runtime::Runtime;

fn inspect(url: &str) {
    let runtime = Runtime::new().unwrap();
    let database: DatabaseUrl = url.parse().unwrap();
    let store = runtime.block_on(Store::open(&database, 8)).unwrap();
    // Another server on the same database must see the stored values.
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
                    // The machine is busy, and nothing was stored.
                    Err(StoreError::Database(error))
                        if Trouble::of(&error) == Some(Trouble::Busy) => {}
                    done => return done.unwrap(),
                }
            }
        },
    )
    .unwrap();
}

/// Makes the schema of the first release, with rows.
async fn before(url: &str, files: [&'static str; 2]) {
    sqlx::any::install_default_drivers();
    let mut database = AnyConnection::connect(url).await.unwrap();
    let migration = |(name, sql): (&'static str, &'static str), number| {
        Migration::new(number, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let [first, second] = files;
    let migrations =
        vec![migration(("accounts", first), 1), migration(("recovery codes", second), 2)];
    Migrator::with_migrations(migrations).run(&mut database).await.unwrap();
    let state = State::confirmed().with_last_used(17).to_bytes();
    sqlx::raw_sql("INSERT INTO users VALUES ('auth0|1', 'bob@example.com', 'none', 7)")
        .execute(&mut database)
        .await
        .unwrap();
    for (id, active) in [("totp|dev_1", 1_i64), ("totp|dev_2", 0)] {
        sqlx::query("INSERT INTO otp_authenticators VALUES ($1, 'auth0|1', $2, $3, $4)")
            .bind(id)
            .bind(active)
            .bind(vec![7_u8; 49])
            .bind(state.as_ref())
            .execute(&mut database)
            .await
            .unwrap();
    }
    database.close().await.unwrap();
}

/// A database of the first release has one authenticator per user. After the upgrade it takes
/// ten.
async fn upgrade(url: &str, files: [&'static str; 2]) {
    before(url, files).await;
    let store = Store::open(&url.parse().unwrap(), 8).await.unwrap();
    let otps = store.otps("auth0|1").await.unwrap();
    let seen: Vec<_> = otps.iter().map(|otp| (otp.id.as_str(), otp.active)).collect();
    assert_eq!(seen, [("totp|dev_1", true), ("totp|dev_2", false)]);
    assert_eq!(otps[0].stored.state.next_factor(), Some(18));
    assert_eq!((otps[0].sealed_secret.as_slice(), otps[0].created_at), ([7; 49].as_slice(), 0));
    let user = store.user("auth0|1").await.unwrap().unwrap();
    assert!(user.honours(0));
    assert_eq!(store.account("bob@example.com").await.unwrap().unwrap().created_at, 7);
    // A new enrolment still replaces a pending one, and deleting the user deletes everything.
    let by = By::Operator { user_id: "auth0|1" };
    let otp = Otp { id: "totp|dev_3".into(), active: false, ..otps.into_iter().next().unwrap() };
    store.enrol(by, &otp, None).await.unwrap().unwrap();
    assert_eq!(store.otps("auth0|1").await.unwrap().len(), 2);
    assert!(store.delete_user("auth0|1").await.unwrap());
    store.close().await;
}

#[tokio::test]
async fn a_database_of_before_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    fs::write(&file, "").unwrap();
    let files = [
        include_str!("../migrations/sqlite/0001_accounts.sql"),
        include_str!("../migrations/sqlite/0002_recovery_codes.sql"),
    ];
    upgrade(&format!("sqlite://{}", file.display()), files).await;
}

#[tokio::test]
#[ignore = "needs TEST_POSTGRES_URL"]
async fn a_database_of_before_on_postgres() {
    let url = env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL");
    sqlx::any::install_default_drivers();
    let mut database = AnyConnection::connect(&url).await.unwrap();
    let fresh = "DROP SCHEMA IF EXISTS before CASCADE; CREATE SCHEMA before";
    sqlx::raw_sql(fresh).execute(&mut database).await.unwrap();
    let files = [
        include_str!("../migrations/postgres/0001_accounts.sql"),
        include_str!("../migrations/postgres/0002_recovery_codes.sql"),
    ];
    upgrade(&format!("{url}?options=-csearch_path%3Dbefore"), files).await;
    sqlx::raw_sql("DROP SCHEMA before CASCADE").execute(&mut database).await.unwrap();
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
