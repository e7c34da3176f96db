//! The command from the outside: what it prints, and with which status it ends.

mod color;
mod encodings;
mod export;
mod field;
mod find;
mod generated;
mod import;
mod import_states;
mod pasted;
mod readme;
mod recovery;
mod resync;
mod state;
mod state_file;
mod told;
mod tool;
mod untold;
mod written;
