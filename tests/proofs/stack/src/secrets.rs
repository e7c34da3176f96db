//! A secret, and all that is as good as it or a part of it: what the search looks for.

use std::slice::from_ref;

use otp_core::Algorithm;
use sha1::Digest;

/// The secret that a piece belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The secret, in the order of its bytes or of its words.
    Secret,
    /// Its Base32 symbols, or their values.
    Symbols,
    /// The key block: the secret XOR ipad or opad (RFC 2104 section 2).
    KeyBlock,
    /// The hash states after the key blocks.
    State,
    /// The words to which a hash function expands a key block. Sixteen words of it in a row tell
    /// the key block.
    Schedule,
}

impl Kind {
    pub const ALL: [Self; 5] =
        [Self::Secret, Self::Symbols, Self::KeyBlock, Self::State, Self::Schedule];
}

/// A secret of one length, with what a host has of it.
pub struct Given {
    pub key: Vec<u8>,
    pub base32: String,
    pub uri: String,
    pub algorithm: Algorithm,
}

impl Given {
    /// A key as long as the hash, or one that is longer than a block.
    pub fn new(algorithm: Algorithm, seed: u64, long: bool) -> Self {
        let random = (1..).map(|n: u64| mix(seed.wrapping_mul(1 << 32).wrapping_add(n)) as u8);
        let key: Vec<u8> = random.take(if long { 200 } else { algorithm.output_len() }).collect();
        let base32: String = symbols(&key).into_iter().map(|value| symbol(value) as char).collect();
        let uri =
            format!("otpauth://totp/ACME:alice?secret={base32}&issuer=ACME&algorithm={algorithm}");
        Self { key, base32, uri, algorithm }
    }

    /// The key that the block begins with: a longer one is hashed (RFC 2104 section 2).
    fn hashed(&self) -> Vec<u8> {
        match self.algorithm {
            _ if self.key.len() <= 64 => self.key.clone(),
            Algorithm::Sha1 => sha1::Sha1::digest(&self.key).to_vec(),
            Algorithm::Sha256 => sha2::Sha256::digest(&self.key).to_vec(),
            Algorithm::Sha512 => sha2::Sha512::digest(&self.key).to_vec(),
        }
    }

    /// Each piece of four bytes, as it may lie in memory.
    pub fn pieces(&self) -> Vec<(Kind, [u8; 4])> {
        let mut pieces = Vec::new();
        // `step` is 4 for what lies in memory as whole words.
        let mut add = |kind, bytes: &[u8], step| {
            for window in bytes.windows(4).step_by(step) {
                let [a, b, c, d] = *window else { continue };
                pieces.extend([(kind, [a, b, c, d]), (kind, [d, c, b, a])]);
            }
        };
        add(Kind::Secret, &self.key, 1);
        add(Kind::Symbols, self.base32.as_bytes(), 1);
        add(Kind::Symbols, &symbols(&self.key), 1);
        let key = self.hashed();
        for pad in [0x36, 0x5c] {
            let padded: Vec<u8> = key.iter().map(|byte| byte ^ pad).collect();
            let (state, schedule) = match self.algorithm {
                Algorithm::Sha1 => sha1(&block(&padded, pad)),
                Algorithm::Sha256 => sha256(&block(&padded, pad)),
                Algorithm::Sha512 => sha512(&block(&padded, pad)),
            };
            add(Kind::KeyBlock, &padded, 1);
            add(Kind::State, &state, 4);
            add(Kind::Schedule, &schedule, 4);
        }
        pieces
    }
}

/// SplitMix64.
fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The values of the Base32 symbols: five bits each (RFC 4648 section 6).
fn symbols(bytes: &[u8]) -> Vec<u8> {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let value = |nth: usize| (0..5).fold(0, |value, n| value << 1 | bit(nth * 5 + n));
    (0..(bytes.len() * 8).div_ceil(5)).map(value).collect()
}

fn symbol(value: u8) -> u8 {
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(value)]
}

/// The key block: the padded key, and the pad.
fn block<const LEN: usize>(padded: &[u8], pad: u8) -> [u8; LEN] {
    std::array::from_fn(|at| *padded.get(at).unwrap_or(&pad))
}

fn words<const N: usize, W>(block: &[u8], word: impl Fn([u8; N]) -> W) -> Vec<W> {
    block.as_chunks().0.iter().map(|bytes| word(*bytes)).collect()
}

/// The state after a block, and the words of the message schedule from the 16th on (FIPS 180-4
/// sections 5.3 and 6), with the highest byte of each word first.
fn sha1(block: &[u8; 64]) -> (Vec<u8>, Vec<u8>) {
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    sha1::block_api::compress(&mut state, from_ref(block));
    let mut w = words(block, u32::from_be_bytes);
    for t in 16..80 {
        w.push((w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16]).rotate_left(1));
    }
    (bytes(&state), bytes(&w[16..]))
}

fn sha256(block: &[u8; 64]) -> (Vec<u8>, Vec<u8>) {
    let mut state = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
    sha2::block_api::compress256(&mut state, from_ref(block));
    let mut w = words(block, u32::from_be_bytes);
    for t in 16..64 {
        let (a, b) = (w[t - 15], w[t - 2]);
        let low = a.rotate_right(7) ^ a.rotate_right(18) ^ a >> 3;
        let high = b.rotate_right(17) ^ b.rotate_right(19) ^ b >> 10;
        w.push(high.wrapping_add(w[t - 7]).wrapping_add(low).wrapping_add(w[t - 16]));
    }
    (bytes(&state), bytes(&w[16..]))
}

fn sha512(block: &[u8; 128]) -> (Vec<u8>, Vec<u8>) {
    let mut state = [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ];
    sha2::block_api::compress512(&mut state, from_ref(block));
    let mut w = words(block, u64::from_be_bytes);
    for t in 16..80 {
        let (a, b) = (w[t - 15], w[t - 2]);
        let low = a.rotate_right(1) ^ a.rotate_right(8) ^ a >> 7;
        let high = b.rotate_right(19) ^ b.rotate_right(61) ^ b >> 6;
        w.push(high.wrapping_add(w[t - 7]).wrapping_add(low).wrapping_add(w[t - 16]));
    }
    (bytes(&state), bytes(&w[16..]))
}

trait Bytes: Copy {
    fn bytes(self) -> Vec<u8>;
}

impl Bytes for u32 {
    fn bytes(self) -> Vec<u8> {
        self.to_be_bytes().into()
    }
}

impl Bytes for u64 {
    fn bytes(self) -> Vec<u8> {
        self.to_be_bytes().into()
    }
}

fn bytes<W: Bytes>(words: &[W]) -> Vec<u8> {
    words.iter().flat_map(|word| word.bytes()).collect()
}
