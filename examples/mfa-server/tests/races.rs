//! One user, two requests at the same moment, or an operator meanwhile: on SQLite, and on PostgreSQL where
//! `TEST_POSTGRES_URL` names a database of tests. The order is forced: both have read before either writes.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mfa_server::store::{By, Login, MOST, Otp, Refresh, Refusal, Settled, Store, StoreError, User};
use otp_core::verifier::{Authenticator, State, Verdict, Verifier};
use otp_core::{Secret, Totp};
use sqlx::{AnyConnection, Connection as _, Row as _};

const NOW: u64 = 1_800_000_000;

/// A user, and the authenticators that belong to the rows in their order.
struct Person {
    store: Arc<Store>,
    id: String,
}

type Answer = Result<Settled<(), Verdict>, StoreError>;

fn totp(otp: &Otp) -> Totp {
    // These rows hold their secrets as they are.
    Totp::new(&Secret::from_bytes(&otp.sealed_secret).unwrap())
}

fn code(otp: &Otp) -> String {
    totp(otp).code_at(NOW).unwrap().as_str().to_owned()
}

fn new_otp(active: bool) -> Otp {
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
    async fn with(store: &Arc<Store>, authenticators: usize) -> Self {
        let otps: Vec<Otp> = (0..authenticators).map(|_| new_otp(true)).collect();
        let id = new_otp(true).id.replace("totp", "auth0");
        let email = format!("{}@example.com", id.replace('|', "."));
        let user = User::new(id.clone(), email, "none".into());
        assert!(store.import(&user, &otps, NOW).await.unwrap());
        Self { store: Arc::clone(store), id }
    }

    async fn log_in(&self) -> Login {
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

    async fn otps(&self) -> Vec<Otp> {
        self.store.otps(&self.id).await.unwrap()
    }

    async fn failures(&self) -> Vec<u32> {
        self.otps().await.iter().map(|otp| otp.stored.state.failures()).collect()
    }

    /// Judges a code for what was read, and stores what follows.
    async fn submit(&self, read: &[Otp], code: &str, login: &Login) -> Answer {
        let mut authenticators: Vec<_> =
            read.iter().map(|otp| Authenticator::new(totp(otp), otp.stored.state)).collect();
        let attempt = Verifier::DEFAULT.attempt_any(&mut authenticators, code, NOW).unwrap();
        self.store.settle(read, attempt, login, NOW, || Ok::<_, StoreError>(())).await
    }

    async fn confirm(&self, by: By<'_>, otp: &Otp) -> Answer {
        let attempt =
            Verifier::DEFAULT.attempt(&totp(otp), otp.stored.state, &code(otp), NOW).unwrap();
        self.store.settle_enrolment(by, otp, attempt, NOW, || Ok::<_, StoreError>(())).await
    }

    fn access(&self) -> By<'_> {
        By::Access { user_id: &self.id, issued_at: NOW, second_factor: true }
    }
}

fn accepted(answer: Answer) -> bool {
    matches!(answer.unwrap(), Settled::Accepted { .. })
}

fn conflict(answer: Answer) -> bool {
    matches!(answer.unwrap(), Settled::Conflict)
}

fn barred(answer: Answer, by: Refusal) -> bool {
    matches!(answer.unwrap(), Settled::Barred(refusal, _) if refusal == by)
}

/// Codes of two authenticators at once. Each counts once, and neither as a failure of the other.
async fn two_codes(store: &Arc<Store>) {
    let person = Person::with(store, 2).await;
    let (first, second) = (person.log_in().await, person.log_in().await);
    let read = person.otps().await;
    assert!(accepted(person.submit(&read, &code(&read[0]), &first).await));
    assert!(accepted(person.submit(&read, &code(&read[1]), &second).await));
    assert_eq!(person.failures().await, [0, 0]);
    for otp in &read {
        let login = person.log_in().await;
        let again = person.submit(&person.otps().await, &code(otp), &login).await.unwrap();
        assert!(matches!(again, Settled::Refused(Verdict::Replayed, _)));
    }
}

