//! `mfa-server admin`: what it does to users of a server that runs, what it says, and what the audit log tells.

mod acts;
mod import;
#[path = "../program/mod.rs"]
mod program;
mod tokens;
mod world;
