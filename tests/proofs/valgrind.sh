#!/usr/bin/env bash
# Proof: no branch and no address depends on a secret, but for what docs/CONSTANT_TIME.md lists.
# Run on secrets that Valgrind takes for undefined memory: it reports each branch and each address
# that is. Functions are called by `holds` and `noticed`.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
needs valgrind valgrind libc6-dbg
needs cc gcc libc6-dev

# built ROOT PROFILE FLAGS: builds the program with what the crate reveals told to Valgrind.
built() {
  RUSTFLAGS="--cfg otp_core_valgrind $3" cargo build --quiet --locked --profile "$2" \
    --manifest-path "$1/tests/proofs/valgrind/Cargo.toml" --target-dir "$work/valgrind"
}

# watched PROFILE FLAGS: builds the program, and runs it under Valgrind.
watched() {
  built "$root" "$1" "$2" && valgrind -q --error-exitcode=9 "$work/valgrind/$1/otp-core-valgrind"
}

# mistake FILE EDIT…: the same with a copy of the crate, in which `sed` makes a mistake. Valgrind
# stops at its first report.
mistake() {
  mistaken valgrind "$@" && built "$copy" opt-1 "" &&
    valgrind -q --exit-on-first-error=yes --error-exitcode=9 "$work/valgrind/opt-1/otp-core-valgrind"
}

# Libraries choose some code when the program starts, and Valgrind has AVX2 but not the SHA
# extensions. So two of the levels take SHA-512 in software, one of them as firmwares have it.
soft='--cfg sha2_backend="soft"'
compact="$soft --cfg sha2_backend_soft=\"compact\""
holds "constant time at opt-level 1" watched opt-1 ""
holds "constant time at opt-level 3, whole program" watched opt-3 ""
holds "constant time at opt-level s, whole program, compact software SHA-2" watched opt-s "$compact"
holds "constant time at opt-level z, software SHA-2" watched opt-z "$soft"

# Each mistake is one that somebody could make in the crate. The words are the function that
# Valgrind has to name.
noticed "codes compared by ==" "by_counter \(codes.rs" \
  mistake src/ct.rs 's/reveal\(a\.ct_eq\(b\)\.unwrap_u8\(\)\) == 1/a == b/'
noticed "a window that is left at the match" "scan::" \
  mistake src/scan.rs 's/^( +)nth = nth\.wrapping_add\(1\);/\1if found != 0 { return; }\n&/'
noticed "a branch on a match in the verifier" "scan::" \
  mistake src/scan.rs 's/found = hit\.select_u64\(found, factor\);/if hit.bit() == 1 { found = core::hint::black_box(factor); }/'
noticed "a table of digits in reading a code" "submitted::SubmittedCode::parse" mistake src/submitted.rs \
  's/^( +)\*slot = value;/\1*slot = core::hint::black_box(b"\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x0e\\x0f\\x10\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f")[usize::from(value \& 31)];/'
noticed "a table of the symbols of Base32 in recovery codes" "recovery::" mistake src/recovery/code.rs \
  '/^const fn symbol\(value: u8\)/,/^\}/c const fn symbol(value: u8) -> u8 { b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[value as usize \& 31] }'
noticed "a slot that is found and ends the search" "recovery::" mistake src/recovery/set.rs \
  's/found = (Mask::equal\(hash, guess\)\.and\(unused\))\.select\(found, slot\.into\(\)\);/if \1.bit() == 1 { return Some(slot); }/'
noticed "truncation by an index, as RFC 4226 section 5.4 shows it" "hmac_key::Truncated" mistake src/hmac_key.rs \
  's/^( +)let last = words.*/&\n\1let bytes: [[u8; 4]; 5] = head.map(u32::to_be_bytes); let (bytes, at) = (bytes.as_flattened(), (last \& 15) as usize);\n\1return Self::from_bits(u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));/'
noticed "a call of reveal that Valgrind is not told of" "code::Code as core::fmt::Display" \
  mistake src/ct.rs 's/let revealed = watch::tell\(revealed\);//'

exit "$failed"
