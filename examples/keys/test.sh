#!/usr/bin/env bash
# Tests keys outside of the server, with SoftHSM2, `swtpm`, and a stand-in for a key management
# service. Installs what it needs.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=tests/proofs/lib.sh
source ../../tests/proofs/lib.sh
set -e
needs softhsm2-util softhsm2
needs swtpm swtpm
needs tpm2_hmac tpm2-tools
cargo test --quiet
