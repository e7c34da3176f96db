#!/usr/bin/env bash
# Runs every fuzz target for so many seconds each (60 unless told otherwise), one after the other,
# from the committed seeds and what earlier runs have found. One line a target; fails on a crash.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
seconds=${1:-60}

cargo +nightly --version >/dev/null || { echo "fuzzing needs the nightly toolchain" >&2; exit 1; }
if ! cargo fuzz --version >/dev/null 2>&1; then
  cargo install --quiet cargo-fuzz --locked || exit 1
fi
cargo +nightly fuzz build || exit 1

failed=0
for file in fuzz/fuzz_targets/*.rs; do
  target=$(basename "$file" .rs)
  # New inputs go into the first folder.
  mkdir -p "fuzz/corpus/$target"
  log=fuzz/target/$target.log
  if cargo +nightly fuzz run "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
    -dict=fuzz/words.dict -max_total_time="$seconds" -timeout=10 -print_final_stats=1 \
    >"$log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
    printf '%-16s %10s runs, coverage %s\n' "$target" "$runs" "$coverage"
  else
    failed=1
    printf '%-16s FAILED\n' "$target"
    tail -n 40 "$log"
  fi
done
exit "$failed"
