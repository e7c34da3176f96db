//! Password hashes of another system: bcrypt, and Argon2 with other costs.
//!
//! This server verifies them as they are. The first login with such a hash replaces it by a
//! hash of this server.

use std::error::Error;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use bcrypt::HashParts;

/// The highest costs of an imported hash: this much memory per core, and about a second of a
/// core.
const MAX_MEMORY_KIB: u32 = 64 * 1024;
const MAX_PASSES: u32 = 5;
const MAX_LANES: u32 = 8;
const MAX_BCRYPT_COST: u32 = 13;
/// bcrypt does not define lower costs.
const MIN_BCRYPT_COST: u32 = 4;

/// Checks that this server can verify passwords with a hash, at a cost that it accepts.
///
/// # Errors
/// The problem in words, without the hash.
pub fn check(hash: &str) -> Result<(), &'static str> {
    if is_bcrypt(hash) {
        let unknown = "is not a bcrypt hash";
        let parts: HashParts = hash.parse().map_err(|_| unknown)?;
        if parts.get_cost() < MIN_BCRYPT_COST {
            return Err(unknown);
        }
        return if parts.get_cost() <= MAX_BCRYPT_COST {
            Ok(())
        } else {
            Err("is a bcrypt hash with a cost over 13")
        };
    }
    let unknown = "is not a bcrypt hash, and not an Argon2 hash in the PHC format";
    let hash = PasswordHash::new(hash).map_err(|_| unknown)?;
    Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| unknown)?;
    hash.version.map(Version::try_from).transpose().map_err(|_| unknown)?;
    let costs = Params::try_from(&hash).map_err(|_| unknown)?;
    if hash.salt.is_none() || hash.hash.is_none() {
        return Err(unknown);
    }
    let is_borne = costs.m_cost() <= MAX_MEMORY_KIB
        && costs.t_cost() <= MAX_PASSES
        && costs.p_cost() <= MAX_LANES;
    if is_borne { Ok(()) } else { Err("is an Argon2 hash with costs over m=65536,t=5,p=8") }
}

/// Returns whether a hash is of another kind than the hashes that this server makes.
pub fn is_foreign(hash: &str) -> bool {
    PasswordHash::new(hash).map_or(true, |hash| {
        let own = Params::DEFAULT;
        let is_own = |costs: Params| {
            [costs.m_cost(), costs.t_cost(), costs.p_cost()]
                == [own.m_cost(), own.t_cost(), own.p_cost()]
        };
        hash.algorithm.as_str() != Algorithm::Argon2id.as_str()
            || !Params::try_from(&hash).is_ok_and(is_own)
    })
}

/// Returns whether the password matches the hash.
pub fn is_right(password: &[u8], hash: &str) -> Result<bool, Box<dyn Error + Send + Sync>> {
    if is_bcrypt(hash) {
        // bcrypt only looks at the first 72 bytes, as it did in the other system.
        return Ok(bcrypt::verify(password, hash)?);
    }
    match Argon2::default().verify_password(password, &PasswordHash::new(hash)?) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn is_bcrypt(hash: &str) -> bool {
    hash.starts_with("$2")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BCRYPT: &str = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";
    const PHC: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21l$";

    #[test]
    fn costs_are_bounded() {
        let hash = format!("{PHC}MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI");
        assert_eq!(check(&hash), Ok(()));
        for (from, to) in [("m=19456", "m=1048576"), ("t=2", "t=100"), ("p=1", "p=64")] {
            assert!(check(&hash.replace(from, to)).unwrap_err().contains("with costs over"));
        }
        assert_eq!(check(BCRYPT), Ok(()));
        assert!(check(&BCRYPT.replace("$04$", "$20$")).unwrap_err().contains("over 13"));
        // No password can ever be verified with these hashes.
        assert!(check(&BCRYPT.replace("$04$", "$03$")).is_err());
        assert!(check(&hash.replace("v=19", "v=18")).is_err());
        for hash in ["", "$2b$04$short", "$pbkdf2-sha256$i=1$c2FsdHNhbHQ$aGFzaGhhc2g", PHC, "md5"] {
            assert!(check(hash).is_err(), "{hash}");
        }
        // Every bcrypt hash and every Argon2 hash with other costs comes from another system.
        assert!(
            is_foreign(BCRYPT) && is_foreign(&hash.replace("t=2", "t=3")) && !is_foreign(&hash)
        );
        assert!(is_foreign(&hash.replace("argon2id", "argon2i")));
    }
}
