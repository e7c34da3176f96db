#!/usr/bin/env bash
# Packs the package, tries it in each place (runtimes, bundlers, Chromium) and prints a table. It
# installs what it needs: 1.5 GB in `node_modules`. `places.sh renew` writes the table into
# README.md.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=tests/proofs/lib.sh
source ../../tests/proofs/lib.sh
set -e
needs node nodejs npm
needs chromium chromium
[[ -d ../pkg ]] || ../build.sh
[[ node_modules/.package-lock.json -nt package-lock.json ]] || npm ci --silent

if [[ ${1-} != renew ]]; then
  exec node places.mjs all
fi
table=$(node places.mjs all) || { printf '%s\n' "$table"; exit 1; }
TABLE=$table DATE=$(date -u +%F) node -e '
  const { readFileSync, writeFileSync } = require("node:fs");
  const whole = readFileSync("../README.md", "utf8");
  const next = whole.replace(/last on [^:]*:\n\n[^]*?(?=\n\n## )/, () => `last on ${process.env.DATE}:\n\n${process.env.TABLE}`);
  writeFileSync("../README.md", next);'
printf '%s\n' "$table"
