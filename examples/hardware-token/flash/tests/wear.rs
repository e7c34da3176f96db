//! The life of the flash.

use otp_core::Algorithm;
use token_flash::{FlashStore, Nor, PLACES};
use ykoath::{Account, Key, Kind, Store};

/// The cycles that makers of microcontrollers promise for their flash.
const CYCLES: f64 = 10_000.0;
const A_DAY: f64 = 100.0;
const OPERATIONS: u32 = 5_000;

/// A full token in 64 KB: 32 accounts with names of usual length.
fn full(pages: usize) -> FlashStore<Nor<Vec<u8>>> {
    let mut store = FlashStore::new(Nor::erased(vec![0; 4096 * pages])).unwrap();
    for place in 0..PLACES {
        let key = Key::new(Algorithm::Sha1, &[place; 20]).unwrap();
        let account =
            Account::new(b"ACME Co:alice@example.com", Kind::Hotp { next: 0 }, key, 6, false);
        store.save(place, &account.unwrap()).unwrap();
        store.set_next(place, 1).unwrap();
        store.set_state(place, &[0; 36]).unwrap();
    }
    store
}

/// Prints the erases of each operation, and the years at 100 operations a day. All pages wear
/// alike, except the journal, which wears less.
#[test]
fn years_of_life() {
    for (what, state_len) in [("login", Some(36)), ("HOTP code", None)] {
        for pages in [8, 16] {
            let mut store = full(pages);
            let (words, erases) = (store.flash().operations(), store.flash().erases());
            for number in 0..OPERATIONS {
                let place = u8::try_from(number % u32::from(PLACES)).unwrap();
                match state_len {
                    Some(len) => store.set_state(place, &number.to_be_bytes().repeat(len / 4)),
                    None => store.set_next(place, number.into()),
                }
                .unwrap();
            }
            let each = |count: u64| count as f64 / f64::from(OPERATIONS);
            let words = each(store.flash().operations() - words);
            let erases = each(store.flash().erases() - erases);
            let years = CYCLES * (pages - 1) as f64 / (erases * A_DAY * 365.25);
            println!(
                "{what}, {} KB: {words:.1} words, {erases:.4} erases, {years:.0} years",
                pages * 4
            );
            assert!(years > 10.0, "{what}, {pages} pages: {years} years");
        }
    }
}
