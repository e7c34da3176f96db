//! Accounts and states in flash: each call once.

use core::hint::black_box;

use token_flash::{FlashStore, Nor};
use ykoath::{Account, Key, Kind, Store};

/// Two pages for the log, and the journal.
const LEN: usize = 3 * 4096;
static mut MEMORY: [u8; LEN] = [0; LEN];

/// Stores an account, a counter and a state, and reads them.
pub fn all() {
    // SAFETY: this is the only place that names it, and nothing calls it while it runs.
    let memory = unsafe { &mut *core::ptr::addr_of_mut!(MEMORY) };
    memory.fill(0xff);
    let Ok(mut store) = FlashStore::new(Nor::<_>::new(memory.as_mut_slice())) else { return };
    let Ok(key) = Key::new(black_box(otp_core::Algorithm::Sha1), black_box(crate::contents::KEY))
    else {
        return;
    };
    let Ok(account) = Account::new(black_box(b"a"), Kind::Hotp { next: 0 }, key, 6, false) else {
        return;
    };
    let _ = black_box(store.save(black_box(0), &account));
    let _ = black_box(store.set_next(black_box(0), black_box(1)));
    let _ = black_box(store.set_state(black_box(0), black_box(&[7; 36])));
    let _ = black_box(store.load(black_box(0)));
    let _ = black_box(store.state(black_box(0), &mut [0; 36]));
    let _ = black_box(store.remove(black_box(0)));
}
