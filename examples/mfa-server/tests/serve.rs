//! Connections with no request, a too large one or an unreadable one; and the end of the
//! server.

mod program;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{PROGRAM, Place, Running, client};

/// Longer than anything here takes, and shorter than the time-outs that no test must wait for.
const SOON: Duration = Duration::from_secs(20);

fn connect(server: &Running) -> TcpStream {
    let stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream
}

fn send(server: &Running, text: &str) -> TcpStream {
    let mut stream = connect(server);
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

/// Reads until the connection ends.
fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Reads one answer. The connection stays open.
fn answer(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 4096];
    let len = stream.read(&mut buffer).unwrap();
    String::from_utf8(buffer[..len].to_vec()).unwrap()
}

/// Checks that the answer has this status, and an error in our format.
#[track_caller]
fn refused(answer: &str, status: u16) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(head.contains("content-type: application/json"), "{answer}");
    assert!(head.contains("cache-control: no-store"), "{answer}");
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer:?}"));
    assert!(body["error"].is_string() && body["error_description"].is_string(), "{answer}");
    body
}

fn signal(server: &Running, name: &str) {
    let pid = server.process.id().to_string();
    assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
}

/// Waits until the server accepts no more connections.
fn wait_until_deaf(server: &Running) {
    while TcpStream::connect(&server.address).is_ok() {
        sleep(Duration::from_millis(10));
    }
}

/// Returns whether the server ended well, and its log.
fn end(server: &mut Running) -> (bool, String) {
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = server.process.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < SOON, "the server does not end");
        sleep(Duration::from_millis(10));
    };
    let mut log = String::new();
    server.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    (status.success(), log)
}

/// Sends a request with half of its body.
fn half_a_body(server: &Running) -> (TcpStream, String) {
    let body = json!({"client_id": client(server, "client_id "), "email": "a@example.com", "password": "12345678"});
    let body = body.to_string();
    let (first, last) = body.split_at(10);
    let stream = send(
        server,
        &format!(
            "POST /dbconnections/signup HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             expect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{first}",
            body.len()
        ),
    );
    // After this answer, the server waits for the rest of the body.
    let mut stream = stream;
    assert!(answer(&mut stream).starts_with("HTTP/1.1 100 "));
    (stream, last.to_owned())
}

