#!/usr/bin/env bash
# Measures the core as WebAssembly, part by part, and the files of the package, and prints the
# table of README.md. It fails if a row is over its limit. `size.sh limits` measures only rows
# with a limit. The parts are modules of `size/` without JavaScript. The script runs each module
# before it measures it.
#
# The smallest module has `--cfg otp_core_small`, which makes SHA-1 a loop and computes one code
# at a time. SHA-256 and SHA-512 are loops in all of them (`--cfg sha2_backend_soft="compact"`).
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=tests/proofs/lib.sh
source ../tests/proofs/lib.sh
set -e
needs_cross
needs node nodejs npm
[[ -x node_modules/.bin/wasm-opt ]] || npm ci --silent
which=${1:-all}
failed=0 last=0
compact='--cfg sha2_backend_soft="compact"'

# module FLAGS FEATURES: builds a module, and sets $wasm to its path.
module() {
  local folder=$PWD/target/size
  [[ $1 == *small* ]] && folder=$PWD/target/size-small
  RUSTFLAGS=$1 "$cross" wasm32-unknown-unknown build --quiet --locked \
    --release --package size --features "$2" --target-dir "$folder"
  wasm=$folder/size.wasm
  node_modules/.bin/wasm-opt -Oz --strip-debug --strip-producers --strip-target-features \
    "$folder/wasm32-unknown-unknown/release/size.wasm" -o "$wasm"
}

# row NAME FLAGS FEATURES [LIMIT]: prints a row of the table, with its difference to the row above.
row() {
  local bytes zipped adds
  [[ $which == all || -n ${4:-} ]] || return 0
  module "$2" "$3"
  node size/check.mjs "$wasm"
  bytes=$(wc -c <"$wasm")
  zipped=$(gzip -9c "$wasm" | wc -c)
  adds=$((last ? zipped - last : 0)) last=$zipped
  weigh "$1" "$bytes" "$zipped" "$adds" "${4:-}"
}

# weigh NAME BYTES ZIPPED ADDS LIMIT
weigh() {
  printf '| %s | %s | %s | %s | %s |\n' "$1" "$2" "$3" "$([[ $4 == 0 ]] || printf '%+d' "$4")" "$5"
  if [[ -n $5 ]] && (($3 > $5)); then
    echo "over: $1 is $3 bytes by gzip, $5 allowed" >&2
    failed=1
  fi
}

echo "| | bytes | by gzip -9 | adds | limit |"
echo "|---|--:|--:|--:|--:|"
row "generate and verify, SHA-1, small" "$compact --cfg otp_core_small" codes "${SIZE_LIMIT_CODES:-3328}"
last=0
row "generate and verify, SHA-1" "$compact" codes
row "+ SHA-256, SHA-512" "$compact" codes,sha2
row "+ verifier" "$compact" codes,sha2,verifier
row "+ key URIs" "$compact" codes,sha2,verifier,key-uri
row "+ QR codes" "$compact" codes,sha2,verifier,key-uri,qr
row "+ recovery codes: all of it" "$compact" codes,sha2,verifier,key-uri,qr,recovery 30720
last=0
[[ -f pkg/otp_core.wasm ]] || ./build.sh >&2
# file NAME FILE LIMIT: measures a file of the package.
file() { weigh "$1" "$(wc -c <"pkg/$2")" "$(gzip -9c "pkg/$2" | wc -c)" 0 "$3"; }
file "the package's module" otp_core.wasm 71000
file "its module for seed files" seeds.wasm 70000
file "its JavaScript without a module inside" bare.js 8000
file "its JavaScript with the module inside" index.js 88000
exit "$failed"