/// The same after a wrong code: the success of one clears the failures of both, so the other comes second,
/// and is judged again.
async fn two_codes_after_a_wrong_one(store: &Arc<Store>) {
    let person = Person::with(store, 2).await;
    let login = person.log_in().await;
    let wrong = person.submit(&person.otps().await, "000000", &login).await.unwrap();
    assert!(matches!(wrong, Settled::Refused(Verdict::Rejected(_), _)));
    assert_eq!(person.failures().await, [1, 1]);

    let (first, second) = (person.log_in().await, person.log_in().await);
    let read = person.otps().await;
    assert!(accepted(person.submit(&read, &code(&read[0]), &first).await));
    assert!(conflict(person.submit(&read, &code(&read[1]), &second).await));
    assert_eq!(person.failures().await, [0, 0]);
    assert!(accepted(person.submit(&person.otps().await, &code(&read[1]), &second).await));
}

/// One code by two mfa_tokens, and two codes by one mfa_token.
async fn one_of_each(store: &Arc<Store>) {
    let person = Person::with(store, 2).await;
    let (first, second) = (person.log_in().await, person.log_in().await);
    let read = person.otps().await;
    assert!(accepted(person.submit(&read, &code(&read[0]), &first).await));
    assert!(conflict(person.submit(&read, &code(&read[0]), &second).await));
    let read = person.otps().await;
    assert!(barred(person.submit(&read, &code(&read[1]), &first).await, Refusal::Void));
    // It was not used up.
    assert!(accepted(person.submit(&person.otps().await, &code(&read[1]), &second).await));
}

/// An authenticator is removed while a code is judged: nothing of the judgement is stored.
async fn removed_meanwhile(store: &Arc<Store>) {
    let person = Person::with(store, 2).await;
    let login = person.log_in().await;
    let read = person.otps().await;
    store.remove(person.access(), &read[1].id).await.unwrap().unwrap();
    assert!(conflict(person.submit(&read, &code(&read[1]), &login).await));
    assert!(conflict(person.submit(&read, "000000", &login).await));
    assert_eq!(person.failures().await, [0], "all or none");
    assert!(accepted(person.submit(&person.otps().await, &code(&read[0]), &login).await));
}

/// Two are removed at once, and they were the last: the recovery code goes with them, and so does what waits
/// for its first code.
async fn the_last_two_are_removed(store: &Arc<Store>) {
    let person = Person::with(store, 2).await;
    let otps = person.otps().await;
    let pending = new_otp(false);
    store.enrol(person.access(), &pending, None).await.unwrap().unwrap();
    let (first, second) = tokio::join!(
        store.remove(person.access(), &otps[0].id),
        store.remove(person.access(), &otps[1].id),
    );
    first.unwrap().unwrap();
    second.unwrap().unwrap();
    assert!(person.otps().await.is_empty());
}

