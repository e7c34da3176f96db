#!/usr/bin/env bash
# What a token costs: flash above an empty firmware, stack, instructions; and what others cost on the
# same harness. Prints the table of README.md; fails where a row is over its limit.
#
#   budget.sh           all rows, some ten minutes
#   budget.sh limits    the rows that have a limit and are quick
#   budget.sh oath      what a token for Yubico's clients adds, and what each of its commands takes
#
# The firmware is `budget` of tests/proofs/cortex-m, at opt-level "s" with fat LTO. What it does:
# codes: a key schedule, a code, a verification ±1; key URIs: read one, write one; verifier: an attempt
# and a resynchronisation within ten steps, states in and out; recovery: a set of ten read, a code redeemed, the set
# written. Instructions are those of all that a row does, once.
set -euo pipefail
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/../../tests/proofs/lib.sh"
needs qemu-system-arm qemu-system-arm
needs arm-none-eabi-size binutils-arm-none-eabi
needs_cross
which=${1:-all}
over=0
compact='--cfg sha2_backend_soft="compact"'

# build TARGET FLAGS FEATURES [BIN]: the file of a firmware, in $elf.
build() {
  local folder=$work/cross
  elf=$folder/$1/release/${4-budget}
  RUSTFLAGS=$2 "$cross" "$1" build --quiet --release --manifest-path "$proofs/cortex-m/Cargo.toml" \
    --target-dir "$folder" --bin "${4-budget}" --features "$3"
}

# figures TARGET MACHINE FLAGS FEATURES: bytes of flash, bytes of stack, instructions.
figures() {
  local flash
  build "$1" "$3" "$4"
  flash=$(arm-none-eabi-size "$elf" | awk 'NR == 2 { print $1 + $2 }')
  build "$1" "$3" "$4,measure"
  echo "$flash $(emulated "$2")"
}

# emulated MACHINE: what the firmware prints.
emulated() {
  timeout 60 qemu-system-arm -M "$1" -nographic -monitor none -serial null \
    -icount shift=8,sleep=off -semihosting-config enable=on,target=native -kernel "$elf"
}

# row NAME FLAGS FEATURES [FLASH_LIMIT STACK_LIMIT]
row() {
  local m0 m4 cells=() n
  m0=$(figures thumbv6m-none-eabi mps2-an385 "$2" "$3")
  m4=$(figures thumbv7em-none-eabi mps2-an386 "$2" "$3")
  read -ra m0 <<<"$m0"
  read -ra m4 <<<"$m4"
  for n in 0 1 2; do
    cells+=("$(thousands $((m0[n] - empty_m0[n])))" "$(thousands $((m4[n] - empty_m4[n])))")
  done
  printf '| %s |' "$1"
  printf ' %s |' "${cells[@]}"
  printf ' %s |\n' "${4:+$(thousands "$4")${5:+, $5}}"
  for n in $((m0[0] - empty_m0[0])) $((m4[0] - empty_m4[0])); do
    ((n <= ${4:-n})) || { echo "over: $n bytes of flash, $4 allowed" >&2; over=1; }
  done
  for n in $((m0[1] - empty_m0[1])) $((m4[1] - empty_m4[1])); do
    ((n <= ${5:-n})) || { echo "over: $n bytes of stack, $5 allowed" >&2; over=1; }
  done
}

thousands() { sed -E ':again; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; t again' <<<"$1"; }

read -ra empty_m0 <<<"$(figures thumbv6m-none-eabi mps2-an385 "$compact" "")"
read -ra empty_m4 <<<"$(figures thumbv7em-none-eabi mps2-an386 "$compact" "")"

echo "| | flash M0 | flash M4 | stack M0 | stack M4 | instructions M0 | instructions M4 | limits |"
echo "|---|--:|--:|--:|--:|--:|--:|---|"
row "codes, SHA-1" "$compact" codes 3400 660
row "codes, all hashes, compact" "$compact" codes,sha2 7700
row "all of it, compact" "$compact" codes,key-uri,verifier,recovery 36000
# Over the same lock with a PIN, which has 120 bytes and no stack.
row "a door lock, one-time with drift learning" "" lock 6700 840
if [[ $which == all || $which == oath ]]; then
  row "the OATH applet, four accounts in RAM" "$compact" oath 13000 5700
  row "accounts in flash" "" flash 14500 3600
fi
if [[ $which == all ]]; then
  row "codes, all hashes, not compact" "" codes,sha2
  row "codes, SHA-1; key URIs" "" codes,key-uri
  row "codes, SHA-1; verifier" "" codes,verifier
  row "recovery alone, compact" "$compact" recovery
  row "a door lock with a PIN" "" pin
  row "all of it, not compact" "" codes,key-uri,verifier,recovery
  needs arm-none-eabi-gcc gcc-arm-none-eabi libnewlib-arm-none-eabi
  MBEDTLS_SOURCE=$("$proofs/cortex-m/mbedtls_source.sh" "$work/mbedtls-source")
  export MBEDTLS_SOURCE
  row "codes by hmac and sha1, SHA-1" "" peer-hmac
  row "codes by mbedTLS 2.28, SHA-1" "" peer-mbedtls
  row "codes by totp-rs 6, all hashes, not compact" "" peer-totp-rs
  row "codes by totp-rs 6, all hashes, compact" "$compact" peer-totp-rs
fi
# Of each command of the applet.
if [[ $which == all || $which == oath ]]; then
  printf '\n| command | stack M0 | stack M4 | instructions M0 | instructions M4 |\n|---|--:|--:|--:|--:|\n'
  commands() {
    build "$1" "$compact" oath,measure commands
    emulated "$2"
  }
  paste <(commands thumbv6m-none-eabi mps2-an385) <(commands thumbv7em-none-eabi mps2-an386) |
    while IFS=$'\t' read -r name stack_m0 count_m0 _ stack_m4 count_m4; do
      echo "| $name | $(thousands "$stack_m0") | $(thousands "$stack_m4") | $(thousands "$count_m0") | $(thousands "$count_m4") |"
    done
  # A login under an asynchronous executor, a moving factor at a time.
  for target in thumbv6m-none-eabi thumbv7em-none-eabi; do
    build "$target" "$compact" slices slices
    read -r number longest whole runs <<<"$(emulated "$("$(dirname "$0")/machine.sh" "$target")")"
    printf '\n%s: a login in %s slices of at most %s instructions, between which another task ran %s times; %s in one piece\n' \
      "$target" "$number" "$(thousands "$longest")" "$runs" "$(thousands "$whole")"
    ((longest <= 13000 && runs >= number)) || { echo "over: a slice has $longest instructions, 13,000 allowed" >&2; over=1; }
  done
fi
exit "$over"
