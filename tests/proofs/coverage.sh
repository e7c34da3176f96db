#!/usr/bin/env bash
# What the committed fuzz corpora reach: each fuzz target, built without a fuzzer's instruments and
# without a sanitizer, is given every seed of its corpus once. A target that no longer reaches what it
# is for, or a corpus that was lost, falls below the floor.
#
# `coverage.sh renew` writes docs/COVERAGE.md anew.
# shellcheck disable=SC2016,SC2317 # jq's variables; functions that the rows call
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
needs jq jq
# libFuzzer is C++.
needs g++ g++
# Reads what this Rust's LLVM writes, or newer: 22 is that of Rust 1.95.
needs llvm-cov-22 llvm-22
cd "$root" || exit 1
out=$work/coverage
host=$(rustc -vV | sed -n 's/^host: //p')
mkdir -p "$out" && : >"$out/empty"

# Of the lines, in percent, in all files but those of $others. A few points below what was measured.
floor=83
# What the targets are not about, and what is. It is in the table, and no part of the floor.
others='{
  "conformance.rs": "threads, not input: tests/it/conformance.rs",
  "division.rs": "every value there is: its own tests",
  "error.rs": "sentences: tests/it/api.rs",
  "error/migration.rs": "sentences: tests/it/migration.rs",
  "error/recovery.rs": "sentences: tests/it/recovery",
  "recovery/argon2id.rs": "slow on purpose: tests/it/recovery/stored.rs",
  "recovery/pbkdf2.rs": "slow on purpose: tests/it/recovery/stored.rs"
}'

targets() { basename -s .rs fuzz/fuzz_targets/*.rs; }
binary() { echo "$out/target/$host/debug/$1"; }

build() {
  RUSTFLAGS="-C instrument-coverage" LLVM_PROFILE_FILE=$out/build.profraw \
    cargo build --quiet --manifest-path fuzz/Cargo.toml --target "$host" --target-dir "$out/target"
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
  llvm-cov-22 export -summary-only -instr-profile "$out/$2.profdata" "${objects[@]}" -sources src |
    jq --arg src "$root/src/" --argjson others "$others" '
      [.data[0].files[] | {file: .filename | ltrimstr($src)} + (.summary | {lines, regions})
        | . + {why: $others[.file]}] | sort_by(.file)
    ' >"$out/$2.json"
}

# Parts of a file, of some, in percent: for jq.
percent='def percent(part): 1000 * (map(part.covered) | add) / (map(part.count) | add) | round / 10;'

# above NAME: fails where less of the lines is reached than the floor, and says how much is.
above() {
  local reached
  reached=$(jq "$percent"' map(select(.why | not)) | percent(.lines)' "$out/$1.json") || return 1
  echo "$reached % of the lines, $floor % are the floor"
  jq -en "$reached >= $floor" >/dev/null
}

# table: what is committed.
table() {
  cat <<'TEXT'
# What the fuzz corpora reach

How much of `src/` runs when each fuzz target is given each seed of its committed corpus (`fuzz/seeds`)
once, without looking for more. Written by `tests/proofs/coverage.sh renew`; the gate compares the sum
with a floor. Code that the targets are not built with (`qr`, `serde`, `conformance`, other processors)
is not in it. A line that was run is not a line that was checked: what the targets assert, they say.

| file of `src/` | lines | reached | regions | reached | not what is fuzzed, but |
|---|--:|--:|--:|--:|---|
TEXT
  jq -r "$percent"'
    def row($name): "| \($name) | \(map(.lines.count) | add) | \(percent(.lines)) % | \(map(.regions.count)
      | add) | \(percent(.regions)) % | \(.[0].why // "") |";
    (.[] | [.] | row("`\(.[0].file)`")),
    (map(select(.why | not)) | row("**what is fuzzed**")),
    (map(del(.why)) | row("all"))' "$out/seeds.json"
}

holds "the fuzz targets are built to be counted" build
holds "the seeds of each fuzz target run" replay fuzz/seeds seeds
if [[ ${1-} == renew ]]; then
  [[ $failed == 0 ]] && mkdir -p docs && table >docs/COVERAGE.md
  exit "$failed"
fi
holds "the seeds reach $floor % of the lines that are fuzzed" above seeds
# Less than all is noticed too: the corpora of the judge and of key URIs are gone.
fewer=$out/fewer
rm -rf "$fewer" && cp -r fuzz/seeds "$fewer" && rm -r "$fewer"/{verifier,uri_parse}
replay "$fewer" fewer >"$out/fewer.log" 2>&1
noticed "two corpora that were lost" "^[0-9.]+ % of the lines, $floor % are the floor" above fewer
replay "$out/none" none >"$out/none.log" 2>&1
noticed "seeds that are empty" "^[0-9.]+ % of the lines, $floor % are the floor" above none
exit "$failed"
