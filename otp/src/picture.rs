//! QR codes: in the terminal, and as SVG files.

use std::fmt::Display;
use std::io::{self, BufWriter, IntoInnerError, IsTerminal, Write};
use std::path::Path;

use otp_core::qr;
use zeroize::Zeroizing;

use crate::Outcome;
use crate::private::{NewFile, cannot};

/// Writes the SVG if one is wanted, and returns the drawing for the terminal.
pub(crate) fn draw(
    text: &(impl Display + ?Sized),
    svg: Option<&Path>,
) -> Outcome<Zeroizing<String>> {
    // The largest there is, for the longest labels.
    let mut buffer = qr::Buffer::<{ qr::Buffer::len_of(40) }>::sized();
    let qr = qr::Qr::encode(text, &mut buffer)?;
    if let Some(path) = svg {
        let mut file = BufWriter::new(NewFile::with_secret(path, "--svg")?);
        let written = write!(file, "{}", qr.svg());
        let file = written.and_then(|()| file.into_inner().map_err(IntoInnerError::into_error));
        file.and_then(NewFile::put).map_err(|error| cannot("--svg", &error))?;
    }
    let is_terminal = io::stdout().is_terminal();
    let text = if is_terminal { qr.in_terminal() } else { qr.on_dark() };
    Ok(Zeroizing::new(text.to_string()))
}
