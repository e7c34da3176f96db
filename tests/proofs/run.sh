#!/usr/bin/env bash
# Every proof, each with its negative control: a table of what holds and of what was noticed. Fails
# when a claim fails or a control passes. Installs what it needs; docs/PROOFS.md says what each one
# proves and what it does not.
set -uo pipefail
cd "$(dirname "$0")" || exit 1

failed=0
for proof in layers no_panic no_alloc valgrind cortex_m features api fuzz coverage; do
  "./$proof.sh" || failed=1
done
[[ $failed == 0 ]] && echo "Every claim holds, every control was noticed." || echo "See above: not proven." >&2
exit "$failed"
