//! The applet: what each instruction does.

use otp_core::Truncated;
use zeroize::Zeroize;

use crate::account::{Account, Kind};
use crate::answer::{Answer, Response};
use crate::apdu::Apdu;
use crate::fields::Fields;
use crate::key::{self, Key};
use crate::protocol::{AID, SELECT_P1, Status, VERSION, ins, tag};
use crate::store::{Store, StoreError};

/// The shortest key of an account. Clients fill shorter ones up with zeros, which HMAC does too.
const MIN_KEY: usize = 14;

/// The parts of a token beside its processor and its store.
pub trait Board {
    /// Returns eight random bytes, for challenges and the salt. An attacker must not be able to
    /// predict them.
    fn random(&mut self) -> [u8; 8];

    /// Waits for the button, and returns whether somebody touched it. A YubiKey waits 15 seconds.
    fn wait_for_touch(&mut self) -> bool;
}

/// The applet, with its store and its board.
#[derive(Debug)]
pub struct Applet<S, B> {
    store: S,
    board: B,
    session: Session,
    rest: Option<Rest>,
}

/// The state since power came.
#[derive(Debug)]
enum Session {
    /// The client has not selected the applet.
    None,
    /// There is an access key, and the client did not answer this challenge yet.
    Locked {
        challenge: [u8; 8],
    },
    Open,
    /// The store cannot be read. The client can only reset the applet, and has to select it for
    /// that.
    Broken,
}

/// A response in several parts, and the place at which its next part begins.
#[derive(Clone, Copy, Debug)]
struct Rest {
    what: Listing,
    from: u8,
}

#[derive(Clone, Copy, Debug)]
enum Listing {
    Names,
    Codes { challenge: u64, form: Form },
}

/// The form of HMACs that a client asks for.
#[derive(Clone, Copy, Debug)]
enum Form {
    Whole,
    Truncated,
}

impl From<StoreError> for Status {
    fn from(_: StoreError) -> Self {
        Self::MemoryFailure
    }
}

impl<S: Store, B: Board> Applet<S, B> {
    /// Makes an applet that no client has selected yet.
    pub const fn new(store: S, board: B) -> Self {
        Self { store, board, session: Session::None, rest: None }
    }

    /// The store.
    pub fn store(&mut self) -> &mut S {
        &mut self.store
    }

    /// Returns the store and the board, as if the power was switched off.
    pub fn into_parts(self) -> (S, B) {
        (self.store, self.board)
    }

    /// Carries out a command APDU and writes the response APDU: data, and the status at its end.
    /// Every command gets a response. A command that fails has changed nothing, except a RESET or
    /// DELETE that the store could not finish: the client repeats it.
    pub fn respond(&mut self, command: &[u8], response: &mut Response) {
        let mut answer = Answer::new(response);
        let status = self.carry_out(command, &mut answer).unwrap_or_else(|status| status);
        answer.end(status);
    }

    fn carry_out(&mut self, command: &[u8], answer: &mut Answer<'_>) -> Result<Status, Status> {
        let Apdu { ins, parameters, data } = Apdu::parse(command)?;
        // Any command ends a response in several parts, except the one that asks for the next part.
        let rest = self.rest.take();
        if (ins, parameters) == (ins::SELECT, [SELECT_P1, 0]) {
            return self.select(data, answer);
        }
        match (&self.session, ins) {
            (Session::None, _) => return Err(Status::UnknownInstruction),
            (Session::Open, _) | (_, ins::RESET) | (Session::Locked { .. }, ins::VALIDATE) => {}
            (Session::Locked { .. }, _) => return Err(Status::NotAuthorised),
            (Session::Broken, _) => return Err(Status::MemoryFailure),
        }
        // P1 and P2 are 0 but for these.
        let form = match (ins, parameters) {
            (ins::CALCULATE | ins::SELECT, [0, 1]) => Form::Truncated,
            (ins::RESET, [0xde, 0xad]) => Form::Whole,
            (ins::RESET, _) => return Err(Status::WrongParameters),
            (_, [0, 0]) => Form::Whole,
            _ => return Err(Status::WrongParameters),
        };
        let mut fields = Fields::new(data);
        match ins {
            ins::PUT => self.put(fields)?,
            ins::DELETE => {
                let name = fields.take(tag::NAME);
                fields.end()?;
                let place = self.place_of(name)?.ok_or(Status::DataInvalid)?;
                self.store.remove(place)?;
            }
            ins::RENAME => self.rename(fields)?,
            ins::SET_CODE => self.set_code(fields)?,
            ins::VALIDATE => self.validate(fields, answer)?,
            ins::RESET => {
                self.store.reset(self.board.random())?;
                self.session = Session::Open;
            }
            ins::CALCULATE => self.calculate(fields, form, answer)?,
            ins::LIST => return self.list(Listing::Names, 0, answer),
            ins::SELECT => {
                let challenge = fields.take(tag::CHALLENGE);
                fields.end()?;
                let challenge = moving_factor(challenge)?;
                return self.list(Listing::Codes { challenge, form }, 0, answer);
            }
            ins::SEND_REMAINING => {
                let Rest { what, from } = rest.ok_or(Status::ConditionsNotSatisfied)?;
                return self.list(what, from, answer);
            }
            _ => return Err(Status::UnknownInstruction),
        }
        Ok(Status::Ok)
    }

