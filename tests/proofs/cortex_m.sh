#!/usr/bin/env bash
# Constant time on a Cortex-M, emulated: thousands of trials whose keys, codes and places of the match
# differ take the same number of instructions, and nothing divides. Beside Valgrind's this shows what
# the compiler made for processors that select and divide in their own ways.
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
needs qemu-system-arm qemu-system-arm
needs arm-none-eabi-objdump binutils-arm-none-eabi
needs_cross
cd "$proofs/cortex-m" || exit 1

# firmware TARGET BIN FEATURES: builds it, and names its file in $elf.
firmware() {
  elf=$work/cross/$1/release/$2
  RUSTFLAGS='--cfg sha2_backend_soft="compact"' "$cross" "$1" build --quiet --release \
    --target-dir "$work/cross" --bin "$2" --features "$3"
}

# counts TARGET MACHINE FEATURES: runs the trials. An instruction takes 256 ns of QEMU's time.
counts() {
  firmware "$1" counts "counts,$3" && timeout 300 qemu-system-arm -M "$2" -nographic -monitor none \
    -serial null -icount shift=8,sleep=off -semihosting-config enable=on,target=native -kernel "$elf"
}

# undivided TARGET FEATURES: fails where an instruction divides or a routine is called that does. Key
# URIs are left out: lengths, which are public, are divided by 5 there.
undivided() {
  firmware "$1" budget "codes,verifier,recovery,$2" || return 1
  arm-none-eabi-objdump -d "$elf" >"$work/$1.s" || return 1
  grep -q '<main>:' "$work/$1.s" || { echo "no code to look at"; return 1; }
  if grep -E '[us]div|u?l?div(mod|[sd]i)' "$work/$1.s"; then
    echo "a division"
    return 1
  fi
}

for on in "thumbv6m-none-eabi mps2-an385" "thumbv7em-none-eabi mps2-an386"; do
  read -r target machine <<<"$on"
  holds "$target: instructions do not depend on keys, codes, places" counts "$target" "$machine" ""
  noticed "$target: a window that ends at its match" "^UNEVEN.*early exit" \
    counts "$target" "$machine" control-early-exit
  holds "$target: nothing divides" undivided "$target" ""
  noticed "$target: a remainder, in the code" "a division" undivided "$target" control-division
done
# A Cortex-M0 has no instruction for it, so that the count depends on the number.
noticed "thumbv6m-none-eabi: a remainder, in the count" "^UNEVEN.*a remainder" \
  counts thumbv6m-none-eabi mps2-an385 control-division
exit "$failed"
