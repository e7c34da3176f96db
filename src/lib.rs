//! Checks the one-time codes of a login: TOTP (RFC 6238) and HOTP (RFC 4226). It accepts each code
//! once, slows guesses down and ends them. It is for servers, hardware tokens and WebAssembly.
//!
//! The crate does not allocate, does not read a clock and contains no `unsafe`. It compares codes
//! in constant time. You pass the time in, and you store a small [`State`](verifier::State) for
//! each authenticator.
//!
//! ```sh
//! cargo add otp-core --features getrandom
//! ```
//!
//! # A login
//! Enrol a user. Show the QR code, encrypt the secret, and store it with the state:
//!
//! ```
//! # #[cfg(not(all(feature = "getrandom", feature = "qr")))]
//! # fn main() {}
//! # #[cfg(all(feature = "getrandom", feature = "qr"))]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use otp_core::otpauth::UriBuilder;
//! use otp_core::qr::{Buffer, Qr};
//! use otp_core::verifier::State;
//! use otp_core::{Algorithm, SecretBuffer};
//!
//! let mut place = SecretBuffer::new(); // is wiped when it is dropped
//! let secret = place.generate_from_os(Algorithm::Sha1)?; // every authenticator app knows SHA-1
//! let uri = UriBuilder::totp(secret).with_issuer("ACME")?.with_account("alice@example.com")?;
//! let mut buffer = Buffer::new();
//! let svg = Qr::encode(&uri, &mut buffer)?.svg().to_string(); // the user scans it
//! let (to_encrypt, state) = (secret.expose_bytes(), State::enrolment().to_bytes());
//! # assert!(svg.ends_with("</svg>\n") || svg.ends_with("</svg>"), "{svg}");
//! # assert_eq!((to_encrypt.len(), State::from_bytes(state.as_ref())?), (20, State::enrolment()));
//! # Ok(())
//! # }
//! ```
//!
//! Call `second_factor` after the password. The first accepted code confirms the enrolment:
//!
//! ```
//! # use std::cell::Cell;
//! # struct Db(Cell<State>);
//! # impl Db {
//! #     fn load(&self, _: u64) -> Result<State, std::io::Error> { Ok(self.0.get()) }
//! #     fn states(&self, _: u64) -> Result<Vec<State>, std::io::Error> { Ok(vec![self.0.get()]) }
//! #     fn swap(&self, _: u64, old: State, new: State) -> Result<Swap, std::io::Error> {
//! #         let rows = u64::from(self.0.get() == old);
//! #         if rows == 1 { self.0.set(new) }
//! #         Ok(Swap::from_rows(rows))
//! #     }
//! # }
//! use otp_core::Totp;
//! use otp_core::verifier::{State, Swap, Verdict, Verifier};
//!
//! enum Answer { LetIn, AskForCode, Refuse(Verdict) }
//!
//! /// `db.states` is `SELECT state FROM otp WHERE user = $user`, and `db.load` is the same for one
//! /// row. `db.swap` is `UPDATE otp SET state = $new WHERE id = $row AND state = $old`, then
//! /// `Swap::from_rows`.
//! fn second_factor(
//!     db: &Db, user: u64, row: u64, totp: &Totp, code: Option<&str>, now: u64,
//! ) -> Result<Answer, Box<dyn std::error::Error>> {
//!     let asks = db.states(user)?.iter().any(|state| state.requires_code());
//!     let Some(code) = code else {
//!         return Ok(if asks { Answer::AskForCode } else { Answer::LetIn });
//!     };
//!     if asks && !db.load(row)?.requires_code() {
//!         return Err("the password is not enough to confirm a second device".into());
//!     }
//!     let (load, swap) = (|| db.load(row), |old, new| db.swap(row, old, new));
//!     let settled = Verifier::DEFAULT.log_in(totp, code, now, load, swap)?;
//!     println!("{}", settled.record); // a line for the audit log, without the code
//!     match settled.verdict {
//!         Verdict::Accepted(_) => Ok(Answer::LetIn),
//!         refused => Ok(Answer::Refuse(refused)),
//!     }
//! }
//! # let totp = Totp::new(&otp_core::Secret::from_bytes(b"12345678901234567890")?);
//! # let db = Db(Cell::new(State::enrolment()));
//! # let log_in = |code, now| second_factor(&db, 17, 1, &totp, code, now);
//! # assert!(matches!(log_in(None, 59)?, Answer::LetIn));
//! # assert!(matches!(log_in(Some("287 082"), 59)?, Answer::LetIn));
//! # assert!(matches!(log_in(None, 60)?, Answer::AskForCode));
//! # assert!(matches!(log_in(Some("287082"), 60)?, Answer::Refuse(Verdict::Replayed)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each device of a user has a row of its own, so a new phone never overwrites the old one. Take
//! `row` from your table, and not from the browser: the confirmed row, or the new one if none is.
//! `totp` is `Totp::new(SecretBuffer::new().read_bytes(&decrypted)?)`, and `now` is the Unix time
//! in seconds. The guide asks `requires_code` again in the transaction that stores, because another
//! device may be confirmed in between: [new phone](guide::new_phone).
//!
//! The verdict comes out only after `swap` has stored the new state. If a hundred requests bring
//! one code, one is let in.
//!
//! # Which type do I need
//! | to | use |
//! |---|---|
//! | hold a shared secret | [`Secret`]; [`SecretBuffer`], which leaves no copy behind |
//! | show a QR code at enrolment | [`UriBuilder`], [`Qr`] |
//! | check a code behind a login | [`Verifier::log_in`], [`log_in_async`] |
//! | check a code of any of a user's devices | [`Verifier::log_in_any`] |
//! | know whether to ask for a code | [`State::requires_code`] |
//! | take in a user of another system | [`State::confirmed`], [`Uri`], [`Export`], [`seeds`] |
//! | make and redeem recovery codes | [`recovery::Set`], [`Verifier::redeem`] |
//! | show codes, as an app or a token does | [`Totp::code_at`], [`Hotp::code`] |
//! | only compare a code, **not for a login** | [`Totp::verify_at`], [`Hotp::verify`] |
//! | keep the key in a KMS, an HSM or a chip | [`Verifier::plan`], [`HmacKey`] |
//! | test your store and your login | [`conformance`] |
//!
//! # Features
//! | feature | default | adds |
//! |---|---|---|
//! | `sha2` | yes | HMAC-SHA-256 and HMAC-SHA-512; without it an [`AlgorithmError`] |
//! | `qr` | yes | `qr::Qr`: QR codes for a terminal or as SVG, in a buffer that you bring |
//! | `recovery` | yes | `recovery::Set`: recovery codes, stored as hashes, used once each |
//! | `getrandom` | | `Secret::generate_from_os`: a new secret from the operating system |
//! | `rand_core` | | `Secret::generate`: the same from a CSPRNG of `rand_core` 0.10 |
//! | `argon2` | | `recovery::Argon2id`: a password hash for recovery codes under 112 bits |
//! | `pbkdf2` | | `recovery::Pbkdf2`: the same, if Argon2id is not allowed or does not fit |
//! | `seeds` | | `seeds::Pskc`, `seeds::Csv`: the files that makers ship with hardware tokens |
//! | `serde` | | `State` and `recovery::Set` in and out of serde, and `Record` out |
//! | `conformance` | | `conformance`: tests of your store, your login and your key; needs std |
//!
//! No feature changes what another one means. `--no-default-features` is for tokens that know only
//! SHA-1.
//!
//! # Read on
//! The [guide](guide) has a page for each task: [enrol](guide::enrol), [log in](guide::log_in),
//! [lost phone](guide::lost_phone), [two devices](guide::two_devices),
//! [recovery codes](guide::recovery), [administration](guide::administrator),
//! [users of another system](guide::migrate), [a KMS](guide::kms), [tests](guide::testing),
//! [monitoring](guide::monitoring), [a check list](guide::checklist) and
//! [a glossary](guide::glossary).
//!
//! These documents are in the package:
//! - [what is proven, and how][proofs]; [constant time][constant time]; [speed][speed];
//! - [what is read and what is refused][accepted]; [security][security];
//! - [failures of other systems, and their tests][failures];
//! - [the standards by clause][compliance];
//! - [this crate beside others][comparison].
//!
//! [`UriBuilder`]: otpauth::UriBuilder
//! [`Verifier::log_in`]: verifier::Verifier::log_in
//! [`log_in_async`]: verifier::Verifier::log_in_async
//! [`Verifier::log_in_any`]: verifier::Verifier::log_in_any
//! [`Verifier::plan`]: verifier::Verifier::plan
//! [`State::requires_code`]: verifier::State::requires_code
//! [`State::confirmed`]: verifier::State::confirmed
//! [`Uri`]: otpauth::Uri
//! [`Export`]: migration::Export
//! [proofs]: https://docs.rs/crate/otp-core/latest/source/docs/PROOFS.md
//! [accepted]: https://docs.rs/crate/otp-core/latest/source/docs/ACCEPTED.md
//! [comparison]: https://docs.rs/crate/otp-core/latest/source/docs/COMPARISON.md
//! [failures]: https://docs.rs/crate/otp-core/latest/source/docs/FAILURES.md
//! [compliance]: https://docs.rs/crate/otp-core/latest/source/docs/COMPLIANCE.md
//! [constant time]: https://docs.rs/crate/otp-core/latest/source/docs/CONSTANT_TIME.md
//! [speed]: https://docs.rs/crate/otp-core/latest/source/docs/SPEED.md
//! [security]: https://docs.rs/crate/otp-core/latest/source/SECURITY.md
#![cfg_attr(feature = "conformance", doc = "[`conformance`]: conformance")]
#![cfg_attr(not(feature = "conformance"), doc = "[`conformance`]: #features")]
#![cfg_attr(feature = "qr", doc = "[`Qr`]: qr::Qr")]
#![cfg_attr(not(feature = "qr"), doc = "[`Qr`]: #features")]
#![cfg_attr(feature = "recovery", doc = "[`recovery::Set`]: recovery::Set")]
#![cfg_attr(feature = "recovery", doc = "[`Verifier::redeem`]: verifier::Verifier::redeem")]
#![cfg_attr(not(feature = "recovery"), doc = "[`recovery::Set`]: #features")]
#![cfg_attr(not(feature = "recovery"), doc = "[`Verifier::redeem`]: #features")]
#![cfg_attr(feature = "seeds", doc = "[`seeds`]: seeds")]
#![cfg_attr(not(feature = "seeds"), doc = "[`seeds`]: #features")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(
    clippy::arithmetic_side_effects,
    clippy::exhaustive_enums,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::std_instead_of_core,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_in_result,
    clippy::unwrap_used
)]

