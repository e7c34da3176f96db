//! The command from the outside: what it prints, and with which status it ends.

mod find;
mod import;
mod readme;
mod recovery;
mod state;
mod tool;
