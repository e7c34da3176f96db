#!/usr/bin/env bash
# The import rule of the house: a file imports only from floors below its own, and each dependency has
# its room. The table is in tests/it/layers.rs.
# shellcheck disable=SC2317 # functions that the rows call
# shellcheck source=tests/proofs/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root" || exit 1

layers() { OTP_LAYERS_OF=$1 cargo test --quiet --test it layers::; }

spoilt=$work/layers
rm -rf "$spoilt" && cp -r src "$spoilt"
echo "use crate::verifier::Policy;" | cat - src/mac.rs >"$spoilt/mac.rs"
holds "a file imports only from floors below" layers "$root/src"
noticed "mechanism that knows of judgement" "mac imports verifier" layers "$spoilt"
exit "$failed"
