//! A user whose requests go to the store directly.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mfa_server::recovery;
use mfa_server::store::{By, Login, Otp, Refusal, Settled, Store, StoreError, User};
use otp_core::recovery::Pepper;
use otp_core::verifier::{Authenticator, State, Verdict, Verifier};
use otp_core::{Secret, Totp};

pub const NOW: u64 = 1_800_000_000;

/// A user in the database.
pub struct Person {
    pub store: Arc<Store>,
    pub id: String,
}

pub type Answer = Result<Settled<(), Verdict>, StoreError>;

pub fn totp(otp: &Otp) -> Totp {
    // These rows contain their secrets in plain text.
    Totp::new(&Secret::from_bytes(&otp.sealed_secret).unwrap())
}

pub fn code(otp: &Otp) -> String {
    totp(otp).code_at(NOW).unwrap().as_str().to_owned()
}

pub fn new_otp(active: bool) -> Otp {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let state = if active { State::confirmed() } else { State::enrolment() };
    Otp {
        id: format!("totp|dev_{}_{number}", std::process::id()),
        active,
        sealed_secret: format!("a secret of a test {number:020}").into_bytes(),
        stored: state.into(),
        created_at: NOW,
    }
}

impl Person {
    pub async fn with(store: &Arc<Store>, authenticators: usize) -> Self {
        let otps: Vec<Otp> = (0..authenticators).map(|_| new_otp(true)).collect();
        let id = new_otp(true).id.replace("totp", "auth0");
        let email = format!("{}@example.com", id.replace('|', "."));
        let user = User::new(id.clone(), email, "none".into());
        assert!(store.import(&user, &otps, NOW).await.unwrap());
        Self { store: Arc::clone(store), id }
    }

    pub async fn log_in(&self) -> Login {
        let login = Login {
            hash: new_otp(true).id.into_bytes(),
            user_id: self.id.clone(),
            client_id: "shop".into(),
            audience: "api".into(),
            scope: String::new(),
            expires_at: NOW + 600,
            spent: false,
            refresh: None,
        };
        self.store.add_login(&login, NOW).await.unwrap();
        login
    }

    pub async fn otps(&self) -> Vec<Otp> {
        self.store.otps(&self.id).await.unwrap()
    }

    pub async fn failures(&self) -> Vec<u32> {
        self.otps().await.iter().map(|otp| otp.stored.state.failures()).collect()
    }

    /// Checks a code against the states that were read, and stores the result.
    pub async fn submit(&self, read: &[Otp], code: &str, login: &Login) -> Answer {
        let judged =
            |(nth, otp): (usize, &Otp)| Authenticator::new(nth, totp(otp), otp.stored.state);
        let mut authenticators: Vec<_> = read.iter().enumerate().map(judged).collect();
        let attempt = Verifier::DEFAULT.attempt_any(&mut authenticators, code, NOW).unwrap();
        self.store.settle(read, attempt, login, NOW, || Ok::<_, StoreError>(())).await
    }

    pub async fn confirm(&self, by: By<'_>, otp: &Otp) -> Answer {
        let attempt =
            Verifier::DEFAULT.attempt(&totp(otp), otp.stored.state, &code(otp), NOW).unwrap();
        self.store.settle_enrolment(by, otp, attempt, NOW, || Ok::<_, StoreError>(())).await
    }

    /// Resets the user, as an operator does.
    pub async fn reset(&self) -> usize {
        let pepper = Pepper::new(1, &[7; 32]).unwrap();
        let (recovery, _) = recovery::issue(&pepper, &self.id, None, NOW).unwrap();
        self.store.reset(&self.id, &recovery, NOW).await.unwrap()
    }

    pub fn access(&self) -> By<'_> {
        By::Access { user_id: &self.id, issued_at: NOW, second_factor: true }
    }
}

pub fn accepted(answer: Answer) -> bool {
    matches!(answer.unwrap(), Settled::Accepted { .. })
}

pub fn conflict(answer: Answer) -> bool {
    matches!(answer.unwrap(), Settled::Conflict)
}

pub fn barred(answer: Answer, by: Refusal) -> bool {
    matches!(answer.unwrap(), Settled::Barred(refusal, _) if refusal == by)
}
