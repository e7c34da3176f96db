//! The table of commands, and its reader.

use core::fmt;

use crate::decimal;
use crate::fault::Fault;

/// A command as `help` and errors show it.
#[derive(Debug)]
pub struct Usage {
    /// The first word of the line.
    pub name: &'static str,
    /// The arguments.
    pub arguments: &'static str,
    /// The effect of the command.
    pub what: &'static str,
}

/// Name and arguments.
impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        f.write_str(if self.arguments.is_empty() { "" } else { " " })?;
        f.write_str(self.arguments)
    }
}

const fn usage(name: &'static str, arguments: &'static str, what: &'static str) -> Usage {
    Usage { name, arguments, what }
}

static PUT: Usage = usage("put", "<otpauth URI>", "enrol an account");
static LIST: Usage = usage("list", "", "show the accounts");
static TIME: Usage = usage("time", "<unix>", "set the clock, which stands still otherwise");
static CODE: Usage = usage("code", "<n>", "show the code of account n; for HOTP the next one");
static VERIFY: Usage = usage("verify", "<n> <code>", "check a code for account n, each once");
static RECOVER: Usage = usage("recover", "<code>", "redeem a recovery code");
static BENCH: Usage = usage("bench", "", "count instructions");
static HELP: Usage = usage("help", "", "show this");

/// All of them.
pub static COMMANDS: [&Usage; 8] = [&PUT, &LIST, &TIME, &CODE, &VERIFY, &RECOVER, &BENCH, &HELP];

/// A command. The numbers of accounts start at 1, as `list` shows them.
pub(crate) enum Command<'a> {
    Put { uri: &'a str },
    List,
    Time { now: u64 },
    Code { number: u64 },
    Verify { number: u64, code: &'a str },
    Recover { code: &'a str },
    Bench,
    Help,
}

impl<'a> Command<'a> {
    /// Reads a line. An empty line is not a command and not a fault.
    pub(crate) fn parse(line: &'a [u8]) -> Result<Option<Self>, Fault> {
        let line = str::from_utf8(line).map_err(|_| Fault::NotUtf8)?;
        let (name, rest) = split_word(line);
        let Some(usage) = COMMANDS.into_iter().find(|usage| usage.name == name) else {
            return if name.is_empty() { Ok(None) } else { Err(Fault::UnknownCommand) };
        };
        let mut arguments = Arguments { usage, rest };
        // A URI may have spaces in it, and a code is typed in groups: they are the rest of the
        // line.
        let command = match name {
            "put" => Self::Put { uri: arguments.text()? },
            "list" => Self::List,
            "time" => Self::Time { now: arguments.number()? },
            "code" => Self::Code { number: arguments.number()? },
            "verify" => Self::Verify { number: arguments.number()?, code: arguments.text()? },
            "recover" => Self::Recover { code: arguments.text()? },
            "bench" => Self::Bench,
            _ => Self::Help,
        };
        arguments.end().map(|()| Some(command))
    }
}

/// The arguments of a command.
struct Arguments<'a> {
    usage: &'static Usage,
    rest: &'a str,
}

impl<'a> Arguments<'a> {
    /// The next word, as a number.
    fn number(&mut self) -> Result<u64, Fault> {
        let (word, rest) = split_word(self.rest);
        self.rest = rest;
        if word.is_empty() {
            return Err(Fault::MissingArgument(self.usage));
        }
        decimal::read(word).ok_or(Fault::NotANumber(self.usage))
    }

    /// All that is left.
    fn text(&mut self) -> Result<&'a str, Fault> {
        match core::mem::take(&mut self.rest) {
            "" => Err(Fault::MissingArgument(self.usage)),
            text => Ok(text),
        }
    }

    fn end(&self) -> Result<(), Fault> {
        if self.rest.is_empty() { Ok(()) } else { Err(Fault::ExtraArgument(self.usage)) }
    }
}

/// The first word, and what follows it, each without spaces around.
fn split_word(text: &str) -> (&str, &str) {
    let text = text.trim_ascii();
    let end = text.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (word, rest.trim_ascii_start())
}