    fn select(&mut self, name: &[u8], answer: &mut Answer<'_>) -> Result<Status, Status> {
        if !name.starts_with(&AID) {
            return Err(Status::NotFound);
        }
        answer.field(tag::VERSION, &VERSION);
        let (Ok(salt), Ok(key)) = (self.store.salt(), self.store.access_key()) else {
            answer.field(tag::NAME, &[0; 8]);
            self.session = Session::Broken;
            return Ok(Status::Ok);
        };
        answer.field(tag::NAME, &salt);
        self.session = if let Some(key) = key {
            let challenge = self.board.random();
            answer.field(tag::CHALLENGE, &challenge);
            answer.field(tag::ALGORITHM, &[key::number(key.algorithm())]);
            Session::Locked { challenge }
        } else {
            Session::Open
        };
        Ok(Status::Ok)
    }

    /// Adds an account, or replaces the one of this name.
    fn put(&mut self, mut fields: Fields<'_>) -> Result<(), Status> {
        let name = fields.take(tag::NAME);
        let key = fields.take(tag::KEY);
        let property = fields.take_byte_if(tag::PROPERTY);
        let counter = fields.take_if(tag::COUNTER);
        fields.end()?;
        let [of, digits, key @ ..] = key else { return Err(Status::WrongData) };
        let needs_touch = match property {
            None | Some(0) => false,
            Some(2) => true,
            Some(_) => return Err(Status::WrongData),
        };
        let counter = match counter {
            None => 0,
            Some(counter) => u32::from_be_bytes(counter.try_into().map_err(|_| Status::WrongData)?),
        };
        let kind = match of & 0xf0 {
            0x10 => Kind::Hotp { next: counter.into() },
            // Clients send the counter of a key URI with every type.
            0x20 => Kind::Totp,
            _ => return Err(Status::WrongData),
        };
        if key.len() < MIN_KEY {
            return Err(Status::WrongData);
        }
        let account = Account::new(name, kind, secret(*of, key)?, *digits, needs_touch)
            .map_err(|_| Status::WrongData)?;
        let place = match self.place_of(name)? {
            Some(place) => place,
            None => self.search(&|account| account.is_none())?.ok_or(Status::NoSpace)?,
        };
        Ok(self.store.save(place, &account)?)
    }

    fn rename(&mut self, mut fields: Fields<'_>) -> Result<(), Status> {
        let (old, new) = (fields.take(tag::NAME), fields.take(tag::NAME));
        fields.end()?;
        let (place, mut account) = self.account(old)?;
        if self.place_of(new)?.is_some() {
            return Err(Status::WrongData);
        }
        account.rename(new).map_err(|_| Status::WrongData)?;
        Ok(self.store.save(place, &account)?)
    }

    /// Sets the access key, or removes it. The session stays open.
    fn set_code(&mut self, mut fields: Fields<'_>) -> Result<(), Status> {
        let key = fields.take(tag::KEY);
        let [of, key @ ..] = key else {
            fields.end()?;
            return Ok(self.store.set_access_key(None)?);
        };
        let (challenge, response) = (fields.take(tag::CHALLENGE), fields.take(tag::HMAC));
        fields.end()?;
        let key = secret(*of, key)?;
        // The client shows that it has the key that it sends.
        if !key.answers(moving_factor(challenge)?, response) {
            return Err(Status::DataInvalid);
        }
        Ok(self.store.set_access_key(Some(&key))?)
    }

    /// Checks the client's answer to the challenge of SELECT, and answers the client's challenge.
    fn validate(&mut self, mut fields: Fields<'_>, answer: &mut Answer<'_>) -> Result<(), Status> {
        let Session::Locked { challenge } = &self.session else {
            return Err(Status::DataInvalid);
        };
        let (response, theirs) = (fields.take(tag::HMAC), fields.take(tag::CHALLENGE));
        fields.end()?;
        let theirs = moving_factor(theirs)?;
        let key = self.store.access_key()?.ok_or(Status::DataInvalid)?;
        // The challenge stays: clients try several passwords on one.
        if !key.answers(u64::from_be_bytes(*challenge), response) {
            return Err(Status::WrongData);
        }
        self.session = Session::Open;
        answer.field(tag::HMAC, key.hmac(theirs).expose_bytes());
        Ok(())
    }