#[cfg(any(test, feature = "conformance", otp_core_valgrind))]
extern crate std;

mod algorithm;
mod base32;
mod buffer;
mod code;
#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;
mod constant;
mod ct;
mod decimal;
mod decoded;
mod digits;
mod division;
mod engine;
mod format;
// Only in the documentation, and with every feature that its examples need in their tests.
#[cfg(any(
    all(doc, not(doctest)),
    all(
        doctest,
        feature = "conformance",
        feature = "getrandom",
        feature = "qr",
        feature = "recovery"
    )
))]
#[cfg_attr(docsrs, doc(auto_cfg = false))]
pub mod guide;
mod hash;
mod hmac_key;
mod hotp;
mod key_schedule;
mod label;
pub mod migration;
pub mod otpauth;
mod percent;
mod period;
#[cfg(feature = "qr")]
#[cfg_attr(docsrs, doc(cfg(feature = "qr")))]
pub mod qr;
#[cfg(feature = "recovery")]
#[cfg_attr(docsrs, doc(cfg(feature = "recovery")))]
pub mod recovery;
mod scan;
mod secret;
#[cfg(feature = "seeds")]
#[cfg_attr(docsrs, doc(cfg(feature = "seeds")))]
pub mod seeds;
// SHA-1 for speed or for size. It is chosen here and nowhere else.
#[cfg_attr(
    any(otp_core_small, all(target_os = "none", not(target_pointer_width = "64"))),
    path = "sha1/rolled.rs"
)]
mod sha1;
#[cfg(feature = "serde")]
mod stored;
mod submitted;
mod totp;
mod typed;
mod uri;
pub mod verifier;
mod window;

