#!/usr/bin/env bash
# Mutation testing of the core: every change that cargo-mutants makes to `src` has to be noticed by a
# test, or be explained in `.cargo/mutants.toml`. Hours on two cores, so a person runs it:
# `mutants.sh`, or `mutants.sh --file src/ct.rs` for a part; options go to cargo-mutants.
set -euo pipefail
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"
needs_cargo cargo-nextest cargo-mutants
exec cargo mutants --no-shuffle --output "$work" "$@"
