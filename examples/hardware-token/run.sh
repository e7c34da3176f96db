#!/usr/bin/env bash
# The token's terminal, in QEMU: `run.sh [TARGET]`. Ctrl-C switches it off.
set -euo pipefail
cd "$(dirname "$0")"
target=${1:-thumbv7em-none-eabi}
elf=$(./build.sh "$target")
# The token does not echo. As stdin is a pipe, this terminal does, and corrects lines as ever.
cat | qemu-system-arm -M "$(./machine.sh "$target")" -kernel "$elf" \
  -display none -monitor none -serial stdio -icount shift=8,sleep=off
