#!/usr/bin/env bash
# Installs the cargo tools of the gate, which each proof would do for itself: ten minutes of compiling,
# of which nothing is lost beside tests that leave a core idle; half as many as they are not optimised, which
# for what runs for some seconds is not worth the while.
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
export CARGO_PROFILE_RELEASE_OPT_LEVEL=0
needs_cargo cargo-fuzz cargo-hack cargo-public-api
