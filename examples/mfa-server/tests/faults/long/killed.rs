//! A server that is killed while it answers, on SQLite.

use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::program::{Program, number};

/// Every answered change is stored, every stored transaction is complete, and no code works
/// twice.
#[test]
#[ignore = "long"]
fn a_server_that_is_killed_leaves_whole_transactions() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("db").display());
    let mut server = Program::start(folder.path(), &url);
    let mut seen = [0; 3];
    for round in 0..24_u64 {
        let user = server.enrolled(&format!("user{round}@example.com"));
        let code = user.code(0);
        let tokens: Vec<String> = (0..6).map(|_| server.log_in(&user.email).unwrap()).collect();
        let spent = || number(&url, "SELECT count(*) FROM mfa_tokens WHERE spent = 1");
        let before = spent();
        let requests: Vec<_> = tokens.iter().map(|token| server.begin_otp(token, &code)).collect();
        let recovering = server.begin_recover(&tokens[0], &user.recovery_code);
        thread::sleep(Duration::from_millis(round));
        server.kill();
        let answers = requests.into_iter().map(|request| request.answer());
        let accepted = answers.flatten().filter(|answer| answer.status == 200).count();
        let recovered = recovering.answer().ok().filter(|answer| answer.status == 200);

        server = Program::start(folder.path(), &url);
        let stored = spent() - before;
        assert!(accepted <= 1 && stored <= 2, "{accepted}, {stored}");
        let answered = i64::try_from(accepted).unwrap() + i64::from(recovered.is_some());
        assert!(stored >= answered, "{accepted} and {recovered:?}, and {stored} are stored");
        seen[usize::try_from(stored).unwrap()] += 1;

        let again = |code: &str, recovery: bool| {
            let token = server.log_in(&user.email).unwrap();
            let answer =
                if recovery { server.recover(&token, code) } else { server.otp(&token, code) };
            answer.unwrap().status == 200
        };
        let (code_again, recovery_again) = (again(&code, false), again(&user.recovery_code, true));
        assert!(!(code_again && accepted == 1), "a code was accepted twice");
        assert!(!(recovery_again && recovered.is_some()), "a recovery code was accepted twice");
        // Each spent mfa_token has used up one code, and each used code has spent one
        // mfa_token.
        let used_up = i64::from(!code_again) + i64::from(!recovery_again);
        assert_eq!(used_up, stored, "round {round}");
        assert!(!again(&code, false) && !again(&user.recovery_code, true));
        if let Some(recovered) = recovered {
            assert!(again(&recovered.field("recovery_code"), true));
        }
    }
    println!("rounds with 0, 1 and 2 codes used up before the end: {seen:?}");
}
