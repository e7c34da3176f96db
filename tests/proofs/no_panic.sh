#!/usr/bin/env bash
# Proves that a token cannot panic. The panic handler of a firmware names a symbol that does not
# exist. So the firmware links only if its work has no path to a panic: codes, key URIs, verifier,
# recovery codes.
#
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
needs_cross
cd "$proofs/cortex-m" || exit 1

# links TARGET OPT_LEVEL FEATURES [BINARY]
links() {
  RUSTFLAGS='--cfg sha2_backend_soft="compact"' CARGO_PROFILE_RELEASE_OPT_LEVEL=$2 \
    "$cross" "$1" build --quiet --release --target-dir "$work/cross" --bin "${4:-budget}" \
    --features "$3"
}

for target in thumbv6m-none-eabi thumbv7em-none-eabi; do
  for level in s 3; do
    holds "$target: no panic at opt-level $level" links "$target" "$level" codes,key-uri,verifier,recovery
    noticed "$target: an index at opt-level $level" this_core_must_not_panic \
      links "$target" "$level" codes,key-uri,verifier,recovery,control-index
    holds "$target: no panic in what is printed, at opt-level $level" \
      links "$target" "$level" recovery display
    noticed "$target: a text that is cut while it is printed, at opt-level $level" this_core_must_not_panic \
      links "$target" "$level" recovery,control-cut display
  done
done
exit "$failed"
