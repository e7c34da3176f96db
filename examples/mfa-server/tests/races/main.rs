//! Two requests about one user at the same time, or an operator meanwhile: on SQLite, and on
//! PostgreSQL if `TEST_POSTGRES_URL` names a database for tests.

mod everything;
mod operators;
mod person;
mod users;

use std::env;
use std::sync::Arc;

use mfa_server::store::Store;

async fn all(url: &str) {
    let store = Arc::new(Store::open(&url.parse().unwrap(), 8).await.unwrap());
    users::two_codes(&store).await;
    users::two_codes_after_a_wrong_one(&store).await;
    users::one_of_each(&store).await;
    users::removed_meanwhile(&store).await;
    users::the_last_two_are_removed(&store).await;
    users::at_most_ten(&store).await;
    users::the_last_room_is_taken(&store).await;
    operators::reset_meanwhile(&store).await;
    operators::disabled_meanwhile(&store).await;
    operators::ended_meanwhile(&store).await;
    operators::unlocked_meanwhile(&store).await;
    operators::deleted_meanwhile(&store).await;
    operators::nothing_half_imported(&store).await;
    everything::everything_at_once(&store).await;
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
    operators::unlocked_between(&store, &url).await;
    operators::replaced_between(&store, &url).await;
}
