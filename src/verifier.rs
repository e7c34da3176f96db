//! The verifier turns a submitted code and a stored state into a verdict and the next state.
//!
//! A [`Verifier`] holds the settings of a service, and [`log_in`](Verifier::log_in) is a login in
//! one call. It loads the [`State`] of the user's authenticator, checks the code, replaces the
//! state by compare-and-swap, and only then returns the [`Verdict`].
//!
//! | to | call |
//! |---|---|
//! | know whether to ask for a code | [`State::requires_code`] |
//! | log in | [`Verifier::log_in`], [`log_in_async`](Verifier::log_in_async) |
//! | log in a user with several authenticators | [`Verifier::log_in_any`], [`log_in_any_async`](Verifier::log_in_any_async) |
//! | check now and store later | [`Verifier::attempt`], then [`Attempt::commit`] |
//! | use a key that only asynchronous code reaches | [`Verifier::plan`] |
//! | find a clock that has drifted far | [`Verifier::resynchronise`] |
//! | count a code that the host checks itself | [`Verifier::attempt_by_host`] |
//! | redeem a recovery code | `Verifier::redeem`, with the feature `recovery` |
//! | import a user from another system | [`State::confirmed`] |

mod attempt;
mod budget;
mod by_host;
mod bytes;
mod check;
mod drift;
mod error;
mod factor;
mod find;
mod lifecycle;
mod login;
mod login_any;
mod plan;
mod record;
mod resynchronise;
mod settings;
mod several;
mod state;
mod tally;
mod throttle;
mod verdict;

pub use self::{
    attempt::{Attempt, Settled, Swap},
    budget::Budget,
    bytes::StateBytes,
    drift::DriftLearning,
    error::{SettingsError, StateError},
    factor::Verifiable,
    find::find,
    lifecycle::{DisabledBy, Lifecycle},
    login::LoginError,
    login_any::Judged,
    plan::{MovingFactors, Plan, ResyncPlan},
    record::Record,
    resynchronise::{ResyncAttempt, ResyncVerdict, Resynchronised},
    settings::{Resynchronisation, Verifier},
    several::{AttemptAny, Authenticator, Change, Changes, SettledAny},
    state::State,
    throttle::{Backoff, Throttle},
    verdict::{Accepted, AttemptError, Rejection, Verdict},
};

#[cfg(feature = "recovery")]
pub(crate) use self::check::{Barred, barred};
