#!/usr/bin/env bash
# Runs Auth0's other SDKs against the server, behind TLS, each as it is published: npm auth0 4,
# PyPI auth0-python and auth0-server-python. Usage: run.sh PROGRAM. `test.sh` runs it in its
# long form.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
work=$(mktemp -d)
pids=()
finish() { for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"; }
trap finish EXIT
cd "$work"

npm install --silent --no-fund --no-audit auth0@4.37.1
python3 -m venv venv
venv/bin/pip install --quiet auth0-python==6.8.0 auth0-server-python==1.0.0b20
cp "$here"/*.mjs "$here"/*.py .

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout key -out cert -days 2 \
  -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
export NODE_EXTRA_CA_CERTS=$work/cert REQUESTS_CA_BUNDLE=$work/cert SSL_CERT_FILE=$work/cert

# serve NAME FLAG…: starts a server. Sets $domain, $id and $secret for the SDKs.
serve() {
  local name=$1 port address
  shift
  mkdir "$name"
  touch "$name"/{out,tls}
  port=$(node -e 'const server = require("net").createServer().listen(0, () => {
    console.log(server.address().port);
    server.close();
  })')
  domain=localhost:$port
  (cd "$name" && exec "$program" --listen 127.0.0.1:0 --issuer "https://$domain/" "$@" >out 2>log) &
  pids+=($!)
  until address=$(sed -n 's/^Listening on //p' "$name/out") && [ -n "$address" ]; do sleep 0.1; done
  node "$here/tls.mjs" "$port" "${address%/}" cert key >"$name/tls" &
  pids+=($!)
  until grep -q listening "$name/tls"; do sleep 0.1; done
  id=$(sed -n 's/^client_id //p' "$name/out")
  secret=$(sed -n 's/^client_secret //p' "$name/out")
}

serve optional --mfa optional
node login.mjs "$domain" "$id" "$secret"
echo "npm auth0: sign up, log in, and enrol"
venv/bin/python login.py "$domain" "$id" "$secret"
echo "PyPI auth0-python: sign up and log in"

serve required
venv/bin/python mfa_client.py "$domain" "$id" "$secret"
echo "PyPI auth0-server-python: its MfaClient, from the first login to recovery"

fields=(-d "client_id=$id" -d "client_secret=$secret")
log_in() {
  curl -s --cacert cert "https://$domain/oauth/token" "${fields[@]}" -d grant_type=password -d username=a@example.com \
    -d password=12345678 --data-urlencode 'scope=openid profile email offline_access' | jq -r .mfa_token
}
curl -sf --cacert cert "https://$domain/dbconnections/signup" \
  --json "{\"client_id\": \"$id\", \"email\": \"a@example.com\", \"password\": \"12345678\"}" >/dev/null
token=$(log_in)
totp=$(curl -sf --cacert cert "https://$domain/mfa/associate" -H "Authorization: Bearer $token" \
  --json '{"authenticator_types": ["otp"]}' | jq -r .secret)
# refresh_token SECONDS: logs in with the code of SECONDS from now, and prints the refresh
# token.
refresh_token() {
  curl -sf --cacert cert "https://$domain/oauth/token" "${fields[@]}" -d "mfa_token=$token" \
    -d grant_type=http://auth0.com/oauth/grant-type/mfa-otp \
    -d "otp=$(oathtool --totp --base32 --now "now + $1 seconds" "$totp")" | jq -er .refresh_token
}
first=$(refresh_token 0)
left=$(node refresh.mjs "$domain" "$id" "$secret" "$first")
venv/bin/python refresh.py "$domain" "$id" "$secret" "$left"
token=$(log_in)
node refresh.mjs "$domain" "$id" "$secret" "$(refresh_token 30)" revoke >/dev/null
echo "npm auth0 and PyPI auth0-python: refresh, userinfo and revoke"
