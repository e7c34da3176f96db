"""Writes django_otp.json: rows that django-otp itself has stored, and the codes that it accepts.

    python3 -m venv v && v/bin/pip install django==5.2.19 django-otp==1.7.5
    v/bin/python django_otp.py >django_otp.json

The secrets are new in each run.
"""

import json
import sys
from datetime import datetime, timezone
from importlib.metadata import version
from unittest import mock

import django
from django.conf import settings

sys.path.pop(0)  # Otherwise this file would be imported as django_otp.

NOW = 1_790_000_000
STEPS = range(-4, 5)

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django_otp",
        "django_otp.plugins.otp_totp", "django_otp.plugins.otp_hotp",
        "django_otp.plugins.otp_static",
    ],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django_otp.oath import TOTP, hotp
from django_otp.plugins.otp_hotp.models import HOTPDevice
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

call_command("migrate", verbosity=0)
user = User.objects.create_user("ada")


def submit(device, code, at):
    """Sends a code to the device while the clock shows `at`."""
    aware = datetime.fromtimestamp(at, timezone.utc)
    with mock.patch("time.time", return_value=at), \
            mock.patch("django.utils.timezone.now", return_value=aware):
        return device.verify_token(code)


def totp_code(device, at, offset):
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, offset)
    totp.time = at
    return f"{totp.token():0{device.digits}}"


def would_accept(device, code):
    """Asks django-otp at NOW, and takes everything back."""
    with transaction.atomic():
        accepted = submit(type(device).objects.get(pk=device.pk), code, NOW)
        transaction.set_rollback(True)
    return accepted


def row(device):
    """The columns of the table itself."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {device._meta.db_table} WHERE id = %s", [device.pk])
        names = [column[0] for column in cursor.description]
        return dict(zip(names, cursor.fetchone()))


def totp(name, logins=(), failures=0, **columns):
    device = TOTPDevice.objects.create(user=user, name=name, **columns)
    for at, offset in logins:
        assert submit(device, totp_code(device, at, offset), at), name
    for nth in range(failures):
        assert not submit(device, "a", NOW - 9_000 + 1_000 * nth), name
    codes = {offset: totp_code(device, NOW, offset) for offset in STEPS}
    assert len(set(codes.values())) == len(codes)
    accepted = [offset for offset, code in codes.items() if would_accept(device, code)]
    return {"row": row(device), "codes": codes, "accepted": accepted}


def by_counter():
    device = HOTPDevice.objects.create(user=user, name="counter")
    codes = [f"{hotp(device.bin_key, counter):06}" for counter in range(12)]
    assert len(set(codes)) == len(codes)
    assert submit(device, codes[2], NOW)
    accepted = [counter for counter, code in enumerate(codes) if would_accept(device, code)]
    return {"row": row(device), "codes": codes, "accepted": accepted}


def static():
    device = StaticDevice.objects.create(user=user, name="backup")
    token = StaticToken.objects.create(device=device, token=StaticToken.random_token())
    return row(token)


json.dump({
    "versions": f"django-otp {version('django-otp')}, Django {version('Django')}",
    "totp": [
        totp("the code of the last step", [(NOW - 30, 0)]),
        totp("typed a step late", [(NOW - 60, -1)]),
        totp("two steps behind", [(NOW - 120, -1), (NOW - 60, -2)]),
        totp("a step ahead", [(NOW - 30, 1)]),
        totp("never used"),
        totp("three failures", failures=3),
        totp("another period, T0 and length", [(NOW - 60, 0)], step=60, t0=1_000, digits=8),
        totp("not confirmed", confirmed=False),
    ],
    "hotp": by_counter(),
    "static": static(),
}, sys.stdout, indent=1, default=str)
print()
