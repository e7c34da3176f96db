//! The program: reads its flags, opens the database, and serves until a signal stops it.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::{env, io, panic};

use clap::Parser as _;
use mfa_server::admin::{self, Told, Tools};
use mfa_server::app::{self, App, unix_time};
use mfa_server::audit::{Audit, Event};
use mfa_server::config::{Command, Config, LogFormat};
use mfa_server::guesses::Guesses;
use mfa_server::keyring::Keyring;
use mfa_server::keys::Keys;
use mfa_server::metrics::{self, Metrics};
use mfa_server::password::Passwords;
use mfa_server::refresh::Lifetimes;
use mfa_server::rotate;
use mfa_server::serve::{self, Ended, Signals};
use mfa_server::settings::Settings;
use mfa_server::store::Store;
use mfa_server::tokens::{Tokens, check_keys};
use mfa_server::try_it::TryIt;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let config = Config::parse();
    // PostgreSQL sends a notice at each start that a table already exists.
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx::postgres::notice=warn"));
    let log = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_env_filter(filter);
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    // The text of a panic may contain parts of a request. The log only gets the place of the
    // panic.
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "the server panicked");
    }));
    // As in the `otp` tool: 1 means "no", and 2 means an error.
    let is_admin = matches!(config.command, Some(Command::Admin(_)));
    let failed = if is_admin { ExitCode::from(2) } else { ExitCode::FAILURE };
    let done = Runtime::new().map_err(Into::into).and_then(|runtime| {
        let done = runtime.block_on(run(config));
        // Does not wait for a password hash if no request needs its result any more.
        runtime.shutdown_background();
        done
    });
    match done {
        Ok(status) => status,
        Err(error) => {
            eprintln!("mfa-server: {error}");
            failed
        }
    }
}

