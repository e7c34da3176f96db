//! Two requests of one user at the same time. The order is forced: both have read before either
//! of them writes.

use std::sync::Arc;
use std::time::Duration;

use mfa_server::store::{By, MOST, Refusal, Settled, Store};
use otp_core::verifier::Verdict;

use crate::person::{Person, accepted, barred, code, conflict, new_otp};

/// Codes of two authenticators at the same time. Each is accepted, and none is a failure of the
/// other authenticator.
pub async fn two_codes(store: &Arc<Store>) {
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

/// The same after a wrong code. The success of one code clears the failures of both
/// authenticators. So the other request loses the swap, and its code is checked again.
pub async fn two_codes_after_a_wrong_one(store: &Arc<Store>) {
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

/// One code with two mfa_tokens, and two codes with one mfa_token.
pub async fn one_of_each(store: &Arc<Store>) {
    let person = Person::with(store, 2).await;
    let (first, second) = (person.log_in().await, person.log_in().await);
    let read = person.otps().await;
    assert!(accepted(person.submit(&read, &code(&read[0]), &first).await));
    assert!(conflict(person.submit(&read, &code(&read[0]), &second).await));
    let read = person.otps().await;
    assert!(barred(person.submit(&read, &code(&read[1]), &first).await, Refusal::Void));
    // The code was not used up.
    assert!(accepted(person.submit(&person.otps().await, &code(&read[1]), &second).await));
}

/// An authenticator is removed while a code is checked. No result of the check is stored.
pub async fn removed_meanwhile(store: &Arc<Store>) {
    let person = Person::with(store, 2).await;
    let login = person.log_in().await;
    let read = person.otps().await;
    store.remove(person.access(), &read[1].id).await.unwrap().unwrap();
    assert!(conflict(person.submit(&read, &code(&read[1]), &login).await));
    assert!(conflict(person.submit(&read, "000000", &login).await));
    assert_eq!(person.failures().await, [0], "all or none");
    assert!(accepted(person.submit(&person.otps().await, &code(&read[0]), &login).await));
}

/// The last two authenticators are removed at the same time. The recovery code is removed with
/// them, and so is a waiting enrolment.
pub async fn the_last_two_are_removed(store: &Arc<Store>) {
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

/// Many tasks enrol and confirm at the same time. At the end, ten authenticators are confirmed.
pub async fn at_most_ten(store: &Arc<Store>) {
    let person = Arc::new(Person::with(store, MOST - 3).await);
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let person = Arc::clone(&person);
            tokio::spawn(async move {
                loop {
                    let otp = new_otp(false);
                    let by = person.access();
                    match person.store.enrol(by, &otp, None).await.unwrap() {
                        // Another task may be faster with its own enrolment, or may replace
                        // this one. Without a pause, the tasks would replace each other's
                        // enrolments forever.
                        Ok(()) => {
                            let _settled = person.confirm(by, &otp).await.unwrap();
                            tokio::time::sleep(Duration::from_millis(5 * task)).await;
                        }
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

/// The user may confirm one more authenticator. Another request confirms one while the code is
/// checked.
pub async fn the_last_room_is_taken(store: &Arc<Store>) {
    let person = Person::with(store, 0).await;
    let login = person.log_in().await;
    let first = new_otp(false);
    store.enrol(By::Login(&login), &first, None).await.unwrap().unwrap();
    assert!(accepted(person.confirm(By::Login(&login), &first).await));
    // A password can only add the first authenticator, and a spent mfa_token can add none.
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
