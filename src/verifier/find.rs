//! Finds which of many authenticators shows a code.

use super::check::Standing;
use super::factor::Verifiable;
use super::factor::sealed::Source;
use super::state::State;
use super::verdict::AttemptError;
use crate::hmac_key::HmacKey;
use crate::scan::{VerifyError, highest_match};
use crate::submitted::{MalformedCode, SubmittedCode};
use crate::window::Window;

/// The widths of all formats: 5 to 10.
const FORMATS: usize = 6;
const NARROWEST: u8 = 5;

/// Finds which of many authenticators show a code, for a help desk that has a token without a
/// label.
///
/// Each authenticator is an engine with its state. Its codes are searched in `window`, around the
/// code that it should show. For TOTP that is the code at `now`, in seconds of Unix time, corrected
/// by the learned drift. For HOTP it is the code of the next counter. Used codes are found too.
///
/// `each` is called for every authenticator that has the code. It receives the position in
/// `authenticators`, counted from 0, and the highest matching moving factor. It is also called with
/// an error for an authenticator that cannot be checked, so that one error does not hide the
/// others. All authenticators are checked, even after a match, with one HMAC for each moving factor
/// of `window`.
///
/// **A match is not a login.** Nothing is stored or counted, and 6-digit codes coincide by chance.
/// With 10,000 tokens and 11 moving factors each, one random code in ten belongs to some token. Ask
/// for the next code too.
///
/// ```
/// use otp_core::verifier::{self, State};
/// use otp_core::{Secret, Totp, Window};
///
/// let first = Totp::new(&Secret::from_bytes(b"a key of 16 byte")?);
/// let second = Totp::new(&Secret::from_bytes(b"another, as long")?);
/// let rows = [(&first, State::confirmed()), (&second, State::confirmed())];
/// let shown = second.code_at(59)?.to_string();
///
/// let mut found = Vec::new();
/// verifier::find(rows, &shown, 89, Window::new(5, 5)?, |place, step| match step {
///     Ok(_) => found.push(place),
///     Err(error) => println!("{place} cannot be asked: {error}"),
/// })?;
/// assert_eq!(found, [1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MalformedCode`] if there are authenticators and the text cannot be a code of any of them. It
/// describes the error for the first one.
pub fn find<M: HmacKey, V: Verifiable<Key = M>>(
    authenticators: impl IntoIterator<Item = (V, State)>,
    code: &str,
    now: u64,
    window: Window,
    mut each: impl FnMut(usize, Result<u64, AttemptError<M::Error>>),
) -> Result<(), MalformedCode> {
    // The text is read once for each format. Formats are not secret.
    let mut read = [None; FORMATS];
    let mut malformed = None;
    let mut fits = false;
    for (place, (engine, state)) in authenticators.into_iter().enumerate() {
        let format = engine.code_format();
        let slot = read.get_mut(usize::from(format.width().saturating_sub(NARROWEST)));
        let parse = || SubmittedCode::parse(code, format);
        let submitted = match slot.map_or_else(parse, |slot| *slot.get_or_insert_with(parse)) {
            Ok(submitted) => submitted,
            Err(error) => {
                malformed.get_or_insert(error);
                continue;
            }
        };
        fits = true;
        let matched = expected(&engine, state, now).and_then(|expected| {
            match highest_match(engine.key(), window.around(expected), format, &submitted) {
                Ok(moving_factor) => Ok(Some(moving_factor)),
                Err(VerifyError::Key(error)) => Err(AttemptError::Key(error)),
                Err(_) => Ok(None),
            }
        });
        if let Some(told) = matched.transpose() {
            each(place, told);
        }
    }
    malformed.filter(|_| !fits).map_or(Ok(()), Err)
}

/// Returns the moving factor of the code that an authenticator should show.
fn expected<M: HmacKey, V: Verifiable<Key = M>>(
    engine: &V,
    state: State,
    now: u64,
) -> Result<u64, AttemptError<M::Error>> {
    let source = engine.source(now)?;
    // If the time were in milliseconds, no token would match, and the caller would not learn why.
    if matches!(source, Source::Clock { .. }) && now > State::MAX_TIME {
        return Err(AttemptError::TimeTooFar);
    }
    let Standing { centre, factor, .. } = Standing::of(source, state);
    if state.is_for(factor) { Ok(centre) } else { Err(AttemptError::OtherEngine) }
}
