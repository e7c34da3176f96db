#!/usr/bin/env bash
# Measures what a code costs in mfa-server, in privacyIDEA and in better-auth. Each server runs
# on core 0 with SQLite in its default settings. wrk sends requests from core 1. A person starts
# it by hand:
#
#   compare.sh [SECONDS [ACCOUNTS]]
#
# HERE=no leaves mfa-server out. The script needs what load.sh needs, and python3-venv, nodejs
# and npm. It installs the other servers once, in target/compare.
#
# The servers do different work. privacyIDEA signs a line of its audit log for each answer, and
# issues no token. better-auth stores a session. It accepts a used code again in another login,
# so its "used code" is a right code. mfa-server signs two tokens (RS256) and waits for the disk
# before it answers. The others use SQLite's default.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=examples/mfa-server/load/lib.sh
source load/lib.sh
seconds=${1:-3}
accounts=${2:-10000}
load=$PWD/load
database=''
packages=$(cargo metadata --no-deps --format-version 1 | jq -r .target_directory)/compare
work=$(mktemp -d)
server=''
finish() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"; }
trap finish EXIT
mkdir -p "$packages"
if [ ! -x "$packages/venv/bin/gunicorn" ]; then
  python3 -m venv "$packages/venv"
  "$packages/venv/bin/pip" install --quiet privacyidea==3.14 gunicorn==27.0.1
fi
[ -d "$packages/node_modules/better-auth" ] ||
  npm install --silent --no-fund --no-audit --prefix "$packages" better-auth@1.7.25 better-sqlite3
port=$((20000 + $$ % 20000))

# rows URL TYPE ORIGIN BODIES…: the rows of load.sh. The command BODIES LOGIN CODE prints the
# requests.
rows() {
  local url=$1 type=$2 origin=$3 answered
  local bodies=("${@:4}")
  # The first requests make the server load its modules.
  "${bodies[@]}" 3 wrong >"$work/wrong"
  head -50 "$work/wrong" >"$work/hot"
  row 'wrong code, for warmth' 50 0 "$work/hot" "$url" "$type" "$origin" >/dev/null
  "${bodies[@]}" 0 right >"$work/right"
  row 'right code' "$accounts" "$accounts" "$work/right" "$url" "$type" "$origin"
  "${bodies[@]}" 1 right >"$work/again"
  head -"$answered" "$work/again" >"$work/used"
  sed -n 2p "$work/used" >"$work/hot"
  row 'used code' 1 0 "$work/hot" "$url" "$type" "$origin"
  row 'used code' "$(wc -l <"$work/used")" 0 "$work/used" "$url" "$type" "$origin"
  "${bodies[@]}" 2 wrong >"$work/wrong"
  tail -n +2 "$work/wrong" >"$work/many"
  row 'wrong code' "$((accounts - 1))" 0 "$work/many" "$url" "$type" "$origin"
  sed -n 1p "$work/wrong" >"$work/hot"
  row 'wrong code' 1 0 "$work/hot" "$url" "$type" "$origin"
  kill "$server"
  wait "$server" || true
  server=''
}

up() {
  until curl -s -o /dev/null "http://127.0.0.1:$port/"; do
    kill -0 "$server" || { cat "$work/log" >&2; exit 1; }
    sleep 0.2
  done
}

if [ "${HERE:-}" = no ]; then
  heading
else
  DATABASES=sqlite ./load.sh "$seconds" "$accounts"
fi

label='privacyIDEA 3.14'
cat >"$work/pi.cfg" <<END
SQLALCHEMY_DATABASE_URI = "sqlite:///$work/pi.sqlite"
SECRET_KEY = "of the load"
PI_PEPPER = "of the load"
PI_ENCFILE = "$work/enckey"
PI_AUDIT_KEY_PRIVATE = "$work/private.pem"
PI_AUDIT_KEY_PUBLIC = "$work/public.pem"
PI_LOGFILE = "$work/pi.log"
PI_LOGLEVEL = 30
END
export PRIVACYIDEA_CONFIGFILE=$work/pi.cfg PYTHONDONTWRITEBYTECODE=1
for each in create_enckey create_audit_keys create_tables; do
  "$packages/venv/bin/pi-manage" setup "$each" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
done
"$packages/venv/bin/python" load/pi.py fill "$accounts" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
taskset -c 0 "$packages/venv/bin/gunicorn" --chdir load -w 1 --threads 4 -b "127.0.0.1:$port" pi:application \
  >"$work/log" 2>&1 &
server=$!
up
of_privacyidea() { python3 load/pi.py bodies "$accounts" "$2"; }
rows "http://127.0.0.1:$port/validate/check" application/x-www-form-urlencoded '' of_privacyidea

label="better-auth $(jq -r .version "$packages/node_modules/better-auth/package.json")"
in_packages() { cd "$packages" && node "$load/better-auth.mjs" "$@"; }
(in_packages fill "$work/better-auth.db" "$accounts")
# shellcheck disable=SC2016 # The inner shell expands it.
taskset -c 0 bash -c 'cd "$1" && NODE_ENV=production exec node "$2/better-auth.mjs" serve "$3" "$4"' - \
  "$packages" "$load" "$work/better-auth.db" "$port" >"$work/log" 2>&1 &
server=$!
up
of_better_auth() { (in_packages bodies "$accounts" "$@"); }
rows "http://127.0.0.1:$port/api/auth/two-factor/verify-totp" application/json http://127.0.0.1 of_better_auth
