//! AES in CBC mode, as in XML Encryption (section 5.2).
//!
//! Only this file uses `aes` and `cbc`.

use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;

use super::buffer::{BLOCK, Bytes};
use super::error::Problem;
use super::text::Text;

/// A cipher for encrypted values.
#[derive(Clone, Copy)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
}

/// Decrypts in place the bytes after the initialisation vector, and removes the vector and the
/// padding.
///
/// Only the last byte of the padding has a meaning (XML Encryption section 5.2). It is read after
/// the MAC was checked.
pub(super) fn decrypt(algorithm: Text<'_>, key: &[u8], bytes: &mut Bytes) -> Result<(), Problem> {
    const NAMES: [(&str, Cipher); 3] = [
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", Cipher::Aes128),
        ("http://www.w3.org/2001/04/xmlenc#aes192-cbc", Cipher::Aes192),
        ("http://www.w3.org/2001/04/xmlenc#aes256-cbc", Cipher::Aes256),
    ];
    let (_, cipher) =
        NAMES.into_iter().find(|(name, _)| algorithm == *name).ok_or(Problem::Cipher)?;
    match cipher {
        Cipher::Aes128 => blocks::<Decryptor<Aes128>>(key, bytes)?,
        Cipher::Aes192 => blocks::<Decryptor<Aes192>>(key, bytes)?,
        Cipher::Aes256 => blocks::<Decryptor<Aes256>>(key, bytes)?,
    }
    let padding = bytes.get().last().copied().map_or(0, usize::from);
    if !matches!(padding, 1..=BLOCK) {
        return Err(Problem::Padding);
    }
    bytes.strip(padding);
    Ok(())
}

fn blocks<D>(key: &[u8], bytes: &mut Bytes) -> Result<(), Problem>
where
    D: KeyIvInit + BlockModeDecrypt<BlockSize = aes::cipher::consts::U16>,
{
    let (blocks, rest) = bytes.get_mut().as_chunks_mut::<BLOCK>();
    let ([iv, blocks @ ..], []) = (blocks, rest) else {
        return Err(Problem::Padding);
    };
    if blocks.is_empty() {
        return Err(Problem::Padding);
    }
    let mut decryptor = D::new_from_slices(key, iv).map_err(|_| Problem::KeyLength)?;
    for block in blocks {
        decryptor.decrypt_block(block.into());
    }
    Ok(())
}
