//! Slow tests: they start a PostgreSQL cluster of their own, or kill servers.
//!
//! `cargo test -p mfa-server --test faults -- --ignored long::` needs Debian's package
//! `postgresql`.

mod checkpoint;
mod cluster;
mod hashes;
mod killed;
mod postgres;
mod proxy;
mod races;
mod restarted;
