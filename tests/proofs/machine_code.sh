#!/usr/bin/env bash
# The machine code of a Cortex-M0, proven for all inputs: truncation is RFC 4226, waits never go down and end at an
# hour, a state is written as it was read. By angr, from PyPI; three minutes, so the gate does not run it.
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
needs_cross
python3 -c 'import ensurepip' 2>/dev/null || needs ensurepip python3-venv
cd "$proofs/machine-code" || exit 1
environment=$work/angr
[[ -x $environment/bin/pip ]] || python3 -m venv "$environment"
# Versions that were seen to lift and to solve right.
"$environment/bin/pip" install --quiet angr==9.2.213 bitstring==4.2.3 pycparser==3.0 || exit 1
elf=$work/machine-code/thumbv6m-none-eabi/release/machine-code
holds "machine code: builds" "$cross" thumbv6m-none-eabi build --quiet --release --target-dir "$work/machine-code"
holds "machine code of a Cortex-M0: for all inputs" "$environment/bin/python" prove.py "$elf"
if long; then holds "machine code: each proof notices a flipped bit" "$environment/bin/python" prove.py "$elf" control; fi
exit "$failed"
