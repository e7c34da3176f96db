#!/usr/bin/env bash
# Proof: no branch and no address depends on a secret, but for what docs/CONSTANT_TIME.md lists. Run on
# secrets that Valgrind takes for undefined memory: it reports each branch and each address that is.
# Functions are called by `holds` and `noticed`.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
needs valgrind valgrind libc6-dbg
needs cc gcc libc6-dev

# watched PROFILE FLAGS CARGO-OPTION…: builds the program with what the crate reveals told to Valgrind,
# and runs it there.
watched() {
  local profile=$1 flags=$2 manifest=$proofs/valgrind/Cargo.toml
  shift 2
  RUSTFLAGS="--cfg otp_core_valgrind $flags" cargo build --quiet --locked --manifest-path "$manifest" \
    --target-dir "$work/valgrind" --profile "$profile" "$@" || return
  valgrind -q --error-exitcode=9 "$work/valgrind/$profile/otp-core-valgrind"
}

# What a library does not compile for itself is chosen when the program starts, and Valgrind has AVX2 but
# not the SHA extensions. So two of the levels take SHA-512 in software, one of them as firmwares have it.
soft='--cfg sha2_backend="soft"'
compact="$soft --cfg sha2_backend_soft=\"compact\""
holds "constant time at opt-level 1" watched opt-1 ""
holds "constant time at opt-level 3, whole program" watched opt-3 ""
holds "constant time at opt-level s, whole program, compact software SHA-2" watched opt-s "$compact"
holds "constant time at opt-level z, software SHA-2" watched opt-z "$soft"

control() { watched opt-1 "" --features "control-$1"; }
noticed "== on codes" "code_by_equality" control equality
noticed "a window that is left at the match" "window_with_early_exit" control early-exit
noticed "a secret index" "Use of uninitialised value" control index
noticed "what is not declared public" "otp_core::submitted::SubmittedCode::parse" control undeclared

exit "$failed"
