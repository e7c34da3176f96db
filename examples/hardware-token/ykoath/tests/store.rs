//! The applet with a store that fails, and with any commands.

use std::cell::Cell;

use otp_core::Algorithm;
use proptest::prelude::*;
use ykoath::{Account, Applet, Board, Key, Kind, MemoryStore, Response, Status, Store, StoreError};

struct Desk;

impl Board for Desk {
    fn random(&mut self) -> [u8; 8] {
        *b"a salt!!"
    }

    fn wait_for_touch(&mut self) -> bool {
        true
    }
}

/// Carries out `left` more calls, and then none.
struct Failing<'a> {
    store: MemoryStore<4>,
    left: &'a Cell<usize>,
}

impl Failing<'_> {
    fn call(&mut self) -> Result<&mut MemoryStore<4>, StoreError> {
        self.left.set(self.left.get().checked_sub(1).ok_or(StoreError)?);
        Ok(&mut self.store)
    }
}

impl Store for Failing<'_> {
    const PLACES: u8 = 4;

    fn load(&mut self, place: u8) -> Result<Option<Account>, StoreError> {
        self.call()?.load(place)
    }
    fn save(&mut self, place: u8, account: &Account) -> Result<(), StoreError> {
        self.call()?.save(place, account)
    }
    fn set_next(&mut self, place: u8, next: u64) -> Result<(), StoreError> {
        self.call()?.set_next(place, next)
    }
    fn remove(&mut self, place: u8) -> Result<(), StoreError> {
        self.call()?.remove(place)
    }
    fn access_key(&mut self) -> Result<Option<Key>, StoreError> {
        self.call()?.access_key()
    }
    fn set_access_key(&mut self, key: Option<&Key>) -> Result<(), StoreError> {
        self.call()?.set_access_key(key)
    }
    fn salt(&mut self) -> Result<[u8; 8], StoreError> {
        self.call()?.salt()
    }
    fn reset(&mut self, salt: [u8; 8]) -> Result<(), StoreError> {
        self.call()?.reset(salt)
    }
}

const SELECT: &[u8] = b"\x00\xa4\x04\x00\x07\xa0\x00\x00\x05\x27\x21\x01";
const LIST: &[u8] = b"\x00\xa1\x00\x00";
/// HOTP under the name `a`, with the key of RFC 4226.
const PUT: &[u8] = b"\x00\x01\x00\x00\x1b\x71\x01a\x73\x16\x11\x0612345678901234567890";
const CODE: &[u8] = b"\x00\xa2\x00\x01\x05\x71\x01a\x74\x00";
const RENAME: &[u8] = b"\x00\x05\x00\x00\x06\x71\x01a\x71\x01b";
const DELETE: &[u8] = b"\x00\x02\x00\x00\x03\x71\x01a";
const RESET: &[u8] = b"\x00\x04\xde\xad";
const REMOVE_KEY: &[u8] = b"\x00\x03\x00\x00\x02\x73\x00";

fn ask<S: Store>(applet: &mut Applet<S, Desk>, command: &[u8]) -> (Vec<u8>, [u8; 2]) {
    let mut response = Response::new();
    applet.respond(command, &mut response);
    let (data, status) = response.split_last_chunk().unwrap();
    (data.to_vec(), *status)
}

/// Each command, with the store failing at each of its calls: an error is told, nothing is shown,
/// and the account is as it was.
#[test]
fn a_store_that_fails_is_told_and_changes_nothing() {
    for command in [LIST, PUT, CODE, RENAME, DELETE, RESET, REMOVE_KEY] {
        let left = Cell::new(usize::MAX);
        // After a first code, with the store failing after so many calls.
        let asked = |calls| {
            left.set(usize::MAX);
            let mut applet =
                Applet::new(Failing { store: MemoryStore::new([1; 8]), left: &left }, Desk);
            ask(&mut applet, SELECT);
            ask(&mut applet, PUT);
            ask(&mut applet, CODE);
            left.set(calls);
            let answer = ask(&mut applet, command);
            (applet, answer)
        };
        let (_, answer) = asked(usize::MAX);
        assert_eq!(answer.1, Status::Ok.to_bytes(), "{command:?}");
        let calls = usize::MAX - left.get();
        assert!(calls > 0, "{command:?} asks the store for nothing");
        for calls in 0..calls {
            let (mut applet, answer) = asked(calls);
            assert_eq!(answer, (vec![], Status::MemoryFailure.to_bytes()), "{command:?} {calls}");
            left.set(usize::MAX);
            ask(&mut applet, SELECT);
            assert_eq!(ask(&mut applet, LIST).0, b"\x72\x02\x11a", "{command:?} {calls}");
            // 287082, of counter 1.
            assert_eq!(ask(&mut applet, CODE).0, b"\x76\x05\x06\x41\x39\x7e\xea");
        }
    }
}

