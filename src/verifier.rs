//! The verifier: a submitted code and a stored state become a verdict and the next state.
//!
//! A [`Verifier`] holds the settings of a service, and [`log_in`](Verifier::log_in) is a login in one call. It loads the
//! [`State`] of the user's authenticator, judges the code, replaces the state by compare-and-swap, and only then returns
//! the [`Verdict`].
//!
//! | to | call |
//! |---|---|
//! | know whether to ask for a code | [`State::requires_code`] |
//! | log in | [`Verifier::log_in`], [`log_in_async`](Verifier::log_in_async) |
//! | log in a user with several authenticators | [`Verifier::log_in_any`] |
//! | judge now and store later | [`Verifier::attempt`], then [`Attempt::commit`] |
//! | let a key answer from afar | [`Verifier::plan`] |
//! | find a clock that has gone astray | [`Verifier::resynchronise`] |
//! | count a code that the host judges | [`Verifier::attempt_by_host`] |
//! | redeem a recovery code | `Verifier::redeem`, with the feature `recovery` |
//! | take in a user of another system | [`State::confirmed`] |

mod attempt;
mod by_host;
mod bytes;
mod error;
mod factor;
mod find;
mod judge;
mod login;
mod plan;
mod record;
mod resynchronise;
mod settings;
mod several;
mod state;
mod throttle;
mod verdict;

pub use self::{
    attempt::{Attempt, Settled, Swap},
    bytes::StateBytes,
    error::SettingsError,
    factor::Verifiable,
    find::find,
    login::LoginError,
    plan::{MovingFactors, Plan, ResyncPlan},
    record::Record,
    resynchronise::{ResyncAttempt, ResyncVerdict, Resynchronised},
    settings::{DriftLearning, Resynchronisation, Verifier},
    several::{AttemptAny, Authenticator, Change, Changes, Judged},
    state::{DisabledBy, Lifecycle, State, StateError},
    throttle::{Backoff, Budget, Throttle},
    verdict::{Accepted, AttemptError, Rejection, Verdict},
};

#[cfg(feature = "recovery")]
pub(crate) use self::judge::{Barred, barred};
