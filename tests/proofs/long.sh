#!/usr/bin/env bash
# Every proof in its long form: with its negative controls, every set of features, fuzzing, and all tests of the
# token, the server and the package with their controls. A person runs it, after larger changes of the core and
# before a release; tests/it/long_run.rs says when that is overdue. Its last line belongs into docs/PROOFS.md.
#
# The mutants of the core are apart: `mutants.sh`, two hours.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
export OTP_LONG=1 CARGO_TERM_COLOR=never
steps=()
for proof in no_panic no_alloc valgrind cortex_m features api coverage fuzz; do
  steps+=("tests/proofs/$proof.sh")
done
steps+=(examples/hardware-token/test.sh examples/browser/test.sh examples/mfa-server/test.sh)

failed=()
for step in "${steps[@]}"; do
  printf '\n== %s (%s s)\n' "$step" "$SECONDS"
  "$step" || failed+=("$step")
done
result="every claim holds, every control was noticed"
[[ ${#failed[@]} == 0 ]] || result="NOT PROVEN by ${failed[*]}"
printf '\nLast run: %s, commit `%s`: %s; %s s.\n' \
  "$(date -u +%F)" "$(git rev-parse --short=10 HEAD)" "$result" "$SECONDS"
[[ ${#failed[@]} == 0 ]]
