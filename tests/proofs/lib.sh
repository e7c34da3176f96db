# shellcheck shell=bash
# shellcheck disable=SC2034 # some names are for the proofs
# What the proofs share: `source` it, check, and end with `exit "$failed"`. Each check prints a row of
# the table, and keeps what its command said in target/proofs/log.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
proofs=$root/tests/proofs
work=$root/target/proofs
mkdir -p "$work/log"
cross=$proofs/cross.sh
failed=0

# holds CLAIM COMMAND…: the command has to succeed.
holds() {
  local claim=$1 log
  shift
  log=$(log_of "$claim")
  if "$@" >"$log" 2>&1; then
    row claim holds "$claim"
  else
    row claim FAILS "$claim"
    tail -n 25 "$log" >&2
  fi
}

# noticed CONTROL WORDS COMMAND…: the command has to fail, and to say WORDS (an extended regular
# expression), so that it is known to fail for its own reason and not for a missing file.
noticed() {
  local control=$1 words=$2 log
  shift 2
  log=$(log_of "$control")
  if "$@" >"$log" 2>&1; then
    row control PASSES "$control"
  elif grep -Eq -- "$words" "$log"; then
    row control fails "$control"
  else
    row control UNCLEAR "$control: failed without saying \"$words\""
    tail -n 25 "$log" >&2
  fi
}

log_of() { printf '%s/log/%s.txt' "$work" "$(tr -cs 'A-Za-z0-9.\n' '-' <<<"$1")"; }

# A row of the table: what kind, how it went (in capitals where it should not have), which.
row() {
  printf '%-8s %-8s %s\n' "$1" "$2" "$3"
  case $2 in [A-Z]*) failed=1 ;; esac
}

# needs COMMAND PACKAGE…: Debian's packages, unless the command is there.
needs() {
  command -v "$1" >/dev/null && return
  shift
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# needs_cross: what cross.sh builds with, unless rustup has the targets.
needs_cross() { needs /usr/bin/rustc rustc-web cargo-web rust-web-src lld-22; }

# What the proofs were made with.
declare -A versions=(
  [cargo-fuzz]=0.13.2
  [cargo-hack]=0.6.45
  [cargo-mutants]=27.1.0
  [cargo-nextest]=0.9.143
  [cargo-public-api]=0.52.0
)
# needs_cargo TOOL…: tools of crates.io, unless they are there.
needs_cargo() {
  local tool
  for tool; do
    command -v "$tool" >/dev/null ||
      cargo install --quiet --locked "$tool" --version "${versions[$tool]}" || return 1
  done
}
