#!/usr/bin/env bash
# Features only add: every set of them builds, the sets that could differ in what they do are tested,
# and it builds where there is no operating system, with the oldest dependencies it allows, and without
# anything of the standard library that is newer than the compiler it promises.
#
# The oldest compiler at hand to develop this crate is 1.95, so that 1.88 itself is not run: clippy
# compares each item of the standard library with the version that brought it, and every dependency
# states its own. A feature of the language that is newer would not be seen.
# shellcheck disable=SC2016,SC2317 # jq's variables; functions that the rows call
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
needs jq jq
needs oathtool oathtool
needs_cross
needs_cargo cargo-hack
cd "$root" || exit 1
export OTP_REQUIRE_OATHTOOL=1
# Each set is compiled once: what incremental compilation keeps is never read.
export CARGO_INCREMENTAL=0

# copy NAME: the crate's files without those of the server, in a folder of their own, named $copy. It has a
# version of its own, for cargo takes two packages below one folder that differ in nothing else for the same.
copy() {
  copy=$work/$1
  rm -rf "$copy"
  mkdir -p "$copy"
  tar --exclude=target -c Cargo.toml Cargo.lock README.md src tests examples benches | tar -x -C "$copy"
  sed -i 's/^members = .*/members = []/' "$copy/Cargo.toml"
  sed -i '/^name = "otp-core"$/,/^version/s/^version = "[^"]*/&-'"$1/" "$copy"/Cargo.{toml,lock}
}

# Every set, as far as sets differ: `argon2` with and without `recovery`, which it implies, is one. In
# two halves at a time, as one crate keeps one core busy.
powerset() {
  local half halves=() result=0
  for half in 1 2; do
    (cd "$1" && RUSTFLAGS="-D warnings" cargo hack check --quiet --lib --feature-powerset \
      --exclude-features default --partition "$half/2" --target-dir "$work/powerset-$half") &
    halves+=($!)
  done
  for half in "${halves[@]}"; do wait "$half" || result=1; done
  return "$result"
}

# What cargo knows of the crate, without its dependencies.
package() { cargo metadata --no-deps --format-version 1 | jq '.packages[] | select(.name == "otp-core")'; }

# sets QUERY: of the features but `default`, one set a line.
sets() {
  package | jq -r '
    .features | del(.default) | . as $implied | keys as $all
    | def closure: (. + [.[] as $one | $implied[$one][] | select(in($implied))] | unique) as $more
        | if $more == . then . else $more | closure end;
      def without($one): [$all[] | select([.] | closure | index([$one]) | not)];
      '"$1"' | unique[] | join(",")'
}

clippy() { cargo clippy --quiet --all-targets --no-default-features --features "$1" -- -D warnings; }

# Two tests take ten times as long as all others, and count codes and read exports in the same way in
# every set: they run with all features, and in a plain `cargo test`.
tests() {
  cargo test --quiet --lib --test it "$@" -- \
    --skip f26_hotp_never_looks_back --skip the_work_is_linear
}
test_set() { tests --no-default-features --features "$1"; }

# in_copy TREE COMMAND…: with the same target folder, so that dependencies are compiled once.
in_copy() { (cd "$1" && CARGO_TARGET_DIR=$root/target "${@:2}"); }

docs() { RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --lib "$@"; }

# each COMMAND: for each set that comes in; fails where one fails, and names it.
each() {
  local set result=0
  while read -r set; do
    "$1" "$set" </dev/null || { echo "with features: ${set:-none}"; result=1; }
  done
  return "$result"
}
linted() { sets '([[]] + [$all] + [$all[] | [.]] + [$all[] | without(.)])' | each clippy; }
tested() { sets '([[]] + [$all[] | [.]])' | each test_set; }

embedded() {
  local target=$1 set
  for set in "${@:2}"; do
    "$cross" "$target" build --quiet --lib --release --target-dir "$work/embedded" \
      --no-default-features --features "$set" || return 1
  done
}

