#!/usr/bin/env bash
# Tests the page in Chromium, with its negative controls. It installs what it needs, and leaves
# screenshots in target/screenshots.
# shellcheck disable=SC2317 # functions are called by `holds` and `noticed`
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/proofs/lib.sh
source ../../tests/proofs/lib.sh

needs node nodejs npm
needs chromium chromium
needs oathtool oathtool

holds "page: it builds" ./build.sh

page_tests=(test/browser.test.mjs test/looks.test.mjs test/storage.test.mjs)
holds "page: in Chromium" node --test "${page_tests[@]}"

# page CONTROL TEST: runs the test on a page with a mistake, which it has to notice.
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
noticed "page: another picture" "GEZD" page other-picture "own decoder"
noticed "page: accounts of an older version left behind" "locator" page left-behind "older version"
noticed "page: two tabs that do not compare" "2 !== 1" page two-stores "two tabs accept"
noticed "page: a verdict that was not stored" "no verdict" page verdict-of-full "full storage"
noticed "page: digits behind the ring" "digits at" page small-row "every width"
noticed "page: a word of its own" "words outside of words.js" page own-word "one file"
noticed "page: pale text" "texts under 4.5" page pale "contrast, light"
exit "$failed"
