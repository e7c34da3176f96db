//! Verdicts and records, as JSON.

use otp_core::recovery;
use otp_core::verifier::{DisabledBy, Record, Rejection, ResyncVerdict, Verdict};

use crate::json::Json;

fn rejected(json: &mut Json<'_>, rejection: Rejection) {
    json.text("kind", &"rejected")
        .number("triesLeft", rejection.tries_left())
        .number("failuresLeft", rejection.failures_left())
        .optional_number("until", rejection.until());
}

/// `accepted_by` is the index of the authenticator that accepted the code, if there are several.
pub(crate) fn code(json: &mut Json<'_>, verdict: &Verdict, accepted_by: Option<u32>) {
    match verdict {
        Verdict::Accepted(accepted) => {
            json.text("kind", &"accepted")
                .optional_number("movingFactor", accepted.moving_factor())
                .number("drift", accepted.drift())
                .number("failures", accepted.failures())
                .flag("confirms", accepted.confirms());
            json.optional_number("authenticator", accepted_by);
        }
        Verdict::Replayed => _ = json.text("kind", &"replayed"),
        Verdict::Rejected(rejection) => rejected(json, *rejection),
        Verdict::Locked { until } => _ = json.text("kind", &"locked").number("until", *until),
        Verdict::Disabled => _ = json.text("kind", &"disabled"),
        Verdict::Malformed(_) => _ = json.text("kind", &"malformed"),
        // A verdict that a later version adds lets nobody in.
        _ => _ = json.text("kind", &"conflict"),
    }
    json.text("message", verdict);
}

pub(crate) fn resynchronisation(json: &mut Json<'_>, verdict: &ResyncVerdict) {
    match verdict {
        ResyncVerdict::Resynchronised(found) => {
            json.text("kind", &"resynchronised").number("drift", found.drift());
        }
        ResyncVerdict::Replayed => _ = json.text("kind", &"replayed"),
        ResyncVerdict::Rejected(rejection) => rejected(json, *rejection),
        ResyncVerdict::Locked { until } => _ = json.text("kind", &"locked").number("until", *until),
        ResyncVerdict::Disabled => _ = json.text("kind", &"disabled"),
        ResyncVerdict::Malformed(_) => _ = json.text("kind", &"malformed"),
        _ => _ = json.text("kind", &"conflict"),
    }
    json.text("message", verdict);
}

pub(crate) fn recovery(json: &mut Json<'_>, verdict: &recovery::Verdict) {
    use recovery::Verdict;
    match verdict {
        Verdict::Redeemed(code) => {
            json.text("kind", &"redeemed")
                .number("slot", code.slot())
                .number("remaining", code.remaining());
        }
        Verdict::Rejected(rejection) => rejected(json, *rejection),
        Verdict::Locked { until } => _ = json.text("kind", &"locked").number("until", *until),
        Verdict::Disabled => _ = json.text("kind", &"disabled"),
        Verdict::Malformed(_) => _ = json.text("kind", &"malformed"),
        _ => _ = json.text("kind", &"conflict"),
    }
    json.text("message", verdict);
}

/// Writes the record for an audit log. `line` has all of it in one line.
pub(crate) fn record(json: &mut Json<'_>, record: &Record) {
    let disabled_by = record.disabled.map(|by| match by {
        DisabledBy::Failures => "failures",
        _ => "host",
    });
    json.text("kind", &record.kind)
        .text("verdict", &record.verdict)
        .number("failures", record.failures)
        .number("failuresBefore", record.failures_before)
        .optional_number("authenticator", record.authenticator.map(|index| index as u64))
        .optional_number("movingFactor", record.moving_factor)
        .optional_number("drift", record.drift)
        .optional_number("slot", record.slot)
        .optional_number("until", record.until)
        .optional_text("disabledBy", disabled_by.as_ref().map(|by| by as _))
        .text("line", record);
}
