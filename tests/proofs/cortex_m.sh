#!/usr/bin/env bash
# Constant time on a Cortex-M, emulated: thousands of trials whose keys, codes and places of the
# match differ take the same number of instructions, and nothing divides. Beside Valgrind's this
# shows what the compiler made for processors that select and divide in their own ways. Functions
# are called by `holds` and `noticed`.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
needs qemu-system-arm qemu-system-arm
needs arm-none-eabi-objdump binutils-arm-none-eabi
needs_cross
cd "$proofs/cortex-m" || exit 1

# firmware ROOT TARGET BIN FEATURES: builds it, and names its file in $elf.
firmware() {
  elf=$work/cross/$2/release/$3
  RUSTFLAGS='--cfg sha2_backend_soft="compact"' "$cross" "$2" build --quiet --release \
    --manifest-path "$1/tests/proofs/cortex-m/Cargo.toml" --target-dir "$work/cross" --bin "$3" --features "$4"
}

# counts ROOT TARGET MACHINE: runs the trials. An instruction takes 256 ns of QEMU's time.
counts() {
  firmware "$1" "$2" counts counts && timeout 300 qemu-system-arm -M "$3" -nographic -monitor none \
    -serial null -icount shift=8,sleep=off -semihosting-config enable=on,target=native -kernel "$elf"
}

# undivided ROOT TARGET: fails if an instruction divides or a routine is called that does. Key URIs
# are left out: lengths, which are public, are divided by 5 there.
undivided() {
  firmware "$1" "$2" budget codes,verifier,recovery || return 1
  arm-none-eabi-objdump -d "$elf" >"$work/$2.s" || return 1
  grep -q '<main>:' "$work/$2.s" || { echo "no code to look at"; return 1; }
  if grep -E '[us]div|u?l?div(mod|[sd]i)' "$work/$2.s"; then
    echo "a division"
    return 1
  fi
}

# mistake FILE EDIT COMMAND…: in a copy of the crate, in which `sed` makes a mistake.
mistake() {
  mistaken cortex-m "$1" "$2" || return
  # The manifest names these, whether they are built or not.
  mkdir -p "$copy/examples/hardware-token" &&
    cp -r "$root"/examples/hardware-token/{flash,ykoath,Cargo.toml} "$copy/examples/hardware-token" || return
  "$3" "$copy" "${@:4}"
}
early_exit='s/^( +)nth = nth\.wrapping_add\(1\);/\1if found != 0 { return; }\n&/'
scan_exit='s/^( +)let value = candidate\.code\(self\.modulus\);/\1if self.matches.bit() == 1 { return; }\n&/'
remainder='s/self\.divide\(value\)\.1/core::num::NonZeroU32::new(black_box(self.modulus)).map_or(0, |modulus| value % modulus)/'

for on in "thumbv6m-none-eabi mps2-an385" "thumbv7em-none-eabi mps2-an386"; do
  read -r target machine <<<"$on"
  holds "$target: instructions do not depend on keys, codes, places" counts "$root" "$target" "$machine"
  noticed "$target: a window that is left at the match" "^UNEVEN: SHA1, verify, accepted" \
    mistake src/scan.rs "$early_exit" counts "$target" "$machine"
  noticed "$target: a verifier that stops at the match" "^UNEVEN: SHA1, attempt, accepted" \
    mistake src/scan.rs "$scan_exit" counts "$target" "$machine"
  holds "$target: nothing divides" undivided "$root" "$target"
  noticed "$target: a remainder, in the code" "a division" \
    mistake src/ct.rs "$remainder" undivided "$target"
done
# A Cortex-M0 has no instruction for it, so that the count depends on the number.
noticed "thumbv6m-none-eabi: a remainder, in the count" "^UNEVEN" \
  mistake src/ct.rs "$remainder" counts thumbv6m-none-eabi mps2-an385
exit "$failed"
