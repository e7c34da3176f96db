#!/usr/bin/env bash
# Checks that features only add. Every pair of them builds. The crate builds without an operating
# system, with the oldest dependencies that it allows, and without items of the standard library
# that are newer than the promised compiler. In the long form every set of features builds, and the
# sets that could differ in behaviour are tested.
#
# The oldest compiler at hand to develop this crate is 1.95, so 1.88 itself is not run. Clippy
# compares each item of the standard library with the version that brought it, and every dependency
# states its own. This does not show a feature of the language that is newer.
#
#   features.sh          all of it
#   features.sh builds   pairs of features, and other machines, in target folders of their own
#   features.sh tests    the rest
#
# shellcheck disable=SC2317 # functions that the rows call
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
part() { [[ ${only:-$1} == "$1" ]]; }
only=${1-}
needs oathtool oathtool
needs_cross
cd "$root" || exit 1
export OTP_REQUIRE_OATHTOOL=1
# Each set is compiled once: what incremental compilation keeps is never read.
export CARGO_INCREMENTAL=0

set=(-p otp-core --no-default-features "--features={}")
# check_each few|every: the library, without a warning. In a target folder for these flags.
check_each() {
  checks features "$1" env RUSTFLAGS="-D warnings" \
    cargo check --quiet "${set[@]}" --lib --target-dir "$work/each-set"
}
lint_each() { checks features few cargo clippy --quiet "${set[@]}" --all-targets -- -D warnings; }
# These take ten times as long as all others, and what they do is the same in every set: a plain
# `cargo test` runs them.
slow=(--skip f26_hotp_never_looks_back --skip the_work_is_linear --skip every_length_is_read_back
  --skip every_version_holds)
test_each() { checks features few cargo test --quiet "${set[@]}" --lib --test it -- "${slow[@]}"; }
test_bare() {
  cargo test --quiet -p otp-core --lib --tests --no-default-features -- "${slow[@]}"
}

docs() { RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --lib -p otp-core "$@"; }

# The gate has the compiler check; the long form has it build.
embedded() {
  local target=$1 features how=check
  long && how=build
  for features in "${@:2}"; do
    "$cross" "$target" "$how" --quiet -p otp-core --lib --release --target-dir "$work/cross-lib" \
      --no-default-features --features "$features" || return 1
  done
}

# copy NAME: the crate's files without those of the other packages, in a folder of their own, named
# $copy. It has a version of its own, for cargo takes two packages below one folder that differ in
# nothing else for the same.
copy() {
  copy=$work/$1
  rm -rf "$copy"
  mkdir -p "$copy"
  tar --exclude=target -c Cargo.toml Cargo.lock {CHANGELOG,README,SECURITY}.md src tests examples/*.rs benches docs | tar -x -C "$copy"
  sed -i 's/^members = .*/members = []/; /^default-members/d' "$copy/Cargo.toml"
  sed -i '/^name = "otp-core"$/,/^version/s/^version = "[^"]*/&-'"$1/" "$copy"/Cargo.{toml,lock}
}
# in_copy TREE COMMAND…: with the same target folder, so that dependencies are compiled once.
in_copy() { (cd "$1" && CARGO_TARGET_DIR=$root/target "${@:2}"); }

# oldest WHICH COMMAND…: with the oldest versions that Cargo.toml allows: of what it names
# (direct-minimal-versions), or of everything below that too (minimal-versions).
oldest() { rm -f Cargo.lock && cargo +nightly update --quiet -Z "$1" && "${@:2}"; }
oldest_builds() { in_copy "$1" oldest "$2" cargo check --quiet -p otp-core --lib --all-features; }

# Nothing newer than rust-version, of the standard library.
std_of_its_time() { cargo clippy --quiet --lib -p otp-core --all-features -- -D clippy::incompatible_msrv; }

# builds_on TARGET
builds_on() {
  holds "$1: $(long && echo builds || echo compiles) bare, and with rand_core, qr, serde, argon2, pbkdf2" \
    embedded "$1" "" rand_core,qr,serde,argon2,pbkdf2
}

