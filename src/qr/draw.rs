//! Draws QR codes: as text for a terminal, and as SVG.

use core::fmt::{self, Write};

use super::code::Qr;

impl Qr<'_> {
    /// Draws for a terminal: black on white, with any colours of the terminal.
    ///
    /// Escape sequences of ISO 6429 (ANSI) set the colours at the start of each line, and reset
    /// them at its end. They select black and white, 16 and 231, from the 256 colours of xterm.
    /// Themes do not change these.
    #[must_use]
    pub const fn in_terminal(&self) -> Text<'_> {
        Text { qr: self, before: "\x1b[38;5;16;48;5;231m", after: "\x1b[0m", ink_is_dark: true }
    }

    /// Draws without escape sequences, for light text on a dark background.
    ///
    /// On a light background the code is inverted, and some readers refuse it.
    #[must_use]
    pub const fn on_dark(&self) -> Text<'_> {
        Text { qr: self, before: "", after: "", ink_is_dark: false }
    }

    /// Draws without escape sequences, for dark text on a light background, such as paper.
    ///
    /// On a dark background the code is inverted, and some readers refuse it.
    #[must_use]
    pub const fn on_light(&self) -> Text<'_> {
        Text { qr: self, before: "", after: "", ink_is_dark: true }
    }

    /// Draws as SVG.
    #[must_use]
    pub const fn svg(&self) -> Svg<'_> {
        Svg { qr: self }
    }

    /// Returns the end of the quiet zone, to the right and below.
    const fn end(size: i32) -> i32 {
        size.saturating_add(Self::QUIET_ZONE)
    }
}

/// A QR code that `Display` writes as text. [`Qr::in_terminal`], [`Qr::on_dark`] and
/// [`Qr::on_light`] make it.
///
/// It consists of lines of block elements (Unicode U+2580, U+2584, U+2588) and spaces. Each line
/// holds two rows of modules and ends with a line feed. With the quiet zone a code takes
/// [`Qr::size`] + 8 columns, 29 to 185, and half as many lines, rounded up.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    qr: &'a Qr<'a>,
    /// The text before and after each line.
    before: &'static str,
    after: &'static str,
    /// The printed characters appear dark on light.
    ink_is_dark: bool,
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = Qr::end(self.qr.size());
        let ink = |x, y| self.qr.is_dark(x, y) == self.ink_is_dark;
        for y in (-Qr::QUIET_ZONE..end).step_by(2) {
            f.write_str(self.before)?;
            for x in -Qr::QUIET_ZONE..end {
                // The number of rows is odd. The last line has one extra row below the quiet zone,
                // which is light.
                f.write_char(match (ink(x, y), ink(x, y.saturating_add(1))) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                })?;
            }
            f.write_str(self.after)?;
            f.write_char('\n')?;
        }
        Ok(())
    }
}

/// A QR code that `Display` writes as SVG. [`Qr::svg`] makes it.
///
/// It is one element, for use inside HTML or as a file of its own. A module is one unit, and the
/// `viewBox` includes the quiet zone. The element has no size of its own: it fills its container.
/// Its text for screen readers, `aria-label`, does not contain the content of the code.
#[derive(Clone, Copy, Debug)]
pub struct Svg<'a> {
    qr: &'a Qr<'a>,
}

impl Svg<'_> {
    /// Writes the dark modules as rectangles, one for each run in a row.
    fn path(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.qr.size();
        for y in 0..size {
            let mut run = 0_i32;
            // The module after the last one is light, and ends a run.
            for x in 0..=size {
                if self.qr.is_dark(x, y) {
                    run = run.saturating_add(1);
                } else if run > 0 {
                    let left = x.saturating_sub(run).saturating_add(Qr::QUIET_ZONE);
                    let top = y.saturating_add(Qr::QUIET_ZONE);
                    write!(f, "M{left} {top}h{run}v1h-{run}z")?;
                    run = 0;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Svg<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = Qr::end(self.qr.size()).saturating_add(Qr::QUIET_ZONE);
        write!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" \
             aria-label=\"QR code for an authenticator app\" shape-rendering=\"crispEdges\">\
             <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path fill=\"#000\" d=\""
        )?;
        self.path(f)?;
        f.write_str("\"/></svg>")
    }
}
