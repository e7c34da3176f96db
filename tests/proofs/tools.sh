#!/usr/bin/env bash
# Installs the cargo tools of the gate, which each proof would do for itself: ten minutes of compiling,
# of which nothing is lost beside tests that leave a core idle.
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
needs_cargo cargo-fuzz cargo-hack cargo-public-api
