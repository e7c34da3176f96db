#!/usr/bin/env bash
# Builds the npm package into `pkg/`, and into `www/pkg/` for the page.
#
# If rustup has the target wasm32-unknown-unknown, this is plain cargo; otherwise Debian's rustc-web compiles.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=tests/proofs/lib.sh
source ../../tests/proofs/lib.sh
set -e
needs_cross

"$cross" wasm32-unknown-unknown build --quiet --locked --release \
  --package otp-core-browser
# wasm-opt -Oz (132) takes 14 % off the module and nothing off what gzip makes of it.
rm -rf pkg
"$(program "$PWD/bindgen")" target/wasm32-unknown-unknown/release/otp_core_browser.wasm pkg
cp npm/* ../../LICENSE-* pkg/
rm -rf www/pkg
cp -r pkg www/pkg
printf 'pkg: %s bytes of WebAssembly, %s by gzip -9\n' \
  "$(wc -c <pkg/otp_core_bg.wasm)" "$(gzip -9c pkg/otp_core_bg.wasm | wc -c)"
