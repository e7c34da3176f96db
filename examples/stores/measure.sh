#!/usr/bin/env bash
# Prints how long a login takes with each store on this machine. The test starts the servers on
# 127.0.0.1.
set -euo pipefail
cd "$(dirname "$0")"
exec cargo test --quiet --test stores -- --ignored --nocapture measure
