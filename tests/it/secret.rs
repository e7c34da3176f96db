//! Shared secrets: their length, and that they are wiped.

use otp_core::{
    Algorithm, AlgorithmError, Base32Error, KeySchedule, Secret, SecretBuffer, SecretError,
};

#[test]
fn lengths() {
    let bytes = [0x5a; 200];
    for len in 0..=200 {
        let strict = Secret::from_bytes(&bytes[..len]);
        let allowing = Secret::from_bytes_allow_short(&bytes[..len]);
        let expected = match len {
            0 => Some(SecretError::Empty),
            1..=15 => Some(SecretError::Short),
            16..=128 => None,
            _ => Some(SecretError::Long),
        };
        assert_eq!(strict.as_ref().err().copied(), expected, "{len}");
        let expected = expected.filter(|error| *error != SecretError::Short);
        assert_eq!(allowing.as_ref().err().copied(), expected, "{len}");
        if let Ok(secret) = allowing {
            assert_eq!((secret.bits(), secret.expose_bytes()), (len * 8, &bytes[..len]));
        }
    }
}

/// All constructors use the same check, and give the same answer.
#[test]
fn every_way_in_checks_alike() {
    for len in [0, 1, 10, 15, 16, 20, 128, 129, 150] {
        let bytes = vec![0xa5; len];
        let base32: String = {
            // Through pieces with a valid length.
            let piece = |bytes: &[u8]| {
                Secret::from_bytes_allow_short(bytes).unwrap().expose_base32().to_string()
            };
            bytes.chunks(5).map(piece).collect()
        };
        let answer = |secret: Result<Secret, SecretError>| secret.map(|secret| secret.bits());
        let strict = answer(Secret::from_bytes(&bytes));
        assert_eq!(answer(Secret::from_base32(&base32)), strict, "{len}");
        assert_eq!(answer(base32.parse()), strict, "{len}");
        assert_eq!(answer(Secret::try_from(&bytes[..])), strict, "{len}");
        let allowing = answer(Secret::from_bytes_allow_short(&bytes));
        assert_eq!(answer(Secret::from_base32_allow_short(&base32)), allowing, "{len}");

        // A buffer with any previous content.
        let mut buffer = SecretBuffer::new();
        buffer.read_bytes(&[0xee; 77]).unwrap();
        let lent = |secret: Result<&Secret, SecretError>| secret.map(Secret::bits);
        assert_eq!(lent(buffer.read_bytes(&bytes)), strict, "{len}");
        assert_eq!(lent(buffer.read_base32(&base32)), strict, "{len}");
        assert_eq!(lent(buffer.read_bytes_allow_short(&bytes)), allowing, "{len}");
        assert_eq!(lent(buffer.read_base32_allow_short(&base32)), allowing, "{len}");
        if let Ok(secret) = buffer.read_bytes_allow_short(&bytes) {
            assert_eq!(secret.expose_bytes(), bytes);
        }
    }
}

/// A buffer that nobody filled is not a secret, in bytes and in any text: its codes are those of an
/// empty secret.
#[test]
fn a_forgotten_buffer_is_not_a_secret() {
    for len in 1..=128 {
        let base32 = "A".repeat((len * 8_usize).div_ceil(5));
        let uri = format!("otpauth://totp/a?secret={base32}");
        let uri = otp_core::otpauth::Uri::parse(&uri).unwrap();
        let mut buffer = SecretBuffer::new();
        let mut answers = vec![
            Secret::from_bytes_allow_short(&vec![0; len]).err(),
            Secret::from_base32_allow_short(&base32).err(),
            buffer.read_bytes_allow_short(&vec![0; len]).err(),
            buffer.read_base32_allow_short(&base32).err(),
            uri.secret_allow_short().err(),
        ];
        if len >= 16 {
            answers.extend([Secret::from_bytes(&vec![0; len]).err(), uri.secret().err()]);
        }
        assert!(answers.iter().all(|answer| *answer == Some(SecretError::Zero)), "{len}");
        assert_eq!(format!("{buffer:?}"), "SecretBuffer { bits: 0, .. }");
        // A single bit is enough, at either end.
        for place in [0, len - 1] {
            let mut bytes = vec![0; len];
            bytes[place] = 0x80;
            assert!(Secret::from_bytes_allow_short(&bytes).is_ok(), "{len} {place}");
        }
    }
    assert_eq!(Secret::from_bytes(&[0; 15]).err(), Some(SecretError::Short));
}