async fn run(config: Config) -> Result<ExitCode, Box<dyn Error>> {
    // Catches signals before the server listens, so that a signal during the start stops it
    // too.
    let mut signals = Signals::catch()?;
    // A server creates its database and its key file. For a command, a missing file means a
    // wrong name.
    let is_server = config.command.is_none();
    if !is_server && !config.database_url.may_exist() {
        return Err(format!("the database {} does not exist", config.database_url.place()).into());
    }
    // A server that logs to a terminal ends when the terminal closes. Otherwise SIGHUP is a
    // reload, also during the start.
    let is_kept = config.audit_log.is_some() || !io::stderr().is_terminal();
    let hangup = if config.command.is_none() && is_kept {
        Some(signal(SignalKind::hangup())?)
    } else {
        None
    };
    let is_demo = config.is_demo();
    let mut settings = Settings::load(&config)?;
    let audit = match &config.audit_log {
        None => Audit::to_log(),
        Some(file) => Audit::to_file(file)
            .map_err(|error| format!("audit log {}: {error}", file.display()))?,
    };
    let poll = Duration::from_secs(config.key_poll_seconds);
    let given = env::var("MFA_KEY").ok();
    let load = if is_server { Keys::load } else { Keys::load_existing };
    let keys = load(given.as_deref(), &config.key_file)?.with_old(
        env::var("MFA_KEY_OLD").ok().as_deref(),
        config.old_key_file.as_deref(),
        poll.saturating_mul(2),
    )?;
    let store = Store::open(&config.database_url, config.database_connections).await?;
    check_keys(&store, &keys).await?;
    let alg = config.signing_alg;
    match &config.command {
        None => {}
        Some(Command::Keys(command)) => {
            let done = rotate::run(command, &store, &keys, alg, poll).await?;
            if let Some(event) = done.event {
                Event::new(event).operator(&admin::operator()).write(&audit);
            }
            return tell(Told::Done(done.said));
        }
        Some(Command::Admin(command)) => {
            let operator = admin::operator();
            let tools = Tools { store: &store, keys: &keys, alg, audit: &audit, operator };
            return tell(admin::run(command, &tools).await?);
        }
    }
    let keyring = Arc::new(Keyring::load(&store, &keys, alg, unix_time()?).await?);

    let listener = listen(config.listen).await?;
    let address = listener.local_addr()?;
    let beside = match config.metrics_listen {
        None => None,
        Some(address) => Some(listen(address).await?),
    };
    let base = format!("http://{address}/");
    let issuer = config.issuer.clone().map_or_else(|| base.clone(), String::from);

    settings.check_audiences(&issuer)?;
    let (demo_id, demo_secret) = keys.demo_client();
    if is_demo {
        settings.add_demo(&demo_id, &demo_secret)?;
    }
    let metrics = Metrics::new(&audit);
    let app = App {
        tokens: Tokens::new(issuer, Arc::clone(&keyring)),
        keyring,
        settings,
        passwords: Passwords::new()?,
        guesses: Guesses::new(config.rates)?,
        tenant: config.tenant.clone(),
        mfa: config.mfa,
        mfa_token_seconds: config.mfa_token_seconds,
        audit,
        metrics,
        trusted_proxies: config.trusted_proxy,
        deadline: Duration::from_secs(config.limits.request_seconds),
        refresh: Lifetimes { absolute: config.refresh_seconds, idle: config.refresh_idle_seconds },
        store,
        keys,
    };
    let app = Arc::new(app);
    let following = app::follow_keys(&app, poll);
    if let Some(hangup) = hangup {
        tokio::spawn(reopen(Arc::clone(&app), hangup));
    }

    let metrics = beside.as_ref().map(TcpListener::local_addr).transpose()?;
    tracing::info!(
        %address,
        metrics = metrics.map(tracing::field::display),
        version = env!("CARGO_PKG_VERSION"),
        database = config.database_url.kind(),
        "started"
    );
    let mut welcome = format!("Listening on {base}\n");
    if is_demo {
        welcome += &format!("client_id {demo_id}\nclient_secret {demo_secret}\n");
    }
    // The printed commands begin with a sign-up, and need one client that may use every grant.
    if let Some(file) = &config.config {
        welcome += &format!("Clients are those of {}\n", file.display());
    } else if app.settings.sign_up {
        let mfa_audience = app.tokens.mfa_audience();
        let try_it = TryIt {
            base: &base,
            page: app.settings.page,
            mfa_audience: &mfa_audience,
            client_id: config.client_id.as_ref().unwrap_or(&demo_id),
            client_secret: is_demo.then_some(demo_secret.as_str()),
        };
        welcome += &try_it.to_string();
    }
    // The server runs even if nothing reads its standard output.
    let _unread = writeln!(io::stdout(), "{welcome}");

    let beside = beside.map(|listener| {
        let (router, limits) = (metrics::router(Arc::clone(&app)), config.limits.clone());
        tokio::spawn(async move { serve::serve_beside(listener, router, &limits).await })
    });
    let ended =
        serve::serve(listener, app::router(Arc::clone(&app)), &config.limits, &mut signals).await;
    beside.inspect(JoinHandle::abort);
    following.abort();
    if ended == Ended::Well {
        app.store.close().await;
    }
    tracing::info!(?ended, "stopped");
    Ok(if ended == Ended::AtOnce { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| format!("cannot listen on {address}: {error}"))
}

fn tell(told: Told) -> Result<ExitCode, Box<dyn Error>> {
    match told {
        Told::Done(said) => {
            writeln!(io::stdout(), "{said}")?;
            Ok(ExitCode::SUCCESS)
        }
        Told::No(said) => {
            writeln!(io::stderr(), "{said}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Reopens the file of the audit log at each SIGHUP, because `logrotate` or a person has
/// renamed it. Does nothing if the audit log does not go to a file.
async fn reopen(app: Arc<App>, mut hangup: Signal) {
    while hangup.recv().await.is_some() {
        match app.audit.reopen() {
            Ok(true) => tracing::info!("the audit log was reopened"),
            Ok(false) => tracing::info!(
                "SIGHUP: the audit log does not go to a file, so nothing was reopened"
            ),
            Err(error) => tracing::error!(%error, "the audit log cannot be reopened"),
        }
    }
}
