//! Runs the crate on secrets that Valgrind knows to be such. It reports each branch and each
//! address that depends on one, unless the crate has revealed it (`docs/CONSTANT_TIME.md`).
//!
//! Each answer is checked, so that what was watched is known to have been done.

mod codes;
mod judge;
mod memory;
mod recovery;

fn main() {
    assert!(memory::is_watched(), "not under Valgrind");
    // Without it every verdict is a branch on a secret.
    otp_core::on_reveal(memory::make_public);
    codes::prove();
    judge::prove();
    recovery::prove();
}
