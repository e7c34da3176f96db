#!/usr/bin/env bash
# The token on both targets, in QEMU, with its negative controls. Installs what it needs.
# shellcheck disable=SC2317 # functions are called by `holds` and `noticed`
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/proofs/lib.sh
source ../../tests/proofs/lib.sh

# The gate leaves the Cortex-M4 to the long form: what runs on a Cortex-M0 runs there too.
targets=(thumbv6m-none-eabi)
! long || targets=(thumbv7em-none-eabi thumbv6m-none-eabi)
needs_cross
needs qemu-system-arm qemu-system-arm
needs oathtool oathtool
needs arm-none-eabi-size binutils-arm-none-eabi

cargo_here() { cargo "$1" --quiet --locked "${@:2}"; }

holds "token: format" cargo fmt --all --check
holds "token: lints" cargo_here clippy --workspace --all-targets -- -D warnings
! long || for package in hardware-token oath-token door-lock; do
  holds "token: lints of the firmware $package" cargo_here clippy --release -p "$package" \
    --features board --bin "$package" -- -D warnings
done
holds "token: without a board, on this machine" cargo_here test -p hardware-token -p ykoath \
  -p oath-token -p door-lock
holds "token: no cut of power and no damage fools the flash" cargo_here test -p token-flash \
  -- --nocapture
grep -h 'years\|cuts' "$(log_of "token: no cut of power and no damage fools the flash")"

# Yubico's own client, beside oathtool: over a pipe to the applet on this machine.
oath_python() {
  local venv
  venv=$work/oath-$(cksum <oath/client/requirements.txt | cut -d ' ' -f 1)
  if [[ ! -e $venv/ready ]]; then
    python3 -c 'import ensurepip' 2>/dev/null || needs no-such-command python3-venv || return 1
    python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --no-deps -r oath/client/requirements.txt >&2 &&
      touch "$venv/ready" || return 1
  fi
  printf '%s\n' "$venv/bin/python"
}
# oath ARGUMENT…: its tests over a line.
oath() {
  local python
  python=$(oath_python) && "$python" -B oath/client/test_oath.py "$@"
}
# The applet as a program that talks over a pipe.
pipe() {
  local program
  program=$(cargo_here build -p ykoath --example pipe --message-format=json |
    jq -r 'select(.target.name == "pipe" and .executable) | .executable') && oath "$program"
}
needs jq jq
holds "token: Yubico's client and the applet on this machine" pipe

# control_build TARGET FEATURE: a firmware that something is wrong with, apart from the good one.
control_build() {
  local elf
  elf=$(./build.sh "$1" --features "$2") && cp "$elf" "$work/$1-$2"
}

summary=()
for target in "${targets[@]}"; do
  elf=$PWD/target/$target/release/hardware-token
  machine=$(./machine.sh "$target")
  lock_elf=$PWD/target/$target/release/door-lock
  session() {
    env TOKEN_ELF="$elf" LOCK_ELF="$lock_elf" TOKEN_MACHINE="$machine" cargo test --quiet --locked -p session "$@"
  }
  control() { session "control_$1" -- --ignored --exact; }
  # Runs a command with the control firmware of a feature: `of FEATURE COMMAND…`.
  of() { elf=$work/$target-$1 "${@:2}"; }

  # Controls come first, so that what lies there in the end is the firmware.
  noticed "token, $target: a panic" this_core_must_not_panic ./build.sh "$target" --features control-index
  if long; then
    for feature in control-unscrubbed control-stack; do
      holds "token, $target: $feature builds" control_build "$target" "$feature"
    done
  fi
  holds "token, $target: it links without a panic" ./build.sh "$target"
  holds "token, $target: sessions" session --test codes --test lines --test memory --test readme --test verifying
  holds "token, $target: the door lock links" env PACKAGE=door-lock ./build.sh "$target"
  holds "token, $target: the door lock, a year of its clock, and cuts of power" session --test door -- --nocapture
  grep -h '^opened' "$(log_of "token, $target: the door lock, a year of its clock, and cuts of power")"
  noticed "token, $target: a code of another step" "not oathtool's code" control another_step
  noticed "token, $target: a fresh code for a replay" "not a replay" control a_fresh_code
  noticed "token, $target: a secret in an answer" "a secret in the answer" control a_secret_in_a_label
  noticed "token, $target: a secret in the line" "a secret is left in RAM" control a_secret_in_ram
  noticed "token, $target: a secret on the stack" "a secret is left in RAM" \
    of control-unscrubbed session no_key_is_left_in_ram
  noticed "token, $target: another answer than README.md has" "not as README.md says" control another_answer
  noticed "token, $target: a token that is silent" "no prompt within" control silence
  noticed "token, $target: a stack that is too small" "no prompt within" of control-stack control stack

  holds "token, $target: the OATH token links" env PACKAGE=oath-token ./build.sh "$target"
  oath_elf=$PWD/target/$target/release/oath-token
  holds "token, $target: Yubico's client, cuts of power, and a damaged flash" oath "$oath_elf" "$machine"

  tests=$(awk '/^test result: ok/ { sum += $4 } END { print sum }' "$(log_of "token, $target: sessions")")
  read -r flash ram < <(arm-none-eabi-size "$elf" | awk 'NR == 2 { print $1 + $2, $2 + $3 }')
  summary+=("$target: $tests tests of sessions pass; $flash bytes of flash, $ram of RAM and the stack")
  for other in "the OATH token:$oath_elf" "the door lock:$lock_elf"; do
    read -r flash ram < <(arm-none-eabi-size "${other#*:}" | awk 'NR == 2 { print $1 + $2, $2 + $3 }')
    summary+=("$target: ${other%%:*} has $flash bytes of flash, $ram of RAM and the stack")
  done
done
noticed "token: SHA-256 and SHA-512 unrolled" "will not fit in region .FLASH" \
  env RUSTFLAGS=-Cdebuginfo=0 CARGO_TARGET_DIR="$work/unrolled" ./build.sh thumbv7em-none-eabi
printf '%s\n' "${summary[@]}"
exit "$failed"
