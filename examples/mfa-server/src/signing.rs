//! The key pair that signs tokens (RFC 7515). The server parses it once and keeps it, because
//! parsing an RSA key takes longer than signing with it.

use std::fmt;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::ValueEnum;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, EllipticCurveKeyParameters, Jwk,
    KeyAlgorithm, PublicKeyUse, RSAKeyParameters, ThumbprintHash,
};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::keys::sha256;

/// The algorithm that signs tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum SigningAlg {
    /// RSA with 2048 bits: every SDK can verify it
    Rs256,
    /// ECDSA on P-256: signing takes about a tenth of the time, and tokens are shorter
    Es256,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
}

/// A private key and its public key.
pub struct SigningKey {
    pair: Pair,
    verify: DecodingKey,
    jwk: Jwk,
    kid: String,
    /// The Base64 header of each token, with the dot after it.
    header: String,
    /// SHA-256 of the private key.
    digest: Vec<u8>,
}

/// The cryptographic library refused. It does not say why.
#[derive(Debug)]
pub struct SigningError(&'static str);

impl SigningAlg {
    /// Makes a private key, in PKCS #8 format.
    pub fn generate(self) -> Result<Zeroizing<Vec<u8>>, SigningError> {
        let failed = |_| SigningError("the key could not be made");
        match self {
            Self::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
                Ok(Zeroizing::new(der.as_ref().to_vec()))
            }
            Self::Es256 => {
                let pair =
                    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
                Ok(Zeroizing::new(pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec()))
            }
        }
    }

    /// Returns the name that token headers, the JWKS and discovery use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

impl SigningKey {
    /// Reads a private key that [`SigningAlg::generate`] made. The algorithm follows from the
    /// key.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SigningError> {
        let pair = match EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8) {
            Ok(pair) => Pair::Ecdsa(pair),
            Err(_) => Pair::Rsa(
                RsaKeyPair::from_pkcs8(pkcs8)
                    .map_err(|_| SigningError("it is not an RS256 or ES256 key"))?,
            ),
        };
        let (algorithm, key_algorithm, parameters) = pair.public()?;
        let common = CommonParameters {
            key_algorithm: Some(key_algorithm),
            public_key_use: Some(PublicKeyUse::Signature),
            ..CommonParameters::default()
        };
        let mut jwk = Jwk { common, algorithm: parameters };
        let failed = |_| SigningError("its public key cannot be written as a JWK");
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(failed)?;
        jwk.common.key_id = Some(kid.clone());
        let verify = DecodingKey::from_jwk(&jwk).map_err(failed)?;
        let mut header = Header::new(algorithm);
        header.kid = Some(kid.clone());
        let header = format!("{}.", part(&header)?);
        Ok(Self { pair, verify, jwk, kid, header, digest: sha256(pkcs8) })
    }

    /// Signs claims. Returns a token in the compact format.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, SigningError> {
        let mut token = format!("{}{}", self.header, part(claims)?);
        let failed = |_| SigningError("the token could not be signed");
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    token.as_bytes(),
                    &mut signature,
                )
                .map_err(failed)?;
                append(&mut token, &signature);
            }
            Pair::Ecdsa(pair) => {
                let signature =
                    pair.sign(&SystemRandom::new(), token.as_bytes()).map_err(failed)?;
                append(&mut token, signature.as_ref());
            }
        }
        Ok(token)
    }

    /// Returns whether this key was read from these bytes.
    pub fn is(&self, pkcs8: &[u8]) -> bool {
        self.digest == sha256(pkcs8)
    }

    pub fn alg(&self) -> SigningAlg {
        match self.pair {
            Pair::Rsa(_) => SigningAlg::Rs256,
            Pair::Ecdsa(_) => SigningAlg::Es256,
        }
    }

    /// Returns the only algorithm that tokens of this key may name.
    pub fn algorithm(&self) -> Algorithm {
        match self.alg() {
            SigningAlg::Rs256 => Algorithm::RS256,
            SigningAlg::Es256 => Algorithm::ES256,
        }
    }

    /// Returns the thumbprint of the public key (RFC 7638). Token headers name the key by it.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Returns the public key in the format of the JWKS.
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    pub fn decoding_key(&self) -> &DecodingKey {
        &self.verify
    }
}

impl Pair {
    fn public(&self) -> Result<(Algorithm, KeyAlgorithm, AlgorithmParameters), SigningError> {
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(pair) => {
                let key = pair.public_key();
                let parameters = RSAKeyParameters {
                    key_type: Default::default(),
                    n: encoded(key.modulus().big_endian_without_leading_zero()),
                    e: encoded(key.exponent().big_endian_without_leading_zero()),
                };
                Ok((Algorithm::RS256, KeyAlgorithm::RS256, AlgorithmParameters::RSA(parameters)))
            }
            Self::Ecdsa(pair) => {
                // SEC 1, uncompressed: 04, x, y.
                let point = pair.public_key().as_ref();
                let Some(([4], xy)) = point.split_first_chunk().filter(|(_, xy)| xy.len() == 64)
                else {
                    return Err(SigningError("its public key is not a point of P-256"));
                };
                let (x, y) = xy.split_at(32);
                let parameters = EllipticCurveKeyParameters {
                    key_type: Default::default(),
                    curve: EllipticCurve::P256,
                    x: encoded(x),
                    y: encoded(y),
                };
                let parameters = AlgorithmParameters::EllipticCurve(parameters);
                Ok((Algorithm::ES256, KeyAlgorithm::ES256, parameters))
            }
        }
    }
}

/// Returns a part of a token: JSON in Base64.
fn part(json: &impl Serialize) -> Result<String, SigningError> {
    let json = serde_json::to_vec(json)
        .map_err(|_| SigningError("the claims cannot be written as JSON"))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

fn append(token: &mut String, signature: &[u8]) {
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, token);
}

impl fmt::Display for SigningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signing key: {}", self.0)
    }
}

impl std::error::Error for SigningError {}
