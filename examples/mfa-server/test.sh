#!/usr/bin/env bash
# Tests the server from outside:
# - `cargo test` on SQLite and PostgreSQL,
# - servers that start at the same time on a new database,
# - two servers on one database that get the same code many times,
# - the commands of Auth0's documents, and its SDK,
# - the page in Chromium.
# Installs what it needs, and writes screenshots to target/screenshots/mfa-server.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=tests/proofs/lib.sh
source ../../tests/proofs/lib.sh
set -e
needs /usr/lib/postgresql/*/bin/postgres postgresql
needs oathtool oathtool
needs jq jq
needs curl curl
needs node nodejs npm
needs chromium chromium
needs openssl openssl
! long || python3 -c 'import ensurepip' 2>/dev/null || needs ensurepip python3-venv
needs sqlite3 sqlite3
work=$(mktemp -d)
installed=(/usr/lib/postgresql/*/bin)
postgres=${installed[-1]}
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
servers=()
finish() {
  for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done
  as_postgres "$postgres/pg_ctl" -D "$work/pg/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

port=$(node -e 'const server = require("net").createServer().listen(0, "127.0.0.1", () => {
  console.log(server.address().port);
  server.close();
})')
mkdir "$work/pg"
if [ "$(id -u)" = 0 ]; then chmod 755 "$work"; chown postgres "$work/pg"; fi
as_postgres "$postgres/initdb" -D "$work/pg/data" -A trust -U test >/dev/null
as_postgres "$postgres/pg_ctl" -D "$work/pg/data" -w -l "$work/pg/log" \
  -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$work/pg" start >/dev/null
# fresh NAME: makes an empty PostgreSQL database, and prints its address.
fresh() {
  as_postgres "$postgres/createdb" -h 127.0.0.1 -p "$port" -U test "$1"
  echo "postgres://test@127.0.0.1:$port/$1"
}

TEST_POSTGRES_URL=$(fresh suite) cargo test --quiet -- --include-ignored --skip long::
# Databases that restart, servers that are killed, and clients that hang up.
! long || cargo test --quiet --test faults -- --ignored long:: --test-threads 2
# Clippy checks about 250 crates again.
! long || cargo clippy --quiet --all-targets --features load -- -D warnings
cargo build --quiet
target=$(cargo metadata --no-deps --format-version 1 | jq -r .target_directory)

# launch NAME DATABASE: starts a server, which prints to the file NAME.
launch() {
  : >"$work/$1"
  "$target/debug/mfa-server" --listen 127.0.0.1:0 --database-url "$2" --key-file "$work/key" \
    >"$work/$1" 2>"$work/$1.log" &
  servers+=($!)
}

# reach NAME: waits until the server listens, and sets $address.
reach() {
  for _ in $(seq 100); do
    address=$(sed -n 's/^Listening on //p' "$work/$1")
    [ -z "$address" ] || return 0
    sleep 0.1
  done
  fail "$1 did not start: $(cat "$work/$1.log")"
}

start() { launch "$@" && reach "$1"; }

# at_once NAME DATABASE: starts servers that all find an empty database. The first ones find no
# key file.
at_once() {
  local i key
  for i in 1 2 3 4; do launch "$1-$i" "$2"; done
  for i in 1 2 3 4; do
    reach "$1-$i"
    # They must have the same signing key.
    key=$(curl -sf "${address}.well-known/jwks.json" | sha256sum)
    [ "$key" = "${first_key:=$key}" ] || fail "$1: another signing key"
  done
  unset first_key
  kill "${servers[@]: -4}"
  wait "${servers[@]: -4}" || fail "$1: a server did not stop well"
  servers=("${servers[@]:0:${#servers[@]}-4}")
}

# The function `of STATUS` prints the number of answers in $work/answers with this status.
of() { grep -cx "$1" "$work/answers" || true; }

