//! The program: its errors about flags and databases, its files, and its end.

mod program;

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::program::{Place, Running, client};

#[test]
fn every_flag_says_what_is_wrong_with_it() {
    let place = Place::new();
    for (flag, value, words) in [
        ("--listen", "3000", "for example 127.0.0.1:3000"),
        ("--listen", "localhost:3000", "for example 127.0.0.1:3000"),
        ("--issuer", "login.example.com", "https://"),
        ("--issuer", "https://", "empty host"),
        ("--issuer", "ftp://login.example.com/", "https://"),
        ("--issuer", "https://login.example.com/?a", "must not contain ? or #"),
        ("--issuer", "https://a:b@login.example.com/", "a user or a password"),
        ("--database-url", "mysql://localhost/x", "sqlite:// or postgres://"),
        ("--database-url", "sqlite://:memory:", "must name a file"),
        ("--client-id", "shop", "--client-secret"),
        ("--client-secret", "guess", "--client-id"),
        ("--config", "nowhere.toml", "nowhere.toml: No such file"),
        ("--allow-origin", "https://a.example.com/", "is not an origin"),
        ("--allow-origin", "*", "is not an origin"),
        ("--audience", "https://a.example.com b\"c", "is not a scope"),
        ("--tenant", "", "is empty"),
        ("--audience", "", "is empty"),
        ("--mfa", "sometimes", "required, optional"),
        ("--mfa-token-seconds", "0", "1..=86400"),
        ("--database-connections", "0", "1..=1000"),
        ("--signing-alg", "none", "rs256, es256"),
        ("--connections", "0", "1..=100000"),
        ("--header-seconds", "0", "1..=3600"),
        ("--request-seconds", "0", "1..=3600"),
        ("--shutdown-seconds", "-1", "unexpected argument"),
        ("--trusted-proxy", "10.0.0.0/33", "is not an address or a network"),
        ("--trusted-proxy", "proxy.example.com", "is not an address or a network"),
        ("--metrics-listen", "9090", "for example 127.0.0.1:3000"),
        ("--audit-log", "no/folder", "audit log no/folder: No such file"),
        ("--log-format", "xml", "text, json"),
        ("--colour", "red", "unexpected argument"),
    ] {
        let said = place.refusal(&[flag, value]);
        assert!(said.contains(words), "{flag} {value}: {said}");
    }
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 0, "no file was created");
}