if part builds; then
  holds "every pair of features builds without a warning" check_each few
  for target in thumbv6m-none-eabi thumbv7em-none-eabi wasm32-unknown-unknown; do builds_on "$target"; done
fi
if part tests; then
  for which in --no-default-features --all-features; do
    holds "clippy of every target, $which" cargo clippy --quiet -p otp-core --all-targets "$which" -- -D warnings
  done
  holds "no feature: unit and integration tests" test_bare
  holds "all features: every test, example and piece of documentation" \
    cargo test --quiet -p otp-core --all-features -- "${slow[@]}"
  holds "documentation with all features" docs --all-features
  holds "documentation with none" docs --no-default-features

  copy oldest
  oldest=$copy
  for which in direct-minimal-versions minimal-versions; do
    holds "oldest versions: builds, by $which" oldest_builds "$oldest" "$which"
  done
  ours=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  holds "Rust $ours: no dependency needs a newer one" checks rust-version "$ours"
  holds "Rust $ours: nothing newer of the standard library" std_of_its_time
fi
long || exit "$failed"

for target in thumbv7m-none-eabi thumbv7em-none-eabihf riscv32imc-unknown-none-elf; do
  builds_on "$target"
done
holds "release mode: unit tests" cargo test --quiet -p otp-core --release --lib
holds "checks: format" cargo fmt --check --manifest-path "$proofs/checks/Cargo.toml"
holds "checks: tests" cargo test --quiet --manifest-path "$proofs/checks/Cargo.toml" --target-dir "$work/checks"
holds "every set of features builds without a warning" check_each every
holds "every pair of features: clippy of every target" lint_each
holds "every pair of features: unit and integration tests" test_each
holds "oldest versions of what Cargo.toml names: tests" \
  in_copy "$oldest" oldest direct-minimal-versions cargo test --quiet --lib --test it --all-features -- "${slow[@]}"

# Faults that no single feature and not all of them together would show.
copy spoilt
cat >>"$copy/src/lib.rs" <<'RUST'

#[cfg(all(feature = "serde", feature = "getrandom", not(feature = "sha2")))]
fn of_one_pair() {}

/// The documentation of the bare set speaks of [`Argon2id`].
#[cfg(not(feature = "sha2"))]
pub const SPOILT: () = ();

/// Of Rust 1.91.
#[must_use]
pub fn newer(period: u64) -> u64 {
    period.strict_add(1)
}
RUST
cat >>"$copy/tests/it/main.rs" <<'RUST'

#[cfg(not(feature = "sha2"))]
#[test]
fn of_the_bare_set() {
    assert!(cfg!(feature = "sha2"), "a test that fails in the bare set alone");
}
RUST
spoilt=$copy
copy getrandom
sed -i 's/^getrandom = { version = "[0-9.]*"/getrandom = { version = "0.2"/' "$copy/Cargo.toml"
getrandom=$copy

noticed "a warning in 8 of all sets" "of_one_pair.* is never used" in_copy "$spoilt" check_each every
noticed "a test that fails in the bare set alone" "a test that fails in the bare set alone" \
  in_copy "$spoilt" test_bare
noticed "a link to what the bare set lacks" "unresolved link to .Argon2id" \
  in_copy "$spoilt" docs --no-default-features
noticed "getrandom 0.2, which is too old" "cannot find function .fill. in crate .getrandom" \
  oldest_builds "$getrandom" direct-minimal-versions
noticed "Rust 1.84, which dependencies are newer than" "sha2 .* needs Rust" checks rust-version 1.84
noticed "Rust $ours: an addition of 1.91" "current MSRV .* is .$ours.* stable since .1[.]91" \
  in_copy "$spoilt" std_of_its_time
noticed "thumbv6m-none-eabi: getrandom, without an operating system" \
  "target is not supported.*getrandom|getrandom.*target is not supported" \
  embedded thumbv6m-none-eabi getrandom
exit "$failed"