# oldest WHICH COMMAND…: with the oldest versions that Cargo.toml allows: of what it names
# (direct-minimal-versions), or of everything below that too (minimal-versions).
oldest() { rm -f Cargo.lock && cargo +nightly update --quiet -Z "$1" && "${@:2}"; }

# no_newer_than VERSION: fails where a dependency needs a newer compiler, and names it. Those of every
# platform, with what builds them.
no_newer_than() {
  local newer
  newer=$(cargo metadata --all-features --format-version 1 | jq -r --arg ours "$1" '
    def version: split(".") | map(tonumber);
    (.resolve.nodes | map({key: .id,
      value: [.deps[] | select(any(.dep_kinds[]; .kind != "dev")) | .pkg]}) | from_entries) as $below
    | def closure: (. + [$below[.[]][]] | unique) as $more
        | if $more == . then . else $more | closure end;
      ([.resolve.root] | closure) as $used
    | .packages[] | select(.id | IN($used[])) | select(.rust_version)
    | select((.rust_version | version) > ($ours | version))
    | "\(.name) \(.version) needs Rust \(.rust_version)"') || return 1
  [[ -z $newer ]] || { echo "$newer"; return 1; }
}
# Nothing newer than rust-version, of the standard library.
std_of_its_time() { cargo clippy --quiet --lib --all-features -- -D clippy::incompatible_msrv; }

# What no single feature and not all of them together would show.
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
copy subtle
sed -i 's/^subtle = { version = "[0-9.]*"/subtle = { version = "2.0"/' "$copy/Cargo.toml"
subtle=$copy
copy oldest
oldest=$copy

# Beside the rest, which leaves a core idle most of the time.
(
  for target in thumbv6m-none-eabi thumbv7m-none-eabi thumbv7em-none-eabihf \
    riscv32imc-unknown-none-elf wasm32-unknown-unknown; do
    holds "$target: builds bare, and with rand_core, qr, serde, argon2, pbkdf2" \
      embedded "$target" "" rand_core,qr,serde,argon2,pbkdf2
  done
  noticed "thumbv6m-none-eabi: getrandom, without an operating system" \
    "target is not supported.*getrandom|getrandom.*target is not supported" \
    embedded thumbv6m-none-eabi getrandom
  exit "$failed"
) >"$work/embedded-rows" 2>&1 &
other=$!

holds "every set of features builds without a warning" powerset .
noticed "a warning in 8 of all sets" "of_one_pair.* is never used" powerset "$spoilt"
holds "none, each, all but each, and all features: clippy, all targets" linted
holds "none, and each feature alone: unit and integration tests" tested
noticed "a test that fails in the bare set alone" "a test that fails in the bare set alone" \
  in_copy "$spoilt" test_set ""
holds "all features: every test, example and piece of documentation" cargo test --quiet --all-features
holds "documentation with all features" docs --all-features
holds "documentation with none" docs --no-default-features
noticed "a link to what the bare set lacks" "unresolved link to .Argon2id" \
  in_copy "$spoilt" docs --no-default-features

holds "oldest versions of what Cargo.toml names: tests" \
  in_copy "$oldest" oldest direct-minimal-versions tests --all-features
holds "oldest versions of everything: builds" \
  in_copy "$oldest" oldest minimal-versions cargo check --quiet --lib --all-features
noticed "subtle 2.0, which is too old" "unresolved imports? .subtle::ConstantTimeGreater" \
  in_copy "$subtle" oldest direct-minimal-versions cargo check --quiet --lib --all-features

ours=$(package | jq -r .rust_version)
holds "Rust $ours: no dependency needs a newer one" no_newer_than "$ours"
noticed "Rust 1.84, which dependencies are newer than" "sha2 .* needs Rust" no_newer_than 1.84
holds "Rust $ours: nothing newer of the standard library" std_of_its_time
noticed "Rust $ours: an addition of 1.91" "current MSRV .* is .$ours.* stable since .1[.]91" \
  in_copy "$spoilt" std_of_its_time

wait "$other" || failed=1
cat "$work/embedded-rows"
exit "$failed"
