#!/usr/bin/env bash
# Mutation testing of the core: every change that cargo-mutants makes to `src` has to be noticed by
# a test, or be explained in `.cargo/mutants.toml`. Two hours on two cores, so a person runs it:
# `mutants.sh`, or `mutants.sh --file src/ct.rs` for a part; options go to cargo-mutants. The
# survivors are in target/proofs/mutants.out/missed.txt.
set -uo pipefail
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root" || exit 1
needs_cargo cargo-nextest cargo-mutants

# mutants TESTS OPTION…: with a set of tests of the library, from the inside and from the outside.
# Those of the `otp` example are left out: they start processes, and what they show of the core the
# others do.
mutants() {
  cargo mutants --package otp-core --no-shuffle --jobs 2 --output "$work" "${@:2}" -- \
    --lib --test it --test wiped -E "not test(/^tool/) $1"
}

# Most of the time goes into linking what nobody will debug.
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0

# First without the tests that take as long as all others, and with fewer cases of each property.
slow='every_length_is_read_back|every_version_holds|f26_hotp|the_work_is_linear|vectors_of_(pbkdf2|argon2id)'
slow+='|every_character_a|f25_both_edges|f10_waits|characters_are_told_apart|symbols_are_uniform'
# Threads that race.
slow+='|^conformance::(a_|races::|logins::)'
PROPTEST_CASES=24 mutants "and not test(/$slow/)" "$@"
# Then what has survived, with all of them.
mutants "" --iterate "$@"
status=$?
# 3 is a test that does not end in its time: an endless loop is noticed too.
[[ $status == 0 || ($status == 3 && ! -s $work/mutants.out/missed.txt) ]]
