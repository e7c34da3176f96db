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

/// What a token has beside its processor and its store.
pub trait Board {
    /// Eight random bytes, for challenges and the salt. Nobody can foresee them.
    fn random(&mut self) -> [u8; 8];

    /// Waits for the button, and says whether somebody touched it. A YubiKey waits 15 seconds.
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

/// What was said since power came.
#[derive(Debug)]
enum Session {
    /// No applet is selected.
    None,
    /// An access key is set, and the client has not answered this challenge.
    Locked {
        challenge: [u8; 8],
    },
    Open,
    /// The store cannot be read. The client can only reset the applet, and has to select it for that.
    Broken,
}

/// A response of several parts, and the place where its next part begins.
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

/// How a client wants HMACs.
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
    /// An applet that nobody has selected yet.
    pub const fn new(store: S, board: B) -> Self {
        Self { store, board, session: Session::None, rest: None }
    }

    /// The store.
    pub fn store(&mut self) -> &mut S {
        &mut self.store
    }

    /// Gives the store and the board back, as when the power goes.
    pub fn into_parts(self) -> (S, B) {
        (self.store, self.board)
    }

    /// Carries out a command APDU and writes the response APDU: data, and the status at its end. Whatever the
    /// bytes are, there is a response. What failed has changed nothing, except a RESET or DELETE that the store could not
    /// finish: it is carried out again.
    pub fn respond(&mut self, command: &[u8], response: &mut Response) {
        let mut answer = Answer::new(response);
        let status = self.carry_out(command, &mut answer).unwrap_or_else(|status| status);
        answer.end(status);
    }

    fn carry_out(&mut self, command: &[u8], answer: &mut Answer<'_>) -> Result<Status, Status> {
        let Apdu { ins, parameters, data } = Apdu::parse(command)?;
        // Any command ends a response of several parts, except the one that asks for the next.
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
                let name = fields.take(tag::NAME)?;
                fields.end()?;
                let (place, _) = self.find(name)?.ok_or(Status::DataInvalid)?;
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
                let challenge = moving_factor(fields.take(tag::CHALLENGE)?)?;
                fields.end()?;
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
        let name = fields.take(tag::NAME)?;
        let [of, digits, key @ ..] = fields.take(tag::KEY)? else {
            return Err(Status::WrongData);
        };
        let needs_touch = match fields.take_byte_if(tag::PROPERTY) {
            None | Some(0) => false,
            Some(2) => true,
            Some(_) => return Err(Status::WrongData),
        };
        let counter = match fields.take_if(tag::COUNTER)? {
            None => 0,
            Some([a, b, c, d]) => u32::from_be_bytes([*a, *b, *c, *d]),
            Some(_) => return Err(Status::WrongData),
        };
        fields.end()?;
        let kind = match of & 0xf0 {
            0x10 => Kind::Hotp { next: counter.into() },
            // Clients send the counter of a key URI whatever its type is.
            0x20 => Kind::Totp,
            _ => return Err(Status::WrongData),
        };
        if key.len() < MIN_KEY {
            return Err(Status::WrongData);
        }
        let account = Account::new(name, kind, secret(*of, key)?, *digits, needs_touch)
            .map_err(|_| Status::WrongData)?;
        let place = match self.find(name)? {
            Some((place, _)) => place,
            None => self.free()?,
        };
        Ok(self.store.save(place, &account)?)
    }

    fn rename(&mut self, mut fields: Fields<'_>) -> Result<(), Status> {
        let (old, new) = (fields.take(tag::NAME)?, fields.take(tag::NAME)?);
        fields.end()?;
        let (place, account) = self.find(old)?.ok_or(Status::DataInvalid)?;
        if self.find(new)?.is_some() {
            return Err(Status::WrongData);
        }
        let account = account.renamed(new).map_err(|_| Status::WrongData)?;
        Ok(self.store.save(place, &account)?)
    }

    /// Sets the access key, or removes it. The session stays open.
    fn set_code(&mut self, mut fields: Fields<'_>) -> Result<(), Status> {
        let key = match fields.take(tag::KEY)? {
            [] => None,
            [of, key @ ..] => {
                let key = secret(*of, key)?;
                let challenge = moving_factor(fields.take(tag::CHALLENGE)?)?;
                // The client shows that it has the key that it sends.
                if !key.answers(challenge, fields.take(tag::HMAC)?) {
                    return Err(Status::DataInvalid);
                }
                Some(key)
            }
        };
        fields.end()?;
        Ok(self.store.set_access_key(key.as_ref())?)
    }

    /// The client answers the challenge of SELECT, and the applet that of the client.
    fn validate(&mut self, mut fields: Fields<'_>, answer: &mut Answer<'_>) -> Result<(), Status> {
        let Session::Locked { challenge } = &self.session else {
            return Err(Status::DataInvalid);
        };
        let response = fields.take(tag::HMAC)?;
        let theirs = moving_factor(fields.take(tag::CHALLENGE)?)?;
        fields.end()?;
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
        let name = fields.take(tag::NAME)?;
        let challenge = fields.take(tag::CHALLENGE)?;
        fields.end()?;
        let (place, account) = self.find(name)?.ok_or(Status::DataInvalid)?;
        let factor = match account.kind() {
            Kind::Totp => moving_factor(challenge)?,
            Kind::Hotp { next } => next,
        };
        if account.needs_touch() && !self.board.wait_for_touch() {
            return Err(Status::NotAuthorised);
        }
        if let Kind::Hotp { next } = account.kind() {
            // Stored before the code is shown: whatever happens then, no code is shown twice.
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
                    // What would count, or needs the button, has its own command.
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

    /// The account of a name, and its place.
    fn find(&mut self, name: &[u8]) -> Result<Option<(u8, Account)>, Status> {
        for place in 0..S::PLACES {
            if let Some(account) = self.store.load(place)?
                && account.name() == name
            {
                return Ok(Some((place, account)));
            }
        }
        Ok(None)
    }

    /// The first place without an account.
    fn free(&mut self) -> Result<u8, Status> {
        for place in 0..S::PLACES {
            if self.store.load(place)?.is_none() {
                return Ok(place);
            }
        }
        Err(Status::NoSpace)
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

/// The digits of the code, and the HMAC or the four bytes that truncation takes out of it.
#[inline(never)]
fn write_hmac(account: &Account, factor: u64, form: Form, answer: &mut Answer<'_>) {
    let hmac = account.key().hmac(factor);
    let hmac = hmac.expose_bytes();
    match form {
        Form::Whole => answer.field_of(tag::HMAC, account.digits(), hmac),
        Form::Truncated => {
            // Truncation takes its offset from the last byte, and four of the first nineteen (RFC 4226 section 5.3). So the
            // code of a longer HMAC is that of one of twenty bytes, whose last is its last.
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
