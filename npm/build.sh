#!/usr/bin/env bash
# Builds the npm package into `pkg/`.
#
# If rustup has the target wasm32-unknown-unknown, this is plain cargo. Otherwise Debian's rustc-web
# compiles.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=tests/proofs/lib.sh
source ../tests/proofs/lib.sh
set -e
needs_cross
needs node nodejs npm
[[ node_modules/.package-lock.json -nt package-lock.json ]] || npm ci --silent

target=${CARGO_TARGET_DIR:-target}
# The module does not contain paths of the machine that built it. Less inlining saves 2,100 bytes by
# gzip. These flags replace those of `.cargo/config.toml`.
export RUSTFLAGS="--cfg=sha2_backend_soft=\"compact\" -Cllvm-args=-inline-threshold=50 --remap-path-prefix=$root=otp-core --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src="
# module NAME FEATURE LEVEL: compiles one of the two modules, with the core at this opt-level, and
# strips it. Each has a folder of its own, so that building one does not rebuild the other. wasm-opt
# keeps every trap: no check is optimised away.
module() {
  local compiled=$target/npm-$2/wasm32-unknown-unknown/release/otp_core_npm.wasm
  "$cross" wasm32-unknown-unknown build --quiet --locked --release --package otp-core-npm \
    --no-default-features --features "$2" --target-dir "$target/npm-$2" \
    --config "profile.release.package.otp-core.opt-level=$3"
  [[ $target/$1.wasm -nt $compiled ]] || node_modules/.bin/wasm-opt -Oz --enable-bulk-memory --enable-sign-ext \
    --enable-nontrapping-float-to-int --enable-mutable-globals --strip-debug --strip-producers \
    --strip-target-features "$compiled" -o "$target/$1.wasm"
}
# At 2, reading a key URI takes half the time, for 1,800 bytes by gzip.
module otp_core main 2
module seeds seeds '"s"'
node build.mjs "$target/otp_core.wasm" "$target/seeds.wasm"
# The tests import the package by its name.
ln -sfn ../pkg node_modules/otp-core
printf 'pkg: %s bytes of WebAssembly, %s by gzip -9\n' \
  "$(wc -c <pkg/otp_core.wasm)" "$(gzip -9c pkg/otp_core.wasm | wc -c)"
