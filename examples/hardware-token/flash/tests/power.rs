//! Cuts the power at every word and at every page: nothing is lost, and nothing comes back.
//!
//! `OTP_LONG=1` cuts 100,000 operations instead of 600.

use otp_core::Algorithm;
use token_flash::{Cut, FlashStore, Nor};
use ykoath::{Account, Key, Kind, Store};

/// Small pages, so that they are erased often. A page holds two of the largest items.
const PAGE: usize = 512;

type Memory = Vec<u8>;
type Flash = FlashStore<Nor<Memory, PAGE>>;

/// The expected contents of the store.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    /// Name, whether it counts, and the counter.
    accounts: Vec<Option<(Vec<u8>, Option<u64>)>>,
    states: Vec<Option<Vec<u8>>>,
    access_key: Option<Vec<u8>>,
    salt: [u8; 8],
}

#[derive(Clone, Debug)]
enum Operation {
    /// A login: the state of an authenticator.
    Login {
        place: u8,
        step: u64,
    },
    /// A code of HOTP.
    Code {
        place: u8,
    },
    Put {
        place: u8,
        name: Vec<u8>,
        next: Option<u64>,
    },
    Delete {
        place: u8,
    },
    AccessKey {
        key: Option<Vec<u8>>,
    },
    Reset {
        salt: [u8; 8],
    },
}

const KEY: &[u8] = b"12345678901234567890";

fn account(name: &[u8], next: Option<u64>) -> Account {
    let kind = next.map_or(Kind::Totp, |next| Kind::Hotp { next });
    Account::new(name, kind, Key::new(Algorithm::Sha1, KEY).unwrap(), 6, false).unwrap()
}

impl Model {
    fn new(places: usize) -> Self {
        Self { accounts: vec![None; places], states: vec![None; places], ..Self::default() }
    }

    fn next(&self, place: u8) -> Option<u64> {
        self.accounts[usize::from(place)].as_ref().and_then(|(_, next)| *next)
    }

    fn apply(&mut self, operation: &Operation) {
        match operation.clone() {
            Operation::Login { place, step } => {
                self.states[usize::from(place)] = Some(step.to_be_bytes().repeat(5));
            }
            Operation::Code { place } => {
                if let Some((_, Some(next))) = &mut self.accounts[usize::from(place)] {
                    *next += 1;
                }
            }
            Operation::Put { place, name, next } => {
                self.accounts[usize::from(place)] = Some((name, next));
            }
            Operation::Delete { place } => self.accounts[usize::from(place)] = None,
            Operation::AccessKey { key } => self.access_key = key,
            Operation::Reset { salt } => {
                self.accounts.fill(None);
                self.access_key = None;
                self.salt = salt;
            }
        }
    }

    /// Reads the store into the same form.
    fn read(store: &mut Flash, places: usize) -> Self {
        let places = 0..u8::try_from(places).unwrap();
        let accounts = places.clone().map(|place| {
            let account = store.load(place).expect("an account can be read")?;
            assert_eq!(account.key().expose_bytes(), KEY);
            let next = if let Kind::Hotp { next } = account.kind() { Some(next) } else { None };
            Some((account.name().to_vec(), next))
        });
        let accounts = accounts.collect();
        let states = places.map(|place| {
            let mut buffer = [0; 40];
            store.state(place, &mut buffer).expect("a state can be read").map(<[u8]>::to_vec)
        });
        let states = states.collect();
        let access_key = store.access_key().expect("the access key can be read");
        let access_key = access_key.map(|key| key.expose_bytes().to_vec());
        Self { accounts, states, access_key, salt: store.salt().expect("a salt") }
    }
}

fn carry_out(store: &mut Flash, model: &Model, operation: &Operation) -> bool {
    let result = match operation.clone() {
        Operation::Login { place, step } => store.set_state(place, &step.to_be_bytes().repeat(5)),
        Operation::Code { place } => match model.next(place) {
            Some(next) => store.set_next(place, next + 1),
            None => Ok(()),
        },
        Operation::Put { place, name, next } => store.save(place, &account(&name, next)),
        Operation::Delete { place } => store.remove(place),
        Operation::AccessKey { key } => {
            let key = key.map(|key| Key::new(Algorithm::Sha1, &key).unwrap());
            store.set_access_key(key.as_ref())
        }
        Operation::Reset { salt } => store.reset(salt),
    };
    result.is_ok()
}

/// Numbers without an order, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % below
    }

    fn place(&mut self, places: usize) -> u8 {
        u8::try_from(self.below(places as u64)).unwrap()
    }

    /// Mostly logins and codes.
    fn operation(&mut self, places: usize, round: u64) -> Operation {
        let place = self.place(places);
        match self.below(100) {
            0..45 => Operation::Login { place, step: round },
            45..85 => Operation::Code { place },
            85..93 => {
                let name = vec![b'a' + place; usize::try_from(self.below(64)).unwrap() + 1];
                Operation::Put { place, name, next: (self.below(3) > 0).then_some(round) }
            }
            93..95 => Operation::Delete { place },
            95..98 => {
                let key = (self.below(3) > 0).then(|| round.to_be_bytes().to_vec());
                Operation::AccessKey { key }
            }
            _ => Operation::Reset { salt: round.to_be_bytes() },
        }
    }
}

/// The bits of a word, or the words of a page, that change before a cut.
const CHANGES: [u32; 6] = [0, u32::MAX, 0x5555_5555, 0xffff_0000, 0x401, 0x3fe];

/// A flash that had so many operations, the model of it, and what comes next.
struct Trial<'a> {
    memory: &'a Memory,
    before: &'a Model,
    after: &'a Model,
    operation: &'a Operation,
}

