//! The search for the authenticators that show a code.

use alloc::vec::Vec;
use core::convert::Infallible;

use otp_core::verifier::find;
use otp_core::{VerifyError, Window};

use crate::codes::narrow;
use crate::fault::Fault;
use crate::json::Json;
use crate::memory::call;
use crate::state;
use crate::written::{refuse, whole};

/// Finds which of many authenticators show a code. In the input, the number of its engine and the
/// length of its state precede each state, as in [`attempt_any`](crate::login::attempt_any). An
/// authenticator that cannot be asked does not hide the others.
#[unsafe(no_mangle)]
pub extern "C" fn find_code(code: u32, several: u32, now: f64, past: u32, future: u32) -> f64 {
    call(|arguments, output, kept| {
        let code = arguments.text(code)?;
        let window = Window::new(narrow(past), narrow(future))?;
        let mut asked = Vec::new();
        // One for each authenticator; `None` if it does not show the code.
        let mut outcomes = Vec::new();
        for index in 0..several as usize {
            let (engine, len) = (arguments.number()?, arguments.number()?);
            let engine = kept.engine(engine)?;
            let state = state::read(arguments.bytes(len)?);
            outcomes.push(state.map_or_else(
                |fault| Some(Err(fault)),
                |state| {
                    asked.push((index, engine, state));
                    None
                },
            ));
        }
        let rows = asked.iter().map(|&(_, engine, state)| (engine, state));
        find(rows, code, whole(now), window, |place, step| {
            let outcome = asked.get(place).and_then(|&(index, ..)| outcomes.get_mut(index));
            if let Some(outcome) = outcome {
                *outcome = Some(step.map_err(Fault::from));
            }
        })
        .map_err(|error| Fault::new("malformed", VerifyError::<Infallible>::from(error)))?;
        Json::object(output, |json| {
            json.array("found", |json| {
                let told = (0_u32..).zip(&outcomes);
                for (index, outcome) in told.filter_map(|(index, one)| Some((index, one.as_ref()?)))
                {
                    json.item(|json| {
                        json.number("index", index);
                        match outcome {
                            Ok(step) => {
                                json.text("kind", &"found").number("movingFactor", *step);
                            }
                            Err(fault) => refuse(json, fault),
                        }
                    });
                }
            });
        });
        Ok(output.len())
    })
}
