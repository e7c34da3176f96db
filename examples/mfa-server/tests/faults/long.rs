//! What takes longer than a test should, in a cluster of PostgreSQL of its own or by killing servers.
//!
//! `cargo test -p mfa-server --test faults -- --ignored long::` needs Debian's package `postgresql`.

mod checkpoint;
mod cluster;
mod hashes;
mod killed;
mod postgres;
mod proxy;
mod races;
mod restarted;