/// The address of a database is often wrong because the server does not know its scheme. The
/// address may contain a password.
#[test]
fn an_address_with_a_password_is_not_repeated() {
    let place = Place::new();
    let address = "postgress://app:hunter2@db.example.com/mfa";
    let said = place.refusal(&["--database-url", address]);
    assert!(said.contains("--database-url") && said.contains("sqlite:// or postgres://"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    let output = place.command().env("DATABASE_URL", address).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("sqlite:// or postgres://") && !said.contains("hunter2"), "{said}");
}

#[test]
fn every_flag_has_a_variable_and_no_secret_is_shown() {
    let place = Place::new();
    let mut help = place.command();
    help.arg("--help")
        .env("CLIENT_SECRET", "hunter2")
        .env("DATABASE_URL", "postgres://a:hunter3@b/c");
    let text = String::from_utf8(help.output().unwrap().stdout).unwrap();
    let variables = text.matches("[env: ").count();
    // clap's own flags, --help and --version, have no variable.
    let own = text.lines().filter(|line| line.trim_start().starts_with("--")).count();
    assert!(variables >= 11 && variables == own, "{variables} of {own}: {text}");
    assert!(!text.contains("hunter"), "{text}");
}

/// The shipped file works, an error in a file is reported with its place, and flags add to the
/// file.
#[test]
fn clients_and_apis_come_from_a_file() {
    let place = Place::new();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/mfa-server.toml");
    let (id, secret) = ("till", "hunter2 hunter2");
    let mut command = place.command();
    command.args(["--config", shipped, "--client-id", id, "--client-secret", secret]);
    command.args(["--audience", "https://other.example.com/ read:other write:other"]);
    command.args(["--allow-origin", "https://a.example.com,https://b.example.com"]);
    command.args(["--no-signup"]).env("NO_PAGE", "1");
    let server = Running::from(command);
    assert_eq!(server.request("GET", "/", "", "").0, 404);
    let body = json!({"client_id": "app", "email": "a@example.com", "password": "12345678"});
    assert_eq!(server.post("/dbconnections/signup", &body).1["error"], "signup_disabled");
    let (_, discovery) = server.request("GET", "/.well-known/openid-configuration", "", "");
    let scopes = discovery["scopes_supported"].as_array().unwrap();
    assert!(scopes.contains(&json!("read:sample")) && scopes.contains(&json!("write:other")));
    let password = |fields: Value| {
        let mut body = json!({"grant_type": "password", "username": "a", "password": "b"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        server.post("/oauth/token", &body).1["error"].clone()
    };
    let till = |audience: &str| {
        password(json!({"client_id": id, "client_secret": secret, "audience": audience}))
    };
    assert_eq!(till("https://other.example.com/"), "invalid_grant");
    assert_eq!(till("https://nobody.example.com/"), "access_denied");
    assert_eq!(password(json!({"client_id": "app"})), "invalid_grant");
    assert_eq!(password(json!({"client_id": "shop"})), "access_denied");
    assert_eq!(password(json!({"client_id": "page"})), "access_denied");
    server.stop();

    fs::write(place.path("bad.toml"), "page = true\n\n[[client]]\nid = \"a\"\nsecret = 1\n")
        .unwrap();
    let said = place.refusal(&["--config", "bad.toml"]);
    assert!(said.contains("bad.toml:5: "), "{said}");
    let said = place.refusal(&["--config", shipped, "--client-id", "app", "--client-secret", "x"]);
    assert!(said.contains("a client with this id exists already"), "{said}");
    let own = place.refusal(&[
        "--issuer",
        "https://a.example.com",
        "--audience",
        "https://a.example.com/mfa/",
    ]);
    assert!(own.contains("is reserved for this server itself"), "{own}");
}

#[test]
fn a_database_that_is_not_there_is_told() {
    let place = Place::new();
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://test:hunter2@127.0.0.1:{port}/none");
    let begun = Instant::now();
    let said = place.refusal(&["--database-url", &url]);
    assert!(said.contains(&format!("cannot use PostgreSQL at 127.0.0.1:{port}: ")), "{said}");
    assert!(said.contains("refused"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(20));

    let said = place.refusal(&["--database-url", "sqlite://nowhere/mfa.db"]);
    assert!(said.contains("nowhere/mfa.db: No such file"), "{said}");
}

#[test]
fn a_database_of_something_else_is_told_and_left_alone() {
    let place = Place::new();
    fs::write(place.path("text.db"), "not a database, but a text of some length").unwrap();
    let said = place.refusal(&["--database-url", "sqlite://text.db"]);
    assert!(said.contains("not a database"), "{said}");

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let execute = |file: &str, statement: &'static str| {
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}?mode=rwc", place.path(file).display());
        runtime.block_on(async {
            let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
            sqlx::query(statement).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    };
    execute("other.db", "CREATE TABLE users (name TEXT)");
    let said = place.refusal(&["--database-url", "sqlite://other.db"]);
    assert!(said.contains("Does another program use this database"), "{said}");
    execute("other.db", "INSERT INTO users (name) VALUES ('still there')");

    place.start(&["--database-url", "sqlite://newer.db"]).stop();
    execute(
        "newer.db",
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'of the future', 1, x'00', 0)",
    );
    let said = place.refusal(&["--database-url", "sqlite://newer.db"]);
    assert!(said.contains("newer schema (9999)"), "{said}");

    place.start(&["--database-url", "sqlite://changed.db"]).stop();
    execute("changed.db", "UPDATE _sqlx_migrations SET checksum = x'00'");
    let said = place.refusal(&["--database-url", "sqlite://changed.db"]);
    assert!(said.contains("migration 1 of the database is not the one of this server"), "{said}");
}

/// Recovery codes of the first schema cannot be read. They are deleted, and nothing else is.
#[test]
fn recovery_codes_of_the_first_schema_go() {
    let place = Place::new();
    place.start(&["--database-url", "sqlite://old.db"]).stop();
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}", place.path("old.db").display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let count = |before: &[&'static str]| {
        runtime.block_on(async {
            let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
            for statement in before {
                sqlx::query(*statement).execute(&mut connection).await.unwrap();
            }
            let query =
                "SELECT (SELECT COUNT(*) FROM users), (SELECT COUNT(*) FROM recovery_codes)";
            let row: (i64, i64) = sqlx::query_as(query).fetch_one(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            row
        })
    };
    let first_schema = [
        "DELETE FROM _sqlx_migrations WHERE version = 2",
        "INSERT INTO users (id, email, password_hash, created_at) VALUES ('u', 'alice@example.com', 'hash', 0)",
        "INSERT INTO recovery_codes (id, user_id, active, codes, state) VALUES ('r', 'u', 1, x'01', x'01')",
    ];
    assert_eq!(count(&first_schema), (1, 1));
    place.start(&["--database-url", "sqlite://old.db"]).stop();
    assert_eq!(count(&[]), (1, 0));
}

#[test]
fn the_master_key_is_kept_from_others_and_belongs_to_its_database() {
    let place = Place::new();
    place.start(&[]).stop();
    for made in ["mfa-server.key", "mfa-server.db"] {
        let mode = fs::metadata(place.path(made)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{made}");
    }
    let key = fs::read_to_string(place.path("mfa-server.key")).unwrap();
    // The same key again, from the file and from the variable.
    place.start(&[]).stop();
    let with_key = |key: &str| place.command().env("MFA_KEY", key).output().unwrap();
    for (key, words) in [
        ("0".repeat(64), "the database belongs to another master key"),
        (format!("{}0", key.trim()), "MFA_KEY is not 64 hexadecimal digits"),
        ("g".repeat(64), "MFA_KEY is not 64 hexadecimal digits"),
        ("é".repeat(32), "MFA_KEY is not 64 hexadecimal digits"),
        (String::new(), "MFA_KEY is not 64 hexadecimal digits"),
    ] {
        let said = String::from_utf8(with_key(&key).stderr).unwrap();
        assert!(said.contains(words), "{said}");
        assert!(key.is_empty() || !said.contains(&key), "{said}");
    }

    let mode = |mode| {
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(place.path("mfa-server.key"), mode).unwrap();
    };
    for readable in [0o644, 0o604, 0o660, 0o450] {
        mode(readable);
        let said = place.refusal(&[]);
        assert!(said.contains("others may read the key file"), "{readable:o}: {said}");
        assert!(said.contains("chmod 600"), "{said}");
    }
    // Root may give the file to the group of the server, but not to another group.
    mode(0o440);
    let owner = fs::metadata(place.path("mfa-server.key")).unwrap();
    if (owner.uid(), owner.gid()) == (0, 0) {
        place.start(&[]).stop();
        std::os::unix::fs::chown(place.path("mfa-server.key"), None, Some(12_345)).unwrap();
    }
    assert!(place.refusal(&[]).contains("others may read the key file"));

    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(place.path("bad"))
        .unwrap();
    file.write_all(b"no key").unwrap();
    assert!(place.refusal(&["--key-file", "bad"]).contains("bad is not 64 hexadecimal digits"));
    assert!(
        place.refusal(&["--key-file", "no/folder"]).contains("key file no/folder: No such file")
    );
}

#[test]
fn a_port_that_is_taken_is_told() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let said = place.refusal(&["--listen", &address]);
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
}

/// systemd reloads the unit with SIGHUP, with or without an audit log.
#[test]
fn a_hangup_does_not_end_a_server_without_a_terminal() {
    let place = Place::new();
    let mut server = place.start(&["--signing-alg", "es256"]);
    let pid = server.process.id().to_string();
    assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    thread::sleep(Duration::from_millis(300));
    assert!(server.process.try_wait().unwrap().is_none());
    assert_eq!(server.request("GET", "/healthz", "", "").0, 200);
    server.stop();
}

#[test]
fn flags_go_before_variables_and_the_client_that_is_given_is_not_shown() {
    let place = Place::new();
    let client = ["--client-id", "shop", "--client-secret", "hunter2 hunter2"];
    let server =
        place.start(&[&client[..], &["--issuer", "https://login.example.com/auth"]].concat());
    let printed = server.printed.join("\n");
    assert!(printed.contains("client_id=shop") && !printed.contains("hunter2"), "{printed}");
    assert!(printed.contains("Write your secret in place of YOUR_CLIENT_SECRET"), "{printed}");
    assert!(printed.contains("Try it in a browser, or"), "{printed}");
    let (status, discovery) = server.request("GET", "/.well-known/openid-configuration", "", "");
    assert_eq!((status, &discovery["issuer"]), (200, &json!("https://login.example.com/auth/")));
    assert_eq!(discovery["token_endpoint"], "https://login.example.com/auth/oauth/token");
    assert!(!server.stop().contains("hunter2"));
}

/// With `RUST_LOG=trace`, neither the server nor its libraries log a secret, a code, a password
/// or a token.
#[test]
fn logs_are_structured_and_tell_no_secret() {
    let place = Place::new();
    let mut command = place.command();
    command.args(["--log-format", "json"]).env("RUST_LOG", "trace");
    let server = Running::from(command);
    let (id, secret) = (client(&server, "client_id "), client(&server, "client_secret "));
    let password = "a password that nobody knows";
    let body = json!({"client_id": id, "email": "alice@example.com", "password": password});
    assert_eq!(server.post("/dbconnections/signup", &body).0, 200);
    let with = |more: Value| {
        let mut body = json!({"client_id": id, "client_secret": secret});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.post("/oauth/token", &body)
    };
    let fields =
        json!({"grant_type": "password", "username": "alice@example.com", "password": password});
    let mfa_token = with(fields).1["mfa_token"].as_str().unwrap().to_owned();
    let bearer = format!("authorization: Bearer {mfa_token}\r\n");
    let body = json!({"authenticator_types": ["otp"]}).to_string();
    let (_, enrolled) = server.request("POST", "/mfa/associate", &bearer, &body);
    let otp_secret = enrolled["secret"].as_str().unwrap();
    let totp = otp_core::Totp::new(&otp_core::Secret::from_base32(otp_secret).unwrap());
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let code = totp.code_at(now).unwrap();
    let grant = "http://auth0.com/oauth/grant-type/mfa-otp";
    let (status, tokens) =
        with(json!({"grant_type": grant, "mfa_token": mfa_token, "otp": code.as_str()}));
    assert_eq!(status, 200);
    let path = format!("/mfa/authenticators/{}", "totp%7Csomething");
    assert_eq!(server.request("DELETE", &path, &bearer, "").0, 401);

    let log = server.stop();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let requests = lines.iter().filter(|line| line["fields"]["message"] == "request");
    let seen: Vec<_> =
        requests.map(|line| (&line["fields"]["route"], &line["fields"]["status"])).collect();
    assert_eq!(
        json!(seen),
        json!([
            ["/dbconnections/signup", 200],
            ["/oauth/token", 403],
            ["/mfa/associate", 200],
            ["/oauth/token", 200],
            ["/mfa/authenticators/{id}", 401],
        ])
    );
    let recovery = enrolled["recovery_codes"][0].as_str().unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    for told in [
        password,
        &mfa_token,
        otp_secret,
        code.as_str(),
        recovery,
        access,
        &secret,
        "alice",
        "something",
    ] {
        assert!(!log.contains(told), "{told} is in the log");
    }
}

/// Otherwise, a command in the wrong folder would rotate the keys of an unused database.
#[test]
fn keys_of_a_database_that_is_not_there_are_not_rotated() {
    let place = Place::new();
    for command in ["rotate-signing", "forget-signing", "rotate-pepper", "rotate-master"] {
        let said = place.refusal(&["keys", command]);
        assert!(said.contains("the database mfa-server.db does not exist"), "{command}: {said}");
    }
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 0, "no file was created");
}

/// Runs the commands while a server runs. The server notices the rotations by itself.
#[test]
fn keys_are_rotated_while_a_server_runs() {
    let place = Place::new();
    let es256 = ["--signing-alg", "es256", "--key-poll-seconds", "1"];
    let server = place.start(&es256);
    let kids = || {
        let (_, jwks) = server.request("GET", "/.well-known/jwks.json", "", "");
        let keys = jwks["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = kids();
    let keys = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = place.command();
        command
            .args(["--audit-log", "audit", "keys"])
            .args(arguments)
            .args(es256)
            .envs(variables.iter().copied());
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
        (output.status.success(), said.concat())
    };
    let (done, said) = keys(&["rotate-signing", "--published-for", "0"], &[]);
    assert!(done && said.starts_with(&before[1]) && said.contains("from now on"), "{said}");
    let deadline = Instant::now() + Duration::from_secs(30);
    while kids().len() < 3 {
        assert!(Instant::now() < deadline, "the server does not notice the rotation");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(kids()[..2], before);
    assert!(keys(&["rotate-pepper"], &[]).1.contains("pepper 2"));
    let (done, said) = keys(&["rotate-master"], &[]);
    assert!(done && said.contains("already. To rotate it, give the new key"), "{said}");
    server.stop();

    let old = fs::read_to_string(place.path("mfa-server.key")).unwrap();
    let new = [("MFA_KEY", &*"12".repeat(32)), ("MFA_KEY_OLD", old.trim())];
    assert!(keys(&["rotate-master"], &new[..1]).1.contains("another master key"));
    let (done, said) = keys(&["rotate-master"], &new);
    assert!(done && said.contains("none under the old one"), "{said}");
    // The audit log has each change and its operator.
    let audit = fs::read_to_string(place.path("audit")).unwrap();
    let events = audit.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let events: Vec<Value> = events
        .inspect(|event| assert!(event["operator"].is_string(), "{event}"))
        .map(|event| event["event"].clone())
        .collect();
    assert_eq!(events, ["signing_key.rotated", "pepper.rotated", "master_key.rotated"]);
    assert!(place.refusal(&[]).contains("was rotated, and this is the old one"));
    let mut command = place.command();
    command.args(es256).env("MFA_KEY", new[0].1);
    Running::from(command).stop();
}

/// The first line of the log names the version, and the address of the metrics.
#[test]
fn metrics_are_on_a_listener_of_their_own() {
    let place = Place::new();
    let mut server = place.start(&["--metrics-listen", "127.0.0.1:0", "--log-format", "json"]);
    let log = server.log();
    let started = loop {
        let line: Value = serde_json::from_str(&log.recv().unwrap()).unwrap();
        if line["fields"]["message"] == "started" {
            break line["fields"].clone();
        }
    };
    assert_eq!(started["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(started["database"], "SQLite");
    assert_eq!(started["address"], *server.address);
    assert_eq!(server.request("GET", "/healthz", "", "").0, 200);
    let address = started["metrics"].as_str().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let counted = "mfa_server_requests_total{route=\"/healthz\",status=\"200\"} 1";
    assert!(answer.contains(counted), "{answer}");
}
