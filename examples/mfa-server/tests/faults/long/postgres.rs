//! PostgreSQL with problems, and a network with problems in front of it.

use std::thread;
use std::time::Duration;

use crate::long::cluster::{Cluster, Session};
use crate::long::proxy::{Lost, Proxy};
use crate::program::{Answer, Program, User};

/// Answers must leave within two seconds. The rest is for a busy machine.
const IN_TIME: Duration = Duration::from_millis(4000);

fn code_is_good_once(server: &Program, user: &User) {
    let code = user.code(0);
    let log_in = || server.log_in(&user.email).unwrap();
    assert_eq!(server.otp(&log_in(), &code).unwrap().status, 200);
    assert_eq!(server.otp(&log_in(), &code).unwrap().status, 403);
}

#[track_caller]
fn is_unavailable_in_time(answer: &Answer) {
    answer.is_unavailable();
    assert!(answer.took < IN_TIME, "{answer:?}");
}

/// Makes the server wait in the middle of a transaction.
fn hold(cluster: &Cluster) -> Session<'_> {
    let mut lock = cluster.connect();
    lock.execute("BEGIN; SELECT 1 FROM otp_authenticators FOR UPDATE");
    lock
}

/// Waits until a transaction of the server waits in this statement. Returns the id of its
/// backend process.
fn waiting(session: &mut Session<'_>, statement: &str) -> i64 {
    let pid = format!(
        "SELECT coalesce(max(pid), 0)::BIGINT FROM pg_stat_activity \
         WHERE wait_event_type = 'Lock' AND query LIKE '{statement}%'"
    );
    loop {
        match session.number(&pid) {
            0 => thread::sleep(Duration::from_millis(10)),
            pid => return pid,
        }
    }
}

#[test]
#[ignore = "long"]
fn a_lock_is_not_waited_for_and_a_backend_that_is_terminated_stores_nothing() {
    let cluster = Cluster::start();
    let server = Program::start(cluster.folder(), &cluster.url());
    let user = server.enrolled("a@example.com");
    let tokens: Vec<String> = (0..10).map(|_| server.log_in(&user.email).unwrap()).collect();
    let code = user.code(0);

    let lock = hold(&cluster);
    is_unavailable_in_time(&server.otp(&tokens[0], &code).unwrap());
    let answer = thread::scope(|scope| {
        let request = scope.spawn(|| server.otp(&tokens[0], &code));
        let mut other = cluster.connect();
        let pid = waiting(&mut other, "UPDATE otp_authenticators");
        other.execute(&format!("SELECT pg_terminate_backend({pid})"));
        request.join().unwrap().unwrap()
    });
    is_unavailable_in_time(&answer);
    assert!(server.log().contains("trouble=\"unreachable\""), "{}", server.log());
    lock.close();
    code_is_good_once(&server, &user);
}

#[test]
#[ignore = "long"]
fn a_server_that_is_killed_inside_its_transaction_stores_nothing() {
    let cluster = Cluster::start();
    let mut server = Program::start(cluster.folder(), &cluster.url());
    let user = server.enrolled("a@example.com");
    let token = server.log_in(&user.email).unwrap();
    let lock = hold(&cluster);
    thread::scope(|scope| {
        let request = server.begin_otp(&token, &user.code(0));
        scope.spawn(move || assert!(request.answer().is_err()));
        waiting(&mut cluster.connect(), "UPDATE otp_authenticators");
        server.kill();
    });
    lock.close();
    let server = Program::start(cluster.folder(), &cluster.url());
    code_is_good_once(&server, &user);
}

/// It is then unknown whether the commit was done. So the answer is an error, the state is the
/// old or the new one, and no code works twice.
#[test]
#[ignore = "long"]
fn a_commit_that_is_lost_is_an_error() {
    let cluster = Cluster::start();
    let proxy = Proxy::to(cluster.port);
    let server = Program::start(cluster.folder(), &cluster.url_at(proxy.port));
    let user = server.enrolled("a@example.com");
    let log_in = || server.log_in(&user.email).unwrap();
    let code = user.code(0);

    proxy.lose(Lost::Commit);
    let answer = server.otp(&log_in(), &code).unwrap();
    is_unavailable_in_time(&answer);
    assert!(answer.field("error_description").contains("did not answer"), "{answer:?}");
    code_is_good_once(&server, &user);

    proxy.lose(Lost::Commit);
    is_unavailable_in_time(&server.recover(&log_in(), &user.recovery_code).unwrap());
    proxy.lose(Lost::Answer);
    is_unavailable_in_time(&server.recover(&log_in(), &user.recovery_code).unwrap());
    assert_eq!(server.recover(&log_in(), &user.recovery_code).unwrap().status, 403);
    let user = server.enrolled("b@example.com");
    let code = user.code(0);
    let token = server.log_in(&user.email).unwrap();
    proxy.lose(Lost::Answer);
    is_unavailable_in_time(&server.otp(&token, &code).unwrap());
    let token = server.log_in(&user.email).unwrap();
    assert_eq!(server.otp(&token, &code).unwrap().status, 403);
}

