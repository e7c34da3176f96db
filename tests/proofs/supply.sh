#!/usr/bin/env bash
# Checks the dependencies: licences, sources, audits and known vulnerabilities. Writes the parts
# lists (SBOM), and compares the public API with that of the last release. It compiles its tools,
# so a person runs it before a release.
#
# - `supply.sh` checks the dependencies.
# - `supply.sh sbom` writes the parts of the crate, the tool and the server: target/proofs/sbom.
# - `supply.sh semver [REV]` compares the public API with the last tag v…, or with REV.
# - `supply.sh release` does all of it, and refuses the placeholder for the repository.
#
# `cargo test` holds what needs no tool: tests/it/supply.rs.
# Functions are called by `holds` and `noticed`.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root" || exit 1
# A workspace whose products ship, or are flashed.
workspaces=(. npm examples/hardware-token)

dependencies() {
  needs_cargo cargo-deny cargo-vet || exit 1
  local workspace
  for workspace in "${workspaces[@]}"; do
    holds "$workspace: licences, bans, sources" deny "$workspace" licenses bans sources
    noticed "$workspace: a licence that is not allowed" "rejected|not explicitly allowed" spoilt "$workspace" 's/^    "MIT",$//' licenses
  done
  noticed "a crate that is banned" "banned" spoilt . 's/"native-tls"/"subtle"/' bans
  holds "every dependency is audited or exempted" cargo vet --locked
  noticed "a dependency that is neither" "unvetted|not vetted" without_exemption subtle
  advisories
}

# deny WORKSPACE CHECK…
deny() { cargo deny --log-level error --manifest-path "$1/Cargo.toml" --config "$root/deny.toml" check "${@:2}"; }

# spoilt WORKSPACE SED CHECK: with a changed configuration.
spoilt() {
  sed "$2" deny.toml >"$work/deny.toml"
  cmp -s deny.toml "$work/deny.toml" && { echo "nothing was spoilt"; return; }
  cargo deny --log-level error --manifest-path "$1/Cargo.toml" --config "$work/deny.toml" check "$3"
}

# without_exemption CRATE: the audits as if nobody had exempted it.
without_exemption() {
  rm -rf "$work/supply-chain" && cp -r supply-chain "$work/" || return
  sed -i "/^\[\[exemptions.$1\]\]/,/^\$/d" "$work/supply-chain/config.toml"
  cargo vet --locked --store-path "$work/supply-chain"
}

# The list of advisories is on GitHub. If this machine does not reach it, a row says so, and
# `release` fails.
advisories() {
  local workspace seconds='     -      -'
  if ! curl --silent --head --max-time 10 --output /dev/null https://github.com/rustsec/advisory-db; then
    printf '%-8s %-8s %s  %s\n' claim "NOT RUN" "$seconds" "no known vulnerability: github.com is out of reach"
    [[ $mode != release ]] || failed=1
    return
  fi
  for workspace in "${workspaces[@]}"; do
    holds "$workspace: no known vulnerability" deny "$workspace" advisories
  done
}

# The parts of each product, in the two formats that customers ask for.
sbom() {
  needs jq jq
  needs_cargo cargo-sbom || exit 1
  local package format
  mkdir -p "$work/sbom"
  for package in otp-core otp mfa-server; do
    for format in spdx_json_2_3 cyclone_dx_json_1_6; do
      holds "$package: $format" parts "$package" "$format"
    done
  done
  noticed "a list without one crate" "not in the list: subtle" without_part otp-core cyclone_dx_json_1_6 subtle
}

# parts PACKAGE FORMAT: writes the list.
parts() {
  local list=$work/sbom/$1.$2.json
  cargo sbom --cargo-package "$1" --output-format "$2" >"$list" && lists_all "$1" "$list"
}

# lists_all PACKAGE LIST: the list has each crate, in its version, that any build of the product
# contains. Crates that only build scripts use are not in it.
lists_all() {
  local missing
  cargo tree --locked --package "$1" --edges normal --all-features --target all --prefix none |
    sed -nE "/^$1 /d; s/^(\S+) v(\S+).*/\1 \2/p" | sort -u >"$work/sbom/needed" || return
  [[ $(wc -l <"$work/sbom/needed") -gt 20 ]] || { echo "Cargo lists too few crates"; return 1; }
  jq -r '(.packages // .components)[] | "\(.name) \(.versionInfo // .version)"' "$2" | sort -u >"$work/sbom/listed" || return
  missing=$(comm -23 "$work/sbom/needed" "$work/sbom/listed")
  [[ -z $missing ]] || { echo "not in the list: $missing"; return 1; }
}

# without_part PACKAGE FORMAT CRATE: the list as if its tool had left a crate out.
without_part() {
  jq --arg crate "$3" 'del((.packages // .components)[] | select(.name == $crate))' \
    "$work/sbom/$1.$2.json" >"$work/sbom/less" && lists_all "$1" "$work/sbom/less"
}

# semver [REV]
semver() {
  needs_cargo cargo-semver-checks || exit 1
  local baseline=${1:-$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null)}
  if [[ -z $baseline ]]; then
    echo "semver: there is no tag v… to compare with. Name a revision: supply.sh semver REV"
    return
  fi
  holds "the API is compatible with $baseline" \
    cargo semver-checks --package otp-core --baseline-rev "$baseline" --all-features
}

repository() {
  ! grep -n '^repository = "https://example\.com' Cargo.toml
}

mode=${1-}
case $mode in
  "") dependencies ;;
  sbom) sbom ;;
  semver) semver "${2-}" ;;
  release)
    holds "Cargo.toml names the repository" repository
    dependencies
    sbom
    semver
    ;;
  *) echo "supply.sh [sbom | semver [REV] | release]" >&2; exit 2 ;;
esac
exit "$failed"
