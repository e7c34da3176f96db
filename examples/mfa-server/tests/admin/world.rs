//! A running server with one user, and an operator's commands.

use std::process::{Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use otp_core::{Secret, Totp};
use serde_json::{Value, json};

use crate::program::{Place, Running, client};

pub const ALICE: &str = "alice@example.com";

/// Runs a command. Returns its exit status, its standard output and its standard error.
pub fn admin(place: &Place, arguments: &[&str]) -> (i32, String, String) {
    let mut command = place.command();
    command.args(["--audit-log", "audit", "--signing-alg", "es256", "admin"]).args(arguments);
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[track_caller]
pub fn done(place: &Place, arguments: &[&str]) -> String {
    let (status, stdout, stderr) = admin(place, arguments);
    assert_eq!((status, stderr.as_str()), (0, ""), "{arguments:?}: {stdout}");
    stdout
}

/// A running server, its demo client, and one user.
pub struct World {
    pub place: Place,
    pub server: Running,
    client: Value,
}

impl World {
    pub fn new() -> Self {
        let place = Place::new();
        let server = place.start(&["--signing-alg", "es256"]);
        let client = json!({
            "client_id": client(&server, "client_id "),
            "client_secret": client(&server, "client_secret "),
        });
        Self { place, server, client }
    }

    pub fn post(&self, path: &str, fields: Value) -> (u16, Value) {
        let mut all = self.client.clone();
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.server.post(path, &all)
    }

    pub fn sign_up(&self) {
        let fields = json!({"email": ALICE, "password": "correct horse"});
        assert_eq!(self.post("/dbconnections/signup", fields).0, 200);
    }

    pub fn password(&self) -> (u16, Value) {
        self.password_of(ALICE, "correct horse")
    }

    pub fn password_of(&self, email: &str, password: &str) -> (u16, Value) {
        let fields = json!({"grant_type": "password", "username": email, "password": password});
        self.post("/oauth/token", fields)
    }

    pub fn log_in(&self) -> String {
        self.log_in_as(ALICE, "correct horse")
    }

    pub fn log_in_as(&self, email: &str, password: &str) -> String {
        let (_, answer) = self.password_of(email, password);
        answer["mfa_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Submits a code or a recovery code.
    pub fn submit(&self, kind: &str, field: &str, mfa_token: &str, code: &str) -> (u16, Value) {
        let grant = format!("http://auth0.com/oauth/grant-type/mfa-{kind}");
        let mut fields = json!({"grant_type": grant, "mfa_token": mfa_token});
        fields[field] = code.into();
        self.post("/oauth/token", fields)
    }

    pub fn otp(&self, code: &str) -> u16 {
        self.submit("otp", "otp", &self.log_in(), code).0
    }

    pub fn recover(&self, code: &str) -> u16 {
        self.submit("recovery-code", "recovery_code", &self.log_in(), code).0
    }

    /// Logs in with a recovery code. Returns an access token that may enrol.
    pub fn recovered(&self, code: &str) -> String {
        let audience = format!("http://{}/mfa/", self.server.address);
        let fields = json!({
            "grant_type": "password", "username": ALICE, "password": "correct horse",
            "audience": audience, "scope": "enroll",
        });
        let mfa_token = self.post("/oauth/token", fields).1["mfa_token"].clone();
        let (_, answer) =
            self.submit("recovery-code", "recovery_code", mfa_token.as_str().unwrap(), code);
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    pub fn associate(&self, bearer: &str) -> (u16, Value) {
        let header = format!("authorization: Bearer {bearer}\r\n");
        let body = r#"{"authenticator_types": ["otp"]}"#;
        self.server.request("POST", "/mfa/associate", &header, body)
    }

    pub fn totp(enrolment: &Value) -> Totp {
        Totp::new(&Secret::from_base32(enrolment["secret"].as_str().unwrap()).unwrap())
    }

    /// Enrols and confirms an authenticator. Returns it and the recovery code.
    pub fn enrol(&self) -> (Totp, String) {
        let mfa_token = self.log_in();
        let (_, answer) = self.associate(&mfa_token);
        let totp = Self::totp(&answer);
        assert_eq!(self.submit("otp", "otp", &mfa_token, &code(&totp, 0)).0, 200);
        (totp, answer["recovery_codes"][0].as_str().unwrap().to_owned())
    }

    pub fn listed(&self) -> Value {
        serde_json::from_str(&done(&self.place, &["list", "--json", ALICE])).unwrap()
    }
}

pub fn code(totp: &Totp, steps: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    totp.code_at(now + 30 * steps).unwrap().as_str().to_owned()
}
