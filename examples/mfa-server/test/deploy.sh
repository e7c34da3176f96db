#!/usr/bin/env bash
# deploy.sh SERVER: tests the files of deploy/. systemd checks the unit. The server runs behind
# Caddy with the unit's settings. If Docker is installed, the image is built.
set -euo pipefail
cd "$(dirname "$0")/../deploy"
server=$1
work=$(mktemp -d)
running=()
finish() {
  for process in "${running[@]}"; do kill "$process" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap finish EXIT
fail() { echo "FAILED: deploy: $*" >&2; exit 1; }
free_port() {
  node -e 'const server = require("net").createServer().listen(0, "127.0.0.1", () => {
    console.log(server.address().port);
    server.close();
  })'
}

# The unit, with a program and a user that exist on this machine.
sed "s,^ExecStart=.*,ExecStart=$server,; s,^User=.*,User=daemon,; s,^Group=.*,Group=daemon," mfa-server.service \
  >"$work/mfa-server.service"
said=$(systemd-analyze verify "$work/mfa-server.service" 2>&1) || fail "$said"
[ -z "$said" ] || fail "$said"
# The exposure level is from 0 (safe) to 10 (unsafe); the threshold is in tenths.
systemd-analyze security --offline=true --threshold=20 --no-pager "$work/mfa-server.service" >"$work/security" ||
  fail "$(tail -n 1 "$work/security")"

# Each variable must be a setting of the server.
"$server" --help >"$work/help"
for name in $(sed -n 's/^\([A-Z_]*\)=.*/\1/p' mfa-server.env; grep -Eo '[A-Z_]+=' Dockerfile | tr -d =); do
  grep -q "\[env: ${name}[]=]" "$work/help" || fail "$name is not a setting"
done

# The same settings, with other paths. Only the server's user may read the secret.
port=$(free_port) public=$(free_port)
sed "s,login.example.com,localhost:$public,; s,/var/lib/mfa-server,$work,; s,/var/log/mfa-server,$work,
  s,/etc/mfa-server,$work,; s,^LISTEN=.*,LISTEN=127.0.0.1:$port," mfa-server.env >"$work/env"
(umask 077; openssl rand -hex 32 >"$work/mfa-server.key")
cp ../mfa-server.toml "$work/mfa-server.toml"
# shellcheck source=/dev/null
(set -a; . "$work/env"; cd "$work"; exec "$server" >"$work/out" 2>"$work/log") &
running+=($!)
# Caddy uses its own certificate authority, which is not added to the system.
cat >"$work/Caddyfile" <<EOF
{
	admin off
	skip_install_trust
	auto_https disable_redirects
}
import $PWD/Caddyfile
EOF
HOME=$work XDG_DATA_HOME=$work HOST=https://localhost:$public SERVER=127.0.0.1:$port \
  caddy run --config "$work/Caddyfile" --adapter caddyfile >"$work/caddy.log" 2>&1 &
running+=($!)
base=https://localhost:$public
# ask PATH ARGUMENTS…: sends a request as a client with an address of its own.
ask() { curl -sk --interface 127.0.0.2 "$base$1" "${@:2}"; }
for _ in $(seq 100); do
  issuer=$(ask /.well-known/openid-configuration | jq -r .issuer || true)
  [ -z "$issuer" ] || break
  sleep 0.1
done
[ "$issuer" = "$base/" ] || fail "issuer: $issuer $(cat "$work/log" "$work/caddy.log")"
status() { ask "$@" -o /dev/null -w '%{http_code}'; }
[ "$(status /healthz) $(status /readyz) $(curl -s -o /dev/null -w '%{http_code}' "127.0.0.1:$port/readyz")" = "404 404 200" ] ||
  fail "probes"
head -c 20000 /dev/zero | tr '\0' x >"$work/long"
long=$(status /oauth/token -H 'Content-Type: application/json' --data-binary @"$work/long")
[ "$long" = 413 ] || fail "a long body: $long"
# A client cannot set its own address or request id.
ask /dbconnections/signup -H 'X-Forwarded-For: 203.0.113.9' -H 'X-Request-Id: mine' -H 'Content-Type: application/json' \
  -d '{"client_id": "app", "email": "a@example.com", "password": "correct horse"}' | jq -e ._id >/dev/null ||
  fail "signing up: $(cat "$work/log")"
event=$(tail -n 1 "$work/audit.log")
[ "$(jq -r '.event + " " + .address' <<<"$event")" = "user.signed_up 127.0.0.2" ] || fail "$event"
[ "$(jq -r '.request_id | length' <<<"$event")" = 36 ] || fail "$event"
# logrotate renames the file and reloads the unit.
mv "$work/audit.log" "$work/audit.log.1"
kill -HUP "${running[0]}"
until [ -e "$work/audit.log" ]; do sleep 0.1; done
# The server must stop cleanly.
kill "${running[0]}"
wait "${running[0]}" || fail "it did not stop well: $(tail "$work/log")"
echo "deploy: systemd accepts the unit, and the server runs behind Caddy with its settings"

if docker info >/dev/null 2>&1; then
  docker build --quiet -f Dockerfile -t mfa-server-test ../../.. >/dev/null
  image=$(docker run --rm --detach --publish "127.0.0.1:$port:3000" mfa-server-test)
  until curl -sf "127.0.0.1:$port/readyz" >/dev/null; do sleep 0.1; done
  docker exec "$image" mfa-server admin list >/dev/null || fail "the image has no admin"
  docker stop --time 20 "$image" >/dev/null
  docker image rm mfa-server-test >/dev/null
  echo "deploy: the image was built, and its server answers"
else
  echo "deploy: the image was not built, because Docker is not installed"
fi
