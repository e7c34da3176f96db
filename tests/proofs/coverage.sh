#!/usr/bin/env bash
# Measures the coverage of `src` by the committed fuzz corpora, and checks that no seed finds a
# fault. Each fuzz target gets every seed of its corpus once. It is built without the instruments
# of a fuzzer and without a sanitizer. The coverage is below the floor if a target no longer
# reaches its code, or if a corpus was lost.
#
# `coverage.sh renew` writes docs/COVERAGE.md again.
#
# shellcheck disable=SC2317 # functions that the rows call
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
# libFuzzer is C++.
needs g++ g++
# Reads what this Rust's LLVM writes, or newer: 22 is that of Rust 1.95.
needs llvm-cov-22 llvm-22
cd "$root" || exit 1
out=$work/coverage
host=$(rustc -vV | sed -n 's/^host: //p')
mkdir -p "$out" && : >"$out/empty"

# The percentage of lines. A few points below what was measured.
floor=75

targets() { basename -s .rs fuzz/fuzz_targets/*.rs; }
binary() { echo "$out/target/$host/debug/$1"; }

# instrumented COMMAND OPTION…: of cargo. With more than one codegen unit, those that nothing is
# linked from fall out of the count with all their functions, and which these are depends on the
# path of the clone.
instrumented() {
  RUSTFLAGS="-C instrument-coverage" LLVM_PROFILE_FILE=$out/build.profraw CARGO_PROFILE_DEV_DEBUG=0 \
    CARGO_PROFILE_DEV_CODEGEN_UNITS=1 cargo "$1" --quiet --locked \
    --manifest-path fuzz/Cargo.toml --target "$host" --target-dir "$out/target" "${@:2}"
}

# replay SEEDS NAME: runs all targets, and leaves the summary of each file in NAME.json.
replay() {
  local target seeds objects=()
  rm -f "$out/$2".*.profraw
  for target in $(targets); do
    mapfile -t seeds < <(find "$1/$target" -type f 2>/dev/null | sort)
    # Without a file libFuzzer would start to fuzz.
    [[ ${#seeds[@]} == 0 ]] && seeds=("$out/empty")
    LLVM_PROFILE_FILE=$out/$2.$target.profraw "$(binary "$target")" "${seeds[@]}" || return 1
    objects+=(-object "$(binary "$target")")
  done
  llvm-profdata-22 merge -sparse "$out/$2".*.profraw -o "$out/$2.profdata" || return 1
  llvm-cov-22 export -summary-only -instr-profile "$out/$2.profdata" "${objects[@]}" -sources src \
    >"$out/$2.json"
}

# above NAME: fails if less of the lines is reached than the floor, and says how much is.
above() { checks coverage floor "$floor" <"$out/$1.json"; }

holds "fuzz targets: format" cargo fmt --check --manifest-path fuzz/Cargo.toml
! long || holds "fuzz targets: lints" instrumented clippy -- -D warnings
holds "the fuzz targets are built to be counted" instrumented build
holds "every seed of every fuzz target runs, and nothing is found" replay fuzz/seeds seeds
if [[ ${1-} == renew ]]; then
  [[ $failed == 0 ]] && checks coverage table <"$out/seeds.json" >docs/COVERAGE.md
  exit "$failed"
fi
holds "the seeds reach $floor % of the lines that are fuzzed" above seeds
if long; then
  # Less than all is noticed too: the corpora of the verifier and of key URIs are gone.
  fewer=$out/fewer
  rm -rf "$fewer" && cp -r fuzz/seeds "$fewer" && rm -r "$fewer"/{verifier,uri_parse}
  replay "$fewer" fewer >"$out/fewer.log" 2>&1
  noticed "two corpora that were lost" "^[0-9.]+ % of the lines, $floor % are the floor" above fewer
  replay "$out/none" none >"$out/none.log" 2>&1
  noticed "seeds that are empty" "^[0-9.]+ % of the lines, $floor % are the floor" above none
fi
exit "$failed"
