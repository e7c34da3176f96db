//! Flash that no loss of power leaves: random bytes, zeros, and pages that are torn in their
//! middle.
//!
//! Each call of the store ends, without a panic. A write that returns `Ok` can be read. After a
//! reset the store is as good as new.

use otp_core::Algorithm;
use token_flash::{Cut, FlashStore, Nor, PLACES};
use ykoath::{Account, Key, Kind, Store};

const PAGE: usize = 512;
const PAGES: usize = 9;

type Flash = FlashStore<Nor<Vec<u8>, PAGE>>;

const SALT: [u8; 8] = [9; 8];

fn key() -> Key {
    Key::new(Algorithm::Sha1, b"12345678901234567890").unwrap()
}

fn account(name: &[u8]) -> Account {
    Account::new(name, Kind::Hotp { next: 7 }, key(), 6, false).unwrap()
}

/// A flash that has been in use: the log has gone round its pages.
fn used() -> Vec<u8> {
    let mut store = Flash::new(Nor::erased(vec![0; PAGE * PAGES])).unwrap();
    store.reset(SALT).unwrap();
    store.set_access_key(Some(&key())).unwrap();
    for place in 0..3 {
        store.save(place, &account(&[b'a' + place; 9])).unwrap();
    }
    for round in 0_u8..250 {
        store.set_next(round % 3, round.into()).unwrap();
        store.set_state(round % 3, &[round; 36]).unwrap();
    }
    assert!(store.flash().erases() > PAGES as u64);
    store.into_flash().memory().clone()
}

/// Numbers without an order, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.0.to_be_bytes()[0]
    }
}

/// Each kind of damage with its name.
fn damaged() -> Vec<(String, Vec<u8>)> {
    let used = used();
    let mut numbers = Numbers(1);
    let mut all = vec![
        ("zeros".to_owned(), vec![0; PAGE * PAGES]),
        // Closed pages without an item.
        ("closed pages".to_owned(), closed_pages()),
    ];
    for number in 0..200 {
        let bytes = (0..PAGE * PAGES).map(|_| numbers.next()).collect();
        all.push((format!("random bytes, {number}"), bytes));
    }
    for page in 0..PAGES {
        let range = page * PAGE..(page + 1) * PAGE;
        for fill in [Some(0), Some(0xff), None] {
            let mut memory = used.clone();
            memory[range.clone()].fill_with(|| fill.unwrap_or_else(|| numbers.next()));
            all.push((format!("page {page}: {fill:x?}, or random bytes"), memory));
        }
    }
    // Torn: every page at once, the words of a mask are erased or zero.
    for mask in [1_usize, 2, 4, 7, 0x55, 0xf0] {
        for fill in [0, 0xff] {
            let mut memory = used.clone();
            for (number, word) in memory.chunks_mut(4).enumerate() {
                if number & mask == 0 {
                    word.fill(fill);
                }
            }
            all.push((format!("every page torn: {mask:x}, {fill:x}"), memory));
        }
    }
    // A bit or a byte of each word.
    let each = if std::env::var_os("OTP_LONG").is_some() { 1 } else { 8 };
    for at in (0..PAGE * PAGES / 4).step_by(each) {
        for change in [0x01, 0x80, 0xff] {
            let mut memory = used.clone();
            memory[at * 4 + usize::from(numbers.next() & 3)] ^= change;
            all.push((format!("word {at}: {change:x}"), memory));
        }
    }
    all
}

fn closed_pages() -> Vec<u8> {
    let mut memory = vec![0xff; PAGE * PAGES];
    for page in memory.chunks_mut(PAGE) {
        page[..4].fill(0);
        page[PAGE - 4..].fill(0);
    }
    memory
}

/// Asks everything and writes everything. A write that says `Ok` is read again.
fn use_it(store: &mut Flash, what: &str) {
    for place in 0..PLACES {
        let _ = store.load(place);
        let _ = store.state(place, &mut [0; 40]);
    }
    let _ = store.salt();
    // An access key is there or is missed. It is never taken as one that nobody has set.
    assert!(!matches!(store.access_key(), Ok(None)), "{what}");
    if store.save(5, &account(b"more")).is_ok() {
        assert_eq!(store.load(5).unwrap().unwrap().name(), b"more", "{what}");
        if store.set_next(5, 9).is_ok() {
            assert_eq!(store.load(5).unwrap().unwrap().kind(), Kind::Hotp { next: 9 }, "{what}");
        }
    }
    if store.set_state(5, b"more").is_ok() {
        assert_eq!(store.state(5, &mut [0; 40]), Ok(Some(&b"more"[..])), "{what}");
    }
    let _ = store.remove(5);
}

/// As new: no account, this salt, no access key. The log goes round its pages, and survives a loss
/// of power.
fn assert_new(mut store: Flash, salt: [u8; 8], rounds: u64, what: &str) {
    for place in 0..PLACES {
        assert!(store.load(place).unwrap().is_none(), "{what}");
    }
    assert_eq!(store.salt(), Ok(salt), "{what}");
    assert!(store.access_key().unwrap().is_none(), "{what}");
    store.save(1, &account(b"alice")).unwrap();
    for next in 0..rounds {
        store.set_next(1, next).unwrap();
    }
    let mut store = Flash::new(Nor::new(store.into_flash().memory().clone())).unwrap();
    let alice = store.load(1).unwrap().unwrap();
    let kind = Kind::Hotp { next: rounds - 1 };
    assert_eq!((alice.name(), alice.kind()), (&b"alice"[..], kind), "{what}");
}

#[test]
fn after_a_reset_a_damaged_flash_is_as_good_as_new() {
    for (number, (what, memory)) in damaged().into_iter().enumerate() {
        let mut store = Flash::new(Nor::new(memory)).unwrap();
        use_it(&mut store, &what);
        assert!(store.reset([3; 8]).is_ok(), "{what}");
        // Around all pages, which takes long, in some of them.
        assert_new(store, [3; 8], if number % 16 == 0 { 200 } else { 20 }, &what);
    }
}

/// The power goes while a damaged or closed store is reset. Nobody reads an account without its
/// access key, and the next reset succeeds.
#[test]
fn a_reset_that_is_interrupted_opens_nothing() {
    let flashes = [
        ("zeros", vec![0; PAGE * PAGES], false),
        ("closed pages", closed_pages(), false),
        ("in use", used(), true),
    ];
    for (what, memory, is_closed) in flashes {
        for after in 0.. {
            let mut store = Flash::new(Nor::new(memory.clone())).unwrap();
            if is_closed {
                store.close();
                assert!(store.load(0).is_err() && store.access_key().is_err());
                assert!(store.set_state(0, b"more").is_err() && store.remove(0).is_err());
            }
            store.flash().cut(Cut { after, changes: 0x5555_5555 });
            let result = store.reset([3; 8]);
            if !store.flash().is_off() {
                assert!(result.is_ok() && after > PAGES as u64, "{what}");
                store.flash().restart();
                assert_new(store, [3; 8], 200, what);
                break;
            }
            assert!(result.is_err(), "{what}");
            let mut store = Flash::new(Nor::new(store.into_flash().memory().clone())).unwrap();
            if !matches!(store.access_key(), Ok(Some(_))) {
                let mut places = 0..PLACES;
                assert!(places.all(|place| !matches!(store.load(place), Ok(Some(_)))), "{what}");
            }
            store.reset([4; 8]).unwrap();
            assert_new(store, [4; 8], 20, what);
        }
    }
}