/// An access key that cannot be read is not taken as one that nobody has set: the client can only
/// reset the applet.
#[test]
fn nothing_opens_if_the_access_key_cannot_be_read() {
    for calls in 0..2 {
        let left = Cell::new(calls);
        let mut store = MemoryStore::new([1; 8]);
        store.set_access_key(Some(&Key::new(Algorithm::Sha1, &[7; 16]).unwrap())).unwrap();
        let mut applet = Applet::new(Failing { store, left: &left }, Desk);
        let broken = b"\x79\x03\x05\x04\x03\x71\x08\0\0\0\0\0\0\0\0".to_vec();
        assert_eq!(ask(&mut applet, SELECT), (broken, Status::Ok.to_bytes()));
        left.set(usize::MAX);
        for command in [LIST, PUT, CODE, RENAME, DELETE, REMOVE_KEY] {
            assert_eq!(ask(&mut applet, command), (vec![], Status::MemoryFailure.to_bytes()));
        }
        // The store can be read again: the access key is asked for.
        ask(&mut applet, SELECT);
        assert_eq!(ask(&mut applet, LIST).1, Status::NotAuthorised.to_bytes());

        left.set(calls);
        ask(&mut applet, SELECT);
        assert_eq!(ask(&mut applet, RESET).1, Status::MemoryFailure.to_bytes());
        left.set(usize::MAX);
        assert_eq!(ask(&mut applet, RESET).1, Status::Ok.to_bytes());
        assert_eq!(ask(&mut applet, LIST), (vec![], Status::Ok.to_bytes()));
    }
}

#[test]
fn the_last_counter_shows_no_code() {
    let mut store = MemoryStore::<4>::new([1; 8]);
    let key = Key::new(Algorithm::Sha1, b"12345678901234567890").unwrap();
    let account = Account::new(b"a", Kind::Hotp { next: u64::MAX }, key, 6, false).unwrap();
    store.save(0, &account).unwrap();
    let mut applet = Applet::new(store, Desk);
    ask(&mut applet, SELECT);
    assert_eq!(ask(&mut applet, CODE), (vec![], Status::ConditionsNotSatisfied.to_bytes()));
}

/// A part of a response that nobody has asked for is not sent: neither without a first part nor
/// after another command.
#[test]
fn the_rest_of_a_response_goes_with_the_next_command() {
    let mut applet = Applet::new(MemoryStore::<8>::new([1; 8]), Desk);
    let rest = b"\x00\xa5\x00\x00";
    ask(&mut applet, SELECT);
    assert_eq!(ask(&mut applet, rest).1, Status::ConditionsNotSatisfied.to_bytes());
    for letter in b'a'..b'i' {
        let name = [&[0x71, 64][..], &[letter; 64], &PUT[8..]].concat();
        let put = [&[0, 1, 0, 0, u8::try_from(name.len()).unwrap()], &*name].concat();
        assert_eq!(ask(&mut applet, &put).1, Status::Ok.to_bytes());
    }
    let mut names = Vec::new();
    let mut command = LIST;
    loop {
        let (data, status) = ask(&mut applet, command);
        assert!(data.len() <= 256);
        names.extend(data);
        if status == Status::Ok.to_bytes() {
            break;
        }
        assert_eq!(status, Status::More.to_bytes());
        command = rest;
    }
    assert_eq!(names.len(), 8 * 67);
    assert_eq!(ask(&mut applet, rest).1, Status::ConditionsNotSatisfied.to_bytes());
    ask(&mut applet, LIST);
    ask(&mut applet, SELECT);
    assert_eq!(ask(&mut applet, rest).1, Status::ConditionsNotSatisfied.to_bytes());
}

/// Commands that are nearly right: an instruction, and fields that are well-formed more often than
/// not.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..80),
        Just(vec![b'a']),
        Just(vec![0; 8]),
        Just(PUT[10..].to_vec()),
    ];
    let field = (0x70..0x7d_u8, value, any::<bool>()).prop_map(|(tag, value, is_long)| {
        let len = u8::try_from(value.len()).unwrap();
        let head = if is_long { vec![tag, 0x81, len] } else { vec![tag, len] };
        [head, value].concat()
    });
    let ins = prop_oneof![0..6_u8, 0xa0..0xa7_u8, any::<u8>()];
    let parameters = prop_oneof![Just([0, 0]), Just([0, 1]), Just([4, 0]), any::<[u8; 2]>()];
    let nearly = (ins, parameters, prop::collection::vec(field, 0..4)).prop_map(
        |(ins, [p1, p2], fields)| {
            let fields = fields.concat();
            let [high, low] = u16::try_from(fields.len()).unwrap().to_be_bytes();
            [vec![0, ins, p1, p2, 0, high, low], fields].concat()
        },
    );
    let known = prop::sample::select(vec![SELECT, LIST, PUT, CODE, RENAME, DELETE, RESET]);
    prop_oneof![
        2 => nearly,
        2 => known.prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ]
}

proptest! {
    /// Every command gets a response with a status. It fits, and it has data only on success. No
    /// code of HOTP is shown twice.
    #[test]
    fn any_commands(commands in prop::collection::vec(command(), 0..40)) {
        let mut applet = Applet::new(MemoryStore::<4>::new([1; 8]), Desk);
        let mut shown = Vec::new();
        for command in commands {
            let (data, status) = ask(&mut applet, &command);
            let is_ok = status == Status::Ok.to_bytes();
            prop_assert!(is_ok || status[0] == 0x61 || data.is_empty());
            if is_ok && command == CODE {
                prop_assert!(!shown.contains(&data));
                shown.push(data);
            } else if is_ok && matches!(command[1], 1 | 2 | 4 | 5) {
                // Another account may have the name now.
                shown.clear();
            }
        }
    }
}
