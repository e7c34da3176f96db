//! QR codes: in the terminal, and as SVG files.

use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use otp_core::qr;
use zeroize::Zeroizing;

use crate::Outcome;

/// Writes the SVG if one is wanted, and returns the drawing for the terminal.
pub(crate) fn draw(
    text: &(impl Display + ?Sized),
    svg: Option<&Path>,
) -> Outcome<Zeroizing<String>> {
    // The largest there is, for the longest labels.
    let mut buffer = qr::Buffer::<{ qr::Buffer::len_of(40) }>::sized();
    let qr = qr::Qr::encode(text, &mut buffer)?;
    if let Some(path) = svg {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            // What shows the secret is for its owner alone.
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let write = || options.open(path).and_then(|mut file| write!(file, "{}", qr.svg()));
        write().map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let is_terminal = io::stdout().is_terminal();
    let text = if is_terminal { qr.in_terminal() } else { qr.on_dark() };
    Ok(Zeroizing::new(text.to_string()))
}
