//! The program: reads its flags, opens the database, and serves until it is told to stop.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::{env, io};

use clap::Parser as _;
use mfa_server::app::{self, App, unix_time};
use mfa_server::client::Clients;
use mfa_server::config::{Command, Config, LogFormat};
use mfa_server::keyring::Keyring;
use mfa_server::keys::Keys;
use mfa_server::password::Passwords;
use mfa_server::rotate;
use mfa_server::store::Store;
use mfa_server::tokens::{Tokens, check_keys};
use mfa_server::try_it::TryIt;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// The API of the demo tenant: that of Auth0's documents.
const DEMO_API: &str = "https://someapi.com/api";

#[tokio::main]
async fn main() -> ExitCode {
    let config = Config::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_env_filter(filter);
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    match serve(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mfa-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: Config) -> Result<(), Box<dyn Error>> {
    // From now on, and not from when it listens: whoever sees it start may stop it at once.
    let stop = stop()?;
    let poll = Duration::from_secs(config.key_poll_seconds);
    let keys = Keys::load(env::var("MFA_KEY").ok().as_deref(), &config.key_file)?.with_old(
        env::var("MFA_KEY_OLD").ok().as_deref(),
        config.old_key_file.as_deref(),
        poll.saturating_mul(2),
    )?;
    let store = Store::open(&config.database_url, config.database_connections).await?;
    check_keys(&store, &keys).await?;
    let alg = config.signing_alg;
    if let Some(Command::Keys(command)) = &config.command {
        let done = rotate::run(command, &store, &keys, alg, poll).await?;
        println!("{done}");
        return Ok(());
    }
    let keyring = Arc::new(Keyring::load(&store, &keys, alg, unix_time()?).await?);

    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    let address = listener.local_addr()?;
    let base = format!("http://{address}/");
    let issuer = config.issuer.map_or_else(|| base.clone(), String::from);

    let demo = keys.demo_client();
    let is_demo = config.client_id.is_none();
    let (client_id, client_secret) = config.client_id.zip(config.client_secret).unwrap_or(demo);

    let mut audiences = config.audience;
    if is_demo && audiences.is_empty() {
        audiences.push(DEMO_API.into());
    }

    let app = App {
        tokens: Tokens::new(issuer, Arc::clone(&keyring)),
        keyring,
        clients: Clients::new(client_id.clone(), &client_secret),
        passwords: Passwords::new()?,
        tenant: config.tenant,
        audiences,
        mfa: config.mfa,
        mfa_token_seconds: config.mfa_token_seconds,
        store,
        keys,
    };
    let app = Arc::new(app);
    let following = app::follow_keys(&app, poll);

    let shown = is_demo.then_some(client_secret.as_str());
    let mfa_audience = app.tokens.mfa_audience();
    let try_it = TryIt {
        base: &base,
        mfa_audience: &mfa_audience,
        client_id: &client_id,
        client_secret: shown,
    };
    let mut welcome = format!("Listening on {base}\n");
    if is_demo {
        welcome += &format!("client_id {client_id}\nclient_secret {client_secret}\n");
    }
    // It serves whether anybody reads this or not.
    let _unread = writeln!(io::stdout(), "{welcome}{try_it}");

    axum::serve(listener, app::router(Arc::clone(&app))).with_graceful_shutdown(stop).await?;
    following.abort();
    app.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Ends at the first SIGINT or SIGTERM. Requests that are being answered come to their end.
fn stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}
