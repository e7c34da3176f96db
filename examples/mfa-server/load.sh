#!/usr/bin/env bash
# Measures how many requests per second one core answers, and the processor time of the server
# and the database for each request. The server runs in release mode on core 0, with SQLite, and
# then with PostgreSQL on the same core. wrk sends requests from core 1.
#
#   load.sh [SECONDS [ACCOUNTS]]
#
# OLD=PROGRAM also measures a server of an earlier version in the same run. DATABASES="sqlite
# postgres" selects the databases. RELEASE=FOLDER is the folder of the programs if they are
# built already. The script needs Debian's packages wrk, jq and postgresql. The databases are
# below TMPDIR, so set it to the disk that you want to measure.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=examples/mfa-server/load/lib.sh
source load/lib.sh
seconds=${1:-3}
accounts=${2:-10000}
if [ -z "${RELEASE:-}" ]; then
  cargo build --quiet --release --features load --bins --examples
  RELEASE=$(cargo metadata --no-deps --format-version 1 | jq -r .target_directory)/release
fi
seed=$RELEASE/examples/seed
work=$(mktemp -d)
server='' postmaster=''
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
installed=(/usr/lib/postgresql/*/bin)
bin=${installed[-1]}
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$postmaster" ] || as_postgres "$bin/pg_ctl" -D "$work/pg/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

start_postgres() {
  port=$((20000 + $$ % 20000))
  mkdir "$work/pg"
  if [ "$(id -u)" = 0 ]; then chmod 755 "$work"; chown postgres "$work/pg"; fi
  as_postgres "$bin/initdb" -D "$work/pg/data" -A trust -U load >/dev/null
  as_postgres taskset -c 0 "$bin/pg_ctl" -D "$work/pg/data" -w -l "$work/pg/log" \
    -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$work/pg" start >/dev/null
  postmaster=$(head -1 "$work/pg/data/postmaster.pid")
  # Gives PostgreSQL the niceness of this script, because runuser does not.
  pgrep -P "$postmaster" | xargs renice -n "$(nice)" -p "$postmaster" >/dev/null
}
in_postgres() { as_postgres "$bin/$1" -h "$work/pg" -p "$port" -U load "${@:2}"; }

# measure DATABASE VERSION PROGRAM [FLAG…]: prints the rows of one server. For es256 it prints
# only the row that differs.
measure() {
  local folder=$work/$1-$2 url base form=2 answered database=''
  label="$1, $2"
  mkdir "$folder"
  url=sqlite://$folder/load.db
  if [ "$1" = postgres ]; then
    database=$postmaster
    in_postgres createdb "$2"
    url=postgres://load@127.0.0.1:$port/$2
  fi
  : >"$folder/out"
  taskset -c 0 "$3" --listen 127.0.0.1:0 --database-url "$url" --key-file "$folder/key" --client-id load \
    --client-secret 'of the load' --audience https://api.example.com/ "${@:4}" >"$folder/out" 2>"$folder/log" &
  server=$!
  until base=$(sed -n 's/^Listening on //p' "$folder/out") && [ -n "$base" ]; do
    kill -0 "$server" || { cat "$folder/log" >&2; exit 1; }
    sleep 0.1
  done
  # Earlier servers seal secrets in another format.
  [ "$2" != old ] || form=1
  "$seed" fill "$url" "$folder/key" "$accounts" "$form"
  [ "$1" = sqlite ] || in_postgres psql -q "$2" -c 'VACUUM ANALYZE' -c CHECKPOINT
  bodies() { "$seed" bodies "$accounts" "$1" "$2" >"$folder/$2"; }
  : >"$folder/empty"

  if [ "$2" != es256 ]; then
    row 'HTTP, a line of log' - 0 "$folder/empty" "${base}nothing"
    bodies 3 none
    head -1 "$folder/none" >"$folder/hot"
    row 'challenge' 1 0 "$folder/hot" "${base}mfa/challenge"
    row 'challenge' "$accounts" 0 "$folder/none" "${base}mfa/challenge"
  fi
  base+=oauth/token
  bodies 0 right
  row 'right code' "$accounts" "$accounts" "$folder/right" "$base"
  if [ "$2" != es256 ]; then
    codes_again
  fi
  kill "$server"
  wait "$server" || true
  server=''
}

# codes_again: prints the other rows of a server, after the row of right codes.
codes_again() {
  # Sends the same codes again, with other mfa_tokens.
  bodies 1 right
  head -"$answered" "$folder/right" >"$folder/used"
  # wrk makes one request before it starts, and does not send it.
  sed -n 2p "$folder/used" >"$folder/hot"
  row 'used code' 1 0 "$folder/hot" "$base"
  row 'used code' "$(wc -l <"$folder/used")" 0 "$folder/used" "$base"
  bodies 2 wrong
  tail -n +2 "$folder/wrong" >"$folder/many"
  row 'wrong code' "$((accounts - 1))" 0 "$folder/many" "$base"
  head -1 "$folder/wrong" >"$folder/hot"
  row 'wrong code, locked after five' 1 0 "$folder/hot" "$base"
}

[ "${HEADING:-}" = no ] || heading
for each in ${DATABASES:-sqlite postgres}; do
  [ "$each" = sqlite ] || start_postgres
  [ -z "${OLD:-}" ] || measure "$each" old "$OLD"
  measure "$each" new "$RELEASE/mfa-server"
  measure "$each" es256 "$RELEASE/mfa-server" --signing-alg es256
done
