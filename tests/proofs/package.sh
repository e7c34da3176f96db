#!/usr/bin/env bash
# The package for crates.io has the sources, the tests and the documents of the crate, and nothing
# else. Long: as it is unpacked, it builds and passes its tests without features, with those of the
# default, and with all.
# Functions are called by `holds` and `noticed`.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root" || exit 1

# expected: the files that belong to the package, of those under version control.
expected() {
  git ls-files -- src benches docs tests/data tests/it tests/proptest-regressions \
    ':(glob)tests/*.rs' ':(glob)tests/proofs/api/*.txt' ':(glob)examples/*.rs' \
    Cargo.toml Cargo.lock README.md CHANGELOG.md SECURITY.md 'LICENSE-*'
  # Cargo makes these.
  printf '%s\n' .cargo_vcs_info.json Cargo.toml.orig
}
# listed MANIFEST: the files that cargo would pack.
listed() { cargo package --list --quiet --allow-dirty -p otp-core --manifest-path "$1"; }
has_its_files() { diff <(expected | sort) <(listed "$1" | sort); }

holds "the package has the sources, the tests and the documents, and nothing else" \
  has_its_files Cargo.toml
long || exit "$failed"

# unpack FOLDER: the package as a user gets it.
unpack() {
  rm -rf "$1"
  mkdir -p "$1"
  cargo package --quiet --no-verify --allow-dirty -p otp-core --target-dir "$work/package" || return
  tar -xz -C "$1" --strip-components 1 -f "$(ls -t "$work"/package/package/otp-core-*.crate | head -n 1)"
  # It lies below the workspace, and does not belong to it.
  printf '\n[workspace]\n' >>"$1/Cargo.toml"
}
# tested OPTION…: builds and tests the unpacked package.
tested() { cd "$unpacked" && cargo test --quiet --target-dir "$work/package" "$@"; }

unpacked=$work/package-unpacked
holds "the package can be unpacked" unpack "$unpacked"
holds "the package, with the default features: tests and examples of the documentation" tested
for features in --no-default-features --all-features; do
  holds "the package, $features: builds, and examples of the documentation" tested --doc "$features"
done

# As if README.md did not belong to the package.
has_one_more() { diff <(expected | grep -vx README.md | sort) <(listed Cargo.toml | sort); }
noticed "a file that does not belong to the package" '^> README.md$' has_one_more
rm "$unpacked/docs/migrate/totp-rs.md"
noticed "a file that the package lacks" "couldn't read .*totp-rs.md" tested --doc
exit "$failed"
