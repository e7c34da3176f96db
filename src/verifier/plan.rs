//! An attempt in two steps, for a key that only asynchronous code reaches: first the required
//! moving factors, then the verdict.

use core::fmt;
use core::iter::FusedIterator;

use super::attempt::Attempt;
use super::check::{AskedFor, Reach, barred};
use super::factor::Verifiable;
use super::resynchronise::ResyncAttempt;
use super::settings::Verifier;
use super::state::State;
use super::verdict::AttemptError;
use crate::hmac_key::{HmacKey, Truncated};
use crate::scan::{Factors, Rising, Scan};

impl Verifier {
    /// Checks a typed code against the stored state, at `now` in seconds of Unix time. The verdict
    /// is hidden until the next state is stored: see [`Attempt`]. [`log_in`](Self::log_in) is the
    /// whole login.
    ///
    /// A code is accepted if it belongs to an unused moving factor within reach (RFC 6238 section
    /// 5.2, RFC 4226 section 7.2).
    ///
    /// But two factors may have the same digits by chance. So a code is refused as used if a used
    /// factor within reach has the same digits. It is also refused if one of the last used factors
    /// has them. For TOTP these are as many as the candidates in the widest window of this
    /// verifier, and for HOTP as many as its look-ahead.
    ///
    /// For example, the code of step 100 is 123456, and so is the code of step 102. The user logs
    /// in with it in step 100. In step 102 it is refused, because another person may have seen it.
    /// With six digits and three candidates, that happens to one right code in 330,000. The next
    /// code is then accepted.
    ///
    /// If the authenticator is locked or disabled, the code is not checked, and the key is not
    /// used. Otherwise each candidate is computed and compared for every answer, in a time that
    /// depends only on the verifier, the state and `now`.
    ///
    /// ```
    /// use otp_core::{Secret, Totp};
    /// use otp_core::verifier::{State, Swap, Verdict, Verifier};
    ///
    /// let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
    /// let mut stored = State::enrolment();
    /// let mut submit = |code, now| {
    ///     let attempt = Verifier::DEFAULT.attempt(&totp, stored, code, now)?;
    ///     let settled = attempt.commit(|old, new| {
    ///         assert_eq!(stored, old); // a database compares and swaps here
    ///         stored = new;
    ///         Ok::<_, otp_core::verifier::AttemptError>(Swap::Stored)
    ///     })?;
    ///     Ok::<_, otp_core::verifier::AttemptError>(settled.verdict)
    /// };
    /// assert!(matches!(submit("287 082", 59)?, Verdict::Accepted(code) if code.confirms()));
    /// assert_eq!(submit("287082", 60)?, Verdict::Replayed);
    /// let Verdict::Rejected(wrong) = submit("123456", 60)? else { panic!("a wrong code") };
    /// assert_eq!(wrong.tries_left(), 4);
    /// assert!(matches!(submit("28708", 60)?, Verdict::Malformed(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`AttemptError`] if the code cannot be checked. Nothing is counted then.
    pub fn attempt<M: HmacKey, V: Verifiable<Key = M>>(
        &self,
        engine: &V,
        state: State,
        code: &str,
        now: u64,
    ) -> Result<Attempt, AttemptError<M::Error>> {
        self.check(engine, state, &[code], now, AskedFor::Login)
    }

    /// Starts an [`attempt`](Self::attempt) in two steps, for a key that only asynchronous code
    /// reaches. Examples are a key management service, and an HSM on a network.
    ///
    /// The [`Plan`] lists the moving factors whose HMACs are needed. They are public. Compute these
    /// HMACs where the key is, in one batch, and pass them to [`Plan::attempt`]. The engine can
    /// hold any value in place of the key, because [`Totp::from_key`](crate::Totp::from_key)
    /// accepts any type.
    ///
    /// ```
    /// use otp_core::{Totp, Truncated};
    /// use otp_core::verifier::{State, Swap, Verdict, Verifier};
    ///
    /// # type Error = Box<dyn std::error::Error>;
    /// # struct Kms;
    /// # impl Kms {
    /// #     async fn hmac_sha1(&self, _: &str, all: &[[u8; 8]]) -> Result<Vec<[u8; 20]>, Error> {
    /// #         Ok(all.iter().map(|message| [message[7]; 20]).collect())
    /// #     }
    /// # }
    /// # async fn login(kms: &Kms, state: State, typed: &str, now: u64) -> Result<(), Error> {
    /// let totp = Totp::from_key("projects/login/keys/17");
    /// let plan = Verifier::DEFAULT.plan(&totp, state, typed, now)?;
    /// let messages: Vec<_> = plan.moving_factors().map(u64::to_be_bytes).collect();
    /// // If the attempt is locked, disabled or malformed, the key is not used.
    /// let hmacs = match messages.is_empty() {
    ///     true => vec![],
    ///     false => kms.hmac_sha1(totp.key(), &messages).await?,
    /// };
    /// let attempt = plan.attempt(hmacs.iter().map(Truncated::from_hmac))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The errors of [`attempt`](Self::attempt).
    pub fn plan<V: Verifiable>(
        &self,
        engine: &V,
        state: State,
        code: &str,
        now: u64,
    ) -> Result<Plan<'_>, AttemptError> {
        Ok(Plan(self.begin(engine, state, &[code], now, AskedFor::Login)?))
    }

    /// Starts a [`resynchronise`](Self::resynchronise) in two steps: see [`plan`](Self::plan).
    ///
    /// # Errors
    /// The errors of [`resynchronise`](Self::resynchronise).
    pub fn plan_resynchronisation<V: Verifiable>(
        &self,
        engine: &V,
        state: State,
        codes: &[&str],
        now: u64,
    ) -> Result<ResyncPlan<'_>, AttemptError> {
        Ok(ResyncPlan(self.begin(engine, state, codes, now, AskedFor::Resynchronisation)?))
    }
}

