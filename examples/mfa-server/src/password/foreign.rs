//! Hashes that another system made of its users' passwords: bcrypt, and Argon2 at other costs.
//!
//! They are verified as they are. The first login by one replaces it by a hash of this server's own.

use std::error::Error;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use bcrypt::HashParts;

/// The highest costs that an imported hash may have: this much memory for each core, and a second on it.
const MAX_MEMORY_KIB: u32 = 64 * 1024;
const MAX_PASSES: u32 = 5;
const MAX_LANES: u32 = 8;
const MAX_BCRYPT_COST: u32 = 13;
/// Below it there is no bcrypt.
const MIN_BCRYPT_COST: u32 = 4;

/// Checks that passwords can be verified by a hash, and at a cost that the server bears.
///
/// # Errors
/// What is wrong, without the hash.
pub fn check(hash: &str) -> Result<(), &'static str> {
    if is_bcrypt(hash) {
        let unknown = "is not a hash of bcrypt";
        let parts: HashParts = hash.parse().map_err(|_| unknown)?;
        if parts.get_cost() < MIN_BCRYPT_COST {
            return Err(unknown);
        }
        return if parts.get_cost() <= MAX_BCRYPT_COST {
            Ok(())
        } else {
            Err("is a hash of bcrypt at a cost over 13")
        };
    }
    let unknown = "is neither a hash of bcrypt nor one of Argon2 in the PHC format";
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
    if is_borne { Ok(()) } else { Err("is a hash of Argon2 at costs over m=65536,t=5,p=8") }
}

/// Returns whether a hash is of another kind than those that this server makes.
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

/// Returns whether a password is the one that was hashed.
pub fn is_right(password: &[u8], hash: &str) -> Result<bool, Box<dyn Error + Send + Sync>> {
    if is_bcrypt(hash) {
        // It looks at 72 bytes only, as it did in the other system.
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
            assert!(check(&hash.replace(from, to)).unwrap_err().contains("at costs over"));
        }
        assert_eq!(check(BCRYPT), Ok(()));
        assert!(check(&BCRYPT.replace("$04$", "$20$")).unwrap_err().contains("over 13"));
        // By these no password is ever right.
        assert!(check(&BCRYPT.replace("$04$", "$03$")).is_err());
        assert!(check(&hash.replace("v=19", "v=18")).is_err());
        for hash in ["", "$2b$04$short", "$pbkdf2-sha256$i=1$c2FsdHNhbHQ$aGFzaGhhc2g", PHC, "md5"] {
            assert!(check(hash).is_err(), "{hash}");
        }
        // What bcrypt takes for a password begins in another system.
        assert!(
            is_foreign(BCRYPT) && is_foreign(&hash.replace("t=2", "t=3")) && !is_foreign(&hash)
        );
        assert!(is_foreign(&hash.replace("argon2id", "argon2i")));
    }
}