/// Neither side closes a connection, and no data arrives.
#[test]
#[ignore = "long"]
fn a_network_that_went_silent_is_told_in_time() {
    let cluster = Cluster::start();
    let proxy = Proxy::to(cluster.port);
    let server = Program::start(cluster.folder(), &cluster.url_at(proxy.port));
    let user = server.enrolled("a@example.com");
    let token = server.log_in(&user.email).unwrap();
    let code = user.code(0);
    proxy.freeze(true);
    for _ in 0..3 {
        thread::scope(|scope| {
            // More than the number of connections.
            let requests: Vec<_> =
                (0..12).map(|_| scope.spawn(|| server.otp(&token, &code))).collect();
            for request in requests {
                is_unavailable_in_time(&request.join().unwrap().unwrap());
            }
        });
        assert_eq!(server.get("/healthz").status, 200);
        assert_eq!(server.get("/readyz").status, 503);
    }
    // Open connections stay silent forever. New connections work.
    proxy.freeze(false);
    server.heals();
    code_is_good_once(&server, &user);
}

#[test]
#[ignore = "long"]
fn a_replica_is_told_and_left_when_it_is_promoted() {
    let cluster = Cluster::start();
    let server = Program::start(cluster.folder(), &cluster.url());
    let user = server.enrolled("a@example.com");
    let token = server.log_in(&user.email).unwrap();
    let read_only = |is: &str| {
        let mut session = cluster.connect();
        session.execute("SET default_transaction_read_only = off");
        session.execute(&format!(
            "ALTER DATABASE postgres SET default_transaction_read_only = {is}; \
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = 'postgres' AND pid <> pg_backend_pid()"
        ));
    };
    read_only("on");
    // The connections of the pool are gone, and the server notices each of them once.
    while server.get("/readyz").field("reason") != "read-only" {
        thread::sleep(Duration::from_millis(100));
    }
    is_unavailable_in_time(&server.otp(&token, &user.code(0)).unwrap());
    let said = Program::refusal(cluster.folder(), &cluster.url());
    assert!(said.contains("replica or read-only"), "{said}");
    read_only("off");
    server.heals();
    code_is_good_once(&server, &user);
}

/// With any defaults of the database, commits are durable, and transactions that conflict are
/// tried again.
#[test]
#[ignore = "long"]
fn sessions_do_not_depend_on_defaults_of_the_database() {
    let cluster = Cluster::start();
    cluster.execute(
        "ALTER DATABASE postgres SET synchronous_commit = off; \
         ALTER DATABASE postgres SET default_transaction_isolation = 'serializable'",
    );
    let server = Program::start(cluster.folder(), &cluster.url());
    let user = server.enrolled("a@example.com");
    cluster.execute(
        "CREATE FUNCTION durable() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN \
           IF current_setting('synchronous_commit') <> 'on' THEN RAISE 'not durable'; END IF; \
           RETURN NEW; \
         END $$; \
         CREATE TRIGGER durable BEFORE UPDATE ON otp_authenticators FOR EACH ROW \
         EXECUTE FUNCTION durable(); \
         CREATE TRIGGER durable BEFORE UPDATE ON recovery_codes FOR EACH ROW \
         EXECUTE FUNCTION durable()",
    );
    let tokens: Vec<String> = (0..24).map(|_| server.log_in(&user.email).unwrap()).collect();
    let code = user.code(0);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let requests: Vec<_> =
            tokens.iter().map(|token| scope.spawn(|| server.otp(token, &code))).collect();
        let answers = requests.into_iter().map(|request| request.join().unwrap().unwrap());
        answers.map(|answer| answer.status).collect()
    });
    assert_eq!(statuses.iter().filter(|&&status| status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|&&status| status == 403).count(), 23, "{statuses:?}");
    let token = server.log_in(&user.email).unwrap();
    assert_eq!(server.recover(&token, &user.recovery_code).unwrap().status, 200);

    // This server and another one delete the same old mfa_token at the same time.
    cluster.execute("UPDATE mfa_tokens SET expires_at = 1");
    let mut other = cluster.connect();
    other.execute(
        "BEGIN ISOLATION LEVEL READ COMMITTED; DELETE FROM mfa_tokens WHERE expires_at = 1",
    );
    thread::scope(|scope| {
        let login = scope.spawn(|| server.log_in(&user.email));
        waiting(&mut cluster.connect(), "DELETE FROM mfa_tokens");
        other.execute("COMMIT");
        assert!(login.join().unwrap().is_ok(), "{}", server.log());
    });
}
