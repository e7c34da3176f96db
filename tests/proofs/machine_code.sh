#!/usr/bin/env bash
# Proves functions of the crate for all inputs, as machine code of a Cortex-M0 and of a Cortex-M4:
# SHA-1, truncation, digits, states and waits. It also proves that a verification does not branch
# on secrets. By angr, from PyPI. It takes minutes, so the gate does not run it.
#
#   machine_code.sh WORD    proves only the claims with WORD in their text, such as `truncation`.
# Functions are called by `holds` and `noticed`.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
needs_cross
needs cc gcc libc6-dev
python3 -c 'import ensurepip' 2>/dev/null || needs ensurepip python3-venv
environment=$work/angr
[[ -x $environment/bin/pip ]] || python3 -m venv "$environment"
# These versions were seen to lift and to solve right.
"$environment/bin/pip" install --quiet angr==9.2.213 bitstring==4.2.3 pycparser==3.0 || exit 1

# built ROOT TARGET: builds the program, and names its file in $elf.
built() {
  elf=$work/machine-code/$2/release/machine-code
  "$cross" "$2" build --quiet --release --manifest-path "$1/tests/proofs/machine-code/Cargo.toml" \
    --target-dir "$work/machine-code"
}

# proves ROOT TARGET WORD…
proves() { built "$1" "$2" && "$environment/bin/python" "$proofs/machine-code/prove.py" "$elf" "${@:3}"; }

# mistake TARGET: a verification of a copy of the crate, whose window is left at the match.
mistake() {
  mistaken machine-code src/scan.rs 's/^( +)nth = nth\.wrapping_add\(1\);/\1if found != 0 { return; }\n&/' &&
    proves "$copy" "$1" verify:
}

for target in thumbv6m-none-eabi thumbv7em-none-eabi; do
  holds "$target: machine code, for all inputs" proves "$root" "$target" "$@"
  if long; then
    holds "$target: each proof notices a flipped bit" proves "$root" "$target" control "$@"
  fi
  noticed "$target: a window that is left at the match" "NOT PROVEN: a branch depends on a secret" mistake "$target"
done
exit "$failed"
