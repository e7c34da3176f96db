# shellcheck shell=bash
# shellcheck disable=SC2034 # some names are for the proofs
# What the proofs share: `source` it, check, and end with `exit "$failed"`. Each check prints a row
# of the table with its seconds (on the clock, of the processor), and keeps what its command said
# in target/proofs/log.
#
# With OTP_LONG=1 a proof also runs its negative controls and what takes long: `long.sh` sets it.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
proofs=$root/tests/proofs
work=$root/target/proofs
mkdir -p "$work/log"
cross=$proofs/cross.sh
failed=0

# Succeeds if the long form was asked for.
long() { [[ -n ${OTP_LONG-} ]]; }

# holds CLAIM COMMAND…: the command has to succeed.
holds() {
  local claim=$1 log seconds
  shift
  log=$(log_of "$claim")
  if timed "$log" "$@"; then
    row claim holds "$claim"
  else
    row claim FAILS "$claim"
    tail -n 25 "$log" >&2
  fi
}

# noticed CONTROL WORDS COMMAND…: the command has to fail, and to say WORDS (an extended regular
# expression), so that it is known to fail for its own reason and not for a missing file. Controls
# run only in the long form: they test the proofs, not the crate.
noticed() {
  long || return 0
  local control=$1 words=$2 log seconds
  shift 2
  log=$(log_of "$control")
  if timed "$log" "$@"; then
    row control PASSES "$control"
  elif grep -Eq -- "$words" "$log"; then
    row control fails "$control"
  else
    row control UNCLEAR "$control: failed without saying \"$words\""
    tail -n 25 "$log" >&2
  fi
}

log_of() { printf '%s/log/%s.txt' "$work" "$(tr -cs 'A-Za-z0-9.\n' '-' <<<"$1")"; }

# timed LOG COMMAND…: runs it, and says in $seconds what it took, on the clock and of the processor.
timed() {
  local log=$1 status TIMEFORMAT='%R %U %S'
  shift
  { time "$@" >"$log" 2>&1; } 2>"$log.time"
  status=$?
  seconds=$(awk '{ printf "%6.1f %6.1f", $1, $2 + $3 }' "$log.time")
  return "$status"
}

# A row of the table: what kind, how it went (in capitals if it should not have), which.
row() {
  printf '%-8s %-8s %s  %s\n' "$1" "$2" "$seconds" "$3"
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

# program FOLDER: compiles a program of ours, once for each machine and version of it, and says
# where it is.
program() {
  local name version place
  name=$(basename "$1")
  version=$(cat "$1"/Cargo.toml "$1"/src/*.rs "$1"/Cargo.lock "$1"/../Cargo.lock 2>/dev/null | cksum | cut -d ' ' -f 1)
  place=${XDG_CACHE_HOME:-$HOME/.cache}/otp-core/$name-$version
  [[ -x $place/bin/$name ]] || CARGO_PROFILE_DEV_DEBUG=0 \
    cargo install --quiet --locked --debug --path "$1" --root "$place" --target-dir "$work/$name" >&2 || return 1
  printf '%s\n' "$place/bin/$name"
}

# checks COMMAND…: the parts of the proofs that need more than a shell.
checks() {
  local checks
  checks=$(program "$proofs/checks") && "$checks" "$@"
}

# mistaken FOLDER FILE EDIT [FILE EDIT]…: copies the crate and a folder of tests/proofs into $copy,
# and edits files of the copy by `sed -E`. Each edit has to change its file. Controls are mistakes
# of the crate, made in such a copy.
mistaken() {
  copy=$work/copy-$1
  rm -rf "$copy" && mkdir -p "$copy/tests/proofs" || return
  cp -r "$root"/{Cargo.toml,README.md,src,benches} "$copy" && cp -r "$proofs/$1" "$copy/tests/proofs" || return
  cp "$root/tests/wiped.rs" "$copy/tests" || return
  shift
  while [[ ${1-} == *.rs ]]; do
    sed -i -E "$2" "$copy/$1" || return
    cmp -s "$copy/$1" "$root/$1" && { echo "the edit of $1 changes nothing"; return 1; }
    shift 2
  done
}

# The versions that the proofs were made with.
declare -A versions=(
  [cargo-deny]=0.20.2
  [cargo-fuzz]=0.13.2
  [cargo-mutants]=27.1.0
  [cargo-nextest]=0.9.143
  [cargo-sbom]=0.10.0
  [cargo-semver-checks]=0.51.0
  [cargo-vet]=0.10.3
)
# needs_cargo TOOL…: tools of crates.io, unless they are there. They run for seconds, so that
# optimising them would take longer than they do.
needs_cargo() {
  local tool
  for tool; do
    command -v "$tool" >/dev/null || CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
      cargo install --quiet --locked "$tool" --version "${versions[$tool]}" || return 1
  done
}
