//! A server in this process, and its users.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::Response;
use mfa_server::app::{self, App};
use mfa_server::audit::Audit;
use mfa_server::config::Mfa;
use mfa_server::guesses::{Guesses, Rates};
use mfa_server::keyring::Keyring;
use mfa_server::keys::Keys;
use mfa_server::metrics::Metrics;
use mfa_server::password::Passwords;
use mfa_server::refresh::Lifetimes;
use mfa_server::settings::Settings;
use mfa_server::signing::SigningAlg;
use mfa_server::store::Store;
use mfa_server::tokens::{Tokens, check_keys};
use otp_core::{Secret, Totp};
use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};
use tempfile::TempDir;
use tokio::time::sleep;
use tower::ServiceExt as _;

pub const CLIENT: &str = "shop";
pub const CLIENT_SECRET: &str = "of the shop: 100 %";
/// The settings of most tests: a client with a secret, the page, and one API.
pub const SETTINGS: &str = r#"
    client = [{ id = "shop", secret = "of the shop: 100 %" }]
    api = [{ audience = "https://someapi.com/api", scopes = ["read:sample", "write:sample"] }]
"#;
pub const PASSWORD: &str = "correct horse battery";
pub const ISSUER: &str = "https://login.example.com/";
pub const API: &str = "https://someapi.com/api";

pub const MFA_OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";
pub const MFA_RECOVERY: &str = "http://auth0.com/oauth/grant-type/mfa-recovery-code";

/// Small numbers, so that tests end soon.
const RATES: Rates = Rates { passwords_per_hour: 8, sign_ups_per_hour: 3 };

pub struct Server {
    pub app: Arc<App>,
    router: Router,
    users: Arc<AtomicU32>,
    folder: Arc<TempDir>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, text }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Returns a field that is a string.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        let value = self.json();
        value[name].as_str().unwrap_or_else(|| panic!("no {name}: {self:?}")).to_owned()
    }

    /// Checks that the answer is this error, in Auth0's format.
    #[track_caller]
    pub fn is(&self, status: u16, error: &str) -> &Self {
        assert_eq!(
            (self.status.as_u16(), self.field("error").as_str()),
            (status, error),
            "{self:?}"
        );
        assert!(!self.field("error_description").is_empty());
        self
    }

    #[track_caller]
    pub fn is_ok(&self) -> &Self {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self
    }
}

impl Server {
    pub async fn new() -> Self {
        Self::with(Mfa::Required, 600).await
    }

    pub async fn with(mfa: Mfa, mfa_token_seconds: u64) -> Self {
        // ES256 keys are made quickly.
        Self::signing(mfa, mfa_token_seconds, SigningAlg::Es256).await
    }

