//! The verifier: a submitted code and a stored state become a verdict and the next state.

mod attempt;
mod by_host;
mod bytes;
mod factor;
mod judge;
mod login;
mod plan;
mod policy;
mod record;
mod resynchronise;
mod several;
mod state;
mod throttle;
mod verdict;

pub use self::{
    attempt::{Attempt, Settled, Swap},
    bytes::StateBytes,
    factor::Verifiable,
    login::LoginError,
    plan::{Plan, ResyncPlan},
    policy::{DriftLearning, Policy, Resynchronisation},
    record::Record,
    resynchronise::{ResyncAttempt, ResyncVerdict, Resynchronised},
    several::{AttemptAny, Authenticator},
    state::{DisabledBy, Lifecycle, StateError, VerifierState},
    throttle::{Budget, Growth, PolicyError, Throttle},
    verdict::{Accepted, AttemptError, Rejection, Verdict},
};

#[cfg(feature = "recovery")]
pub(crate) use self::judge::{Barred, barred};
