//! F20: an answer that can be copied can be kept for later.

use otp_core::verifier::*;
use otp_core::*;

/// Does not compile if one of the types is `Clone`, as every `Copy` type is. The constant would
/// then be ambiguous.
macro_rules! none_can_be_copied {
    ($($(#[$attribute:meta])? $type:ty,)+) => {$(
        $(#[$attribute])?
        const _: () = {
            trait Ambiguous<A> {
                const OF_ONE_KIND: () = ();
            }
            impl<T> Ambiguous<()> for T {}
            impl<T: Clone> Ambiguous<u8> for T {}
            <$type>::OF_ONE_KIND
        };
    )+};
}

// Every type that reports a success, or leads to one. Add each new one to this list.
none_can_be_copied! {
    Accepted,
    Attempt,
    HotpMatch,
    Settled,
    TotpMatch,
    Verdict,
    AttemptAny<'static, u64, Totp>,
    SettledAny<u64>,
    Plan<'static>,
    ResyncAttempt,
    ResyncPlan<'static>,
    ResyncVerdict,
    Resynchronised,
    #[cfg(feature = "recovery")]
    recovery::Verdict,
    #[cfg(feature = "recovery")]
    recovery::Redeemed,
    #[cfg(feature = "recovery")]
    recovery::Redemption<'static, 10>,
}

// Types that hold a secret cannot be copied either.
none_can_be_copied! {
    Engine,
    Hotp,
    KeySchedule,
    Secret,
    SecretBuffer,
    Totp,
    #[cfg(feature = "recovery")]
    recovery::Pepper,
    #[cfg(feature = "recovery")]
    recovery::Code,
}

/// The compiler checks the lists above.
#[test]
fn f20_no_success_can_be_copied() {}
