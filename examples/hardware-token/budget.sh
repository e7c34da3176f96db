#!/usr/bin/env bash
# The cost of a token: flash, stack, RAM and instructions, and the cost of others on the same
# harness. Prints the tables of README.md, and fails if a figure is over its limit.
#
#   budget.sh           every row, some ten minutes
#   budget.sh limits    the rows that have a limit; the gate measures the Cortex-M0 only
#
# Rows are the firmware `budget` of tests/proofs/cortex-m, at opt-level "s" with fat LTO, above the
# same firmware without contents. Each row does its work once:
#
# - codes: a key schedule, a code, a verification with a step each way
# - key URIs: one read, one written
# - verifier: an attempt and a resynchronisation within ten steps, states in and out
# - recovery: a set of ten read, a code redeemed, the set written
# - applet: each command once, with four accounts in RAM
# - flash: an account, a counter and a state, stored and read
set -euo pipefail
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/../../tests/proofs/lib.sh"
needs qemu-system-arm qemu-system-arm
needs arm-none-eabi-size binutils-arm-none-eabi
needs_cross
# One compiler for all figures: Debian's, also if rustup has the targets.
export PATH=/usr/bin:$PATH
which=${1:-all}
over=0
# m4_too: succeeds if the Cortex-M4 is measured too.
m4_too() { [[ $which == all ]] || long; }
# cell FIGURE: a figure of the Cortex-M4, for a table.
cell() { if m4_too; then echo "$1"; else echo "–"; fi; }
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
  build "$1" "$3" "$4,measure"
  echo "$(arm-none-eabi-size "$elf" | awk 'NR == 2 { print $1 + $2 }') $(emulated "$2")"
}

# emulated MACHINE: what the firmware prints.
emulated() {
  timeout 60 qemu-system-arm -M "$1" -nographic -monitor none -serial null \
    -icount shift=8,sleep=off -semihosting-config enable=on,target=native -kernel "$elf"
}

# row NAME FLAGS FEATURES [FLASH_LIMIT STACK_LIMIT INSTRUCTION_LIMIT]
row() {
  local m0 m4 cells=() n limit limits=
  local what=("bytes of flash" "bytes of stack" "instructions")
  m0=$(figures thumbv6m-none-eabi mps2-an385 "$2" "$3")
  m4=${nothing[*]}
  ! m4_too || m4=$(figures thumbv7em-none-eabi mps2-an386 "$2" "$3")
  read -ra m0 <<<"$m0"
  read -ra m4 <<<"$m4"
  for n in 0 1 2; do
    cells+=("$((m0[n] - empty_m0[n]))" "$((m4[n] - empty_m4[n]))")
  done
  for n in 0 1 2; do
    limit=${*:n + 4:1}
    [[ -n $limit ]] || continue
    limits+="${limits:+ / }$(thousands "$limit")"
    within "$1" "${cells[2 * n]}" "$limit" "${what[n]}" && within "$1" "${cells[2 * n + 1]}" "$limit" "${what[n]}" || over=1
  done
  printf '| %s |' "$1"
  for n in 1 3 5; do cells[n]=$(cell "${cells[n]}"); done
  printf ' %s |' "${cells[@]}" | thousands_all
  printf ' %s |\n' "$limits"
}

# within NAME FIGURE LIMIT UNIT
within() {
  (($2 <= $3)) || { echo "over: $1: $2 $4, $3 allowed" >&2; return 1; }
}

thousands_all() { sed -E ':again; s/([0-9])([0-9]{3})($|[, ])/\1,\2\3/; t again'; }
thousands() { sed -E ':again; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; t again' <<<"$1"; }

read -ra empty_m0 <<<"$(figures thumbv6m-none-eabi mps2-an385 "$compact" "")"
nothing=(0 0 0) # what is not measured
empty_m4=("${nothing[@]}")
! m4_too || read -ra empty_m4 <<<"$(figures thumbv7em-none-eabi mps2-an386 "$compact" "")"

