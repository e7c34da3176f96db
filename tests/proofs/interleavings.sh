#!/usr/bin/env bash
# Walks every order in which requests, crashes and the clock can reach a store, up to a bound, with
# the real verifier; and every schedule of two threads that log in by one call. Each control is a
# mistake of a host, and breaks a law. To see the trace of a control: cargo run --release -- totp
# blind-write
#
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$proofs/interleavings" || exit 1
target=$root/target/interleavings
# The quick walks take a second, so the optimiser would take longer than they do.
long || export CARGO_PROFILE_RELEASE_OPT_LEVEL=1
holds "interleavings: builds" cargo build --quiet --release --locked --target-dir "$target"
walk() { "$target/release/interleavings" "$@"; }
size=quick
! long || size=long
for model in totp hotp resynchronisation several redemption replicas schedules; do
  holds "every interleaving, $size: $model" walk "$model" "$size"
done
noticed "a host that writes without comparing" "BROKEN: a moving factor that is used up opens nothing" \
  walk totp blind-write
noticed "the same with counters" "BROKEN: one passcode opens nothing twice within a window" walk hotp blind-write
noticed "a host that answers before it stores" "BROKEN: each answered guess is counted" walk totp answers-first
noticed "a host that starts again after a lost race" "BROKEN: moving factors of logins rise" walk totp starts-anew
noticed "a host that unlocks before each login" "BROKEN: no more guesses are answered than the budget has" \
  walk totp unlocks
noticed "the same, by failures in a row" "BROKEN: no more guesses are answered than may be in a row" walk totp unlocks
noticed "a blind write around a resynchronisation" "BROKEN: a moving factor that is used up opens nothing" \
  walk resynchronisation blind-write
noticed "rows that are stored without a transaction" "BROKEN: moving factors of each authenticator rise" \
  walk several no-transaction
noticed "the same, by what is counted" "BROKEN: each answered guess is counted" walk several no-transaction
noticed "a code that is tried on one after the other" "BROKEN: a code of one is not a failure of another" \
  walk several one-by-one
noticed "recovery codes written without comparing" "BROKEN: a recovery code is redeemed once" \
  walk redemption blind-write
noticed "a host that stores the state and forgets the set" "BROKEN: a code that was not redeemed still works" \
  walk redemption forgets-the-set
noticed "guesses at recovery codes, written without comparing" "BROKEN: each answered guess is counted" \
  walk redemption blind-write
noticed "two primaries" "BROKEN: a moving factor is accepted once" walk replicas two-primaries
noticed "a swap that trusts what a replica said" "BROKEN: each answered guess is counted" \
  walk replicas swaps-without-comparing
noticed "a store that compares and writes in two steps" "BROKEN: one code is accepted once" walk schedules two-steps
exit "$failed"
