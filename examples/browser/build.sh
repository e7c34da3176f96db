#!/usr/bin/env bash
# Builds the package, and puts what the page takes of it into `www/pkg/`.
set -euo pipefail
cd "$(dirname "$0")"
../../npm/build.sh
mkdir -p www/pkg
cp ../../npm/pkg/index.js www/pkg/
