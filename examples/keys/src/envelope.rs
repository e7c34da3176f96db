//! Shared secrets that a key management service (KMS) seals: an envelope.
//!
//! Each secret is encrypted under a data key of its own, and the KMS encrypts the data key. The
//! database stores both. A copy of the database does not reveal the secret. After a rotation of
//! the KMS's key, [`rewrap`] encrypts the data keys again. Seal the pepper of recovery codes in
//! the same way, and open it when the server starts.

use std::future::Future;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use zeroize::{Zeroize, Zeroizing};

use crate::Error;

/// The length of a data key in bytes.
const KEY_LEN: usize = 32;

/// The two calls of a KMS. Every KMS has them. Both need the same context.
pub trait Kms {
    /// Encrypts a data key under the KMS's current key. The answer names that key.
    fn wrap(
        &self,
        key: &[u8],
        context: &str,
    ) -> impl Future<Output = Result<Vec<u8>, Error>> + Send;
    /// Decrypts the answer of [`wrap`](Self::wrap), even if it used an earlier key.
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
    /// The nonce, the encrypted secret, and the tag.
    pub secret: Vec<u8>,
}

/// Seals the secret of an authenticator. `context` must belong to this authenticator only: use
/// its id and its user.
///
/// # Errors
/// The KMS does not answer.
pub async fn seal(kms: &impl Kms, secret: &[u8], context: &str) -> Result<Sealed, Error> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    rand::fill(&mut *key)?;
    // Each data key encrypts only once, so a random nonce cannot repeat under it.
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce)?;
    let mut sealed = secret.to_vec();
    aes(&*key)?.seal_in_place_append_tag((&nonce).into(), Aad::from(context), &mut sealed)?;
    let secret = [&nonce[..], &sealed].concat();
    Ok(Sealed { wrapped_key: kms.wrap(&*key, context).await?, secret })
}

/// Opens a sealed secret. The returned value is wiped when it is dropped.
///
/// # Errors
/// The KMS does not answer, the secret was sealed for another context, or somebody has changed
/// it. Do not count such an error as a failed code.
pub async fn open(
    kms: &impl Kms,
    sealed: &Sealed,
    context: &str,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let key = kms.unwrap(&sealed.wrapped_key, context).await?;
    let (nonce, secret) =
        sealed.secret.split_at_checked(NONCE_LEN).ok_or("the sealed secret is too short")?;
    let nonce = Nonce::try_assume_unique_for_key(nonce)?;
    let mut secret = Zeroizing::new(secret.to_vec());
    let len = aes(&key)?.open_in_place(nonce, Aad::from(context), &mut secret)?.len();
    // Wipes the bytes of the tag.
    secret[len..].zeroize();
    secret.truncate(len);
    Ok(secret)
}

/// Encrypts the data key under the KMS's current key, after a rotation. It opens the new row
/// before it replaces the old one. Otherwise a wrong answer of the KMS would lose the secret.
///
/// # Errors
/// The KMS does not answer, or the new row does not open. `sealed` is then unchanged.
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
