//! Recovery codes. They are made once, shown once, stored as hashes, and each is used once.
//!
//! A [`Set`] is the stored form of a user's codes.
//! [`Verifier::redeem`](crate::verifier::Verifier::redeem) checks a typed code, and is the only way
//! to get a [`Verdict`].
//!
//! ```
//! use otp_core::recovery::{Keyed, Length, Pepper, Set, Verdict};
//! use otp_core::verifier::{State, Swap, Verifier};
//!
//! # let mut seed = 0_u8;
//! # let fill = |bytes: &mut [u8]| {
//! #     bytes.fill_with(|| { seed = seed.wrapping_mul(5).wrapping_add(7); seed ^ (seed >> 3) });
//! #     Ok::<(), std::io::Error>(())
//! # };
//! let pepper = Pepper::new(1, b"32 bytes that are not in the database")?;
//! let mut shown = Vec::new();
//! // `fill` fills a buffer from a CSPRNG, like the function of the crate `getrandom`.
//! let set: Set<10> = Set::generate(fill, Keyed, Length::DEFAULT, &pepper, b"user 17", |_, code| {
//!     shown.push(code.expose_grouped().to_string());
//! })?;
//! let state = State::for_recovery(); // Store it beside the set.
//!
//! // The day the phone is lost:
//! let (typed, now) = (shown[3].to_lowercase(), 1_234_567_890);
//! let redemption = Verifier::DEFAULT.redeem(&set, &pepper, b"user 17", state, &typed, now)?;
//! let settled = redemption.commit(|_next_set, _state, _next_state| {
//!     // One transaction stores both, if neither has changed since it was loaded.
//!     Ok::<_, std::io::Error>(Swap::Stored)
//! })?;
//! match settled.verdict {
//!     Verdict::Redeemed(code) => assert_eq!((code.slot(), code.remaining()), (3, 9)),
//!     verdict => println!("{verdict}"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "argon2")]
mod argon2id;
mod bytes;
mod code;
mod error;
mod hash;
mod issue;
mod length;
#[cfg(feature = "pbkdf2")]
mod pbkdf2;
mod pepper;
#[cfg(any(feature = "argon2", feature = "pbkdf2"))]
mod phc;
mod redeem;
#[cfg(feature = "serde")]
mod serde;
mod set;
mod verdict;

#[cfg(feature = "argon2")]
#[cfg_attr(docsrs, doc(cfg(feature = "argon2")))]
pub use self::argon2id::{Argon2Block, Argon2Keys, Argon2id};
#[cfg(feature = "pbkdf2")]
#[cfg_attr(docsrs, doc(cfg(feature = "pbkdf2")))]
pub use self::pbkdf2::Pbkdf2;
#[cfg(any(feature = "argon2", feature = "pbkdf2"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "argon2", feature = "pbkdf2"))))]
pub use self::phc::Phc;
pub use self::{
    code::{Code, GroupedCode},
    error::{CostError, InputError, IssueError, LengthError, MalformedCode, PepperError, SetError},
    hash::{Hash, Keyed},
    length::Length,
    pepper::Pepper,
    redeem::Redemption,
    set::Set,
    verdict::{Redeemed, Verdict},
};
