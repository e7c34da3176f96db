#!/usr/bin/env bash
# The package in Node and the page in Chromium, with their negative controls. Installs what it needs, and
# leaves screenshots in target/screenshots.
# shellcheck disable=SC2317 # functions are called by `holds` and `noticed`
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/proofs/lib.sh
source ../../tests/proofs/lib.sh

needs node nodejs npm
needs chromium chromium
needs oathtool oathtool

holds "browser: format" cargo fmt --all --check
holds "browser: lints" cargo clippy --quiet --locked --workspace --exclude bindgen --all-targets --all-features -- -D warnings
holds "browser: the package builds" ./build.sh
holds "browser: npm" npm ci --silent

node_tests=(test/codes.test.mjs test/errors.test.mjs test/export.test.mjs test/key_uri.test.mjs test/pasted.test.mjs test/recovery.test.mjs test/verifier.test.mjs)
page_tests=(test/browser.test.mjs test/looks.test.mjs)
holds "browser: types" npx tsc -p .
holds "browser: the package in Node" node --test "${node_tests[@]}"
holds "browser: the page in Chromium" node --test "${page_tests[@]}"

# package CONTROL: the package with a mistake in it.
package() { CONTROL=$1 node --import ./test/control.mjs --test "${node_tests[@]}"; }
noticed "package: a code of another step" "SHA1 at 59" package another-step
noticed "package: a promise taken for a commit" "Missing expected exception" package not-strict
noticed "package: a verdict that comes twice" "Missing expected exception" package settled-twice
noticed "package: a verdict that can be peeked at" '"right":(true|false)' package peeked
noticed "package: input in a message" "GEZDGNBVGY3TQOJQ in: " package input-in-message
noticed "package: a time that is rounded" "Missing expected exception" package no-kind
noticed "package: codes in what is stored" "falsy value|== true" package codes-in-bytes

# page CONTROL TEST: the page with a mistake in it, and the test that is for it.
page() { CONTROL=$1 node --test --test-name-pattern="$2" "${page_tests[@]}"; }
noticed "page: the QR code of something else" "the scanned URI" page another-key "can be scanned$"
noticed "page: the code of another step" "oathtool's code" page another-step oathtool
noticed "page: a state that is not stored" "a replay is refused" page state-not-stored "accepted once"
noticed "page: a set that is not stored" "redeemed once" page set-not-stored "redeemed once"
noticed "page: no countdown" "the countdown" page wait-not-shown "locked out"
noticed "page: recovery codes that stay" "codes are shown no more" page codes-stay "shown once"
noticed "page: input in a message" "the message holds no secret" page input-in-message "bad URI"
noticed "page: keys kept unasked" "nothing is stored unasked" page kept-unasked "kept only"
noticed "page: not there offline" "the page is not there offline" page not-offline offline
noticed "page: something from elsewhere" "a request to http://127.0.0.2" page fetched-elsewhere "scanned$"
noticed "page: a field without a name" "controls without a name" page no-label "has a name"
noticed "page: a button without the keyboard" "Issue is out of reach" page not-by-keyboard keyboard
noticed "page: pale text" "texts under 4.5" page pale "contrast, light"

holds "browser: sizes" ./size.sh "$(long || echo limits)"
noticed "size: a limit that is too low" "over: generate and verify" env SIZE_LIMIT_CODES=2000 ./size.sh limits
exit "$failed"
