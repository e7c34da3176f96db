//! SQLite can write its log, but cannot copy it into the database.

use serde_json::json;
use sqlx::{AnyConnection, Connection as _};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::disk::limit;
use crate::program::{Program, number};

/// Puts a page behind 6 MB that every checkpoint must write. The log may only have 5 MB.
const FAR: &str = "
    CREATE TABLE filler (content BLOB);
    INSERT INTO filler VALUES (zeroblob(6000000));
    CREATE TABLE far (enrolments BIGINT);
    INSERT INTO far VALUES (0);
    CREATE TRIGGER first AFTER INSERT ON otp_authenticators
    BEGIN UPDATE far SET enrolments = enrolments + 1; END;
    CREATE TRIGGER next AFTER UPDATE ON otp_authenticators
    BEGIN UPDATE far SET enrolments = enrolments + 1; END;
    PRAGMA wal_checkpoint(TRUNCATE);
";

/// Every answered change is in the log, however long that gets. When the log cannot grow any
/// more, the server answers with errors.
#[test]
#[ignore = "long"]
fn a_checkpoint_that_fails_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("db").display());
    let mut server = Program::start(folder.path(), &url);
    let user = server.enrolled("a@example.com");
    server.post("/dbconnections/signup", json!({"email": "b@example.com", "password": "12345678"}));
    let password =
        json!({"grant_type": "password", "username": "b@example.com", "password": "12345678"});
    let mfa_token = server.post("/oauth/token", password).field("mfa_token");
    Runtime::new().unwrap().block_on(async {
        sqlx::any::install_default_drivers();
        let mut other = AnyConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(FAR).execute(&mut other).await.unwrap();
        other.close().await.unwrap();
    });
    let enrolments = || number(&url, "SELECT enrolments FROM far");

    limit(&server, "5000000");
    let bearer = format!("authorization: Bearer {mfa_token}\r\n");
    let body = json!({"authenticator_types": ["otp"]}).to_string();
    let mut answered = 0;
    let refused = loop {
        let answer = server.try_request("POST", "/mfa/associate", &bearer, &body).unwrap();
        if answer.status != 200 {
            break answer;
        }
        answered += 1;
        assert!(answered < 5000, "the log grows without a limit");
    };
    refused.is_unavailable();
    // The checkpoint of a thousand pages did fail.
    let log = std::fs::metadata(folder.path().join("db-wal")).unwrap().len();
    assert!(log > 4_500_000, "{log}");
    assert_eq!(enrolments(), answered);
    assert_eq!(server.get("/readyz").field("reason"), "io");

    server.kill();
    assert_eq!(enrolments(), answered);
    let server = Program::start(folder.path(), &url);
    server.heals();
    let token = server.log_in(&user.email).unwrap();
    assert_eq!(server.otp(&token, &user.code(0)).unwrap().status, 200);
    println!("{answered} answers in a log of {log} bytes");
}