/// Many enrol and confirm at once, and ten are confirmed in the end.
async fn at_most_ten(store: &Arc<Store>) {
    let person = Arc::new(Person::with(store, MOST - 3).await);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let person = Arc::clone(&person);
            tokio::spawn(async move {
                loop {
                    let otp = new_otp(false);
                    let by = person.access();
                    match person.store.enrol(by, &otp, None).await.unwrap() {
                        // Of another task: it was faster with its own, or takes this one away.
                        Ok(()) => drop(person.confirm(by, &otp).await.unwrap()),
                        Err(refusal) => return assert_eq!(refusal, Refusal::Full),
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let otps = person.otps().await;
    assert_eq!(otps.iter().filter(|otp| otp.active).count(), MOST);
}

/// There is room for one more, and somebody else takes it while the code is judged.
async fn the_last_room_is_taken(store: &Arc<Store>) {
    let person = Person::with(store, 0).await;
    let login = person.log_in().await;
    let first = new_otp(false);
    store.enrol(By::Login(&login), &first, None).await.unwrap().unwrap();
    assert!(accepted(person.confirm(By::Login(&login), &first).await));
    // A password adds the first one only, and a spent mfa_token none.
    let other = person.log_in().await;
    let second = new_otp(false);
    for (login, refusal) in [(&login, Refusal::Void), (&other, Refusal::Enrolled)] {
        let refused = store.enrol(By::Login(login), &second, None).await.unwrap();
        assert_eq!(refused, Err(refusal));
    }
    store.enrol(person.access(), &second, None).await.unwrap().unwrap();
    assert!(barred(person.confirm(By::Login(&other), &second).await, Refusal::Enrolled));
    assert!(accepted(person.confirm(person.access(), &second).await));
}

/// An operator resets the account while a login, an enrolment and a confirmation are on their way.
async fn reset_meanwhile(store: &Arc<Store>) {
    let person = Person::with(store, 2).await;
    let login = person.log_in().await;
    let pending = new_otp(false);
    store.enrol(person.access(), &pending, None).await.unwrap().unwrap();
    let read = person.otps().await;
    store.reset(&person.id, NOW).await.unwrap();
    assert!(conflict(person.submit(&read[..2], &code(&read[0]), &login).await));
    assert!(conflict(person.confirm(person.access(), &pending).await));
    for by in [By::Login(&login), person.access()] {
        assert_eq!(store.enrol(by, &pending, None).await.unwrap(), Err(Refusal::Void));
    }
    assert!(person.otps().await.is_empty());

    // The next login enrols anew, and so does a token of later.
    let login = person.log_in().await;
    let anew = new_otp(false);
    store.enrol(By::Login(&login), &anew, None).await.unwrap().unwrap();
    assert!(accepted(person.confirm(By::Login(&login), &anew).await));
    let later = By::Access { user_id: &person.id, issued_at: NOW + 1, second_factor: true };
    store.enrol(later, &new_otp(false), None).await.unwrap().unwrap();
}

/// An operator disables the account while a code is judged. The code is not used up.
async fn disabled_meanwhile(store: &Arc<Store>) {
    let person = Person::with(store, 1).await;
    let login = person.log_in().await;
    let read = person.otps().await;
    assert!(store.block(&person.id, true, NOW).await.unwrap());
    assert!(barred(person.submit(&read, &code(&read[0]), &login).await, Refusal::Void));
    let login = person.log_in().await; // by a request that had read the user before
    assert!(barred(person.submit(&read, &code(&read[0]), &login).await, Refusal::Void));
    assert!(store.block(&person.id, false, NOW).await.unwrap());
    assert!(accepted(person.submit(&read, &code(&read[0]), &login).await));
}

/// The same for a login by a password alone, with its refresh token.
async fn ended_meanwhile(store: &Arc<Store>) {
    let person = Person::with(store, 0).await;
    let refresh = Refresh {
        family: new_otp(true).id.into_bytes(),
        present: b"present".to_vec(),
        user_id: person.id.clone(),
        client_id: "shop".into(),
        audience: "api".into(),
        scope: "offline_access".into(),
        amr: "pwd".into(),
        idle_until: NOW + 600,
        ends_at: NOW + 600,
    };
    let enter = async |user: &User| store.enter(user, Some(&refresh), NOW).await.unwrap();
    let read = async || store.user(&person.id).await.unwrap().unwrap();
    let user = read().await;
    store.block(&person.id, true, NOW).await.unwrap();
    assert!(!enter(&user).await);
    store.block(&person.id, false, NOW).await.unwrap();
    assert!(!enter(&user).await, "all sessions of before have ended");
    assert!(store.refresh(&refresh.family).await.unwrap().is_none());
    assert!(enter(&read().await).await);
    store.reset(&person.id, NOW).await.unwrap();
    assert!(store.refresh(&refresh.family).await.unwrap().is_none());
}

/// An operator unlocks while a wrong code is judged: neither is lost.
async fn unlocked_meanwhile(store: &Arc<Store>) {
    let person = Person::with(store, 1).await;
    let login = person.log_in().await;
    let state = person.otps().await[0].stored.state;
    let id = &person.otps().await[0].id;
    assert!(store.compare_and_swap(id, state, state.with_failures(99)).await.unwrap());
    let read = person.otps().await;
    assert_eq!(store.unlock(&person.id).await.unwrap(), 1);
    assert!(conflict(person.submit(&read, "000000", &login).await));
    let wrong = person.submit(&person.otps().await, "000000", &login).await.unwrap();
    assert!(matches!(wrong, Settled::Refused(Verdict::Rejected(_), _)));
    assert_eq!(person.failures().await, [1]);
    assert_eq!(store.unlock(&person.id).await.unwrap(), 1);
    assert_eq!(store.unlock(&person.id).await.unwrap(), 0);
}

/// A code is stored between the moments at which an operator's unlocking reads and writes: it reads again. SQLite has
/// one writer at a time, so this is for PostgreSQL.
async fn unlocked_between(store: &Arc<Store>, url: &str) {
    let person = Person::with(store, 1).await;
    let id = person.otps().await.remove(0).id;
    let locked = State::confirmed().with_failures(5);
    assert!(store.compare_and_swap(&id, State::confirmed(), locked).await.unwrap());
    let used = State::confirmed().with_failures(1).with_last_used(17);
    let mut login = AnyConnection::connect(url).await.unwrap();
    sqlx::raw_sql("BEGIN").execute(&mut login).await.unwrap();
    sqlx::query("UPDATE otp_authenticators SET state = $1 WHERE id = $2")
        .bind(used.to_bytes().as_ref())
        .bind(&id)
        .execute(&mut login)
        .await
        .unwrap();
    let operator = Arc::clone(store);
    let user_id = person.id.clone();
    let unlocking = tokio::spawn(async move { operator.unlock(&user_id).await });
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query(waiting).fetch_one(&mut login).await.unwrap().get::<i64, _>(0) == 0 {
        assert!(!unlocking.is_finished(), "it did not wait for the row");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    sqlx::raw_sql("COMMIT").execute(&mut login).await.unwrap();
    assert_eq!(unlocking.await.unwrap().unwrap(), 1);
    let state = person.otps().await.remove(0).stored.state;
    assert_eq!((state.failures(), state.next_factor()), (0, Some(18)));
}

/// A user is deleted while logins begin.
async fn deleted_meanwhile(store: &Arc<Store>) {
    let person = Person::with(store, 1).await;
    let login = person.log_in().await;
    let read = person.otps().await;
    assert!(store.delete_user(&person.id).await.unwrap());
    assert!(conflict(person.submit(&read, &code(&read[0]), &login).await));
    assert!(store.user(&person.id).await.unwrap().is_none());
    assert!(!store.delete_user(&person.id).await.unwrap());
}

/// The second of a user's authenticators cannot be stored, so neither is the user.
async fn nothing_half_imported(store: &Arc<Store>) {
    let taken = new_otp(true);
    let user = |otp: &Otp| {
        let id = otp.id.replace("totp", "auth0");
        User::new(id.clone(), format!("{}@example.com", id.replace('|', ".")), "none".into())
    };
    assert!(store.import(&user(&taken), std::slice::from_ref(&taken), NOW).await.unwrap());
    let second = new_otp(true);
    let (id, other) = (second.id.clone(), user(&second));
    store.import(&other, &[second, taken], NOW).await.unwrap_err();
    assert!(store.user_by_email(&other.email).await.unwrap().is_none());
    assert!(store.state(&id).await.unwrap().is_none());
}

async fn all(url: &str) {
    let store = Arc::new(Store::open(&url.parse().unwrap(), 8).await.unwrap());
    two_codes(&store).await;
    two_codes_after_a_wrong_one(&store).await;
    one_of_each(&store).await;
    removed_meanwhile(&store).await;
    the_last_two_are_removed(&store).await;
    at_most_ten(&store).await;
    the_last_room_is_taken(&store).await;
    reset_meanwhile(&store).await;
    disabled_meanwhile(&store).await;
    ended_meanwhile(&store).await;
    unlocked_meanwhile(&store).await;
    deleted_meanwhile(&store).await;
    nothing_half_imported(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite() {
    let folder = tempfile::tempdir().unwrap();
    all(&format!("sqlite://{}", folder.path().join("test.db").display())).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs TEST_POSTGRES_URL"]
async fn postgres() {
    let url = env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL");
    all(&url).await;
    let store = Arc::new(Store::open(&url.parse().unwrap(), 8).await.unwrap());
    unlocked_between(&store, &url).await;
}
