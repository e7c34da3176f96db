//! Colours of messages on standard error. The output for programs never has colours.

use std::env;
use std::io::{self, IsTerminal};
use std::sync::OnceLock;

use clap::ValueEnum;

/// When messages have colours.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

static CHOSEN: OnceLock<Color> = OnceLock::new();

impl Color {
    pub(crate) fn set(self) {
        // It is set once, before anything is told.
        let _ = CHOSEN.set(self);
    }
}

fn is_on() -> bool {
    match CHOSEN.get().copied().unwrap_or(Color::Auto) {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let is_dumb = env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
            !no_color && !is_dumb && io::stderr().is_terminal()
        }
    }
}

/// Gives the first word of a message its colour: red for errors, yellow for warnings, blue for
/// notes.
pub(crate) fn paint(line: &str) -> String {
    let colors = [("error", 31), ("refused", 31), ("warning", 33), ("note", 36)];
    for (word, color) in colors {
        let rest = line.strip_prefix(word).filter(|rest| rest.starts_with(':'));
        if let Some(rest) = rest.filter(|_| is_on()) {
            return format!("\x1b[1;{color}m{word}\x1b[0m{rest}");
        }
    }
    line.to_owned()
}
