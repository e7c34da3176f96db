//! Connections: their number, their time limits, and their end.

mod own_answers;

use std::future::poll_fn;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1::{self, Parts};
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

use self::own_answers::OwnAnswers;

/// The largest head of a request, in bytes.
const MAX_HEAD: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;
/// The time for which a client may leave an answer unread.
const UNREAD: Duration = Duration::from_secs(30);
/// The largest number of connections to the metrics listener.
const BESIDE: usize = 16;
/// The pause after the system ran out of file descriptors.
const PAUSE: Duration = Duration::from_millis(500);

/// The limits of connections.
#[derive(Clone, Debug, clap::Args)]
pub struct Limits {
    /// Connections at the same time; further ones wait
    #[arg(
        long,
        env = "CONNECTIONS",
        value_name = "NUMBER",
        default_value_t = 1000,
        value_parser = clap::value_parser!(u32).range(1..=100_000)
    )]
    pub connections: u32,

    /// Seconds for the head of a request, and for which a connection may be idle before it
    #[arg(
        long,
        env = "HEADER_SECONDS",
        value_name = "SECONDS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u64).range(1..=3600)
    )]
    pub header_seconds: u64,

    /// Seconds for a request, including its body and its answer
    #[arg(
        long,
        env = "REQUEST_SECONDS",
        value_name = "SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=3600)
    )]
    pub request_seconds: u64,

    /// Seconds for open requests after a signal to stop
    #[arg(
        long,
        env = "SHUTDOWN_SECONDS",
        value_name = "SECONDS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u64).range(0..=3600)
    )]
    pub shutdown_seconds: u64,
}

/// Catches SIGINT and SIGTERM from the moment it is created.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Starts to catch the signals.
    ///
    /// # Errors
    /// The system's error, if a signal cannot be caught.
    pub fn catch() -> Result<Self, Error> {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The way in which the server stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All open requests were answered.
    Well,
    /// Requests were still open at the deadline.
    Late,
    /// A second signal came.
    AtOnce,
}

/// Serves until a signal comes. Then it accepts no more connections, and closes those without
/// an open request. Open requests may go on until the deadline.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &Limits,
    signals: &mut Signals,
) -> Ended {
    let connections = limits.connections;
    let places = Arc::new(Semaphore::new(connections.try_into().unwrap_or(usize::MAX)));
    let (stop, stopped) = watch::channel(());
    let head = Duration::from_secs(limits.header_seconds);
    tokio::select! {
        () = signals.next() => {}
        () = accept(listener, &places, |stream, peer, place| {
            let connection = connection(stream, peer, router.clone(), head, stopped.clone());
            tokio::spawn(async move {
                connection.await;
                drop(place);
            });
        }) => {}
    }
    tracing::info!("stopping");
    drop(stop);
    tokio::select! {
        all = timeout(Duration::from_secs(limits.shutdown_seconds), places.acquire_many(connections)) => {
            if all.is_ok() { return Ended::Well }
            let open = limits.connections as usize - places.available_permits();
            tracing::warn!(open, "requests were open at the deadline and were dropped");
            Ended::Late
        }
        () = signals.next() => Ended::AtOnce,
    }
}

/// Serves a few connections at the same time, as long as the future is polled. It is for a
/// monitoring system.
pub async fn serve_beside(listener: TcpListener, router: Router, limits: &Limits) {
    let places = Arc::new(Semaphore::new(BESIDE));
    let head = Duration::from_secs(limits.header_seconds);
    let (_stop, stopped) = watch::channel(());
    accept(listener, &places, |stream, peer, place| {
        let connection = connection(stream, peer, router.clone(), head, stopped.clone());
        tokio::spawn(async move {
            connection.await;
            drop(place);
        });
    })
    .await;
}

/// Accepts connections forever, and holds one permit for each.
async fn accept(
    listener: TcpListener,
    places: &Arc<Semaphore>,
    mut take: impl FnMut(TcpStream, SocketAddr, OwnedSemaphorePermit),
) {
    loop {
        if places.available_permits() == 0 {
            tracing::warn!("all connections are taken: further ones wait (--connections)");
        }
        // The semaphore is never closed.
        let Ok(place) = Arc::clone(places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => take(stream, peer, place),
            // The client hung up while it waited.
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections: trying again");
                sleep(PAUSE).await;
            }
        }
    }
}

fn is_of_the_client(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}

/// Answers the requests of one connection, until the client or the server ends it.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    head: Duration,
    mut stopped: watch::Receiver<()>,
) {
    // Answers are written in one piece. If the system refuses this option, they arrive slightly
    // later.
    let _slower = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(UNREAD));
    let asked = AtomicBool::new(false);
    let router = TowerToHyperService::new(router);
    let service = service_fn(|mut request: Request<Incoming>| {
        asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.call(request)
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(OwnAnswers::new(Box::pin(stream))), service);

    let mut done = tokio::select! {
        biased;
        done = &mut connection => Some(done),
        _ = stopped.changed() => None,
    };
    if done.is_none() {
        Pin::new(&mut connection).graceful_shutdown();
        // Polls once more, because a request may have arrived meanwhile. Half a head is not
        // enough to wait for.
        done = match poll_fn(|context| Poll::Ready(Pin::new(&mut connection).poll(context))).await {
            Poll::Ready(done) => Some(done),
            Poll::Pending if asked.load(Ordering::Relaxed) => Some((&mut connection).await),
            Poll::Pending => None,
        };
    }
    let Parts { io, read_buf, .. } = connection.into_parts();
    let mut io = io.into_inner();
    if let Some(Err(error)) = done {
        tracing::debug!(%error, "a connection ended");
        // An idle connection gets no answer, because its client may be about to send a request.
        if error.is_timeout() && !read_buf.is_empty() {
            io.refuse(StatusCode::REQUEST_TIMEOUT).await;
        }
    }
    tokio::select! {
        biased;
        () = io.linger() => {}
        _ = stopped.changed() => {}
    }
}
