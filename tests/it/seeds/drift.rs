//! Numbers: counter, time, time interval and drift, plain and encrypted.

use otp_core::seeds::{Part, Problem};
use otp_core::verifier::State;
use proptest::prelude::*;

use super::{SECRET, at, only, pskc, totp, with_key};

fn plain(name: &str, value: &str) -> String {
    format!("<{name}><PlainValue>{value}</PlainValue></{name}>")
}

fn hotp(counter: &str) -> String {
    with_key(&format!(
        "<Key Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:hotp\">\
         <Data>{SECRET}{}</Data></Key>",
        plain("Counter", counter)
    ))
}

proptest! {
    #[test]
    fn numbers_are_read(counter: u64, drift in -2880_i16..=2880, period in 1_u32.., zeros in 0_usize..4) {
        let zeros = "0".repeat(zeros);
        let row = only(pskc(&hotp(&format!(" {zeros}{counter}\n")))).unwrap();
        prop_assert_eq!(row.counter, Some(counter));
        let step = u64::from(u32::MAX / period);
        let data = plain("TimeDrift", &drift.to_string()) + &plain("TimeInterval", &period.to_string())
            + &plain("Time", &step.to_string());
        let row = only(pskc(&totp(&data, ""))).unwrap();
        prop_assert_eq!((row.drift, row.period), (drift, Some(period.into())));
        prop_assert_eq!(row.last_step, Some(step).filter(|step| *step > 0));
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    let too_far = (State::MAX_DRIFT + 1).to_string();
    for (name, value, part, problem) in [
        ("TimeDrift", &*too_far, Part::TimeDrift, Problem::OutOfRange),
        ("TimeDrift", "-2881", Part::TimeDrift, Problem::OutOfRange),
        ("TimeDrift", "99999999999999999999999", Part::TimeDrift, Problem::OutOfRange),
        ("TimeDrift", "one", Part::TimeDrift, Problem::NotANumber),
        ("TimeDrift", "", Part::TimeDrift, Problem::NotANumber),
        ("TimeDrift", "-", Part::TimeDrift, Problem::NotANumber),
        ("TimeDrift", "1.5", Part::TimeDrift, Problem::NotANumber),
        ("TimeDrift", "1e3", Part::TimeDrift, Problem::NotANumber),
        ("TimeInterval", "0", Part::TimeInterval, Problem::OutOfRange),
        ("TimeInterval", "-30", Part::TimeInterval, Problem::OutOfRange),
        ("TimeInterval", "0x1e", Part::TimeInterval, Problem::NotANumber),
        ("TimeInterval", "\u{663}\u{660}", Part::TimeInterval, Problem::NotANumber),
        ("TimeInterval", "18446744073709551616", Part::TimeInterval, Problem::OutOfRange),
        // In seconds: step 1,234,567,890 would be in the year 3143.
        ("Time", "1234567890", Part::Time, Problem::OutOfRange),
        ("Time", "-1", Part::Time, Problem::OutOfRange),
    ] {
        let file = totp(&plain(name, value), "");
        let no = only(pskc(&file)).unwrap_err();
        assert_eq!((no.part, no.problem), (part, problem), "{name} {value}");
        assert!(
            no.offset >= at(&file, &format!("<{name}>"))
                && no.offset <= at(&file, &format!("</{name}>"))
        );
    }
    let no = only(pskc(&hotp("18446744073709551616"))).unwrap_err();
    assert_eq!((no.part, no.problem), (Part::Counter, Problem::OutOfRange));
    let no = only(pskc(&hotp("-1"))).unwrap_err();
    assert_eq!((no.part, no.problem), (Part::Counter, Problem::OutOfRange));
}

/// The last counter has a code, and there is no next one.
#[test]
fn the_last_counter_is_read() {
    assert_eq!(only(pskc(&hotp("18446744073709551615"))).unwrap().counter, Some(u64::MAX));
}

#[test]
fn digits_are_six_to_ten() {
    let with = |format: &str| {
        let parameters = format!("<AlgorithmParameters>{format}</AlgorithmParameters><Data>");
        only(pskc(&totp("", "").replace("<Data>", &parameters)))
    };
    for (length, digits) in [("6", 6), ("10", 10), (" 8 ", 8)] {
        assert_eq!(with(&format!("<ResponseFormat Length=\"{length}\"/>")).unwrap().digits, digits);
    }
    assert_eq!(with("").unwrap().digits, 6);
    for (format, problem) in [
        ("<ResponseFormat Length=\"5\"/>", Problem::OutOfRange),
        ("<ResponseFormat Length=\"11\"/>", Problem::OutOfRange),
        ("<ResponseFormat Length=\"300\"/>", Problem::OutOfRange),
        ("<ResponseFormat Length=\"six\"/>", Problem::NotANumber),
        ("<ResponseFormat Length=\"6\" Encoding=\"HEXADECIMAL\"/>", Problem::Unsupported),
        ("<ResponseFormat Length=\"6\" CheckDigits=\"true\"/>", Problem::Unsupported),
        ("<ResponseFormat Length=\"6\"/><ResponseFormat Length=\"8\"/>", Problem::Duplicate),
    ] {
        let no = with(format).unwrap_err();
        assert_eq!((no.part, no.problem), (Part::ResponseFormat, problem), "{format}");
    }
}
