"""PyPI auth0-python, over TLS: sign-up, and passwords before and after an enrolment.

The SDK has no call for `/mfa/*`, so this app sends those requests itself. The server runs with --mfa optional.
"""
import subprocess
import sys

import requests
from auth0.authentication import Database, GetToken
from auth0.authentication.exceptions import Auth0Error

domain, client_id, client_secret = sys.argv[1:4]
email, password, connection = "python@example.com", "correct horse battery", "Username-Password-Authentication"


def refused(status, error, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except Auth0Error as failure:
        assert (failure.status_code, failure.error_code) == (status, error), (failure.error_code, failure)
        return failure
    raise AssertionError(f"{error} was expected")


database = Database(domain, client_id, client_secret=client_secret)
assert database.signup(email, password, connection)["email"] == email
weak = refused(400, "invalid_password", database.signup, "weak@example.com", "short", connection)
assert weak.message == "Password is too weak", weak
refused(400, "invalid_signup", database.signup, email, password, connection)

tokens = GetToken(domain, client_id, client_secret=client_secret)
# The SDK sends absent arguments as null.
answer = tokens.login(email, password, realm=connection)
assert answer["scope"] == "openid profile email", answer
answer = tokens.login(email, password, realm=connection, audience="https://someapi.com/api", scope="read:sample admin")
assert answer["scope"] == "read:sample", answer
wrong = refused(403, "invalid_grant", tokens.login, email, "wrong", realm=connection)
assert wrong.message == "Wrong email or password.", wrong
refused(401, "access_denied", GetToken(domain, client_id, client_secret="wrong").login, email, password, realm=connection)
refused(403, "access_denied", tokens.login, email, password, realm=connection, audience="https://unknown.example.com/")

access = tokens.login(email, password, realm=connection, audience=f"https://{domain}/mfa/", scope="enroll")["access_token"]
enrolled = requests.post(
    f"https://{domain}/mfa/associate", json={"authenticator_types": ["otp"]}, headers={"authorization": f"Bearer {access}"}
).json()


def confirm(mfa_token, seconds):
    command = ["oathtool", "--totp", "--base32", "--now", f"now + {seconds} seconds", enrolled["secret"]]
    body = {
        "grant_type": "http://auth0.com/oauth/grant-type/mfa-otp", "client_id": client_id, "client_secret": client_secret,
        "mfa_token": mfa_token, "otp": subprocess.check_output(command, text=True).strip(),
    }
    answer = requests.post(f"https://{domain}/oauth/token", json=body)
    assert answer.status_code == 200, answer.text


confirm(access, 0)
required = refused(403, "mfa_required", tokens.login, email, password, realm=connection)
assert required.content["mfa_requirements"] == {"challenge": [{"type": "otp"}, {"type": "recovery-code"}]}, required.content
confirm(required.content["mfa_token"], 30)
