//! The secrets of one token. Here they are built in, and everybody can read them.
//!
//! `otp recovery new` made the set, for the user `user`. A factory gives each token its own set,
//! and keeps the pepper outside the firmware: see README.md.

use hardware_token::{Recovery, Token};

pub(crate) static SET: &[u8; 368] = include_bytes!("../provisioned/recovery_set.bin");
static PEPPER: [u8; 32] = [7; 32];
const KEY_ID: u32 = 1;
const USER: &[u8] = b"user";

/// Does nothing if the secrets are damaged. Not inlined, so that its stack is free afterwards.
#[inline(never)]
pub(crate) fn provision(token: &mut Token) {
    if let Ok(recovery) = Recovery::new(SET, KEY_ID, &PEPPER, USER) {
        token.provision(recovery);
    }
}