    pub async fn signing(mfa: Mfa, mfa_token_seconds: u64, alg: SigningAlg) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let keys = Keys::load(None, &folder.path().join("key")).unwrap();
        Self::on(folder, keys, mfa, mfa_token_seconds, alg, SETTINGS).await
    }

    /// Starts a server with the settings of a file.
    pub async fn of(settings: &str) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let keys = Keys::load(None, &folder.path().join("key")).unwrap();
        Self::on(folder, keys, Mfa::Required, 600, SigningAlg::Es256, settings).await
    }

    /// Restarts the server with other settings.
    pub async fn restarted(&self, settings: &str) -> Self {
        let folder = Arc::clone(&self.folder);
        let keys = Keys::load(None, &folder.path().join("key")).unwrap();
        Self::on(folder, keys, Mfa::Required, 600, SigningAlg::Es256, settings).await
    }

    /// Starts another server on the same database, with a master key of its own.
    pub async fn beside(&self, keys: Keys) -> Self {
        let folder = Arc::clone(&self.folder);
        let alg = SigningAlg::Es256;
        let mut server = Self::on(folder, keys, Mfa::Required, 600, alg, SETTINGS).await;
        server.users = Arc::clone(&self.users);
        server
    }

    async fn on(
        folder: Arc<TempDir>,
        keys: Keys,
        mfa: Mfa,
        mfa_token_seconds: u64,
        alg: SigningAlg,
        settings: &str,
    ) -> Self {
        let url = format!("sqlite://{}", folder.path().join("db").display());
        let store = Store::open(&url.parse().unwrap(), 8).await.unwrap();
        check_keys(&store, &keys).await.unwrap();
        let now = app::unix_time().unwrap();
        let keyring = Arc::new(Keyring::load(&store, &keys, alg, now).await.unwrap());
        let audit = Audit::to_file(&folder.path().join("audit")).unwrap();
        let app = Arc::new(App {
            tokens: Tokens::new(ISSUER.into(), Arc::clone(&keyring)),
            keyring,
            settings: Settings::parse(settings).unwrap(),
            passwords: Passwords::new().unwrap(),
            guesses: Guesses::new(RATES).unwrap(),
            tenant: "ACME Co".into(),
            mfa,
            mfa_token_seconds,
            metrics: Metrics::new(&audit),
            audit,
            trusted_proxies: Vec::new(),
            deadline: Duration::from_secs(30),
            refresh: Lifetimes { absolute: 2_592_000, idle: 1_296_000 },
            store,
            keys,
        });
        let router = app::router(Arc::clone(&app));
        Self { app, router, users: Arc::default(), folder }
    }

    /// Returns the hexadecimal digits of the master key.
    pub fn master(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("key")).unwrap()
    }

    /// Returns everything that the database has written.
    pub fn file(&self) -> Vec<u8> {
        let read = |name| std::fs::read(self.folder.path().join(name)).unwrap_or_default();
        [read("db"), read("db-wal")].concat()
    }

    /// Reloads rotated keys, as a server does every ten seconds.
    pub async fn poll_keys(&self) {
        self.app.keyring.reload(&self.app.store, &self.app.keys).await.unwrap();
    }

    /// Changes the database without the server.
    pub async fn execute(&self, statement: &str) {
        let mut database = self.database().await;
        sqlx::query(AssertSqlSafe(statement)).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    /// Returns a connection that does not belong to the server.
    pub async fn database(&self) -> AnyConnection {
        let url = format!("sqlite://{}", self.folder.path().join("db").display());
        AnyConnection::connect(&url).await.unwrap()
    }

    /// Returns the events of the audit log.
    pub fn audited(&self) -> Vec<Value> {
        let lines = fs::read_to_string(self.folder.path().join("audit")).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn move_audit_log(&self) {
        let at = |name| self.folder.path().join(name);
        fs::rename(at("audit"), at("audit.1")).unwrap();
    }

    /// Blocks all writes. Reads go on.
    pub async fn hold_writes(&self) -> AnyConnection {
        let mut database = self.database().await;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut database).await.unwrap();
        database
    }

    /// Allows writes again, after all requests have read and checked.
    /// Resets a user, as an operator does. Returns the recovery code.
    pub async fn reset(&self, user_id: &str) -> String {
        let (store, now) = (&self.app.store, mfa_server::app::now().unwrap());
        let pepper = self.app.keyring.pepper().unwrap();
        let before = store.recoveries(user_id).await.unwrap().into_iter().find(|one| one.active);
        let issued = mfa_server::recovery::issue(&pepper, user_id, before.as_ref(), now);
        let (recovery, code) = issued.unwrap();
        assert_eq!(store.reset(user_id, &recovery, now).await.unwrap(), 1);
        code
    }

    pub async fn release_writes(&self, mut database: AnyConnection) {
        sleep(Duration::from_millis(500)).await;
        sqlx::query("COMMIT").execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    /// Returns the single number that a query gives.
    pub async fn number(&self, query: &'static str) -> i64 {
        let mut database = self.database().await;
        let row = sqlx::query(query).fetch_one(&mut database).await.unwrap();
        database.close().await.unwrap();
        row.get(0)
    }

    /// Changes rows without the server.
    pub async fn change(&self, statement: &str) {
        let mut database = self.database().await;
        sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    /// Replaces each state of a table, without the server.
    pub async fn rewrite_states(&self, table: &str, rewrite: impl Fn(&[u8]) -> Vec<u8>) {
        let mut database = self.database().await;
        for (id, state) in self.states(table).await {
            sqlx::query(AssertSqlSafe(format!("UPDATE {table} SET state = $1 WHERE id = $2")))
                .bind(rewrite(&state))
                .bind(id)
                .execute(&mut database)
                .await
                .unwrap();
        }
        database.close().await.unwrap();
    }

    /// Returns the states of a table, each with the id of its row.
    pub async fn states(&self, table: &str) -> Vec<(String, Vec<u8>)> {
        self.column(table, "state").await
    }

    /// Returns a column of bytes, each value with the id of its row.
    pub async fn column(&self, table: &str, column: &str) -> Vec<(String, Vec<u8>)> {
        let mut database = self.database().await;
        let query = AssertSqlSafe(format!("SELECT id, {column} FROM {table}"));
        let rows = sqlx::query(query).fetch_all(&mut database).await.unwrap();
        database.close().await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        request
            .headers_mut()
            .entry("host")
            .or_insert(HeaderValue::from_static("login.example.com"));
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// Sends a request. `bearer` may be empty, and `body` may be `None`.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        bearer: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !bearer.is_empty() {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let body = match body {
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.request("POST", path, "", Some(body)).await
    }

    /// Sends `POST /oauth/token` as the test's client, unless the fields name another one.
    pub async fn token(&self, fields: Value) -> Answer {
        let mut all = json!({"client_id": CLIENT, "client_secret": CLIENT_SECRET});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.post("/oauth/token", all).await
    }

    /// Signs up a new user, who has not enrolled anything.
    pub async fn user(&self) -> User<'_> {
        let number = self.users.fetch_add(1, Ordering::Relaxed);
        let email = format!("user{number}@example.com");
        let body = json!({"client_id": CLIENT, "email": email, "password": PASSWORD});
        self.post("/dbconnections/signup", body).await.is_ok();
        User { server: self, email }
    }
}

pub struct User<'a> {
    server: &'a Server,
    pub email: String,
}

