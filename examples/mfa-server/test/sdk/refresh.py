"""PyPI auth0-python, over TLS: refresh, userinfo, revoke."""
import sys

from auth0.authentication import GetToken, RevokeToken, Users
from auth0.authentication.exceptions import Auth0Error

domain, client_id, client_secret, refresh_token = sys.argv[1:5]
tokens = GetToken(domain, client_id, client_secret=client_secret)
first = tokens.refresh_token(refresh_token)
assert first["refresh_token"] != refresh_token
user = Users(domain).userinfo(first["access_token"])
assert user["email"] == "a@example.com" and user["email_verified"] is False, user
second = tokens.refresh_token(first["refresh_token"], scope="openid")
assert second["scope"] == "openid", second
RevokeToken(domain, client_id, client_secret=client_secret).revoke_refresh_token(second["refresh_token"])
try:
    tokens.refresh_token(second["refresh_token"])
except Auth0Error as error:
    assert (error.status_code, error.error_code) == (403, "invalid_grant"), error
else:
    raise AssertionError("a revoked token was accepted")
