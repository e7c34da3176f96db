//! The verifier: every hash, every format, and every verdict that depends on a code.

use core::cell::Cell;
use core::convert::Infallible;
use core::fmt::Debug;

use otp_core::verifier::{
    Attempt, Authenticator, ResyncVerdict, Resynchronisation, State, Swap, Verdict, Verifiable,
    Verifier,
};
use otp_core::{
    Algorithm, CodeFormat, Digits, Engine, HmacKey, LookAhead, MalformedCode, Period, Window,
};

use crate::codes::{ALGORITHMS, NOW, STEP, hotp, totp, wrong};
use crate::memory::{Typed, shown};

const VERIFIER: Verifier = Verifier::DEFAULT.with_look_ahead(LookAhead::DEFAULT);

pub fn prove() {
    for algorithm in ALGORITHMS {
        for digits in [Digits::Six, Digits::Ten] {
            let both = [(); 2].map(|()| totp(algorithm).with_digits(digits));
            clock(&both);
            halves_and_several(&both);
            counter(algorithm, digits);
        }
        let steam = || totp(algorithm).with_format(CodeFormat::Steam);
        clock(&[steam(), steam()]);
    }
    for codes in [2, 3] {
        resynchronise(codes);
    }
}

/// Checks a typed text. Returns the verdict, and the state after it was stored.
fn attempt<M: HmacKey<Error: Debug>, V: Verifiable<Key = M>>(
    engine: &V,
    state: State,
    text: &str,
) -> (Verdict, State) {
    commit(VERIFIER.attempt(engine, state, Typed::new(text).text(), NOW).unwrap(), state)
}

/// The verdict, and the state that is stored then.
fn commit(attempt: Attempt, state: State) -> (Verdict, State) {
    let mut row = state;
    let Ok(settled) = attempt.commit(|old, new| {
        let swap = Swap::from_rows(u64::from(row == old));
        row = new;
        Ok::<_, Infallible>(swap)
    });
    // A line of the log is as public as the verdict.
    assert!(settled.record.to_string().contains(settled.record.verdict));
    assert_eq!(State::from_bytes(row.to_bytes().as_ref()), Ok(row));
    (settled.verdict, row)
}

/// Two engines have one key: one shows codes, and the other checks them.
fn clock([client, server]: &[otp_core::Totp; 2]) {
    assert_eq!(VERIFIER.window(), Window::DEFAULT);
    for step in STEP - 1..=STEP + 1 {
        let text = shown(&client.code_at(step * 30).unwrap());
        let (verdict, used) = attempt(server, State::enrolment(), &text);
        assert!(matches!(verdict, Verdict::Accepted(hit) if hit.moving_factor() == Some(step)));
        let (verdict, _) = attempt(server, used, &text);
        assert!(matches!(verdict, Verdict::Replayed));
        let (verdict, failed) = attempt(server, used, &wrong(&text));
        assert!(matches!(verdict, Verdict::Rejected(_)));
        assert_ne!(failed, used);
        let (verdict, same) = attempt(server, used, &text[1..]);
        assert!(matches!(verdict, Verdict::Malformed(_)));
        assert_eq!(same, used);
        // A race that was lost tells nothing.
        let typed = Typed::new(&text);
        let fresh = State::enrolment();
        let lost = VERIFIER.attempt(server, fresh, typed.text(), NOW).unwrap();
        let Ok(lost) = lost.commit(|_, _| Ok::<_, Infallible>(Swap::Lost));
        assert!(matches!(lost.verdict, Verdict::Conflict));
        // A login in one call, which loses the first race.
        let (row, races) = (Cell::new(used), Cell::new(0));
        let settled = VERIFIER.log_in(
            server,
            Typed::new(&wrong(&text)).text(),
            NOW,
            || Ok::<_, Infallible>(row.get()),
            |_, new| {
                races.set(races.get() + 1);
                row.set(if races.get() == 1 { used } else { new });
                Ok(if races.get() == 1 { Swap::Lost } else { Swap::Stored })
            },
        );
        assert!(matches!(settled.unwrap().verdict, Verdict::Rejected(_)));
        assert_eq!((races.get(), row.get()), (2, failed));
    }
}

