#!/usr/bin/env bash
# Builds the package, and puts what the page takes of it into `www/pkg/`.
set -euo pipefail
cd "$(dirname "$0")"
../../npm/build.sh
[[ node_modules/.package-lock.json -nt package-lock.json ]] || npm ci --silent
mkdir -p www/pkg
cp ../../npm/pkg/index.js www/pkg/
# A decoder of QR codes, for browsers without one.
../../npm/node_modules/.bin/esbuild node_modules/jsqr/dist/jsQR.js --bundle --format=esm --minify --legal-comments=none \
  --log-level=warning --outfile=www/pkg/jsqr.js
