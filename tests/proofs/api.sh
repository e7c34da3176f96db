#!/usr/bin/env bash
# Checks that the public API is as committed: items, signatures and trait impls of three sets of
# features. The folder tests/proofs/api has a listing for each set, of the items that it adds to the
# set before: bare.txt, default.txt, all.txt. Each item has a line, so that a diff shows its change.
# tests/it/api.rs reads the same listings, and tests every type in them: Send, Sync, sizes, Debug
# without a secret.
#
# `api.sh renew` writes the listings again, after an intended change.
#
# shellcheck disable=SC2317 # functions that the rows call
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root" || exit 1
now=$work/api committed=$proofs/api
mkdir -p "$now"

# listing SET OPTION…: by rustdoc of nightly 1.97 (2026-05-19), whose JSON `checks` reads.
listing() {
  cargo +nightly rustdoc --quiet -p otp-core --lib "${@:2}" --target-dir "$now/target" -- \
    -Zunstable-options --output-format=json || return 1
  checks api "$now/target/doc/otp_core.json" >"$now/$1.all"
}
listings() {
  listing bare --no-default-features && listing default && listing all --all-features || return 1
  cp "$now/bare.all" "$now/bare.txt"
  minus default bare >"$now/default.txt"
  minus all default >"$now/all.txt"
}
# minus A B: the lines of A's listing that are not in B's.
minus() { grep -vxFf "$now/$2.all" "$now/$1.all"; }

# as_committed FOLDER SET
as_committed() { diff -u "$1/$2.txt" "$now/$2.txt"; }
# adds SMALL LARGE: fails if the larger set lacks a line of the smaller, and shows it.
adds() {
  local lost
  mapfile -t lost < <(minus "$1" "$2")
  [[ ${#lost[@]} == 0 ]] || { printf 'lost: %s\n' "${lost[@]}"; return 1; }
}

holds "the public API can be listed" listings
if [[ ${1-} == renew ]]; then
  [[ $failed == 0 ]] && cp "$now"/{bare,default,all}.txt "$committed"
  exit "$failed"
fi

for set in bare default all; do
  holds "public API, $set: as committed" as_committed "$committed" "$set"
done
holds "features only add: default has all that bare has" adds bare default
holds "features only add: all has all that default has" adds default all

if long; then
  changed=$now/changed
  rm -rf "$changed"
  cp -r "$committed" "$changed"
  sed -i '/^impl core::marker::Copy for otp_core::Code$/d; s/\(Window::past(self) -> \)u[0-9]*/\1u64/' \
    "$changed/bare.txt"
  noticed "a trait that the listing lacks" '^\+impl core::marker::Copy for otp_core::Code$' \
    as_committed "$changed" bare
  noticed "another type in a signature" '^-.*Window::past\(self\) -> u64$' as_committed "$changed" bare
  noticed "an item that the larger set lacks" "^lost: pub struct otp_core::qr::Qr<" adds default bare

  # A type that nobody has put under test. That every other one is, `cargo test --all-features`
  # shows.
  under_test() { OTP_API_LISTING=$1 cargo test --quiet -p otp-core --all-features --test it api::; }
  { cat "$committed/all.txt"; echo "pub struct otp_core::Untested<'a>"; } >"$changed/all.txt"
  noticed "a type that is not under test" "not under test: .*Untested" under_test "$changed"
fi
exit "$failed"
