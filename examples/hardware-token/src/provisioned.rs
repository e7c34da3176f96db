//! What is put into a token when it is made: here, at build time, for everybody to see.
//!
//! The set is of `otp recovery new`, for the user `user`. A product gets its own in the factory, and
//! keeps the pepper elsewhere: see README.md.

use hardware_token::{Recovery, Token};

pub(crate) static SET: &[u8; 368] = include_bytes!("../provisioned/recovery_set.bin");
static PEPPER: [u8; 32] = [7; 32];
const KEY_ID: u32 = 1;
const USER: &[u8] = b"user";

/// Does nothing where what was put in is damaged. Not inlined: its stack is given back.
#[inline(never)]
pub(crate) fn provision(token: &mut Token) {
    if let Ok(recovery) = Recovery::new(SET, KEY_ID, &PEPPER, USER) {
        token.provision(recovery);
    }
}
