//! All kinds of requests at the same time, in no forced order. None fails, and the rows are
//! consistent at the end.

use std::sync::Arc;

use mfa_server::recovery;
use mfa_server::store::{By, MOST, Store};
use otp_core::recovery::Pepper;

use crate::person::{NOW, Person, accepted, code, new_otp};

const TASKS: usize = 8;
const ROUNDS: usize = 30;

/// Users, thieves and operators change one user. Transactions about one user run one after the
/// other. So they cannot wait in a circle until the database stops one of them after a second.
pub async fn everything_at_once(store: &Arc<Store>) {
    let person = Arc::new(Person::with(store, 3).await);
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let person = Arc::clone(&person);
            tokio::spawn(async move {
                for round in 0..ROUNDS {
                    act(&person, task + round * 3).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let otps = person.otps().await;
    let active = otps.iter().filter(|otp| otp.active).count();
    assert!(active <= MOST && otps.len() - active <= 1);
    assert!(store.recoveries(&person.id).await.unwrap().len() <= 2);

    store.block(&person.id, false, NOW).await.unwrap();
    person.reset().await;
    // A confirmation removes what the reset has disabled.
    let later = By::Access { user_id: &person.id, issued_at: NOW * 3, second_factor: true };
    let anew = new_otp(false);
    store.enrol(later, &anew, None).await.unwrap().unwrap();
    assert!(accepted(person.confirm(later, &anew).await));
    assert_eq!(person.otps().await.len(), 1);
}

async fn act(person: &Person, number: usize) {
    let store = &person.store;
    // An operator never makes this token void, so the task always has something to do.
    let by = By::Access { user_id: &person.id, issued_at: NOW * 2, second_factor: true };
    let otps = person.otps().await;
    let confirmed: Vec<_> = otps.into_iter().filter(|otp| otp.active).collect();
    match number % 8 {
        0 | 1 if !confirmed.is_empty() => {
            let login = person.log_in().await;
            let right = code(&confirmed[0]);
            let code = if number % 8 == 1 { right.as_str() } else { "000000" };
            person.submit(&confirmed, code, &login).await.unwrap();
        }
        2 | 3 => {
            let pepper = Pepper::new(1, &[7; 32]).unwrap();
            let (recovery, _) = recovery::issue(&pepper, &person.id, None, NOW).unwrap();
            let otp = new_otp(false);
            if store.enrol(by, &otp, Some(&recovery)).await.unwrap().is_ok() {
                person.confirm(by, &otp).await.unwrap();
            }
            if number % 8 == 3 {
                let _refused = store.replace_recovery(by, &recovery).await.unwrap();
            }
        }
        4 => {
            if let Some(otp) = confirmed.last() {
                let _refused = store.remove(by, &otp.id).await.unwrap();
            }
        }
        5 => drop(store.unlock(&person.id).await.unwrap()),
        6 => {
            store.block(&person.id, true, NOW).await.unwrap();
            store.block(&person.id, false, NOW).await.unwrap();
        }
        _ => drop(person.reset().await),
    }
}