#[test]
fn a_buffer_tells_the_length_only() {
    let mut buffer = SecretBuffer::default();
    assert_eq!(format!("{buffer:?}"), "SecretBuffer { bits: 0, .. }");
    buffer.read_bytes(&[0xa5; 20]).unwrap();
    assert_eq!(format!("{buffer:?}"), "SecretBuffer { bits: 160, .. }");
    buffer.wipe();
    assert_eq!(format!("{buffer:?}"), "SecretBuffer { bits: 0, .. }");
}

/// F28: a method that allows a short secret does not relax anything else.
#[test]
fn f28_allowing_a_short_secret_relaxes_nothing_else() {
    for (text, error) in [
        ("", SecretError::Empty),
        ("A", SecretError::Empty),
        ("====", SecretError::Empty),
        ("JBSW!", SecretError::Base32(Base32Error::Symbol { offset: 4 })),
        ("JB=SW", SecretError::Base32(Base32Error::AfterPadding { offset: 3 })),
    ] {
        assert_eq!(Secret::from_base32_allow_short(text).unwrap_err(), error, "{text}");
    }
    assert_eq!(Secret::from_base32_allow_short(&"A".repeat(207)).unwrap_err(), SecretError::Long);
    assert_eq!(Secret::from_base32_allow_short(&"B".repeat(205)).unwrap().bits(), 1024);
}

#[test]
fn an_algorithm_that_is_not_built_in_is_an_error() {
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        match KeySchedule::from_raw_key(algorithm, b"key") {
            Ok(schedule) => assert_eq!(schedule.algorithm(), algorithm),
            Err(error) => {
                assert_eq!(error, AlgorithmError::NotBuiltIn);
                assert!(!algorithm.is_built_in() && !cfg!(feature = "sha2"));
            }
        }
    }
}

#[test]
fn algorithm_names() {
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        assert_eq!(algorithm.name().parse(), Ok(algorithm));
        assert_eq!(algorithm.to_string().to_lowercase().parse(), Ok(algorithm));
    }
    for unknown in ["", "MD5", "SHA", "SHA224", "SHA384", "SHA-1", "HmacSHA256", " SHA1", "SHA1 "] {
        assert_eq!(unknown.parse::<Algorithm>(), Err(AlgorithmError::Unknown), "{unknown}");
    }
}

#[cfg(feature = "rand_core")]
mod generated {
    use core::convert::Infallible;

    use otp_core::{Algorithm, Secret, SecretBuffer};
    use rand_core::{TryCryptoRng, TryRng};

    /// Counts up: it is not random, but every byte is known.
    struct Counting(u8);

    impl TryRng for Counting {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            rand_core::utils::next_word_via_fill(self)
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            rand_core::utils::next_word_via_fill(self)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            for byte in bytes {
                self.0 = self.0.wrapping_add(1);
                *byte = self.0;
            }
            Ok(())
        }
    }

    impl TryCryptoRng for Counting {}

    struct Broken;

    #[derive(Debug, PartialEq)]
    struct NoEntropy;

    impl core::fmt::Display for NoEntropy {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("no entropy")
        }
    }

    impl core::error::Error for NoEntropy {}

    impl TryRng for Broken {
        type Error = NoEntropy;

        fn try_next_u32(&mut self) -> Result<u32, NoEntropy> {
            Err(NoEntropy)
        }

        fn try_next_u64(&mut self) -> Result<u64, NoEntropy> {
            Err(NoEntropy)
        }

        fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), NoEntropy> {
            Err(NoEntropy)
        }
    }

    impl TryCryptoRng for Broken {}

    #[test]
    fn as_long_as_the_hash_and_all_from_the_generator() {
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
            let Ok(secret) = Secret::generate(&mut Counting(0), algorithm);
            let expected: Vec<u8> = (1..).take(algorithm.output_len()).collect();
            assert_eq!(secret.expose_bytes(), expected);
            let mut buffer = SecretBuffer::new();
            let Ok(secret) = buffer.generate(&mut Counting(0), algorithm);
            assert_eq!(secret.expose_bytes(), expected);
        }
    }

    #[test]
    fn a_generator_that_fails_gives_no_secret() {
        assert_eq!(Secret::generate(&mut Broken, Algorithm::Sha1).unwrap_err(), NoEntropy);
        let mut buffer = SecretBuffer::new();
        assert_eq!(buffer.generate(&mut Broken, Algorithm::Sha1).unwrap_err(), NoEntropy);
    }
}

#[cfg(feature = "getrandom")]
#[test]
fn two_secrets_from_the_operating_system_differ() {
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let one = Secret::generate_from_os(algorithm).unwrap();
        let mut buffer = SecretBuffer::new();
        let other = buffer.generate_from_os(algorithm).unwrap();
        assert_eq!(one.expose_bytes().len(), algorithm.output_len());
        assert_ne!(one.expose_bytes(), other.expose_bytes());
    }
}
