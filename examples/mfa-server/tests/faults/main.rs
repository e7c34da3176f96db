//! A server whose database, disk or network fails, or that is killed, tested from outside. The
//! slow tests are in `long`; `test.sh` runs them with `OTP_LONG=1`.

mod disk;
mod long;
mod program;
