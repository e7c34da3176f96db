#!/usr/bin/env bash
# The curl commands of Auth0's documents, unchanged except for the host:
#   https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa
#   …/authenticate-using-ropg-flow-with-mfa/enroll-and-challenge-otp-authenticators
#   …/authenticate-using-ropg-flow-with-mfa/challenge-with-recovery-codes
#   …/manage-mfa-auth0-apis/manage-authenticator-factors-mfa-api
#   https://auth0.com/docs/api/authentication (sign up, request an MFA challenge)
# This script fills in the values in braces. Each answer must be as the document shows it.
#
#   auth0-document.sh http://127.0.0.1:3000 CLIENT_ID CLIENT_SECRET
#
# Needs curl, jq and oathtool. It signs up user@example.com, so the server must be new.
set -euo pipefail
host=$1 client_id=$2 client_secret=$3
password='correct horse battery'

# answers STATUS JQ COMMAND…: runs the command. Its answer must have this status, and jq's
# filter must be true. Sets $answer.
answers() {
  local output status=$1 filter=$2
  shift 2
  output=$("$@" --silent --write-out '\n%{http_code}')
  answer=${output%$'\n'*}
  if [ "${output##*$'\n'}" != "$status" ] || { [ "$filter" ] && ! jq -e "$filter" <<<"$answer" >/dev/null; }; then
    printf 'the answer is not as in the document (%s, %s):\n  %s\n  %s\n' "$status" "$filter" "$*" "$output" >&2
    exit 1
  fi
}
value() { jq -r "$1" <<<"$answer"; }

answers 200 '.email == "user@example.com" and .email_verified == false and ._id' \
  curl --request POST \
  --url "$host/dbconnections/signup" \
  --header 'content-type: application/json' \
  --data "{\"client_id\":\"$client_id\", \"email\":\"user@example.com\", \"password\":\"$password\", \"connection\":\"Username-Password-Authentication\"}"

# Authenticate user.
log_in() {
  answers 403 '.error == "mfa_required" and .error_description == "Multifactor authentication required" and .mfa_token' \
    curl --request POST \
    --url "$host/oauth/token" \
    --header 'content-type: application/x-www-form-urlencoded' \
    --data grant_type=password \
    --data username=user@example.com \
    --data password="$password" \
    --data "client_id=$client_id" \
    --data "client_secret=$client_secret" \
    --data audience="${1-https://someapi.com/api}" \
    --data "scope=${2-openid profile read:sample}"
  mfa_token=$(value .mfa_token)
}
log_in
[ "$(value '.mfa_requirements | tojson')" = '{"enroll":[{"type":"otp"}]}' ]

# Retrieve enrolled authenticators: an empty list.
answers 200 '. == []' \
  curl --request GET \
  --url "$host/mfa/authenticators" \
  --header "authorization: Bearer $mfa_token" \
  --header 'content-type: application/json'

# Enroll authenticator.
answers 200 '.authenticator_type == "otp" and (.recovery_codes | length) == 1 and (.recovery_codes[0] | length) == 24
    and .barcode_uri == "otpauth://totp/demo:user%40example.com?secret=\(.secret)&issuer=demo&algorithm=SHA1&digits=6&period=30"' \
  curl --request POST \
  --url "$host/mfa/associate" \
  --header "authorization: Bearer $mfa_token" \
  --header 'content-type: application/json' \
  --data '{ "authenticator_types": ["otp"] }'
secret=$(value .secret)
recovery_code=$(value '.recovery_codes[0]')
# code OFFSET: prints the code of OFFSET seconds from now. The server accepts 30 seconds before
# and after now, and each code must be later than the last one. A code from before would be too
# old if the next step began meanwhile, so this waits for the next step then.
code() {
  while [ "$1" -lt 0 ] && [ $(($(date +%s) % 30)) -gt 26 ]; do sleep 0.5; done
  oathtool --totp --base32 --now "now ${1} seconds" "$secret"
}

