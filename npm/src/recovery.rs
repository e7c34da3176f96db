//! Recovery codes.

use alloc::string::String;
use core::convert::Infallible;
use core::fmt::Write as _;

use otp_core::recovery::{Code, Keyed, Length, Pepper, SetError};
use otp_core::verifier::{State, Swap};
use zeroize::Zeroizing;

use crate::codes::narrow;
use crate::fault::Fault;
use crate::json::{Hex, Json, read_hex};
use crate::memory::{Slot, call};
use crate::written::whole;
use crate::{state, verdict};

/// Services usually give out ten codes.
type Set = otp_core::recovery::Set<10>;

fn read(text: &[u8]) -> Result<Set, Fault> {
    let mut buffer = [0; 2 * Set::LEN];
    let bytes = read_hex(text, &mut buffer).ok_or(SetError::Length)?;
    Ok(Set::from_bytes(bytes)?)
}

fn told(set: &Set, json: &mut Json<'_>, name: &str) {
    let mut buffer = [0; Set::LEN];
    // The buffer has the size of a set.
    json.text(name, &Hex(set.write_bytes(&mut buffer).unwrap_or_default()));
}

/// Makes a pepper.
#[unsafe(no_mangle)]
pub extern "C" fn pepper_new(key_id: u32, bytes: u32) -> f64 {
    call(|arguments, _, kept| {
        let pepper = Pepper::new(key_id, arguments.bytes(bytes)?)?;
        Ok(kept.add(Slot::Pepper(pepper)))
    })
}

/// Makes a user's set from random bytes. It replaces an old set if `old` is not 0. `length` is the
/// number of symbols of a code; 36 symbols are digits. Only the answer has the codes.
#[unsafe(no_mangle)]
pub extern "C" fn recovery_generate(
    pepper: u32,
    user: u32,
    random: u32,
    old: u32,
    length: u32,
) -> f64 {
    call(|arguments, output, kept| {
        let (pepper, user) = (kept.pepper(pepper)?, arguments.text(user)?.as_bytes());
        let mut random = arguments.bytes(random)?;
        let fill = |buffer: &mut [u8]| {
            let (bytes, rest) = random.split_at_checked(buffer.len()).ok_or("too few bytes")?;
            buffer.copy_from_slice(bytes);
            random = rest;
            Ok::<_, &str>(())
        };
        // It never grows, which would leave a copy.
        let mut codes = Zeroizing::new(String::with_capacity(640));
        let show = |_slot: u8, code: &Code| _ = write!(codes, "{} ", code.expose_grouped());
        let length = match length {
            36 => Length::DIGITS,
            symbols => Length::new(narrow(symbols))?,
        };
        let set = if old == 0 {
            Set::generate(fill, Keyed, length, pepper, user, show)?
        } else {
            let old = read(arguments.bytes(old)?)?;
            old.regenerate(fill, Keyed, length, pepper, user, show)?
        };
        Json::object(output, |json| {
            told(&set, json, "set");
            state::told(State::for_recovery(), |text| _ = json.text("state", text));
            json.array("codes", |json| {
                for code in codes.split_whitespace() {
                    json.text_item(&code);
                }
            });
        });
        Ok(output.len())
    })
}

/// Writes the facts of a set.
#[unsafe(no_mangle)]
pub extern "C" fn recovery_read(set: u32) -> f64 {
    call(|arguments, output, _| {
        let set = read(arguments.bytes(set)?)?;
        Json::object(output, |json| {
            json.number("remaining", set.remaining())
                .number("pepperKeyId", set.pepper_key_id())
                .number("length", set.code_length().symbols())
                .number("generation", set.generation())
                .array("used", |json| (0..10).for_each(|slot| json.flag_item(set.is_used(slot))));
        });
        Ok(output.len())
    })
}

/// Checks a recovery code. The answer has `next` if there is a set and a state to store.
#[unsafe(no_mangle)]
pub extern "C" fn recovery_redeem(
    pepper: u32,
    policy: u32,
    user: u32,
    set: u32,
    stored: u32,
    code: u32,
    now: f64,
    lost: u32,
) -> f64 {
    call(|arguments, output, kept| {
        let (policy, pepper) = (kept.policy(policy)?, kept.pepper(pepper)?);
        let user = arguments.text(user)?.as_bytes();
        let set = read(arguments.bytes(set)?)?;
        let state = state::read(arguments.bytes(stored)?)?;
        let code = arguments.text(code)?;
        let redemption = policy.redeem(&set, pepper, user, state, code, whole(now))?;
        let mut next = None;
        let Ok(settled) = redemption.commit(|set, _, state| {
            next = Some((set.clone(), state));
            Ok::<_, Infallible>(if lost == 0 { Swap::Stored } else { Swap::Lost })
        });
        Json::object(output, |json| {
            if let Some((set, state)) = next {
                json.nested("next", |json| {
                    told(&set, json, "set");
                    state::told(state, |text| _ = json.text("state", text));
                });
            }
            json.nested("verdict", |json| verdict::recovery(json, &settled.verdict))
                .nested("record", |json| verdict::record(json, &settled.record));
        });
        Ok(output.len())
    })
}