#[test]
fn half_a_head_and_an_idle_connection_end() {
    let place = Place::new();
    let server = place.start(&["--header-seconds", "1"]);
    let silent = connect(&server);
    let half = send(&server, "GET /healthz HTTP/1.1\r\nhos");
    let mut idle = send(&server, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(answer(&mut idle).starts_with("HTTP/1.1 200 "));
    // Sends a head byte by byte: each byte arrives in time, but the head never ends.
    let mut dripping = send(&server, "GET /healthz HTTP/1.1\r\nx: ");
    dripping.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let begun = Instant::now();
    let mut dripped = Vec::new();
    loop {
        let mut buffer = [0; 1024];
        match dripping.read(&mut buffer) {
            Ok(0) => break,
            Ok(len) => dripped.extend_from_slice(&buffer[..len]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let _refused = dripping.write_all(b"x");
            }
            Err(_) => break,
        }
        assert!(begun.elapsed() < SOON, "the server reads on");
    }
    refused(&String::from_utf8(dripped).unwrap(), 408);
    refused(&rest(half), 408);
    assert_eq!(rest(idle), "");
    assert_eq!(rest(silent), "");
}

#[test]
fn a_request_that_does_not_end_is_answered() {
    let place = Place::new();
    let server = place.start(&["--request-seconds", "1"]);
    let (stream, _) = half_a_body(&server);
    let answer = rest(stream);
    assert_eq!(refused(&answer, 503)["error"], "temporarily_unavailable");
    assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
}

#[test]
fn more_connections_than_there_are_places_wait() {
    let place = Place::new();
    let mut server = place.start(&["--connections", "2"]);
    let request = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut taken = [send(&server, request), send(&server, request)];
    for stream in &mut taken {
        assert!(answer(stream).starts_with("HTTP/1.1 200 "));
    }
    let mut third = send(&server, request);
    third.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert_eq!(third.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(taken);
    third.set_read_timeout(Some(SOON)).unwrap();
    assert!(answer(&mut third).starts_with("HTTP/1.1 200 "));
    signal(&server, "-TERM");
    let (well, log) = end(&mut server);
    assert!(well && log.contains("all connections are taken"), "{log}");
}

/// The server logs that it cannot accept connections, and accepts them again later.
#[test]
fn it_outlives_the_last_descriptor() {
    let place = Place::new();
    let mut command = Command::new("sh");
    command.env_clear().env("LISTEN", "127.0.0.1:0").current_dir(place.0.path());
    command.args(["-c", "ulimit -n 40; exec \"$0\"", PROGRAM]);
    let mut server = Running::from(command);
    let log = server.log();
    let crowd: Vec<TcpStream> = (0..60).map(|_| connect(&server)).collect();
    loop {
        let line = log.recv_timeout(SOON).expect("a line about it");
        if line.contains("cannot accept connections") {
            assert!(line.contains("Too many open files"), "{line}");
            break;
        }
    }
    drop(crowd);
    assert_eq!(server.request("GET", "/healthz", "", "").0, 200);
    signal(&server, "-TERM");
    assert!(server.process.wait().unwrap().success());
}

#[test]
fn there_is_one_host() {
    let place = Place::new();
    let server = place.start(&[]);
    let ask = |head: &str| rest(send(&server, &format!("{head}connection: close\r\n\r\n")));
    for wrong in [
        "GET /healthz HTTP/1.1\r\n",
        "GET /healthz HTTP/1.1\r\nhost: a\r\nhost: b\r\n",
        "GET /healthz HTTP/1.1\r\nhost: a\r\nHost: a\r\n",
        "GET /healthz HTTP/1.1\r\nhost: a b\r\n",
        "GET /healthz HTTP/1.1\r\nhost: a/b\r\n",
        "GET /healthz HTTP/1.0\r\nhost: a\r\nhost: b\r\n",
        "GET http://a/healthz HTTP/1.1\r\n",
    ] {
        let answer = ask(wrong);
        refused(&answer.replacen("HTTP/1.0 400", "HTTP/1.1 400", 1), 400);
    }
    for right in [
        "GET /healthz HTTP/1.1\r\nhost: login.example.com:443\r\n",
        "GET /healthz HTTP/1.1\r\nhost: [::1]:3000\r\n",
        "GET /healthz HTTP/1.1\r\nhost:\r\n",
        "GET http://a/healthz HTTP/1.1\r\nhost: a\r\n",
        "GET /healthz HTTP/1.0\r\n",
    ] {
        let answer = ask(right);
        assert_eq!(answer.split(' ').nth(1), Some("200"), "{answer}");
    }
}

#[test]
fn every_error_is_json() {
    let place = Place::new();
    let server = place.start(&[]);
    let long = "x".repeat(20_000);
    let many = "a: b\r\n".repeat(70);
    for (request, status) in [
        ("garbage\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nhost: x\r\nno colon\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nhost: x\r\na b: c\r\n\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n".to_owned(), 400),
        (
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"
                .to_owned(),
            400,
        ),
        (format!("GET / HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n"), 431),
        (format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"), 431),
        (format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(70_000)), 431),
        (
            "DELETE /mfa/authenticators/%ff HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
                .to_owned(),
            400,
        ),
        ("GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), 404),
        ("PUT /oauth/token HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), 405),
        (
            format!(
                "POST /oauth/token HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
                  content-type: application/json\r\ncontent-length: 20000\r\n\r\n{long}"
            ),
            413,
        ),
    ] {
        let begin: String = request.chars().take(60).collect();
        let mut stream = connect(&server);
        // The server may close the connection before the end.
        let _refused = stream.write_all(request.as_bytes());
        let answer = rest(stream);
        assert!(!answer.is_empty(), "{begin}");
        refused(&answer, status);
        assert!(status != 405 || answer.contains("\r\nallow: POST\r\n"), "{answer}");
    }
    // On a connection that already had one of our answers.
    let mut stream = send(&server, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(answer(&mut stream).starts_with("HTTP/1.1 200 "));
    stream.write_all(b"garbage\r\n\r\n").unwrap();
    refused(&rest(stream), 400);
}

#[test]
fn a_request_that_is_being_answered_comes_to_its_end() {
    let place = Place::new();
    let mut server = place.start(&[]);
    let (mut stream, last) = half_a_body(&server);
    signal(&server, "-INT");
    wait_until_deaf(&server);
    stream.write_all(last.as_bytes()).unwrap();
    let answer = rest(stream);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(end(&mut server).0);
}

#[test]
fn connections_without_a_request_do_not_hold_the_end_up() {
    let place = Place::new();
    let more = ["--header-seconds", "3600", "--shutdown-seconds", "3600"];
    let mut server = place.start(&more);
    let _silent = connect(&server);
    let _half = send(&server, "GET /healthz HTTP/1.1\r\nhos");
    let mut idle = send(&server, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(answer(&mut idle).starts_with("HTTP/1.1 200 "));
    let mut half_again = send(&server, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(answer(&mut half_again).starts_with("HTTP/1.1 200 "));
    half_again.write_all(b"GET /healthz HT").unwrap();
    signal(&server, "-TERM");
    assert!(end(&mut server).0);
}

#[test]
fn a_request_that_does_not_end_does_not_hold_the_end_up() {
    let place = Place::new();
    let mut server = place.start(&["--shutdown-seconds", "1"]);
    let (_stream, _) = half_a_body(&server);
    signal(&server, "-TERM");
    let (well, log) = end(&mut server);
    assert!(well && log.contains("requests were open at the deadline"), "{log}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let place = Place::new();
    let mut server = place.start(&["--shutdown-seconds", "3600"]);
    let (_stream, _) = half_a_body(&server);
    signal(&server, "-TERM");
    wait_until_deaf(&server);
    signal(&server, "-INT");
    assert!(!end(&mut server).0);
}
