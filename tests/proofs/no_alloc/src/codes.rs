//! Codes and their verification, by the vectors of RFC 4226 appendix D and RFC 6238 appendix B.

use core::convert::Infallible;

use otp_core::verifier::{Attempt, Authenticator, ResyncVerdict, State, Swap, Verdict, Verifier};
use otp_core::{Algorithm, Digits, Hotp, LookAhead, Secret, Totp, Window};

use crate::sink::Sink;

/// `Some` where it holds.
pub fn holds(yes: bool) -> Option<()> {
    yes.then_some(())
}

const SHA1: &[u8] = b"12345678901234567890";

pub fn codes() -> Option<()> {
    let hotp = Hotp::new(&Secret::from_bytes(SHA1).ok()?);
    let expected = if cfg!(feature = "control-wrong") { "755225" } else { "755224" };
    holds(Sink::of(hotp.code(0))?.text() == expected)?;
    let hit = hotp.verify("338-314", 2, LookAhead::DEFAULT).ok()?;
    holds(hit.counter() == 4)?;
    holds(hotp.verify("338314", 5, LookAhead::DEFAULT).is_err())?;

    for (algorithm, key, code) in [
        (Algorithm::Sha1, SHA1, "89005924"),
        (Algorithm::Sha256, b"12345678901234567890123456789012", "91819424"),
        (
            Algorithm::Sha512,
            b"1234567890123456789012345678901234567890123456789012345678901234",
            "93441116",
        ),
    ] {
        let totp = Totp::for_algorithm(algorithm, &Secret::from_bytes(key).ok()?).ok()?;
        let totp = totp.with_digits(Digits::Eight);
        holds(Sink::of(totp.code_at(1_234_567_890).ok()?)?.text() == code)?;
        holds(totp.verify_at(code, 1_234_567_920, Window::DEFAULT).ok()?.drift() == -1)?;
        holds(totp.verify_at(code, 1_234_567_990, Window::DEFAULT).is_err())?;
    }
    Some(())
}

/// Accepted, replayed, rejected, and two codes in a row, with the state through bytes and serde; a
/// login in one call.
pub fn verifier() -> Option<()> {
    let totp = Totp::new(&Secret::from_bytes(SHA1).ok()?);
    let fresh = State::from_bytes(State::enrolment().to_bytes().as_ref()).ok()?;
    let attempt = Verifier::DEFAULT.attempt(&totp, fresh, "287 082", 59).ok()?;
    let (verdict, used) = stored(attempt, fresh)?;
    holds(matches!(verdict, Verdict::Accepted(hit) if hit.moving_factor() == Some(1)))?;
    let used = through_serde(used, &mut [0; 64])?;
    let attempt = Verifier::DEFAULT.attempt(&totp, used, "287082", 59).ok()?;
    let (verdict, same) = stored(attempt, used)?;
    holds(matches!(verdict, Verdict::Replayed) && same == used)?;
    let attempt = Verifier::DEFAULT.attempt(&totp, used, "000000", 59).ok()?;
    let (verdict, failed) = stored(attempt, used)?;
    holds(failed.failures() == 1)?;
    holds(matches!(verdict, Verdict::Rejected(wrong) if wrong.tries_left() == 4))?;
    let codes = ["287082", "359152"];
    let attempt = Verifier::DEFAULT.resynchronise(&totp, fresh, &codes, 59).ok()?;
    let settled = attempt.commit(|_, _| Ok::<_, Infallible>(Swap::Stored)).ok()?;
    holds(matches!(settled.verdict, ResyncVerdict::Resynchronised(hit) if hit.drift() == 1))?;
    let plan = Verifier::DEFAULT.plan(&totp, fresh, "287082", 59).ok()?;
    let factors = plan.moving_factors().len();
    holds(factors == 3)?;
    holds(plan.attempt([]).is_err())?;
    let mut both = [Authenticator::new(1, &totp, used), Authenticator::new(2, &totp, failed)];
    let any = Verifier::DEFAULT.attempt_any(&mut both, "287082", 59).ok()?;
    let settled = any.commit(|_| Ok::<_, Infallible>(Swap::Stored)).ok()?;
    holds(matches!(settled.verdict, Verdict::Replayed))?;

    let load = || Ok::<_, Infallible>(failed);
    let swap = |old, new| Ok(Swap::from_rows(u64::from(old == failed && new != failed)));
    let settled = Verifier::DEFAULT.log_in(&totp, "359152", 60, load, swap).ok()?;
    holds(matches!(&settled.verdict, Verdict::Accepted(hit) if hit.failures() == 1))?;
    let line = "kind=code verdict=accepted failures=0 failures_before=1 moving_factor=2 drift=0";
    holds(Sink::of(settled.record)?.text() == line)
}

/// Commits an attempt on a state: the verdict, and the state that is stored then.
fn stored(attempt: Attempt, state: State) -> Option<(Verdict, State)> {
    let mut row = state;
    let settled = attempt.commit(|old, new| {
        let swap = Swap::from_rows(u64::from(row == old));
        row = new;
        Ok::<_, Infallible>(swap)
    });
    Some((settled.ok()?.verdict, row))
}

/// A state and a set, written and read back.
pub fn through_serde<T>(value: T, buffer: &mut [u8]) -> Option<T>
where
    T: serde_core::Serialize + serde_core::de::DeserializeOwned,
{
    let mut room = minicbor_serde::Serializer::new(&mut *buffer);
    value.serialize(&mut room).ok()?;
    let mut bytes = minicbor_serde::Deserializer::new(buffer);
    T::deserialize(&mut bytes).ok()
}
