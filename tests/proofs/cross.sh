#!/usr/bin/env bash
# cargo for a target that is not this machine's: `cross.sh TARGET build --release …`.
#
# Where rustup has the target (`rustup target add TARGET`) this is plain cargo. Elsewhere Debian's
# rustc-web builds `core` on the way, or what CROSS_CRATES says, so that no target has to be downloaded.
# Its variables stay in this script: exported more widely they would change every other build.
set -euo pipefail
target=$1 command=$2
shift 2

if [[ -d "$(rustc --print target-libdir --target "$target" 2>/dev/null)" ]]; then
  exec cargo "$command" --target "$target" "$@"
fi
linker=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$target")_LINKER
case $target in
  wasm32-*) declare -x "$linker=wasm-ld-22" ;;
  *) declare -x "$linker=ld.lld-22" ;;
esac
export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc PATH=/usr/bin:$PATH
exec /usr/bin/cargo "$command" --target "$target" "-Zbuild-std=${CROSS_CRATES:-core,compiler_builtins}" "$@"
