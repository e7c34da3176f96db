#!/usr/bin/env bash
# Simulates an attacker who knows the passwords of 4,000 accounts for a year, and clumsy owners for
# ten years, with the real defaults and real codes. The bound of `guess_bound` has to hold.
# tests/it/budget.rs is the short form.
#
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$proofs/simulation" || exit 1
holds "no more accounts are broken than the bound says, and no owner is shut out" \
  cargo run --quiet --release --target-dir "$root/target/simulation"
exit "$failed"
