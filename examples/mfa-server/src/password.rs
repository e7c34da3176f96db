//! Hashes passwords with Argon2id.

pub mod foreign;

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use argon2::Argon2;
use argon2::password_hash::{self, PasswordHasher as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::error::ApiError;

/// The shortest password in characters, and the longest one in bytes (NIST SP 800-63B-4 section
/// 3.1.1.2 asks for at least 8 characters).
pub const MIN_CHARS: usize = 8;
pub const MAX_LEN: usize = 256;

/// The number of hashes that may wait per core. At 25 ms a hash, the last one waits 0.2 s.
const WAITING_PER_CORE: usize = 8;

/// Runs hashes. Each takes 19 MiB and a core, so the number of hashes that run at the same time
/// is the number of cores. A bounded number of hashes waits, and the server refuses the rest.
pub struct Passwords {
    cores: usize,
    /// One permit for each hash that runs.
    turns: Arc<Semaphore>,
    /// One permit for each hash that runs or waits.
    places: Arc<Semaphore>,
    begun: AtomicU64,
    workers: mpsc::Sender<Work>,
    /// The hash of an empty password. The server checks the password of an unknown user against
    /// it, so that the time is the same.
    nobody: String,
}

/// The work of a thread.
type Work = Box<dyn FnOnce() + Send>;

/// The current number of hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    pub running: usize,
    pub waiting: usize,
}

impl Passwords {
    pub fn new() -> Result<Self, password_hash::Error> {
        Self::on(thread::available_parallelism().map_or(1, usize::from))
    }

    /// Creates the threads for this many hashes at the same time.
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

    /// Returns whether the password matches the stored hash. Without a stored hash it takes as
    /// long, and returns false.
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

    /// Returns how many hashes have started so far.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Runs the work in its turn. If a client hangs up while it waits, its place becomes free.
    /// Work that has started cannot be stopped: it keeps its permits until it ends, even if no
    /// client waits for it any more.
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
            // The client may have hung up.
            let _ = answer.send(done);
        };
        self.workers.send(Box::new(work)).map_err(ApiError::unexpected)?;
        answered.await.map_err(ApiError::unexpected)
    }
}

/// Starts threads that only run hashes. The allocator keeps the freed memory of a thread for
/// its next hash. The runtime may have hundreds of threads, and each would keep 19 MiB or more.
fn workers(count: usize) -> mpsc::Sender<Work> {
    let (sender, receiver) = mpsc::channel::<Work>();
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..count {
        let receiver = Arc::clone(&receiver);
        thread::spawn(move || {
            loop {
                let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(work) = next else { return };
                // After a panic the answer never comes, so the waiting request gets an error.
                // The thread goes on.
                let _ = panic::catch_unwind(AssertUnwindSafe(work));
            }
        });
    }
    sender
}

fn hash(password: &[u8]) -> Result<String, password_hash::Error> {
    Ok(Argon2::default().hash_password(password)?.to_string())
}
