//! The flash as a store of verifier states, by the core's own checks.

use std::sync::Mutex;

use otp_core::conformance::check_store;
use otp_core::verifier::State;
use token_flash::{FlashStore, Nor};

const PLACE: u8 = 3;

#[test]
fn a_flash_keeps_what_the_verifier_rests_on() {
    let mut store = FlashStore::new(Nor::erased(vec![0; 4096 * 8])).unwrap();
    store.set_state(PLACE, State::enrolment().to_bytes().as_ref()).unwrap();
    let store = Mutex::new(store);
    let load = |store: &mut FlashStore<Nor<Vec<u8>>>| {
        let mut buffer = [0; 64];
        let bytes = store.state(PLACE, &mut buffer).unwrap().expect("a state is stored");
        State::from_bytes(bytes).unwrap()
    };
    // A token has one thread. Here a lock stands for that.
    let swap = |old, new: State| {
        let mut store = store.lock().unwrap();
        let matches = load(&mut store) == old;
        if matches {
            store.set_state(PLACE, new.to_bytes().as_ref()).unwrap();
        }
        matches
    };
    check_store(|| load(&mut store.lock().unwrap()), swap).unwrap();
}
