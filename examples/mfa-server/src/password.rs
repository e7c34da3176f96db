//! Passwords, by Argon2id.

pub mod foreign;

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use argon2::Argon2;
use argon2::password_hash::{self, PasswordHasher as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::error::ApiError;

/// Characters and bytes of a password (NIST SP 800-63B-4 section 3.1.1.2 asks for 8 at least).
pub const MIN_CHARS: usize = 8;
pub const MAX_LEN: usize = 256;

/// How many hashes wait for each core. At 25 ms a hash, the last one waits 0.2 s.
const WAITING_PER_CORE: usize = 8;

/// Each hash takes 19 MiB and a core, so only as many run at a time as there are cores. A bounded number
/// waits; the server refuses the rest.
pub struct Passwords {
    cores: usize,
    /// One for each hash that runs.
    turns: Arc<Semaphore>,
    /// One for each hash that runs or waits.
    places: Arc<Semaphore>,
    begun: AtomicU64,
    workers: mpsc::Sender<Work>,
    /// Of no password: what an unknown user's is compared with, so that it takes as long.
    nobody: String,
}

/// What a thread does in its turn.
type Work = Box<dyn FnOnce() + Send>;

/// What there is to do at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    pub running: usize,
    pub waiting: usize,
}

impl Passwords {
    pub fn new() -> Result<Self, password_hash::Error> {
        Self::on(thread::available_parallelism().map_or(1, usize::from))
    }

    /// Lets as many hashes run at a time.
    pub fn on(cores: usize) -> Result<Self, password_hash::Error> {
        Ok(Self {
            cores,
            turns: Arc::new(Semaphore::new(cores)),
            places: Arc::new(Semaphore::new(cores * (1 + WAITING_PER_CORE))),
            begun: AtomicU64::new(0),
            workers: workers(cores),
            nobody: hash(&[])?,
        })
    }

    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        self.work(move || hash(password.as_bytes())).await?.map_err(ApiError::unexpected)
    }

    /// Whether the password is the one that was hashed; never where there is none.
    pub async fn verify(&self, password: String, stored: Option<&str>) -> Result<bool, ApiError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.nobody).to_owned();
        let right = self.work(move || foreign::is_right(password.as_bytes(), &stored)).await?;
        Ok(right.map_err(ApiError::unexpected)? && known)
    }

    pub fn load(&self) -> Load {
        let places = self.cores * (1 + WAITING_PER_CORE);
        let running = self.cores.saturating_sub(self.turns.available_permits());
        let taken = places.saturating_sub(self.places.available_permits());
        Load { running, waiting: taken.saturating_sub(running) }
    }

    /// How many hashes there have been.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Runs the work when it is its turn. A client that hangs up while it waits gives up its place. Work that
    /// has begun cannot be stopped: it keeps its turn until it ends, whether anybody waits for it or not.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| ApiError::overloaded())?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(ApiError::unexpected)?;
        self.begun.fetch_add(1, Ordering::Relaxed);
        let until_its_end: [OwnedSemaphorePermit; 2] = [turn, place];
        let (answer, answered) = oneshot::channel();
        let work = move || {
            let done = work();
            drop(until_its_end);
            // Nobody may wait for it any more.
            let _ = answer.send(done);
        };
        self.workers.send(Box::new(work)).map_err(ApiError::unexpected)?;
        answered.await.map_err(ApiError::unexpected)
    }
}

/// Threads for hashes and nothing else. The allocator keeps what a thread has freed for its next hash: of the
/// runtime's threads, of which there may be hundreds, each would keep 19 MiB or more.
fn workers(count: usize) -> mpsc::Sender<Work> {
    let (sender, receiver) = mpsc::channel::<Work>();
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..count {
        let receiver = Arc::clone(&receiver);
        thread::spawn(move || {
            loop {
                let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(work) = next else { return };
                // Whoever waits is told, as the answer never comes; the thread goes on.
                let _ = panic::catch_unwind(AssertUnwindSafe(work));
            }
        });
    }
    sender
}

fn hash(password: &[u8]) -> Result<String, password_hash::Error> {
    Ok(Argon2::default().hash_password(password)?.to_string())
}
