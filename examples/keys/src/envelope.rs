//! Shared secrets sealed by a key management service (KMS): an envelope.
//!
//! Each secret is encrypted under a data key of its own, and the KMS encrypts the data key. The database has both, and a copy
//! of it tells nothing. After a rotation of the KMS's key, [`rewrap`] seals data keys anew.
//! The recovery pepper is sealed in the same way: open it when the server starts.

use std::future::Future;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use zeroize::{Zeroize, Zeroizing};

use crate::Error;

/// The length of a data key in bytes.
const KEY_LEN: usize = 32;

/// What a KMS does. Each of them has these two calls, and takes a context that both must be given.
pub trait Kms {
    /// Encrypts a data key under the KMS's present key. The answer says which key that was.
    fn wrap(
        &self,
        key: &[u8],
        context: &str,
    ) -> impl Future<Output = Result<Vec<u8>, Error>> + Send;
    /// Decrypts what [`wrap`](Self::wrap) has made, also under a former key.
    fn unwrap(
        &self,
        wrapped: &[u8],
        context: &str,
    ) -> impl Future<Output = Result<Zeroizing<Vec<u8>>, Error>> + Send;
}

/// A sealed secret, as the database stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The data key, encrypted by the KMS.
    pub wrapped_key: Vec<u8>,
    /// Nonce, encrypted secret, tag.
    pub secret: Vec<u8>,
}

/// Seals the secret of an authenticator. `context` says whose it is, and belongs to this one: its id and its user.
///
/// # Errors
/// The KMS does not answer.
pub async fn seal(kms: &impl Kms, secret: &[u8], context: &str) -> Result<Sealed, Error> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    rand::fill(&mut *key)?;
    // The key encrypts once, so any nonce is new.
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce)?;
    let mut sealed = secret.to_vec();
    aes(&*key)?.seal_in_place_append_tag((&nonce).into(), Aad::from(context), &mut sealed)?;
    let secret = [&nonce[..], &sealed].concat();
    Ok(Sealed { wrapped_key: kms.wrap(&*key, context).await?, secret })
}

/// Opens a sealed secret. It is wiped when it is dropped.
///
/// # Errors
/// The KMS does not answer, or this was sealed for another context, or somebody has changed it: nothing is counted then.
pub async fn open(
    kms: &impl Kms,
    sealed: &Sealed,
    context: &str,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let key = kms.unwrap(&sealed.wrapped_key, context).await?;
    let (nonce, secret) = sealed.secret.split_at_checked(NONCE_LEN).ok_or("too short")?;
    let nonce = Nonce::try_assume_unique_for_key(nonce)?;
    let mut secret = Zeroizing::new(secret.to_vec());
    let len = aes(&key)?.open_in_place(nonce, Aad::from(context), &mut secret)?.len();
    // What was the tag.
    secret[len..].zeroize();
    secret.truncate(len);
    Ok(secret)
}

/// Seals the data key under the present key of the KMS, after a rotation. It opens the new row before it replaces the old one:
/// if the KMS answered wrongly, the secret would be lost for good.
///
/// # Errors
/// The KMS does not answer, or the new row does not open. `sealed` is as it was then.
pub async fn rewrap(kms: &impl Kms, sealed: &mut Sealed, context: &str) -> Result<(), Error> {
    let key = kms.unwrap(&sealed.wrapped_key, context).await?;
    let wrapped_key = kms.wrap(&key, context).await?;
    let new = Sealed { wrapped_key, secret: sealed.secret.clone() };
    open(kms, &new, context).await?;
    *sealed = new;
    Ok(())
}

fn aes(key: &[u8]) -> Result<LessSafeKey, Error> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?))
}
