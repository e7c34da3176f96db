//! The server as a process, and a user of it.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use otp_core::{Secret, Totp};
use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};
use tokio::runtime::Runtime;

const MFA_OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";
const MFA_RECOVERY: &str = "http://auth0.com/oauth/grant-type/mfa-recovery-code";
const PASSWORD: &str = "correct horse battery";

pub struct Program {
    address: String,
    client: [String; 2],
    process: Child,
    log: Arc<Mutex<String>>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
    pub took: Duration,
}

/// A request that was sent.
pub struct Request {
    stream: TcpStream,
    begun: Instant,
}

impl Request {
    /// Returns the answer, or an error if the server ends first.
    pub fn answer(mut self) -> io::Result<Answer> {
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok(Answer {
            status: status.ok_or(io::ErrorKind::InvalidData)?,
            head: head.to_owned(),
            body: serde_json::from_str(body)?,
            took: self.begun.elapsed(),
        })
    }
}

impl Answer {
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_else(|| panic!("no {name}: {self:?}")).to_owned()
    }

    /// Checks that the answer says in time that the database is unavailable, and when to try
    /// again.
    #[track_caller]
    pub fn is_unavailable(&self) {
        assert_eq!(self.status, 503, "{self:?}");
        assert_eq!(self.field("error"), "temporarily_unavailable");
        assert!(self.head.to_lowercase().contains("\r\nretry-after: "), "{self:?}");
    }
}

/// Returns the single number that a query gives, on a connection that is not the server's.
pub fn number(url: &str, query: &str) -> i64 {
    Runtime::new().unwrap().block_on(async {
        sqlx::any::install_default_drivers();
        let mut other = AnyConnection::connect(url).await.unwrap();
        let query = sqlx::query(AssertSqlSafe(query.to_owned()));
        let number = query.fetch_one(&mut other).await.unwrap().get(0);
        other.close().await.unwrap();
        number
    })
}

impl Program {
    /// Starts a server on this database. For the server, a refused write is an error and not a
    /// signal.
    pub fn start(folder: &Path, database: &str) -> Self {
        Self::start_with(folder, &[("DATABASE_URL", database)])
    }

    pub fn start_with(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut process = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_mfa-server")])
            .env_clear()
            .env("LISTEN", "127.0.0.1:0")
            // All users of a test have the same address.
            .envs([("PASSWORDS_PER_HOUR", "0"), ("SIGN_UPS_PER_HOUR", "0")])
            .envs(variables.iter().copied())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (kept, errors) = (Arc::clone(&log), process.stderr.take().unwrap());
        thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                kept.lock().unwrap().extend([&*line, "\n"]);
            }
        });
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut next = |start: &str| {
            let line = lines.next().and_then(Result::ok);
            let line =
                line.unwrap_or_else(|| panic!("the server did not start: {}", log.lock().unwrap()));
            line.strip_prefix(start).unwrap_or_else(|| panic!("{line}")).to_owned()
        };
        let address = next("Listening on http://").trim_end_matches('/').to_owned();
        let client = [next("client_id "), next("client_secret ")];
        // The server goes on printing, and must never have to wait for a reader.
        thread::spawn(move || lines.for_each(drop));
        Self { address, client, process, log }
    }

    /// Returns the output of a server that refuses to start.
    #[track_caller]
    pub fn refusal(folder: &Path, database: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-server"));
        command.env_clear().current_dir(folder).env("DATABASE_URL", database);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Kills the process without warning, like a power cut.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends a request, and does not wait for its answer.
    pub fn begin(&self, method: &str, path: &str, more: &str, body: &str) -> io::Result<Request> {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(&self.address)?;
        let (host, length) = (&self.address, body.len());
        // In one write, so that a client that hangs up has sent all of it.
        let text = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{more}\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(text.as_bytes())?;
        Ok(Request { stream, begun })
    }

    /// Returns an answer, or an error if the server ends first.
    pub fn try_request(
        &self,
        method: &str,
        path: &str,
        more: &str,
        body: &str,
    ) -> io::Result<Answer> {
        self.begin(method, path, more, body)?.answer()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.try_request("GET", path, "", "").unwrap()
    }

    fn of_client(&self, mut body: Value) -> String {
        body["client_id"] = self.client[0].as_str().into();
        body["client_secret"] = self.client[1].as_str().into();
        body.to_string()
    }

    pub fn begin_post(&self, path: &str, body: Value) -> Request {
        self.begin("POST", path, "", &self.of_client(body)).unwrap()
    }

    pub fn try_post(&self, path: &str, body: Value) -> io::Result<Answer> {
        self.try_request("POST", path, "", &self.of_client(body))
    }

    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.try_post(path, body).unwrap()
    }

    /// Signs up a user, and confirms an authenticator with the code of the previous step.
    pub fn enrolled(&self, email: &str) -> User {
        self.post("/dbconnections/signup", json!({"email": email, "password": PASSWORD}));
        let mfa_token = self.log_in(email).unwrap();
        let body = json!({"authenticator_types": ["otp"]}).to_string();
        let bearer = format!("authorization: Bearer {mfa_token}\r\n");
        let enrolment = self.try_request("POST", "/mfa/associate", &bearer, &body).unwrap();
        let secret = Secret::from_base32(&enrolment.field("secret")).unwrap();
        let user = User {
            email: email.to_owned(),
            recovery_code: enrolment.body["recovery_codes"][0].as_str().unwrap().to_owned(),
            totp: Totp::new(&secret),
        };
        assert_eq!(self.otp(&mfa_token, &user.code(-1)).unwrap().status, 200);
        user
    }

    /// Returns the mfa_token of a right password.
    pub fn log_in(&self, email: &str) -> io::Result<String> {
        let body = json!({"grant_type": "password", "username": email, "password": PASSWORD});
        let answer = self.try_post("/oauth/token", body)?;
        let token = answer.body["mfa_token"].as_str().map(str::to_owned);
        token.ok_or_else(|| io::Error::other(format!("{answer:?}")))
    }

    pub fn begin_otp(&self, mfa_token: &str, otp: &str) -> Request {
        let body = json!({"grant_type": MFA_OTP, "mfa_token": mfa_token, "otp": otp});
        self.begin_post("/oauth/token", body)
    }

    pub fn begin_recover(&self, mfa_token: &str, code: &str) -> Request {
        let body =
            json!({"grant_type": MFA_RECOVERY, "mfa_token": mfa_token, "recovery_code": code});
        self.begin_post("/oauth/token", body)
    }

    pub fn otp(&self, mfa_token: &str, otp: &str) -> io::Result<Answer> {
        self.begin_otp(mfa_token, otp).answer()
    }

    pub fn recover(&self, mfa_token: &str, code: &str) -> io::Result<Answer> {
        self.begin_recover(mfa_token, code).answer()
    }

    /// Waits until the server says that it can serve.
    #[track_caller]
    pub fn heals(&self) {
        let begun = Instant::now();
        while self.try_request("GET", "/readyz", "", "").unwrap().status != 200 {
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", self.log());
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

pub struct User {
    pub email: String,
    pub recovery_code: String,
    totp: Totp,
}

impl User {
    /// Returns the code of `steps` time steps from now. An earlier code would be too old if a
    /// new step began meanwhile, so this waits then.
    pub fn code(&self, steps: i64) -> String {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        while steps < 0 && now() % 30 > 25 {
            thread::sleep(Duration::from_millis(200));
        }
        let time = now().checked_add_signed(30 * steps).unwrap();
        self.totp.code_at(time).unwrap().as_str().to_owned()
    }
}
