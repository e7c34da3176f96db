#!/usr/bin/env bash
# Tests the package in Node, in workerd and bundled, with its negative controls. It installs what it
# needs. With OTP_LONG=1 it also tries every place of `places/`.
# shellcheck disable=SC2317 # functions are called by `holds` and `noticed`
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/proofs/lib.sh
source ../tests/proofs/lib.sh

needs node nodejs npm

holds "npm: format" cargo fmt --all --check
lints() { cargo clippy --quiet --locked --package otp-core-npm --all-targets "$@" -- -D warnings; }
holds "npm: lints" lints
holds "npm: lints of the module for seed files" lints --no-default-features --features seeds
holds "npm: the package builds" ./build.sh
no_path() { ! grep -aoE "$root|${CARGO_HOME:-$HOME/.cargo}" pkg/*; }
holds "npm: no path of this machine in the package" no_path
holds "npm: types" npx tsc -p .
holds "npm: the package in Node" node --test test/*.test.mjs
holds "npm: packed, in Node, workerd and esbuild" node places/places.mjs

# package CONTROL: runs the tests with a mistake in the package.
package() { node test/control.mjs "$1"; }
noticed "package: a code of another step" "SHA1 at 59" package another-step
noticed "package: a race that was lost opens" "Missing expected rejection" package lost-race-opens
noticed "package: true is a row" "Missing expected rejection: true" package true-is-a-row
noticed "package: a refusal is returned" "code that forgets to look" package refusal-returned
noticed "package: input in a message" "GEZDGNBVGY3TQOJQ in: " package input-in-message
noticed "package: milliseconds" "not ok .* milliseconds are refused" package milliseconds
noticed "package: random bytes stay" "not ok .* random bytes do not stay" package random-stays
noticed "package: what nobody holds stays" "the module grows" package never-freed
noticed "package: what was freed is used" "not ok .* what was freed" package freed-is-used

holds "npm: sizes" ./size.sh "$(long || echo limits)"
noticed "size: a limit that is too low" "over: generate and verify" env SIZE_LIMIT_CODES=2000 ./size.sh limits
long && holds "npm: every place" places/places.sh
exit "$failed"
