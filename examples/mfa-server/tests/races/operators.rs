//! An operator changes a user who logs in, enrols or is imported at the same time.

use std::sync::Arc;
use std::time::Duration;

use mfa_server::recovery;
use mfa_server::store::{By, Otp, Refresh, Refusal, Settled, Store, User};
use otp_core::recovery::Pepper;
use otp_core::verifier::{State, Verdict};
use sqlx::{AnyConnection, Connection as _, Row as _};
use tokio::task::JoinHandle;

use crate::person::{NOW, Person, accepted, barred, code, conflict, new_otp};

/// An operator resets the account during a login, an enrolment and a confirmation.
pub async fn reset_meanwhile(store: &Arc<Store>) {
    let person = Person::with(store, 2).await;
    let login = person.log_in().await;
    let pending = new_otp(false);
    store.enrol(person.access(), &pending, None).await.unwrap().unwrap();
    let read = person.otps().await;
    assert_eq!(person.reset().await, 2);
    assert!(conflict(person.submit(&read[..2], &code(&read[0]), &login).await));
    assert!(conflict(person.confirm(person.access(), &pending).await));
    for by in [By::Login(&login), person.access()] {
        assert_eq!(store.enrol(by, &pending, None).await.unwrap(), Err(Refusal::Void));
    }
    let disabled = person.otps().await;
    assert!(disabled.len() == 2 && disabled.iter().all(Otp::requires_code));

    // The password is not enough to enrol. A later token of a second factor is, and its
    // confirmation removes what is disabled.
    let (login, anew) = (person.log_in().await, new_otp(false));
    let refused = store.enrol(By::Login(&login), &anew, None).await.unwrap();
    assert_eq!(refused, Err(Refusal::Enrolled));
    let later = By::Access { user_id: &person.id, issued_at: NOW + 1, second_factor: true };
    store.enrol(later, &anew, None).await.unwrap().unwrap();
    assert!(accepted(person.confirm(later, &anew).await));
    assert!(matches!(&person.otps().await[..], [otp] if otp.id == anew.id));
}

/// An operator disables the account while a code is checked. The code is not used up.
pub async fn disabled_meanwhile(store: &Arc<Store>) {
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

/// The same for a login by password only, with its refresh token.
pub async fn ended_meanwhile(store: &Arc<Store>) {
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
    assert!(!enter(&user).await, "all earlier sessions have ended");
    assert!(store.refresh(&refresh.family).await.unwrap().is_none());
    assert!(enter(&read().await).await);
    assert_eq!(person.reset().await, 0);
    assert!(store.refresh(&refresh.family).await.unwrap().is_none());
}

/// An operator unlocks the user while a wrong code is checked. Both changes are stored.
pub async fn unlocked_meanwhile(store: &Arc<Store>) {
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

/// A code is stored after an operator's unlocking has read the state and before it writes. The
/// unlocking then reads again. SQLite has one writer at a time, so this is only for PostgreSQL.
pub async fn unlocked_between(store: &Arc<Store>, url: &str) {
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
    commit_once_it_waits(&mut login, &unlocking).await;
    assert_eq!(unlocking.await.unwrap().unwrap(), 1);
    let state = person.otps().await.remove(0).stored.state;
    assert_eq!((state.failures(), state.next_factor()), (0, Some(18)));
}

/// The recovery code is replaced while an enrolment with a recovery code of its own is
/// confirmed. The replacement is the valid one, and the confirmation does not fail.
pub async fn replaced_between(store: &Arc<Store>, url: &str) {
    let person = Arc::new(Person::with(store, 1).await);
    let pepper = Pepper::new(1, &[7; 32]).unwrap();
    let (waiting, _) = recovery::issue(&pepper, &person.id, None, NOW).unwrap();
    let enrolled = new_otp(false);
    store.enrol(person.access(), &enrolled, Some(&waiting)).await.unwrap().unwrap();

    let mut replacing = AnyConnection::connect(url).await.unwrap();
    sqlx::raw_sql("BEGIN").execute(&mut replacing).await.unwrap();
    for query in [
        "UPDATE users SET blocked = blocked WHERE id = $1",
        "INSERT INTO recovery_codes (id, user_id, active, codes, state, created_at) \
         SELECT 'replaced|' || id, user_id, 1, codes, state, created_at FROM recovery_codes \
         WHERE user_id = $1",
    ] {
        sqlx::query(query).bind(&person.id).execute(&mut replacing).await.unwrap();
    }
    let confirming = tokio::spawn({
        let person = Arc::clone(&person);
        async move { accepted(person.confirm(person.access(), &enrolled).await) }
    });
    commit_once_it_waits(&mut replacing, &confirming).await;
    assert!(confirming.await.unwrap());
    let counts: Vec<_> = store.recoveries(&person.id).await.unwrap();
    let counts: Vec<_> = counts.iter().filter(|recovery| recovery.active).collect();
    assert!(matches!(counts[..], [one] if one.id.starts_with("replaced|")));
}

/// Commits the transaction of this connection after another one waits for a row that it has
/// locked.
async fn commit_once_it_waits<T>(holder: &mut AnyConnection, other: &JoinHandle<T>) {
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query(waiting).fetch_one(&mut *holder).await.unwrap().get::<i64, _>(0) == 0 {
        assert!(!other.is_finished(), "the other transaction did not wait for the row");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    sqlx::raw_sql("COMMIT").execute(holder).await.unwrap();
}

/// A user is deleted while logins begin.
pub async fn deleted_meanwhile(store: &Arc<Store>) {
    let person = Person::with(store, 1).await;
    let login = person.log_in().await;
    let read = person.otps().await;
    assert!(store.delete_user(&person.id).await.unwrap());
    assert!(conflict(person.submit(&read, &code(&read[0]), &login).await));
    assert!(store.user(&person.id).await.unwrap().is_none());
    assert!(!store.delete_user(&person.id).await.unwrap());
}

/// The second authenticator of a user cannot be stored, so the user is not stored either.
pub async fn nothing_half_imported(store: &Arc<Store>) {
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
