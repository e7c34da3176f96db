#!/usr/bin/env bash
# Builds the firmware, `build.sh TARGET [CARGO ARGUMENT…]`, and prints where the ELF is. TARGET is
# thumbv7em-none-eabi or thumbv6m-none-eabi. `PACKAGE=oath-token` builds the other one.
set -euo pipefail
# cargo looks for .cargo/config.toml from the current folder.
cd "$(dirname "$0")"
target=$1
package=${PACKAGE-hardware-token}
shift
../../tests/proofs/cross.sh "$target" build --quiet --locked --release --features board \
  -p "$package" --bin "$package" "$@" >&2
echo "$PWD/target/$target/release/$package"
