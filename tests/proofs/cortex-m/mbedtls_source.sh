#!/usr/bin/env bash
# Prints where the sources of mbedTLS are: in a crate that carries them, of which nothing is built.
set -euo pipefail
version=2.28.15
package=${1:?a folder for the package that names it}
mkdir -p "$package/src"
touch "$package/src/lib.rs"
printf '[package]\nname = "mbedtls-source"\nedition = "2024"\n[workspace]\n[dependencies]\nmbedtls-sys-auto = "=%s"\n' \
  "$version" >"$package/Cargo.toml"
cargo metadata --quiet --format-version 1 --manifest-path "$package/Cargo.toml" |
  grep -o '"manifest_path":"[^"]*/mbedtls-sys-auto-'"$version"'/Cargo.toml"' |
  sed 's/^"manifest_path":"//; s|/Cargo.toml"$|/vendor|'