# Confirm OTP enrollment.
tokens='.id_token and .access_token and .expires_in == 600 and .token_type == "Bearer"'
answers 200 "$tokens and .scope == \"openid profile read:sample\"" \
  curl --request POST \
  --url "$host/oauth/token" \
  --header 'content-type: application/x-www-form-urlencoded' \
  --data grant_type=http://auth0.com/oauth/grant-type/mfa-otp \
  --data "client_id=$client_id" \
  --data "mfa_token=$mfa_token" \
  --data "client_secret=$client_secret" \
  --data "otp=$(code -30)"

# Challenge with OTP: get MFA token, retrieve enrolled authenticators.
log_in
[ "$(value '.mfa_requirements | tojson')" = '{"challenge":[{"type":"otp"},{"type":"recovery-code"}]}' ]
answers 200 'map(.authenticator_type, .active) == ["recovery-code", true, "otp", true]
    and (.[0].id | startswith("recovery-code|dev_")) and (.[1].id | startswith("totp|dev_"))
    and map(.type) == ["recovery-code", "otp"]' \
  curl --request GET \
  --url "$host/mfa/authenticators" \
  --header "authorization: Bearer $mfa_token" \
  --header 'content-type: application/json'

# Request a challenge. The API's reference sends a bearer token together with the client's
# secret.
answers 200 '. == {"challenge_type": "otp"}' \
  curl --request POST \
  --url "$host/mfa/challenge" \
  --header "Authorization: Bearer $mfa_token" \
  --header 'Content-Type: application/json' \
  --data "
{
  \"mfa_token\": \"$mfa_token\",
  \"client_id\": \"$client_id\",
  \"client_secret\": \"$client_secret\",
  \"challenge_type\": \"otp\"
}
"

# Complete authentication using received code.
complete() {
  answers "$1" "$2" \
    curl --request POST \
    --url "$host/oauth/token" \
    --header 'content-type: application/x-www-form-urlencoded' \
    --data grant_type=http://auth0.com/oauth/grant-type/mfa-otp \
    --data "client_id=$client_id" \
    --data "client_secret=$client_secret" \
    --data "mfa_token=$mfa_token" \
    --data "otp=$3"
}
used=$(code +0)
complete 200 "$tokens" "$used"
log_in
complete 403 '.error == "invalid_grant"' "$used"

# Associating another factor without the existing one.
answers 403 '.error == "access_denied" and (.error_description | startswith("User is already enrolled"))' \
  curl --request POST \
  --url "$host/mfa/associate" \
  --header "authorization: Bearer $mfa_token" \
  --header 'content-type: application/json' \
  --data '{ "authenticator_types": ["otp"] }'

# Challenge with recovery codes.
answers 200 "$tokens and (.recovery_code | length) == 24 and .recovery_code != \"$recovery_code\"" \
  curl --request POST \
  --url "$host/oauth/token" \
  --header 'content-type: application/x-www-form-urlencoded' \
  --data grant_type=http://auth0.com/oauth/grant-type/mfa-recovery-code \
  --data "client_id=$client_id" \
  --data "client_secret=$client_secret" \
  --data "mfa_token=$mfa_token" \
  --data "recovery_code=$recovery_code"

# Manage authenticators: an access token for this audience lists and deletes.
log_in "${AUDIENCE:-$host/mfa/}" 'enroll read:authenticators remove:authenticators'
complete 200 '.access_token and .scope == "enroll read:authenticators remove:authenticators"' "$(code +30)"
access_token=$(value .access_token)
answers 200 'length == 2' \
  curl --request GET \
  --url "$host/mfa/authenticators" \
  --header "authorization: Bearer $access_token"
authenticator_id=$(value '.[1].id')
answers 204 '' \
  curl --request DELETE \
  --url "$host/mfa/authenticators/$authenticator_id" \
  --header "authorization: Bearer $access_token"
answers 200 '. == []' \
  curl --request GET \
  --url "$host/mfa/authenticators" \
  --header "authorization: Bearer $access_token"
echo "Auth0's documents: every command answers as the documents say"
