#!/usr/bin/env bash
# Builds the npm package into `pkg/`, and into `www/pkg/` for the page.
#
# Where rustup has the target wasm32-unknown-unknown this is plain cargo; elsewhere Debian's rustc-web
# builds std on the way. The tool wasm-bindgen is installed where there is none of this version.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=tests/proofs/lib.sh
source ../../tests/proofs/lib.sh
set -e
needs_cross

version=$(sed -n 's/^wasm-bindgen = "=\(.*\)"/\1/p' Cargo.toml)
bindgen=$(command -v wasm-bindgen || echo target/tools/bin/wasm-bindgen)
if [[ "$("$bindgen" --version 2>/dev/null)" != "wasm-bindgen $version" ]]; then
  # Without --locked: its lock file does not build. What runs for a second is not worth optimising.
  CARGO_PROFILE_RELEASE_OPT_LEVEL=0 cargo install --quiet wasm-bindgen-cli --version "$version" --root target/tools
  bindgen=target/tools/bin/wasm-bindgen
fi

CROSS_CRATES=std,panic_abort "$cross" wasm32-unknown-unknown build --quiet --locked --release \
  --package otp-core-browser
# wasm-opt -Oz (132) takes 14 % off the module and nothing off what gzip makes of it.
rm -rf pkg
"$bindgen" --target web --remove-name-section --remove-producers-section \
  --out-dir pkg --out-name otp_core target/wasm32-unknown-unknown/release/otp_core_browser.wasm
cp npm/* ../../LICENSE-* pkg/
rm -rf www/pkg
cp -r pkg www/pkg
printf 'pkg: %s bytes of WebAssembly, %s by gzip -9\n' \
  "$(wc -c <pkg/otp_core_bg.wasm)" "$(gzip -9c pkg/otp_core_bg.wasm | wc -c)"
