//! The command line. Each flag has an environment variable too.

use std::ffi::OsStr;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::builder::{FalseyValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use otp_core::{Secret, otpauth};
use url::Url;

use crate::admin::AdminCommand;
use crate::guesses::Rates;
use crate::origin::Origin;
use crate::rotate::KeysCommand;
use crate::scope::Api;
use crate::serve::Limits;
use crate::signing::SigningAlg;
use crate::store::DatabaseUrl;

/// An MFA API server that answers like Auth0's: enrols and challenges OTP authenticators.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub struct Config {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The address to listen on; port 0 takes a free port
    #[arg(
        long,
        env = "LISTEN",
        value_name = "ADDR",
        default_value = "127.0.0.1:3000",
        value_parser = socket
    )]
    pub listen: SocketAddr,

    /// The public base address, for discovery, tokens and links [default: the address it
    /// listens on]
    #[arg(long, env = "ISSUER", value_name = "URL", value_parser = issuer)]
    pub issuer: Option<Url>,

    /// sqlite://FILE or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(
        long,
        env = "DATABASE_URL",
        value_name = "URL",
        default_value = "sqlite://mfa-server.db",
        hide_env_values = true,
        value_parser = DatabaseUrlParser,
        global = true
    )]
    pub database_url: DatabaseUrl,

    /// A TOML file with clients, APIs and origins: mfa-server.toml shows every setting
    #[arg(long, env = "CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The id of a client. Without it and without --config, the server makes a demo client and
    /// prints it
    #[arg(long, env = "CLIENT_ID", value_name = "ID", requires = "client_secret", value_parser = not_empty)]
    pub client_id: Option<String>,

    /// The secret of --client-id
    #[arg(
        long,
        env = "CLIENT_SECRET",
        value_name = "SECRET",
        requires = "client_id",
        hide_env_values = true,
        value_parser = not_empty
    )]
    pub client_secret: Option<String>,

    /// The name of the tenant, which authenticator apps show as the issuer
    #[arg(long, env = "TENANT", value_name = "NAME", default_value = "demo", value_parser = tenant)]
    pub tenant: String,

    /// An API for which access tokens may be issued: its URI, then its scopes after spaces.
    /// Separate several APIs by commas. The demo client has "https://someapi.com/api
    /// read:sample"
    #[arg(long, env = "AUDIENCE", value_name = "URI SCOPE…", value_delimiter = ',')]
    pub audience: Vec<Api>,

    /// The origin of a web app that may call from browsers, such as https://app.example.com.
    /// Separate several origins by commas
    #[arg(long, env = "ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub allow_origin: Vec<Origin>,

    /// Do not serve the page at /, and refuse its public client
    #[arg(long, env = "NO_PAGE", value_parser = FalseyValueParser::new())]
    pub no_page: bool,

    /// Refuse all sign-ups
    #[arg(long, env = "NO_SIGNUP", value_parser = FalseyValueParser::new())]
    pub no_signup: bool,

    /// Whether a password is enough for users without an authenticator
    #[arg(long, env = "MFA", value_enum, default_value_t = Mfa::Required)]
    pub mfa: Mfa,

    /// The file of the master key; a server creates it if it does not exist. The variable
    /// MFA_KEY, 64 hexadecimal digits, takes precedence
    #[arg(
        long,
        env = "MFA_KEY_FILE",
        value_name = "FILE",
        default_value = "mfa-server.key",
        global = true
    )]
    pub key_file: PathBuf,

    /// The file of the old master key, during a rotation. The variable MFA_KEY_OLD takes
    /// precedence
    #[arg(long, env = "MFA_KEY_OLD_FILE", value_name = "FILE", global = true)]
    pub old_key_file: Option<PathBuf>,

    /// The seconds between two looks for rotated keys; all servers and commands need the same
    /// value
    #[arg(
        long,
        env = "KEY_POLL_SECONDS",
        value_name = "SECONDS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u64).range(1..=600),
        global = true
    )]
    pub key_poll_seconds: u64,

    /// The lifetime of an mfa_token, in seconds
    #[arg(
        long,
        env = "MFA_TOKEN_SECONDS",
        value_name = "SECONDS",
        default_value_t = 600,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub mfa_token_seconds: u64,

    /// The algorithm of new signing keys: of a database's first key, and of keys made by keys
    /// rotate-signing
    #[arg(long, env = "SIGNING_ALG", value_enum, default_value_t = SigningAlg::Rs256, global = true)]
    pub signing_alg: SigningAlg,

    /// How long refresh tokens can extend a login, in seconds
    #[arg(
        long,
        env = "REFRESH_SECONDS",
        value_name = "SECONDS",
        default_value_t = 2_592_000,
        value_parser = clap::value_parser!(u64).range(1..=31_557_600)
    )]
    pub refresh_seconds: u64,

    /// The lifetime of an unused refresh token, in seconds
    #[arg(
        long,
        env = "REFRESH_IDLE_SECONDS",
        value_name = "SECONDS",
        default_value_t = 1_296_000,
        value_parser = clap::value_parser!(u64).range(1..=31_557_600)
    )]
    pub refresh_idle_seconds: u64,

    /// The number of connections to the database
    #[arg(
        long,
        env = "DATABASE_CONNECTIONS",
        value_name = "NUMBER",
        default_value_t = 8,
        value_parser = clap::value_parser!(u32).range(1..=1000)
    )]
    pub database_connections: u32,

    #[command(flatten)]
    pub limits: Limits,

    #[command(flatten)]
    pub rates: Rates,

    /// A proxy, or a network of proxies, whose X-Forwarded-For the server believes. Separate
    /// several by commas
    #[arg(
        long,
        env = "TRUSTED_PROXY",
        value_name = "ADDRESS",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxy: Vec<IpNet>,

    /// The address that serves /metrics for Prometheus [default: none]
    #[arg(long, env = "METRICS_LISTEN", value_name = "ADDR", value_parser = socket)]
    pub metrics_listen: Option<SocketAddr>,

    /// The file of the audit log, which a server reopens at SIGHUP [default: standard error]
    #[arg(long, env = "AUDIT_LOG", value_name = "FILE", global = true)]
    pub audit_log: Option<PathBuf>,

    /// The format of the log on standard error. RUST_LOG sets its level, for example to warn
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

