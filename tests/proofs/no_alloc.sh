#!/usr/bin/env bash
# Proof: nothing allocates, and nothing needs std but the feature that says so. A program that has
# no allocator and no std links, runs all parts of the crate, and gets the right answers. Functions
# are called by `holds` and `noticed`.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
needs cc gcc libc6-dev
needs_cross

# runs CARGO-OPTION…
runs() {
  cargo build --quiet --locked --release --manifest-path "$proofs/no_alloc/Cargo.toml" \
    --target-dir "$work/no_alloc" "$@" || return
  "$work/no_alloc/release/otp-core-no-alloc"
}

holds "all that the crate does, in a program without an allocator and without std" runs
noticed "one Vec" "no global memory allocator" runs --features control-vec
noticed "std in that program" "duplicate lang item .*panic_impl" runs --features control-std
noticed "a wrong answer in that program" "wrong answer:" runs --features control-wrong

# builds FEATURES, for a microcontroller, which has neither std nor an operating system.
builds() {
  cd "$root" && "$cross" thumbv6m-none-eabi check --quiet --locked -p otp-core --lib --no-default-features \
    --features "$1" --target-dir "$work/cross"
}
features=sha2,qr,recovery,rand_core,serde,argon2,pbkdf2
holds "thumbv6m-none-eabi: every feature that needs neither std nor an operating system" builds "$features"
noticed "thumbv6m-none-eabi: the feature that needs std" "can't find crate for .std" \
  builds "$features,conformance"
exit "$failed"
