//! Passwords, by Argon2id.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;
use tokio::task;

use crate::error::ApiError;

/// Characters and bytes of a password (NIST SP 800-63B-4 section 3.1.1.2 asks for 8 at least).
pub const MIN_CHARS: usize = 8;
pub const MAX_LEN: usize = 256;

/// Each hash takes 19 MiB and a core, so only as many run at a time as there are cores.
pub struct Passwords {
    turns: Semaphore,
    /// Of no password: what an unknown user's is compared with, so that it takes as long.
    nobody: String,
}

impl Passwords {
    pub fn new() -> Result<Self, password_hash::Error> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { turns: Semaphore::new(cores), nobody: hash(&[])? })
    }

    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        let _turn = self.turns.acquire().await.map_err(ApiError::unexpected)?;
        task::spawn_blocking(move || hash(password.as_bytes()))
            .await
            .map_err(ApiError::unexpected)?
            .map_err(ApiError::unexpected)
    }

    /// Whether the password is the one that was hashed; never where there is none.
    pub async fn verify(&self, password: String, stored: Option<&str>) -> Result<bool, ApiError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.nobody).to_owned();
        let _turn = self.turns.acquire().await.map_err(ApiError::unexpected)?;
        let right = task::spawn_blocking(move || {
            let stored = PasswordHash::new(&stored)?;
            Argon2::default().verify_password(password.as_bytes(), &stored)
        });
        match right.await.map_err(ApiError::unexpected)? {
            Ok(()) => Ok(known),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(ApiError::unexpected(error)),
        }
    }
}

fn hash(password: &[u8]) -> Result<String, password_hash::Error> {
    Ok(Argon2::default().hash_password(password)?.to_string())
}