/// A new authenticator and its recovery code.
pub struct Enrolled {
    pub id: String,
    pub recovery_code: Option<String>,
    totp: Totp,
}

impl Enrolled {
    /// Returns the code of now, or of `steps` time steps from now. The server accepts one step
    /// before and after now, if it is later than the last one. An earlier code would be too old
    /// if a new step began meanwhile, so this waits then.
    pub fn code(&self, steps: i64) -> String {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        while steps < 0 && now() % 30 > 26 {
            thread::sleep(Duration::from_millis(200));
        }
        self.totp
            .code_at(now().checked_add_signed(30 * steps).unwrap())
            .unwrap()
            .as_str()
            .to_owned()
    }
}

impl<'a> User<'a> {
    /// Returns the same user at another server.
    pub fn at<'b>(&self, server: &'b Server) -> User<'b> {
        User { server, email: self.email.clone() }
    }

    pub async fn password(&self, more: Value) -> Answer {
        let mut fields =
            json!({"grant_type": "password", "username": self.email, "password": PASSWORD});
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.server.token(fields).await
    }

    /// Returns the mfa_token of a right password.
    pub async fn log_in(&self) -> String {
        let answer = self.password(json!({})).await;
        answer.is(403, "mfa_required").field("mfa_token")
    }

    pub async fn associate(&self, bearer: &str) -> Answer {
        let body = json!({"authenticator_types": ["otp"]});
        self.server.request("POST", "/mfa/associate", bearer, Some(body)).await
    }

    pub async fn enrol(&self, bearer: &str) -> Enrolled {
        let answer = self.associate(bearer).await;
        let secret = Secret::from_base32(&answer.is_ok().field("secret")).unwrap();
        Enrolled {
            id: answer.field("id"),
            recovery_code: answer.json()["recovery_codes"][0].as_str().map(str::to_owned),
            totp: Totp::new(&secret),
        }
    }

    pub async fn otp(&self, mfa_token: &str, otp: &str) -> Answer {
        self.server.token(json!({"grant_type": MFA_OTP, "mfa_token": mfa_token, "otp": otp})).await
    }

    pub async fn recover(&self, mfa_token: &str, code: &str) -> Answer {
        let fields =
            json!({"grant_type": MFA_RECOVERY, "mfa_token": mfa_token, "recovery_code": code});
        self.server.token(fields).await
    }

    /// Enrols, and confirms with the code of the previous step, so two more codes can follow.
    pub async fn enrolled(&self) -> Enrolled {
        let mfa_token = self.log_in().await;
        let enrolled = self.enrol(&mfa_token).await;
        self.otp(&mfa_token, &enrolled.code(-1)).await.is_ok();
        enrolled
    }

    /// Returns an access token for `/mfa/*` with all of its scopes, by a code of an
    /// authenticator.
    pub async fn access(&self, code: &str) -> String {
        let asked = json!({
            "audience": format!("{ISSUER}mfa/"),
            "scope": "enroll read:authenticators remove:authenticators",
        });
        let mfa_token = self.password(asked).await.is(403, "mfa_required").field("mfa_token");
        self.otp(&mfa_token, code).await.is_ok().field("access_token")
    }

    pub async fn list(&self, bearer: &str) -> Value {
        let answer = self.server.request("GET", "/mfa/authenticators", bearer, None).await;
        answer.is_ok().json()
    }
}
