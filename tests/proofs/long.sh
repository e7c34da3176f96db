#!/usr/bin/env bash
# Every proof in its long form: with its negative controls, every set of features, fuzzing, and all
# tests of the token, the server, the npm package and its page with their controls. A person runs
# it, after larger changes of the core and before a release; tests/it/long_run.rs says when that is
# overdue. Its last line belongs into docs/PROOFS.md.
#
# Two lanes, as in the gate. The mutants of the core are apart: `mutants.sh`, two hours.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
export OTP_LONG=1 CARGO_TERM_COLOR=never
commit=$(git rev-parse --short=10 HEAD)
[[ -z $(git status --porcelain) ]] || { echo "commit first: the result is that of a commit" >&2; exit 1; }
logs=target/long
rm -rf "$logs" && mkdir -p "$logs" || exit 1

# lane SCRIPT…: one after the other; a script that held leaves a file.
lane() {
  local script log
  for script; do
    log=$logs/${script//[^a-z_]/-}
    if "$script" >"$log.log" 2>&1; then touch "$log.held"; fi
    printf '%5d s  %s  %s\n' "$SECONDS" "$([[ -e $log.held ]] && echo "held  " || echo FAILED)" "$script"
  done
}
one=(tests/proofs/{no_panic,no_alloc,stack,valgrind,cortex_m,machine_code,features}.sh)
two=(tests/proofs/{simulation,interleavings,fuzz,api,coverage,messages,package}.sh examples/hardware-token/{test,budget}.sh npm/test.sh
  examples/{browser,keys,mfa-server,stores}/test.sh)
lane "${one[@]}" &
lane "${two[@]}" &
wait

grep -hE '^(claim|control) ' "$logs"/*.log
failed=()
for script in "${one[@]}" "${two[@]}"; do
  [[ -e $logs/${script//[^a-z_]/-}.held ]] || failed+=("$script")
done
result="every claim holds, every control was noticed"
[[ ${#failed[@]} == 0 ]] || result="NOT PROVEN by ${failed[*]}, see $logs"
printf '\nLast run: %s, commit `%s`: %s; %s s.\n' "$(date -u +%F)" "$commit" "$result" "$SECONDS"
[[ ${#failed[@]} == 0 ]]
