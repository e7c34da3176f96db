#!/usr/bin/env bash
# Tests the stores on their real servers. Installs what it needs. `test.sh redis` tests only one
# store; README.md has the names.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=tests/proofs/lib.sh
source ../../tests/proofs/lib.sh
set -e
needs /usr/lib/postgresql/*/bin/postgres postgresql
needs redis-server redis-server
needs node nodejs npm
[[ -e node_modules/dynalite ]] || npm ci --silent --no-audit --no-fund
cargo test --quiet "$@"