/// The HMACs that an attempt needs: see [`Verifier::plan`].
#[must_use = "feed it the HMACs: nothing is checked yet"]
pub struct Plan<'v>(Check<'v>);

impl Plan<'_> {
    /// Returns the moving factors whose HMACs are needed, in the order of feeding, without
    /// duplicates. There are none if the authenticator is locked or disabled, or if the code is
    /// malformed.
    #[must_use]
    pub fn moving_factors(&self) -> MovingFactors {
        self.0.moving_factors()
    }

    /// Takes the truncated HMACs of all moving factors, in their order, and returns the attempt.
    ///
    /// # Errors
    /// [`AttemptError::Answers`] for another number of HMACs, or if one is
    /// [`Truncated::UNWRITTEN`]. Nothing is counted then.
    pub fn attempt(
        self,
        hmacs: impl IntoIterator<Item = Truncated>,
    ) -> Result<Attempt, AttemptError> {
        self.0.feed(hmacs)
    }
}

/// The HMACs that a resynchronisation needs: see [`Verifier::plan_resynchronisation`].
#[must_use = "feed it the HMACs: nothing is checked yet"]
pub struct ResyncPlan<'v>(Check<'v>);

impl ResyncPlan<'_> {
    /// Returns the moving factors like [`Plan::moving_factors`].
    #[must_use]
    pub fn moving_factors(&self) -> MovingFactors {
        self.0.moving_factors()
    }

    /// Returns the attempt like [`Plan::attempt`].
    ///
    /// # Errors
    /// The errors of [`Plan::attempt`].
    pub fn attempt(
        self,
        hmacs: impl IntoIterator<Item = Truncated>,
    ) -> Result<ResyncAttempt, AttemptError> {
        self.0.feed(hmacs).map(ResyncAttempt)
    }
}

/// The moving factors of a [`Plan`], in ascending order, without duplicates.
#[derive(Clone, Debug)]
pub struct MovingFactors(Rising);

impl Iterator for MovingFactors {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.0.count_left();
        (left, Some(left))
    }
}

impl ExactSizeIterator for MovingFactors {}
impl FusedIterator for MovingFactors {}

/// A check that has started. It is already decided, or it waits for the HMACs of some moving
/// factors.
enum Check<'v> {
    Decided(Attempt),
    Open { verifier: &'v Verifier, state: State, now: u64, reach: Reach, scan: Scan },
}

impl Verifier {
    fn begin<V: Verifiable>(
        &self,
        engine: &V,
        state: State,
        codes: &[&str],
        now: u64,
        asked_for: AskedFor,
    ) -> Result<Check<'_>, AttemptError> {
        let decided = |verdict| Check::Decided(Attempt::unchanged(state, verdict));
        if let Some(barred) = barred(state, now)? {
            return Ok(decided(barred.into()));
        }
        let reach = self.reach(engine, state, now, asked_for)?;
        Ok(match self.scan(engine, &reach, codes) {
            Ok(scan) => Check::Open { verifier: self, state, now, reach, scan },
            Err(error) => decided(error.into()),
        })
    }
}

impl Check<'_> {
    fn moving_factors(&self) -> MovingFactors {
        let factors = match self {
            Self::Decided(_) => Factors::NONE,
            Self::Open { reach, .. } => reach.factors,
        };
        MovingFactors(factors.into_iter())
    }

    fn feed(self, hmacs: impl IntoIterator<Item = Truncated>) -> Result<Attempt, AttemptError> {
        let factors = self.moving_factors();
        let expected = u16::try_from(factors.len()).unwrap_or(u16::MAX);
        let wrong = AttemptError::Answers { expected };
        let mut hmacs = hmacs.into_iter();
        let attempt = match self {
            Self::Decided(attempt) => attempt,
            Self::Open { verifier, state, now, reach, mut scan } => {
                for factor in factors {
                    let hmac = hmacs.next().filter(|hmac| !hmac.is_unwritten()).ok_or(wrong)?;
                    scan.feed(factor, hmac);
                }
                verifier.conclude(state, now, &reach, &scan)
            }
        };
        if hmacs.next().is_none() { Ok(attempt) } else { Err(wrong) }
    }
}

/// Does not show the code.
impl fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plan(sealed)")
    }
}

/// Does not show the codes.
impl fmt::Debug for ResyncPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResyncPlan(sealed)")
    }
}