# race NAME FIRST SECOND DATABASE: tests two servers on one database, from the sign-up to a code
# that works once.
race() {
  local name=$1 first=$2 second=$3 database=$4 client secret enrolment token code tokens=()
  client=$(client_of "$name-1" client_id)
  secret=$(client_of "$name-1" client_secret)
  local client_fields=(-d "client_id=$client" -d "client_secret=$secret")
  curl -sf "${first}dbconnections/signup" --json "{\"client_id\": \"$client\", \"email\": \"a@example.com\",
    \"password\": \"correct horse\"}" >/dev/null
  log_in() {
    curl -s "${first}oauth/token" -d grant_type=password -d username=a@example.com \
      --data-urlencode 'password=correct horse' "${client_fields[@]}" | jq -r .mfa_token
  }
  # submit SERVER GRANT FIELD MFA_TOKEN CODE: prints the status of the answer.
  submit() {
    curl -s -o /dev/null -w '%{http_code}\n' "$1oauth/token" \
      -d "grant_type=http://auth0.com/oauth/grant-type/$2" "${client_fields[@]}" -d "mfa_token=$4" -d "$3=$5"
  }
  # together GRANT FIELD CODE: sends 32 requests to both servers, each with an mfa_token of its
  # own.
  together() {
    local pids=() i both=("$first" "$second")
    for i in $(seq 0 31); do
      submit "${both[i % 2]}" "$1" "$2" "${tokens[$i]}" "$3" >"$work/answer-$i" &
      pids+=($!)
    done
    wait "${pids[@]}"
    cat "$work"/answer-* >"$work/answers"
    rm "$work"/answer-*
  }

  # Kills a server and starts another one. The new one must know what the killed one stored.
  killed_and_back() {
    kill -9 "${servers[-1]}"
    wait "${servers[-1]}" 2>/dev/null || true
    unset "servers[-1]"
    start "$name-2" "$database"
    second=$address
  }

  token=$(log_in)
  enrolment=$(curl -sf "${first}mfa/associate" -H "Authorization: Bearer $token" \
    --json '{"authenticator_types": ["otp"]}')
  code=$(oathtool --totp --base32 "$(jq -r .secret <<<"$enrolment")")
  [ "$(submit "$second" mfa-otp otp "$token" "$code")" = 200 ] || fail "$name: confirming"
  [ "$(submit "$first" mfa-otp otp "$token" "$code")" = 403 ] || fail "$name: a spent mfa_token"
  token=$(log_in)
  [ "$(submit "$second" mfa-otp otp "$token" "$code")" = 403 ] || fail "$name: the code of the enrolment"

  for _ in $(seq 32); do tokens+=("$(log_in)"); done
  code=$(oathtool --totp --base32 --now "+30 seconds" "$(jq -r .secret <<<"$enrolment")")
  together mfa-otp otp "$code"
  killed_and_back
  [ "$(submit "$second" mfa-otp otp "$(log_in)" "$code")" = 403 ] || fail "$name: a code that was used came back"
  [ "$(of 200)" = 1 ] || fail "$name: one code was accepted $(of 200) times: $(tr '\n' ' ' <"$work/answers")"
  [ "$(of 403)" = 31 ] || fail "$name: one code: $(tr '\n' ' ' <"$work/answers")"

  tokens=()
  for _ in $(seq 32); do tokens+=("$(log_in)"); done
  code=$(jq -r '.recovery_codes[0]' <<<"$enrolment")
  together mfa-recovery-code recovery_code "$code"
  killed_and_back
  [ "$(submit "$second" mfa-recovery-code recovery_code "$(log_in)" "$code")" != 200 ] ||
    fail "$name: a recovery code that was used came back"
  [ "$(of 200)" = 1 ] || fail "$name: a recovery code was accepted $(of 200) times"

  # The server checks five guesses, with any mfa_token and at either server.
  tokens=()
  for _ in $(seq 32); do tokens+=("$(log_in)"); done
  together mfa-otp otp 000000
  [ "$(of 403) $(of 429)" = "5 27" ] || fail "$name: guesses: $(tr '\n' ' ' <"$work/answers")"
  killed_and_back
  [ "$(submit "$second" mfa-otp otp "$(log_in)" 000000)" = 429 ] || fail "$name: a lock-out was lost"
  echo "$name: one of 32 codes and one of 32 recovery codes accepted, five of 32 guesses checked, also after kill -9"
}

# Each repetition is another race.
times=1
! long || times=5
for i in $(seq "$times"); do
  at_once "sqlite-at-once-$i" "sqlite://$work/at-once-$i.db"
  at_once "postgres-at-once-$i" "$(fresh "at_once_$i")"
done
echo "four servers at once on a new database, $times times each: all serve, with one key"
npm ci --silent
! long || MFA_SERVER=$target/debug/mfa-server node --test test/sdk/*.test.mjs
! long || test/sdk/run.sh "$target/debug/mfa-server"
if long; then
  needs caddy caddy
  needs systemd-analyze systemd
  test/deploy.sh "$target/debug/mfa-server"
fi
client_of() { sed -n "s/^$2 //p" "$work/$1"; }
start document "sqlite://$work/document.db"
test/auth0-document.sh "${address%/}" "$(client_of document client_id)" "$(client_of document client_secret)"

# The commands that the server prints at its start must work without changes, and a second time.
# They wait for a code, so they run in the background. The curl of Debian 11 and Ubuntu 22.04
# does not have --json.
start printed "sqlite://$work/printed.db"
sed -n '/^# 1/,$p' "$work/printed" >"$work/lines.sh"
! grep -e --json "$work/lines.sh" || fail "the printed lines need curl 7.82"
(for run in 1 2; do bash -euo pipefail "$work/lines.sh" 2>&1 | cat >"$work/lines-$run"; done) &
lines=$!

MFA_SERVER=$target/debug/mfa-server node --test test/*.test.mjs

wait "$lines" || fail "the printed lines: $(cat "$work"/lines-?)"
# Confirmed, challenged after one refusal, recovered, and listed.
for run in 1 2; do
  seen=$(grep -Eo '"(access_token|invalid_grant|challenge_type|mfa_token|recovery_codes|recovery_code|active)"' "$work/lines-$run" |
    sort | uniq -c | tr -s ' \n' ' ')
  [ "$seen" = ' 3 "access_token" 2 "active" 1 "challenge_type" 1 "invalid_grant" 1 "mfa_token" 1 "recovery_code" 1 "recovery_codes" ' ] ||
    fail "the printed lines, run $run: $seen: $(cat "$work/lines-$run")"
done
echo "the printed lines: all of them answer as expected, twice"

start sqlite-1 "sqlite://$work/test.db"; first=$address
start sqlite-2 "sqlite://$work/test.db"
race sqlite "$first" "$address" "sqlite://$work/test.db"
database=$(fresh server)
start postgres-1 "$database"; first=$address
start postgres-2 "$database"
race postgres "$first" "$address" "$database"
