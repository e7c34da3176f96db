#!/usr/bin/env bash
# Proves that in release no copy of a secret is left on the stack by the constructors of
# secrets, key schedules, engines and peppers. The same goes for the first lines of README.md,
# and for a host that makes and checks a code. The program `stack` runs each on a stack of its
# own and searches that. Beside the secret it looks for the Base32 symbols, the key block, the
# hash states, and the words to which the hash expands the key block.
#
# Only computing a code may leave words of the hash states, in the frames of `sha1` and `sha2`. The
# processor decides which words these are.
# Functions are called by `holds` and `noticed`.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

# searches ROOT PROFILE RUSTFLAGS KIND…: builds the program and runs it. The kinds may be left.
searches() {
  local folder=$work/stack
  [[ -z $3 ]] || folder=$work/stack-$(cksum <<<"$3" | cut -d ' ' -f 1)
  RUSTFLAGS=$3 cargo build --quiet --locked --profile "$2" --manifest-path "$1/tests/proofs/stack/Cargo.toml" \
    --target-dir "$folder" && "$folder/$2/otp-core-stack" "${@:4}"
}

# without FILE EDIT [FILE EDIT] [KIND…]: the same in release of a copy of the crate, in which `sed`
# edits a file.
without() {
  local edits=()
  while [[ ${1-} == *.rs ]]; do
    edits+=("$1" "$2")
    shift 2
  done
  mistaken stack "${edits[@]}" && searches "$copy" release "" "$@"
}

# The test asks for features of the crate, which this package does not have.
wiped() {
  RUSTFLAGS='--cfg feature="sha2" --cfg feature="recovery"' cargo test --quiet --locked --release --test wiped \
    --manifest-path "$proofs/stack/Cargo.toml" --target-dir "$work/wiped"
}

holds "no copy of a secret on the stack: release" searches "$root" release ""
if long; then
  holds "dropped values are wiped in their place: release" wiped
  holds "no copy of a secret on the stack: fat LTO" searches "$root" fat ""
  holds "no copy of a secret on the stack: opt-level s" searches "$root" small ""
  soft='--cfg sha1_backend="soft" --cfg sha2_backend="soft"'
  for profile in release fat small; do
    holds "no copy of a secret on the stack: $profile, without SHA instructions" searches "$root" "$profile" "$soft"
    holds "no copy of a secret on the stack: $profile, the small SHA-1" searches "$root" "$profile" "--cfg otp_core_small"
  done
fi

# As on a microcontroller, whose firmware scrubs the stack: what the crate wipes by itself.
no_scrub='s/^const SCRUBS: bool = .*/const SCRUBS: bool = false;/'
holds "no secret and no key block on the stack, without scrubbing" \
  without src/ct.rs "$no_scrub" State Schedule

barrier='s/optimization_barrier\(value\);//'
noticed "wiping without its barrier: the secret" "^left: Secret by" without src/ct.rs "$barrier"
noticed "wiping without its barrier: the pepper" "^left: Secret by pepper" without src/ct.rs "$barrier"
noticed "wiping without its barrier: the key block" "^left: KeyBlock by key_schedule" \
  without src/ct.rs "$no_scrub; $barrier" State Schedule
noticed "a secret that is not wiped when it is dropped" "^left: Secret by bytes_into_buffer" \
  without src/secret/owned.rs '/^impl Drop for Secret/,/^}/s/self\.wipe\(\);//'
noticed "a secret that is returned by a move" "^left: Secret by bytes_by_value" \
  without src/secret/owned.rs 's/Ok\(\(\)\) => Ok\(Self \{ bytes: made\.bytes, len: made\.len \}\),/Ok(()) => Ok(made),/'
noticed "a key schedule that is not wiped when it is dropped: inner state" "^left: State by" \
  without src/key_schedule.rs 's/self\.inner\.zeroize\(\);//'
noticed "a key schedule that is not wiped when it is dropped: outer state" "^left: State by" \
  without src/key_schedule.rs 's/self\.outer\.zeroize\(\);//'
noticed "a key block that is not wiped" "^left: KeyBlock by key_schedule" \
  without src/key_schedule.rs '/opad 0x5c/,/Self \{ inner/s/wipe\(&mut block, H::EMPTY\);//' \
  src/ct.rs "$no_scrub" State Schedule
noticed "a long key whose last block is not wiped" "^left: Secret by long_key" \
  without src/key_schedule.rs '/^fn digest/,/^}/s/wipe\(&mut block, H::EMPTY\);//' src/ct.rs "$no_scrub" State Schedule
noticed "a stack that is not scrubbed" "^left: State by key_schedule" without src/ct.rs "$no_scrub"
noticed "scrubbing without its barrier" "^left: State by key_schedule" \
  without src/ct.rs 's/optimization_barrier\(&stack\);//'
noticed "Base32 symbols that are read and not wiped" "^left: Symbols by base32_into_buffer" \
  without src/base32.rs 's/Zeroizing::new\(\[0; SYMBOLS\]\)/[0; SYMBOLS]/; s/, Zeroizing\}/}/; s/&\*group/\&group/'
noticed "Base32 symbols that are written and not wiped" "^left: Symbols by base32_shown" \
  without src/base32.rs 's/wipe\(&mut groups, \[0; 4 \* SYMBOLS\]\);//'
noticed "a pepper that is not wiped when it is dropped" "^left: Secret by pepper" \
  without src/recovery/pepper.rs '/^impl Drop for Pepper/,/^}/s/wipe\(.*\);//'
noticed "a pepper that is returned by a move" "^left: Secret by pepper" \
  without src/recovery/pepper.rs 's/Ok\(Self \{ bytes: pepper\.bytes, len, key_id \}\)/Ok(pepper)/'
noticed "an engine of a key URI that is made of a secret by a move" "^left: Secret by engine" \
  without src/engine.rs 's/^    secret: &Result<Secret, SecretError>,/    secret: Result<Secret, SecretError>,/; s/engine\(&self\.secret/engine(self.secret/; s/let key = match secret \{/let secret = secret.map_err(EngineError::Secret)?; let secret = Ok::<_, SecretError>(\&secret); let key = match secret {/; s/Err\(error\) => return Err\(EngineError::Secret\(\*error\)\)/Err(error) => return Err(EngineError::Secret(error))/'
exit "$failed"
