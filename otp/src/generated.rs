//! `otp completions` and `otp man`: what is generated from the options.
//!
//! The files are in the repository, so that a first build needs no generator. A test compares them;
//! `OTP_RENEW=1 cargo test -p otp --bin otp` writes them.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::{Outcome, answer};

#[derive(Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

impl Shell {
    const fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../generated/otp.bash"),
            Self::Zsh => include_str!("../generated/otp.zsh"),
            Self::Fish => include_str!("../generated/otp.fish"),
            Self::Powershell => include_str!("../generated/otp.ps1"),
            Self::Elvish => include_str!("../generated/otp.elv"),
        }
    }
}

impl Completions {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        answer(self.shell.script().trim_end(), ExitCode::SUCCESS)
    }
}

#[derive(Args)]
pub(crate) struct Man {
    /// The command, such as `verify` or `state show` [default: the tool itself]
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

/// The man pages by their commands.
const PAGES: &[(&str, &str)] = &[
    ("", include_str!("../generated/otp.1")),
    ("code", include_str!("../generated/otp-code.1")),
    ("completions", include_str!("../generated/otp-completions.1")),
    ("enroll", include_str!("../generated/otp-enroll.1")),
    ("export", include_str!("../generated/otp-export.1")),
    ("find", include_str!("../generated/otp-find.1")),
    ("import", include_str!("../generated/otp-import.1")),
    ("inspect", include_str!("../generated/otp-inspect.1")),
    ("man", include_str!("../generated/otp-man.1")),
    ("recovery", include_str!("../generated/otp-recovery.1")),
    ("recovery-new", include_str!("../generated/otp-recovery-new.1")),
    ("recovery-redeem", include_str!("../generated/otp-recovery-redeem.1")),
    ("resync", include_str!("../generated/otp-resync.1")),
    ("state", include_str!("../generated/otp-state.1")),
    ("state-migrate", include_str!("../generated/otp-state-migrate.1")),
    ("state-repair", include_str!("../generated/otp-state-repair.1")),
    ("state-show", include_str!("../generated/otp-state-show.1")),
    ("state-unlock", include_str!("../generated/otp-state-unlock.1")),
    ("verify", include_str!("../generated/otp-verify.1")),
];

impl Man {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        let name = self.command.join("-");
        let page = PAGES.iter().find(|(known, _)| *known == name);
        let (_, page) = page.ok_or("there is no such command: `otp --help` lists them")?;
        answer(page.trim_end(), ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::{env, fs};

    use clap::{Command, CommandFactory};
    use clap_complete::Shell;

    use super::PAGES;
    use crate::Cli;

    /// Compares a file, or writes it if that is asked for.
    fn check(name: &str, expected: &[u8]) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated").join(name);
        if env::var_os("OTP_RENEW").is_some() {
            fs::write(&path, expected).unwrap();
        }
        let renew = "OTP_RENEW=1 cargo test -p otp --bin otp";
        assert!(fs::read(&path).unwrap_or_default() == expected, "{name} is out of date: {renew}");
    }

    #[test]
    fn completions_are_those_of_the_options() {
        for (shell, name) in [
            (Shell::Bash, "otp.bash"),
            (Shell::Zsh, "otp.zsh"),
            (Shell::Fish, "otp.fish"),
            (Shell::PowerShell, "otp.ps1"),
            (Shell::Elvish, "otp.elv"),
        ] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "otp", &mut script);
            check(name, &script);
        }
    }

    #[test]
    fn man_pages_are_those_of_the_options() {
        let mut names = Vec::new();
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        pages(&command, "otp", &mut names);
        names.sort();
        let mut known: Vec<_> = PAGES.iter().map(|(name, _)| (*name).to_owned()).collect();
        known.sort();
        assert_eq!(names, known);
    }

    fn pages(command: &Command, name: &str, names: &mut Vec<String>) {
        let mut page = Vec::new();
        // The date would be that of the build.
        let man = clap_mangen::Man::new(command.clone().display_name(name.to_owned()));
        man.title(name.to_uppercase()).date("").render(&mut page).unwrap();
        check(&format!("{name}.1"), &page);
        names.push(name.strip_prefix("otp-").unwrap_or_default().to_owned());
        for inner in command.get_subcommands() {
            pages(inner, &format!("{name}-{}", inner.get_name()), names);
        }
    }
}
