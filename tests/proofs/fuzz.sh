#!/usr/bin/env bash
# Fuzzing, in the long form of the proofs: every target for 20 s from the committed seeds, on the
# nightly compiler with the address sanitizer. `fuzz/run.sh 3600` is for longer. The gate replays
# the seeds: coverage.sh.
# shellcheck disable=SC2317 # functions that the rows call
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
needs_cargo cargo-fuzz
needs g++ g++
cd "$root" || exit 1

holds "every fuzz target for 20 s: nothing is found" fuzz/run.sh 20

# The same with a core that accepts a code twice: what is committed of the corpus is enough to see
# it. A version of its own keeps cargo from taking the copy for the crate.
spoilt=$work/spoilt-for-fuzz
rm -rf "$spoilt" && mkdir -p "$spoilt"
tar --exclude=target --exclude=corpus -c Cargo.toml README.md src benches fuzz | tar -x -C "$spoilt"
sed -i 's/^members = .*/members = []/; /^default-members/d
  /^name = "otp-core/,/^version/s/^version = "[^"]*/&-spoilt/' "$spoilt"/{,fuzz/}Cargo.toml
sed -i 's/last: Some(moving_factor),/last: state.last,/' "$spoilt/src/verifier/check.rs"
twice() {
  # A mistake that is not in would be no control.
  ! cmp -s src/verifier/check.rs "$spoilt/src/verifier/check.rs" || return 1
  cargo build --quiet --manifest-path "$spoilt/fuzz/Cargo.toml" --target-dir "$work/spoilt-target" \
    --bin verifier || return 1
  find fuzz/seeds/verifier -type f -print0 | xargs -0 "$work/spoilt-target/debug/verifier"
}
OTP_LONG=1 noticed "a code that is accepted twice" "panicked at fuzz_targets/verifier.rs" twice
exit "$failed"
