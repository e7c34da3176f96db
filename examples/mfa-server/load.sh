#!/usr/bin/env bash
# How many requests a second one core answers, and what they cost beside each other: a server in release
# mode on core 0, with SQLite, asked by wrk on core 1. Needs Debian's packages wrk, oathtool, jq and curl.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-5}
cargo build --quiet --release
target=$(cargo metadata --no-deps --format-version 1 | jq -r .target_directory)
work=$(mktemp -d)
finish() { kill "$server" 2>/dev/null || true; rm -rf "$work"; }
trap finish EXIT

taskset -c 0 "$target/release/mfa-server" --listen 127.0.0.1:0 --database-url "sqlite://$work/load.db" \
  --key-file "$work/key" --mfa-token-seconds 3600 >"$work/out" 2>"$work/log" &
server=$!
until base=$(sed -n 's/^Listening on //p' "$work/out") && [ -n "$base" ]; do sleep 0.1; done
client=$(jq -n --arg id "$(sed -n 's/^client_id //p' "$work/out")" \
  --arg secret "$(sed -n 's/^client_secret //p' "$work/out")" '{client_id: $id, client_secret: $secret}')

# post PATH FIELDS: a request of the client.
post() { curl -s "$base$1" --json "$(jq --argjson more "$2" '. + $more' <<<"$client")"; }
user='{"email": "a@example.com", "password": "correct horse"}'
password='{"grant_type": "password", "username": "a@example.com", "password": "correct horse"}'
grant='"grant_type": "http://auth0.com/oauth/grant-type/mfa-otp"'
post dbconnections/signup "$user" >/dev/null
token=$(post oauth/token "$password" | jq -r .mfa_token)
secret=$(curl -s "${base}mfa/associate" -H "Authorization: Bearer $token" \
  --json '{"authenticator_types": ["otp"]}' | jq -r .secret)
code=$(oathtool --totp --base32 "$secret")
post oauth/token "{$grant, \"mfa_token\": \"$token\", \"otp\": \"$code\"}" | jq -e .access_token >/dev/null
token=$(post oauth/token "$password" | jq -r .mfa_token)
# The code was used: it is judged, refused, and nothing is stored.
replay="{$grant, \"mfa_token\": \"$token\", \"otp\": \"$code\"}"
challenge="{\"challenge_type\": \"otp\", \"mfa_token\": \"$token\"}"

# load NAME STATUS PATH [FIELDS]: requests a second, all of which have this status.
load() {
  local body answered rate
  body=$(jq -c --argjson more "${4:-null}" '. + $more' <<<"$client")
  if [ "${4:-}" ]; then
    jq -nr --arg body "$body" '"wrk.method = \"POST\"", "wrk.headers[\"content-type\"] = \"application/json\"",
      "wrk.body = \($body | tojson)"' >"$work/wrk.lua"
  else
    : >"$work/wrk.lua"
  fi
  answered=$(wc -l <"$work/log")
  rate=$(taskset -c 1 wrk -t1 -c16 -d "${seconds}s" -s "$work/wrk.lua" "$base$3" |
    sed -n 's/^Requests.sec: *//p')
  # What was measured is what was meant.
  if tail -n "+$((answered + 1))" "$work/log" | grep ' request ' | grep -vq "status=$2 "; then
    echo "$1: not every answer was $2" >&2
    exit 1
  fi
  printf '| %s | %.0f | %.0f |\n' "$1" "$rate" "$(jq -n "1000000 / $rate")"
}

echo '| request | a second | µs each |'
echo '|---|---|---|'
load "HTTP, and a line of log" 404 nothing
load "the same and \`SELECT 1\`: \`/healthz\`" 200 healthz
load "\`/mfa/challenge\`" 200 mfa/challenge "$challenge"
load "\`/oauth/token\` with a code that was used" 403 oauth/token "$replay"
# Codes that are right are stored, and each lets in once: as many users enrol before, and confirm at once.
users=200
for i in $(seq "$users"); do
  (
    user="{\"email\": \"user$i@example.com\", \"password\": \"correct horse\"}"
    login="{\"grant_type\": \"password\", \"username\": \"user$i@example.com\", \"password\": \"correct horse\"}"
    post dbconnections/signup "$user" >/dev/null
    token=$(post oauth/token "$login" | jq -r .mfa_token)
    secret=$(curl -s "${base}mfa/associate" -H "Authorization: Bearer $token" \
      --json '{"authenticator_types": ["otp"]}' | jq -r .secret)
    jq -c . <<<"{$grant, \"mfa_token\": \"$token\", \"otp\": \"SECRET $secret\"}" >"$work/user-$i"
  )
done
for i in $(seq "$users"); do
  secret=$(sed 's/.*SECRET \([A-Z2-7]*\).*/\1/' "$work/user-$i")
  fields=$(sed "s/SECRET $secret/$(oathtool --totp --base32 "$secret")/" "$work/user-$i")
  jq -r --argjson more "$fields" --arg url "${base}oauth/token" \
    '"next", "silent", "url = \($url | tojson)", "json = \(. + $more | tojson | tojson)", "output = /dev/null",
      "write-out = \"%{http_code}\\n\""' \
    <<<"$client" >>"$work/curl"
done
sed -i 1d "$work/curl"
begun=$(date +%s%N)
taskset -c 1 curl --parallel --parallel-max 16 --config "$work/curl" >"$work/statuses" 2>/dev/null
spent=$(($(date +%s%N) - begun))
[ "$(grep -c 200 "$work/statuses")" = "$users" ] || { sort "$work/statuses" | uniq -c >&2; exit 1; }
printf '| %s | %d | %d |\n' "\`/oauth/token\` with a code that is right" \
  $((users * 1000000000 / spent)) $((spent / users / 1000))
load "\`/oauth/token\` with a password" 403 oauth/token "$password"
