#!/usr/bin/env bash
# cargo for a target that is not this machine's: `cross.sh TARGET build --release …`.
#
# If rustup has the target (`rustup target add TARGET`), this is plain cargo. Otherwise Debian's rustc-web is the
# compiler, and its `core` and `alloc` (`std` for WebAssembly) are built from source, once for each machine: what rustup would
# have downloaded is then in $XDG_CACHE_HOME/otp-core. Nothing outside this script sees that compiler.
set -euo pipefail
target=$1 command=$2
shift 2

if [[ -d "$(rustc --print target-libdir --target "$target" 2>/dev/null)" ]]; then
  exec cargo "$command" --target "$target" "$@"
fi
export PATH=/usr/bin:$PATH
version=$(/usr/bin/rustc -V | sed -E 's/^rustc ([^ ]*).*/\1/')
cache=${XDG_CACHE_HOME:-$HOME/.cache}/otp-core
# Another version of the compiler, or of this script, starts anew.
sysroot=$cache/rust-$version-$(cksum <"$0" | cut -d ' ' -f 1)
linker=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$target")_LINKER
case $target in
  wasm32-*) declare -x "$linker=wasm-ld-22" ;;
  *) declare -x "$linker=ld.lld-22" ;;
esac

# Builds the library of the target into the sysroot, by an empty crate. For size, as the firmwares are; with
# bitcode, which optimisation across crates needs.
build_library() {
  local new crates=core,alloc,compiler_builtins
  [[ $target != wasm32-* ]] || crates=std,panic_abort
  new=$(mktemp -d "$cache/new.XXXXXX")
  mkdir "$new/src"
  echo '#![no_std]' >"$new/src/lib.rs"
  printf '%s\n' '[package]' 'name = "empty"' 'edition = "2024"' '[profile.release]' 'opt-level = "s"' \
    'codegen-units = 1' 'panic = "abort"' >"$new/Cargo.toml"
  (
    cd "$new"
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
      /usr/bin/cargo build --quiet --release --target "$target" --target-dir target "-Zbuild-std=$crates"
  )
  mkdir -p "$new/library/lib" "$sysroot/lib/rustlib" "$sysroot/bin"
  cp "$new/target/$target"/release/deps/*.r* "$new/library/lib"
  rm "$new"/library/lib/libempty*
  # The host's own library is for build scripts and macros.
  ln -sfn "$(/usr/bin/rustc --print sysroot)/lib/rustlib/$(/usr/bin/rustc -vV | sed -n 's/^host: //p')" \
    "$sysroot/lib/rustlib/"
  printf '%s\n' '#!/bin/sh' "exec /usr/bin/rustc --sysroot '$sysroot' \"\$@\"" >"$sysroot/bin/rustc"
  chmod +x "$sysroot/bin/rustc"
  mv "$new/library" "$sysroot/lib/rustlib/$target"
  rm -r "$new"
}

mkdir -p "$cache"
# One of several builds at a time does it, and the others wait.
exec 9>"$cache/lock-$target"
flock 9
[[ -d $sysroot/lib/rustlib/$target ]] || build_library >&2
exec 9>&-
export RUSTC=$sysroot/bin/rustc
exec /usr/bin/cargo "$command" --target "$target" "$@"