#[derive(Subcommand)]
pub enum Command {
    /// Rotate keys, while servers run
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Help users, while servers run
    #[command(subcommand)]
    Admin(AdminCommand),
}

impl Config {
    /// Returns whether neither a file nor a flag names a client. The server then makes a demo
    /// client.
    pub fn is_demo(&self) -> bool {
        self.config.is_none() && self.client_id.is_none()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mfa {
    /// Every login needs a second factor; a user without one enrols it
    Required,
    /// Only users with an authenticator need it to log in
    Optional,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "is not an IP address with a port, for example 127.0.0.1:3000".into())
}

/// Reads the address of a database. The errors of the library would repeat the value, and it
/// may contain a password.
#[derive(Clone)]
struct DatabaseUrlParser;

impl TypedValueParser for DatabaseUrlParser {
    type Value = DatabaseUrl;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<DatabaseUrl, clap::Error> {
        let parsed = value.to_str().ok_or("is not valid UTF-8").and_then(str::parse);
        parsed.map_err(|why| {
            let words = format!("--database-url: {why}");
            clap::Error::raw(ErrorKind::ValueValidation, words).with_cmd(command)
        })
    }
}

/// Reads an issuer. It ends in a slash, as Auth0's issuers do, so that paths can be appended.
fn issuer(text: &str) -> Result<Url, String> {
    if !["https://", "http://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Err("must begin with https:// or http://".into());
    }
    let mut url = Url::parse(text).map_err(|error| error.to_string())?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not contain ? or #".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user or a password".into());
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

/// Reads a tenant. A name that no key URI can have as its issuer is refused at the start, not
/// at the first enrolment.
fn tenant(text: &str) -> Result<String, String> {
    let secret = Secret::from_bytes(&[1; 20]).map_err(|error| error.to_string())?;
    otpauth::UriBuilder::totp(&secret).with_issuer(text).map_err(|error| error.to_string())?;
    not_empty(text)
}

/// Reads a network. A single address is a network too.
fn network(text: &str) -> Result<IpNet, String> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    let network = address.or_else(|_| text.parse()).map(|network: IpNet| network.trunc());
    network.map_err(|_| "is not an address or a network, for example 10.0.0.0/8".into())
}

fn not_empty(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("is empty".into()) } else { Ok(text.to_owned()) }
}