impl Trial<'_> {
    /// Carries the operation out with a cut. Returns the memory if the power was cut. Its contents
    /// are whole.
    fn cut(&self, memory: &Memory, cut: Cut) -> Option<Memory> {
        let mut store = Flash::new(Nor::new(memory.clone())).unwrap();
        store.flash().cut(cut);
        let is_done = carry_out(&mut store, self.before, self.operation);
        if !store.flash().is_off() {
            return None;
        }
        assert!(!is_done, "the power went, and it said Ok");
        let memory = store.into_flash().memory().clone();
        self.look(&memory, cut);
        Some(memory)
    }

    /// The contents are as before the operation or as after it. A reset may also be half done, if
    /// the access key protects the accounts that are left.
    fn look(&self, memory: &Memory, cut: Cut) -> Model {
        let mut store = Flash::new(Nor::new(memory.clone())).unwrap();
        let is = Model::read(&mut store, self.before.states.len());
        let is_reset = matches!(self.operation, Operation::Reset { .. });
        let mut accounts = is.accounts.iter().zip(&self.before.accounts);
        let is_half = accounts.all(|(is, was)| is.is_none() || is == was)
            && Model { accounts: self.before.accounts.clone(), ..is.clone() } == *self.before;
        let is_whole = is == *self.before || is == *self.after || is_reset && is_half;
        assert!(is_whole, "{cut:x?}, {:?}\n{is:?}\n{:?}", self.operation, self.before);
        is
    }

    /// Switches the power on, carries the operation out after all, as a client does, and then
    /// another one.
    fn go_on(&self, memory: Memory, cut: Cut) {
        let is = self.look(&memory, cut);
        let mut store = Flash::new(Nor::new(memory)).unwrap();
        // A code that was counted is not shown again.
        if !matches!(self.operation, Operation::Code { .. }) || is == *self.before {
            assert!(carry_out(&mut store, &is, self.operation), "{cut:x?}, {:?}", self.operation);
        }
        assert!(store.set_state(0, b"more").is_ok(), "{cut:x?}, {:?}", self.operation);
        let mut after = self.after.clone();
        after.states[0] = Some(b"more".to_vec());
        let is = Model::read(&mut store, after.states.len());
        assert_eq!(is, after, "{cut:x?}, {:?}", self.operation);
    }
}

/// Carries out `count` operations. Before each it is tried out with a cut at each of its words and
/// pages, and with a second cut on the way back.
fn cut_everywhere(pages: usize, places: usize, count: u64, journal: fn(&mut [u8])) -> u64 {
    let mut numbers = Numbers(pages as u64);
    let mut model = Model::new(places);
    let mut memory = vec![0xff; PAGE * pages];
    journal(&mut memory[PAGE * (pages - 1)..]);
    // Each token has an identity from its first start on.
    let mut store = Flash::new(Nor::new(memory)).unwrap();
    store.reset(model.salt).unwrap();
    memory = store.into_flash().memory().clone();
    let mut cuts = 0;
    for round in 0..count {
        let operation = numbers.operation(places, round);
        let mut after = model.clone();
        after.apply(&operation);
        let trial = Trial { memory: &memory, before: &model, after: &after, operation: &operation };
        let mut whole = Flash::new(Nor::new(memory.clone())).unwrap();
        assert!(carry_out(&mut whole, &model, &operation), "{round}: {operation:?}");
        // If pages are erased, the power is cut in each way, and otherwise in one of them.
        let has_erased = whole.flash().erases() > 0;
        let first = if has_erased { 0 } else { usize::try_from(numbers.below(6)).unwrap() };
        for after in 0..whole.flash().operations() {
            for changes in CHANGES.into_iter().skip(first).take(if has_erased { 6 } else { 1 }) {
                let cut = Cut { after, changes };
                let Some(left) = trial.cut(trial.memory, cut) else { continue };
                let again = Cut { after: numbers.below(30), changes };
                if let Some(left) = trial.cut(&left, again) {
                    trial.go_on(left, again);
                    cuts += 1;
                }
                trial.go_on(left, cut);
                cuts += 1;
            }
        }
        memory = whole.into_flash().memory().clone();
        model = after;
    }
    cuts
}

#[test]
fn no_cut_loses_or_brings_back_anything() {
    let count = if std::env::var_os("OTP_LONG").is_some() { 100_000 } else { 600 };
    // The journal is nearly full, so that it is erased soon; or its erase was interrupted.
    let full = |journal: &mut [u8]| journal[..PAGE - 24].fill(0);
    let torn = |journal: &mut [u8]| journal.chunks_mut(8).for_each(|slots| slots[4..].fill(0));
    let journals: [fn(&mut [u8]); 2] = [full, torn];
    for (journal, (pages, places)) in journals.into_iter().zip([(6, 2), (9, 3)]) {
        let cuts = cut_everywhere(pages, places, count / 2, journal);
        println!("{pages} pages: {} operations, {cuts} cuts", count / 2);
    }
}

/// A slot after a free one is left of a journal whose erase was interrupted: no page is erased for
/// it.
#[test]
fn what_is_left_of_a_journal_erases_nothing() {
    let mut memory = vec![0xff; PAGE * 4];
    let mut store = Flash::new(Nor::new(memory.clone())).unwrap();
    store.save(0, &account(b"alice", Some(7))).unwrap();
    memory = store.into_flash().memory().clone();
    // The second slot names the first page.
    memory[PAGE * 3 + 4..PAGE * 3 + 8].copy_from_slice(&[0, 0, 0xff, 0xff]);
    let mut store = Flash::new(Nor::new(memory)).unwrap();
    assert_eq!(store.load(0).unwrap().unwrap().name(), b"alice");
}
