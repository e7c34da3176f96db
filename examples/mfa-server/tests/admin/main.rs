//! `mfa-server admin`: its effect on users of a running server, its output, and its lines in
//! the audit log.

mod acts;
mod import;
#[path = "../program/mod.rs"]
mod program;
mod tokens;
mod world;
