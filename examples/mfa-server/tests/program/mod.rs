//! The server as a process in a folder of its own, and requests to it.

// Some tests do not use all of this.
#![allow(dead_code)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_mfa-server");

pub struct Place(pub TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Returns a command for the server: an empty environment, this folder, and a free port.
    pub fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_clear().current_dir(self.0.path()).env("LISTEN", "127.0.0.1:0");
        command
    }

    /// Returns the output of a server that refuses to start.
    #[track_caller]
    pub fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
        String::from_utf8(output.stderr).unwrap()
    }

    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command();
        command.args(arguments);
        Running::from(command)
    }
}

pub struct Running {
    pub address: String,
    pub printed: Vec<String>,
    pub process: Child,
}

impl From<Command> for Running {
    fn from(mut command: Command) -> Self {
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = output.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let Some(first) = lines.next() else {
            panic!("the server did not start: {:?}", process.wait_with_output());
        };
        let first = first.unwrap();
        let address = first.strip_prefix("Listening on http://").unwrap().trim_end_matches('/');
        let mut printed = Vec::new();
        for line in lines {
            let line = line.unwrap();
            let last = line.contains("mfa/authenticators") || line.starts_with("Clients are");
            printed.push(line);
            if last {
                break;
            }
        }
        Self { address: address.to_owned(), printed, process }
    }
}

impl Running {
    /// Sends a request. Returns the status and the body.
    pub fn request(&self, method: &str, path: &str, more: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (host, length) = (&self.address, body.len());
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{more}\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.request("POST", path, "", &body.to_string())
    }

    /// Returns the lines of the log as they arrive.
    pub fn log(&mut self) -> mpsc::Receiver<String> {
        let (lines, log) = mpsc::channel();
        let stderr = BufReader::new(self.process.stderr.take().unwrap());
        thread::spawn(move || {
            for line in stderr.lines() {
                // The test may have dropped the receiver. Reading must go on, or the server
                // would wait.
                let _enough = lines.send(line.unwrap());
            }
        });
        log
    }

    /// Asks the server to stop, and returns its log.
    pub fn stop(mut self) -> String {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut log = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(self.process.wait().unwrap().success(), "{log}");
        log
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.process.kill();
    }
}

/// Returns a field of the demo client from the server's output.
pub fn client(server: &Running, field: &str) -> String {
    server.printed.iter().find_map(|line| line.strip_prefix(field)).unwrap().to_owned()
}
