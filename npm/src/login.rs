//! Codes that are checked under a state. The answer holds the next state and the verdict.
//! `js/login.js` holds the verdict back until the host has stored the state.

use alloc::vec::Vec;
use core::convert::Infallible;

use otp_core::verifier::{Authenticator, Record, Swap, Verdict};

use crate::fault::Fault;
use crate::json::Json;
use crate::memory::call;
use crate::written::whole;
use crate::{state, verdict};

/// The outcome that the answer is for. JavaScript asks for a lost race only after its last try.
fn outcome(lost: u32) -> Swap {
    if lost == 0 { Swap::Stored } else { Swap::Lost }
}

fn settled(json: &mut Json<'_>, verdict: &Verdict, record: &Record, accepted_by: Option<u32>) {
    json.nested("verdict", |json| verdict::code(json, verdict, accepted_by))
        .nested("record", |json| verdict::record(json, record));
}

/// Checks a code. The answer has `next` if there is a state to store.
#[unsafe(no_mangle)]
pub extern "C" fn attempt(
    engine: u32,
    policy: u32,
    stored: u32,
    code: u32,
    now: f64,
    lost: u32,
) -> f64 {
    call(|arguments, output, kept| {
        let state = state::read(arguments.bytes(stored)?)?;
        let code = arguments.text(code)?;
        let attempt =
            kept.policy(policy)?.attempt(&kept.engine(engine)?, state, code, whole(now))?;
        let mut next = None;
        let Ok(answer) = attempt.commit(|_, state| {
            next = Some(state);
            Ok::<_, Infallible>(outcome(lost))
        });
        Json::object(output, |json| {
            if let Some(next) = next {
                state::told(next, |text| _ = json.text("next", text));
            }
            settled(json, &answer.verdict, &answer.record, None);
        });
        Ok(output.len())
    })
}

/// Checks a code for several authenticators. In the input, the number of its engine and the
/// length of its state precede each state. The answer has `changes` if there are states to store.
#[unsafe(no_mangle)]
pub extern "C" fn attempt_any(policy: u32, several: u32, code: u32, now: f64, lost: u32) -> f64 {
    call(|arguments, output, kept| {
        let code = arguments.text(code)?;
        let mut authenticators = Vec::new();
        for index in 0..several {
            let (engine, len) = (arguments.number()?, arguments.number()?);
            let state = state::read(arguments.bytes(len)?)?;
            authenticators.push(Authenticator::new(index, kept.engine(engine)?, state));
        }
        let attempt = kept.policy(policy)?.attempt_any(&mut authenticators, code, whole(now))?;
        let mut changed = None;
        let Ok(answer) = attempt.commit(|changes| {
            let next = changes.map(|change| (*change.id(), change.new_state()));
            changed = Some(next.collect::<Vec<_>>());
            Ok::<_, Infallible>(outcome(lost))
        });
        Json::object(output, |json| {
            if let Some(changed) = changed {
                json.array("changes", |json| {
                    for (index, next) in changed {
                        json.item(|json| {
                            json.number("index", index);
                            state::told(next, |text| _ = json.text("next", text));
                        });
                    }
                });
            }
            settled(json, &answer.verdict, &answer.record, answer.accepted_by.copied());
        });
        Ok(output.len())
    })
}

/// Checks two or three codes in a row, of a client whose clock or counter is too far off.
#[unsafe(no_mangle)]
pub extern "C" fn resynchronise(
    engine: u32,
    policy: u32,
    stored: u32,
    codes: u32,
    now: f64,
    lost: u32,
) -> f64 {
    call(|arguments, output, kept| {
        let mut typed = Vec::new();
        for _ in 0..codes {
            let len = arguments.number()?;
            typed.push(arguments.text(len)?);
        }
        let state = state::read(arguments.bytes(stored)?)?;
        let (policy, engine) = (kept.policy(policy)?, kept.engine(engine)?);
        if typed.len() != usize::from(policy.resynchronisation().codes()) {
            return Err(Fault::new("codes", "the policy wants another number of codes in a row"));
        }
        let mut next = None;
        let attempt = policy.resynchronise(&engine, state, &typed, whole(now))?;
        let Ok(answer) = attempt.commit(|_, state| {
            next = Some(state);
            Ok::<_, Infallible>(outcome(lost))
        });
        Json::object(output, |json| {
            if let Some(next) = next {
                state::told(next, |text| _ = json.text("next", text));
            }
            json.nested("verdict", |json| verdict::resynchronisation(json, &answer.verdict))
                .nested("record", |json| verdict::record(json, &answer.record));
        });
        Ok(output.len())
    })
}