/// An attempt in two halves, and one for two authenticators.
fn halves_and_several([client, server]: &[otp_core::Totp; 2]) {
    let fresh = State::confirmed();
    let text = shown(&client.code_at(STEP * 30).unwrap());
    for (typed, right) in [(text.clone(), true), (wrong(&text), false)] {
        let typed = Typed::new(&typed);
        let plan = VERIFIER.plan(server, fresh, typed.text(), NOW).unwrap();
        let factors = plan.moving_factors();
        let attempt = plan.attempt(factors.map(|factor| {
            let Ok(truncated) = server.key().truncated(factor);
            truncated
        }));
        let (verdict, _) = commit(attempt.unwrap(), fresh);
        assert_eq!(matches!(verdict, Verdict::Accepted(_)), right);
        let mut both = [Authenticator::new(1, client, fresh), Authenticator::new(2, server, fresh)];
        let any = VERIFIER.attempt_any(&mut both, typed.text(), NOW).unwrap();
        let Ok(settled) = any.commit(|changes| {
            assert_eq!(changes.count(), 2);
            Ok::<_, Infallible>(Swap::Stored)
        });
        assert_eq!(matches!(settled.verdict, Verdict::Accepted(_)), right);
    }
}

fn counter(algorithm: Algorithm, digits: Digits) {
    let hotp = hotp(algorithm).with_digits(digits);
    let texts: Vec<_> = (1_000..=1_010).map(|counter| shown(&hotp.code(counter))).collect();
    let engine = Engine::Hotp { hotp, counter: 1_000 };
    for (counter, text) in (1_000..).zip(&texts) {
        let (verdict, used) = attempt(&engine, State::enrolment(), text);
        assert!(matches!(verdict, Verdict::Accepted(hit) if hit.moving_factor() == Some(counter)));
        let (verdict, _) = attempt(&engine, used, text);
        assert!(matches!(verdict, Verdict::Replayed));
        let (verdict, _) = attempt(&engine, used, &wrong(text));
        assert!(matches!(verdict, Verdict::Rejected(_)));
    }
}

/// Eleven steps each way: so long a period is not common, and makes the proof short.
fn resynchronise(codes: u8) {
    let reach = Resynchronisation::DEFAULT.with_codes(codes).unwrap();
    let period = Period::new(350).unwrap();
    let verifier = Verifier::DEFAULT.with_resynchronisation(reach).with_max_period(period);
    let totp = totp(Algorithm::Sha1).with_period(period);
    let now = STEP * 350;
    let judge = |state: State, texts: &[String]| {
        let typed: Vec<_> = texts.iter().map(|text| Typed::new(text)).collect();
        let codes: Vec<_> = typed.iter().map(Typed::text).collect();
        let attempt = verifier.resynchronise(&totp, state, &codes, now).unwrap();
        let mut row = state;
        let Ok(settled) = attempt.commit(|_, new| {
            row = new;
            Ok::<_, Infallible>(Swap::Stored)
        });
        (settled.verdict, row)
    };
    let from = |first: u64| -> Vec<String> {
        (first..first + u64::from(codes))
            .map(|step| shown(&totp.code_at(step * 350).unwrap()))
            .collect()
    };

    for first in [STEP - 11, STEP - 3, STEP, STEP + 12 - u64::from(codes)] {
        let last = first + u64::from(codes) - 1;
        let (verdict, used) = judge(State::enrolment(), &from(first));
        let drift = last.cast_signed() - STEP.cast_signed();
        assert!(matches!(verdict, ResyncVerdict::Resynchronised(hit) if hit.drift() == drift));
        // All used up, all but the last used up, and the wrong way round.
        let (verdict, _) = judge(used, &from(first));
        assert!(matches!(verdict, ResyncVerdict::Replayed));
        let (verdict, _) = judge(used, &from(last));
        assert!(matches!(verdict, ResyncVerdict::Replayed | ResyncVerdict::Rejected(_)));
        let mut turned = from(first);
        turned.reverse();
        let (verdict, _) = judge(State::enrolment(), &turned);
        assert!(matches!(verdict, ResyncVerdict::Rejected(_)));
        // The next code, by the clock that was found.
        let text = shown(&totp.code_at((last + 1) * 350).unwrap());
        let typed = Typed::new(&text);
        let next = verifier.attempt(&totp, used, typed.text(), now + 350).unwrap();
        let (verdict, _) = commit(next, used);
        assert!(matches!(verdict, Verdict::Accepted(hit) if hit.moving_factor() == Some(last + 1)));
    }
    let mut one_wrong = from(STEP);
    one_wrong[1] = wrong(&one_wrong[1]);
    let (verdict, _) = judge(State::enrolment(), &one_wrong);
    assert!(matches!(verdict, ResyncVerdict::Rejected(_)));
    // That two of them are the same is told.
    let (verdict, _) = judge(State::enrolment(), &vec![from(STEP)[0].clone(); codes.into()]);
    assert!(matches!(verdict, ResyncVerdict::Malformed(MalformedCode::Repeated)));
}
