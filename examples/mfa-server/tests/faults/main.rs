//! A server whose database, disk or network fails, or that is killed, from the outside. What takes long is in
//! `long`, and `test.sh` runs it if it is asked to.

mod disk;
mod long;
mod program;
