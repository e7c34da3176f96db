"""PyPI auth0-server-python, over TLS: its MfaClient, from the first login to a recovery.

MfaClient expects mfa_tokens that the SDK's other client has sealed after a refresh. This test seals
them itself after a password.
"""
import asyncio
import subprocess
import sys

import httpx
from auth0_server_python.auth_server.mfa_client import MfaClient
from auth0_server_python.auth_types import MfaRequirements
from auth0_server_python.error import (
    MfaChallengeError,
    MfaEnrollmentError,
    MfaListAuthenticatorsError,
    MfaVerifyError,
)

domain, client_id, client_secret = sys.argv[1:4]
client = {"client_id": client_id, "client_secret": client_secret}
email, password = "server@example.com", "correct horse battery"
mfa = MfaClient(domain, client_id, client_secret, secret="a secret of the app, 32 bytes or more")


def code(secret, seconds):
    command = ["oathtool", "--totp", "--base32", "--now", f"now + {seconds} seconds", secret]
    return subprocess.check_output(command, text=True).strip()


def log_in(audience="", scope=""):
    body = {**client, "grant_type": "password", "username": email, "password": password, "audience": audience, "scope": scope}
    refusal = httpx.post(f"https://{domain}/oauth/token", data=body).json()
    assert refusal["error"] == "mfa_required", refusal
    requirements = MfaRequirements(**refusal["mfa_requirements"])
    return mfa._encrypt_mfa_token(refusal["mfa_token"], audience, scope, requirements), requirements


async def refused(kind, code, call):
    try:
        await call
    except kind as error:
        assert error.cause["error"] == code, error.cause
        return error
    raise AssertionError(f"{code} was expected")


async def main():
    httpx.post(f"https://{domain}/dbconnections/signup", json={"client_id": client_id, "email": email, "password": password})
    token, requirements = log_in()
    assert [one.type for one in requirements.enroll] == ["otp"] and requirements.challenge is None
    assert await mfa.list_authenticators({"mfa_token": token}) == []
    enrolled = await mfa.enroll_authenticator({"mfa_token": token, "factor_type": "otp"})
    assert enrolled.barcode_uri.startswith("otpauth://totp/") and len(enrolled.recovery_codes) == 1
    await refused(MfaEnrollmentError, "unsupported_challenge_type",
                  mfa.enroll_authenticator({"mfa_token": token, "factor_type": "sms", "phone_number": "+4930"}))
    tokens = await mfa.verify({"mfa_token": token, "otp": code(enrolled.secret, 0)})
    assert tokens.token_type == "Bearer" and tokens.expires_in == 600 and tokens.id_token
    await refused(MfaListAuthenticatorsError, "invalid_token", mfa.list_authenticators({"mfa_token": token}))

    token, requirements = log_in()
    assert [one.type for one in requirements.challenge] == ["otp", "recovery-code"] and requirements.enroll is None
    recovery, otp = await mfa.list_authenticators({"mfa_token": token})
    assert (recovery.type, otp.type, otp.active) == ("recovery-code", "otp", True)
    challenge = await mfa.challenge_authenticator(
        {"mfa_token": token, "factor_type": "otp", "authenticator_id": otp.id})
    assert challenge.challenge_type == "otp"
    await refused(MfaChallengeError, "unsupported_challenge_type",
                  mfa.challenge_authenticator({"mfa_token": token, "factor_type": "sms"}))
    replay = await refused(MfaVerifyError, "invalid_grant", mfa.verify({"mfa_token": token, "otp": code(enrolled.secret, 0)}))
    assert str(replay) == "Invalid otp_code.", replay
    await mfa.verify({"mfa_token": token, "otp": code(enrolled.secret, 30)})

    token, _ = log_in("https://someapi.com/api")
    tokens = await mfa.verify({"mfa_token": token, "recovery_code": enrolled.recovery_codes[0]})
    assert tokens.scope == "read:sample" and len(tokens.recovery_code) == 24, tokens


asyncio.run(main())
