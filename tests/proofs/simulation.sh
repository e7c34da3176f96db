#!/usr/bin/env bash
# What an attacker who knows the passwords of 4,000 accounts gets in a year, and what clumsy owners lose in ten, with
# the real defaults and real codes: the bound that `guess_bound` states holds. tests/it/budget.rs is its short form.
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$proofs/simulation" || exit 1
holds "no more accounts are broken than the bound says, and no owner is shut out" \
  cargo run --quiet --release --target-dir "$root/target/simulation"
exit "$failed"