    /// Computes one code.
    fn calculate(
        &mut self,
        mut fields: Fields<'_>,
        form: Form,
        answer: &mut Answer<'_>,
    ) -> Result<(), Status> {
        let (name, challenge) = (fields.take(tag::NAME), fields.take(tag::CHALLENGE));
        fields.end()?;
        let (place, account) = self.account(name)?;
        let factor = match account.kind() {
            Kind::Totp => moving_factor(challenge)?,
            Kind::Hotp { next } => next,
        };
        if account.needs_touch() && !self.board.wait_for_touch() {
            return Err(Status::NotAuthorised);
        }
        if let Kind::Hotp { next } = account.kind() {
            // The counter is stored before the code is shown, so no code is shown twice.
            let next = next.checked_add(1).ok_or(Status::ConditionsNotSatisfied)?;
            self.store.set_next(place, next)?;
        }
        write_hmac(&account, factor, form, answer);
        Ok(())
    }

    /// Writes the accounts from a place on, as many as fit.
    fn list(&mut self, what: Listing, from: u8, answer: &mut Answer<'_>) -> Result<Status, Status> {
        for place in from..S::PLACES {
            let Some(account) = self.store.load(place)? else { continue };
            let name = account.name();
            // Two heads of two bytes, the digits, and the longest that follows.
            let hmac = match what {
                Listing::Names => 0,
                Listing::Codes { form: Form::Truncated, .. } => 4,
                Listing::Codes { form: Form::Whole, .. } => account.key().algorithm().output_len(),
            };
            if !answer.fits(name.len().saturating_add(hmac).saturating_add(5)) {
                self.rest = Some(Rest { what, from: place });
                return Ok(Status::More);
            }
            match what {
                Listing::Names => {
                    answer.field_of(tag::LISTED, account.type_and_algorithm(), name);
                }
                Listing::Codes { challenge, form } => {
                    answer.field(tag::NAME, name);
                    // An account that counts or needs the button has its own command.
                    if let Kind::Hotp { .. } = account.kind() {
                        answer.field(tag::IS_HOTP, &[account.digits()]);
                    } else if account.needs_touch() {
                        answer.field(tag::NEEDS_TOUCH, &[account.digits()]);
                    } else {
                        write_hmac(&account, challenge, form, answer);
                    }
                }
            }
        }
        Ok(Status::Ok)
    }

    /// Returns the account of a name, and its place.
    fn account(&mut self, name: &[u8]) -> Result<(u8, Account), Status> {
        let place = self.place_of(name)?.ok_or(Status::DataInvalid)?;
        Ok((place, self.store.load(place)?.ok_or(Status::DataInvalid)?))
    }

    fn place_of(&mut self, name: &[u8]) -> Result<Option<u8>, Status> {
        self.search(&|account| account.is_some_and(|account| account.name() == name))
    }

    /// Returns the first place whose account is as asked for.
    fn search(&mut self, is_it: &dyn Fn(Option<&Account>) -> bool) -> Result<Option<u8>, Status> {
        for place in 0..S::PLACES {
            if is_it(self.store.load(place)?.as_ref()) {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }
}

/// A key after the byte of its type and hash.
fn secret(of: u8, key: &[u8]) -> Result<Key, Status> {
    let algorithm = key::by_number(of).ok_or(Status::WrongData)?;
    Key::new(algorithm, key).map_err(|_| Status::WrongData)
}

/// A challenge: eight bytes, as a number.
fn moving_factor(challenge: &[u8]) -> Result<u64, Status> {
    challenge.try_into().map(u64::from_be_bytes).map_err(|_| Status::WrongData)
}

/// Writes the number of digits, and the HMAC or the four bytes that truncation takes out of it.
#[inline(never)]
fn write_hmac(account: &Account, factor: u64, form: Form, answer: &mut Answer<'_>) {
    let hmac = account.key().hmac(factor);
    let hmac = hmac.expose_bytes();
    match form {
        Form::Whole => answer.field_of(tag::HMAC, account.digits(), hmac),
        Form::Truncated => {
            // Truncation takes its offset from the last byte, and four of the first nineteen bytes
            // (RFC 4226 section 5.3). So the code of a longer HMAC equals the code of these
            // nineteen bytes and its last byte.
            let mut twenty = [0; 20];
            for (to, from) in twenty.iter_mut().zip(hmac.iter().take(19).chain(hmac.last())) {
                *to = *from;
            }
            let bits = Truncated::from_hmac(&twenty).expose_bits().to_be_bytes();
            twenty.zeroize();
            answer.field_of(tag::TRUNCATED, account.digits(), &bits);
        }
    }
}
