//! Which of many authenticators shows a code.

use super::factor::Verifiable;
use super::factor::sealed::Source;
use super::judge::Standing;
use super::state::State;
use super::verdict::AttemptError;
use crate::hmac_key::HmacKey;
use crate::scan::{VerifyError, highest_match};
use crate::submitted::{MalformedCode, SubmittedCode};
use crate::window::Window;

/// The widths of all formats, 5 to 10.
const FORMATS: usize = 6;
const NARROWEST: u8 = 5;

/// Finds which of many authenticators show a code: for a help desk that holds a token without a label.
///
/// Each authenticator is an engine with its state. Its codes are looked for in `window`, around the one that it
/// should show: of TOTP at `now`, in seconds of Unix time and with the drift that was learned, of HOTP at the
/// next counter. Codes that are used up are found too.
///
/// `each` is called for an authenticator that has the code, with its place in `authenticators`, counted from
/// 0, and the highest moving factor that matches. It is also called for one that cannot be asked, with the reason:
/// that one hides no other. All are asked, whichever match, with one HMAC for each moving factor of `window`.
///
/// **This lets nobody in.** Nothing is stored or counted, and codes of 6 digits meet by chance: one code in ten
/// is that of some token, if there are 10,000 tokens with 11 moving factors each. Ask for the next code too.
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
/// [`MalformedCode`] if there are authenticators and the text cannot be a code of any of them: what is wrong with it
/// for the first one.
pub fn find<M: HmacKey, V: Verifiable<Key = M>>(
    authenticators: impl IntoIterator<Item = (V, State)>,
    code: &str,
    now: u64,
    window: Window,
    mut each: impl FnMut(usize, Result<u64, AttemptError<M::Error>>),
) -> Result<(), MalformedCode> {
    // Read once for each format. What a format is, nobody hides.
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

/// The moving factor of the code that an authenticator should show.
fn expected<M: HmacKey, V: Verifiable<Key = M>>(
    engine: &V,
    state: State,
    now: u64,
) -> Result<u64, AttemptError<M::Error>> {
    let source = engine.source(now)?;
    // Of milliseconds no token would show a code, and nobody would learn why.
    if matches!(source, Source::Clock { .. }) && now > State::MAX_TIME {
        return Err(AttemptError::TimeTooFar);
    }
    let Standing { centre, factor, .. } = Standing::of(source, state);
    if state.is_for(factor) { Ok(centre) } else { Err(AttemptError::OtherEngine) }
}