#[cfg(otp_core_valgrind)]
#[doc(hidden)]
pub use self::ct::on_reveal;
#[cfg(feature = "getrandom")]
#[cfg_attr(docsrs, doc(cfg(feature = "getrandom")))]
pub use self::secret::EntropyError;
pub use self::{
    algorithm::{Algorithm, AlgorithmError},
    base32::{Base32, Base32Error, Encoding, decode_base32},
    buffer::BufferTooSmall,
    code::Code,
    digits::{Digits, DigitsError},
    engine::{Engine, EngineError},
    format::CodeFormat,
    hmac_key::{HmacKey, Truncated},
    hotp::{Hotp, HotpMatch},
    key_schedule::KeySchedule,
    period::{BeforeT0, Period, PeriodError},
    scan::VerifyError,
    secret::{Secret, SecretBuffer, SecretError},
    submitted::{MalformedCode, SubmittedCode},
    totp::{CodeError, Totp, TotpMatch},
    window::{LookAhead, Window, WindowError},
};

/// The examples of README.md run with all others.
#[cfg(all(doctest, feature = "getrandom", feature = "qr"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// The examples of these pages run with all others.
#[cfg(doctest)]
mod migrate {
    #[doc = include_str!("../docs/migrate/auth0.md")]
    struct Auth0;
    #[doc = include_str!("../docs/migrate/better-auth.md")]
    struct BetterAuth;
    #[doc = include_str!("../docs/migrate/devise-two-factor.md")]
    struct DeviseTwoFactor;
    #[doc = include_str!("../docs/migrate/django-otp.md")]
    struct DjangoOtp;
    #[doc = include_str!("../docs/migrate/freeipa.md")]
    struct Freeipa;
    #[doc = include_str!("../docs/migrate/keycloak.md")]
    struct Keycloak;
    #[doc = include_str!("../docs/migrate/otplib.md")]
    struct Otplib;
    #[doc = include_str!("../docs/migrate/privacyidea.md")]
    struct Privacyidea;
    #[doc = include_str!("../docs/migrate/totp-rs.md")]
    struct TotpRs;
}