echo "| | flash M0 | flash M4 | stack M0 | stack M4 | instructions M0 | instructions M4 | limits |"
echo "|---|--:|--:|--:|--:|--:|--:|---|"
row "codes, SHA-1" "$compact" codes 3400 660 65000
row "codes, all hashes, compact" "$compact" codes,sha2 7700 1100 65000
row "codes, SHA-1; verifier" "$compact" codes,verifier 11500 1900 370000
row "all of it, compact" "$compact" codes,key-uri,verifier,recovery 36000 4600 600000
# Beside the same lock with a PIN, which has 120 bytes and no stack.
row "a door lock, one-time with drift learning" "" lock 6700 840 52000
row "the OATH applet, four accounts in RAM" "$compact" oath 12700 5300 360000
row "accounts in flash" "$compact" flash 15300 3750 330000
if [[ $which == all ]]; then
  row "codes, all hashes, not compact" "" codes,sha2
  row "codes, SHA-1; key URIs" "" codes,key-uri
  row "only recovery, compact" "$compact" recovery
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

# Each command of the applet, with its limits.
declare -A limits=(
  [SELECT]="900 900" [PUT]="2500 6000" [PUT, HOTP]="2500 7800" [PUT, SHA-256]="2500 9700" [PUT, SHA-512]="2500 11600"
  [CALCULATE]="2500 31500" [CALCULATE, HOTP]="2500 33000" [CALCULATE, SHA-512]="3300 88000" [CALCULATE ALL]="3300 145000"
  [LIST]="1700 7300" [RENAME]="2700 11600" [DELETE]="1700 2900" [RESET]="2900 6100"
)
printf '\n| command | stack M0 | stack M4 | instructions M0 | instructions M4 | limits |\n|---|--:|--:|--:|--:|---|\n'
commands() {
  build "$1" "$compact" oath,measure commands
  emulated "$2"
}
m0=$(commands thumbv6m-none-eabi mps2-an385)
m4=$m0
! m4_too || m4=$(commands thumbv7em-none-eabi mps2-an386)
while IFS=$'\t' read -r name stack_m0 count_m0 _ stack_m4 count_m4; do
  read -r stack count <<<"${limits[$name]}"
  for figure in "$stack_m0 $stack bytes of stack" "$stack_m4 $stack bytes of stack" \
    "$count_m0 $count instructions" "$count_m4 $count instructions"; do
    read -r is limit unit <<<"$figure"
    within "$name" "$is" "$limit" "$unit" || over=1
  done
  echo "| $name | $stack_m0 | $(cell "$stack_m4") | $count_m0 | $(cell "$count_m4") | $stack / $count |" | thousands_all
done < <(paste <(echo "$m0") <(echo "$m4"))

# A login under an asynchronous executor, a moving factor at a time.
printf '\n| a login with SHA-1, last one an hour ago | slices | longest | in one piece | limit |\n|---|--:|--:|--:|--:|\n'
machines=(thumbv6m-none-eabi:M0)
! m4_too || machines+=(thumbv7em-none-eabi:M4)
for target in "${machines[@]}"; do
  build "${target%:*}" "$compact" slices slices
  read -r number longest whole runs <<<"$(emulated "$("$(dirname "$0")/machine.sh" "${target%:*}")")"
  echo "| ${target#*:} | $number | $longest | $whole | 13000 |" | thousands_all
  within "a slice" "$longest" 13000 instructions || over=1
  ((runs >= number)) || { echo "over: another task ran $runs times between $number slices" >&2; over=1; }
done

# The firmwares as they are, with their boards.
printf '\n| firmware | flash M0 | flash M4 | variables M0 | variables M4 | limits |\n|---|--:|--:|--:|--:|---|\n'
while read -r package flash ram name; do
  figures=()
  for target in "${machines[@]%:*}"; do
    elf=$(PACKAGE=$package "$(dirname "$0")/build.sh" "$target")
    read -r is variables < <(arm-none-eabi-size "$elf" | awk 'NR == 2 { print $1 + $2, $2 + $3 }')
    within "$name" "$is" "$flash" "bytes of flash" && within "$name" "$variables" "$ram" "bytes of variables" || over=1
    figures+=("$is" "$variables")
  done
  echo "| $name | ${figures[0]} | ${figures[2]-–} | ${figures[1]} | ${figures[3]-–} | $flash / $ram |" | thousands_all
done <<'END'
hardware-token 43500 3600 the terminal, eight accounts in RAM
oath-token 29500 1400 the token for Yubico's clients
door-lock 32600 1000 the door lock
END
exit "$over"
