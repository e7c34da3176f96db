//! The server's answers, tested from outside, on SQLite.

mod access;
mod audit;
mod authenticators;
mod backup;
mod bodies;
mod clients;
mod codes;
mod faults;
mod front;
mod guesses;
mod metrics;
mod pasted;
mod refresh;
mod rotation;
mod sealed;
mod server;
mod settings;
mod several;
mod signup;
mod userinfo;
