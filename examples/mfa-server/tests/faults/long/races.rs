//! A code and a recovery code at the same time, on SQLite.

use std::thread;

use tempfile::TempDir;

use crate::program::Program;

/// F48: a code and a recovery code for one mfa_token, 42 times. One of them is accepted, and
/// the other one still works afterwards.
#[test]
#[ignore = "long"]
fn f48_a_race_of_a_code_with_a_recovery_code_burns_neither() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("db").display());
    let server = Program::start(folder.path(), &url);
    let mut won = [0; 2];
    for round in 0..42 {
        let user = server.enrolled(&format!("user{round}@example.com"));
        let code = user.code(0);
        let token = server.log_in(&user.email).unwrap();
        let (by_code, by_recovery) = thread::scope(|scope| {
            let code = scope.spawn(|| server.otp(&token, &code).unwrap());
            let recovery = server.recover(&token, &user.recovery_code).unwrap();
            (code.join().unwrap(), recovery)
        });
        let log_in = || server.log_in(&user.email).unwrap();
        match (by_code.status, by_recovery.status) {
            (200, 403) => {
                won[0] += 1;
                assert_eq!(server.recover(&log_in(), &user.recovery_code).unwrap().status, 200);
            }
            (403, 200) => {
                won[1] += 1;
                let next = by_recovery.field("recovery_code");
                assert_eq!(server.recover(&log_in(), &user.recovery_code).unwrap().status, 403);
                assert_eq!(server.recover(&log_in(), &next).unwrap().status, 200);
            }
            _ => panic!("{by_code:?}, {by_recovery:?}"),
        }
    }
    println!("won by the code and by the recovery code: {won:?}");
}
