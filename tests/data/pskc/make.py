#!/usr/bin/env python3
"""Encrypted PSKC files, and what two other readers find in each file of this folder.

    pip install python-pskc==1.4 defusedxml cryptography && apt-get install pskctool
    python3 tests/data/pskc/make.py

It writes the files `python_pskc_*.xml` with python-pskc, `pskc2csv.csv` with its tool of that name, and `expected.txt`: a line for each key, as python-pskc reads it. Of
plain files the same is compared with Debian's `pskctool`. The figures of RFC 6030 are that document's.
"""

import base64
import hashlib
import os
import re
import subprocess
from pathlib import Path

os.chdir(Path(__file__).parent)

# The same bytes at each run: initialisation vectors, salts and keys.
state = [0]


def urandom(count):
    state[0] += 1
    return hashlib.shake_256(b"otp-core pskc %d" % state[0]).digest(count)


os.urandom = urandom

from pskc import PSKC  # noqa: E402

HOTP, TOTP = ("urn:ietf:params:xml:ns:keyprov:pskc:" + kind for kind in ("hotp", "totp"))
KEY = bytes(range(0x20, 0x40))
FIELDS = ["secret", "counter", "time_offset", "time_interval", "time_drift"]
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SHA1 = "http://www.w3.org/2000/09/xmldsig#hmac-sha1"


def tokens(pskc):
    add = pskc.add_key
    add(id="1", serial="A001", manufacturer="ACME & Söhne", model="T<1>", issuer="Issuer-A", algorithm=HOTP,
        response_length=6, response_encoding="DECIMAL", secret=urandom(20), counter=0)
    add(id="2", serial="A002", issuer="Issuer-A", algorithm=HOTP, response_length=8, response_encoding="DECIMAL",
        secret=urandom(16), counter=0x12345678)
    add(id="3", serial="A003", algorithm=HOTP, response_length=7, response_encoding="DECIMAL", secret=urandom(33),
        counter=255, key_userid="alice")
    add(id="4", serial="B001", algorithm=TOTP, response_length=6, response_encoding="DECIMAL", secret=urandom(20),
        time_offset=0, time_interval=60, time_drift=4)
    add(id="5", serial="B002", algorithm=TOTP, response_length=8, response_encoding="DECIMAL", secret=urandom(32),
        time_interval=30, time_offset=41152263, algorithm_suite="HMAC-SHA256", friendly_name="Door")
    add(id="6", serial="B003", algorithm=TOTP, response_length=10, response_encoding="DECIMAL", secret=urandom(64),
        time_interval=30, algorithm_suite="HMAC-SHA512")
    add(id="7", serial="B004", algorithm=TOTP, response_length=6, response_encoding="DECIMAL", secret=urandom(127))


def write(name, setup=None, mac=None):
    pskc = PSKC()
    tokens(pskc)
    if setup:
        setup(pskc.encryption)
    if mac:
        pskc.mac.setup(key=urandom(32), algorithm=mac)
    pskc.write("python_pskc_%s.xml" % name)


def preshared(bits, fields=("secret",)):
    return lambda encryption: encryption.setup_preshared_key(
        key=KEY[:bits // 8], algorithm="aes%d-cbc" % bits, key_name="Pre-shared-key", fields=list(fields))


def passphrase(bits, iterations, prf=None):
    return lambda encryption: encryption.setup_pbkdf2(
        "pass phrase ü", algorithm="aes%d-cbc" % bits, iterations=iterations, prf=prf, salt=urandom(16),
        key_name="Passphrase")


def rows(name, unlock="plain", value=None):
    pskc = PSKC(name)
    if unlock == "key":
        pskc.encryption.key = bytes.fromhex(value)
    if unlock == "passphrase":
        # It writes the name of the function as text and reads it as an attribute.
        prf = re.search(r"PRF>(\S+)</", Path(name).read_text())
        if prf:
            pskc.encryption.derivation.pbkdf2_prf = prf.group(1)
        pskc.encryption.derive_key(value)
    found = []
    for key in pskc.keys:
        kind = key.algorithm.rsplit(":", 1)[-1]
        if kind not in ("hotp", "totp") or key.secret is None:
            continue
        numbers = [key.counter] if kind == "hotp" else [key.time_interval, key.time_offset, key.time_drift]
        found.append([key.serial, key.id, key.issuer, kind, key.algorithm_suite, key.response_length,
                      ":".join("-" if number is None else str(number) for number in numbers), key.secret.hex()])
    if unlock == "plain":
        check(name, found)
    for row in found:
        yield "\t".join([name, unlock, value or "-"] + ["-" if cell is None else str(cell) for cell in row])


def check(name, found):
    """Compares with pskctool."""
    text = subprocess.run(["pskctool", "--info", name], capture_output=True, text=True, check=True).stdout
    theirs = []
    for block in re.split(r"\n\s*KeyPackage \d+:", text)[1:]:
        get = lambda label: (re.search(r"^\s*%s: (.*)" % re.escape(label), block, re.M) or [None, None])[1]
        kind = (get("Algorithm") or "").rsplit(":", 1)[-1]
        secret = get("Key Secret (base64)")
        if kind not in ("hotp", "totp") or not secret:
            continue
        theirs.append([get("SerialNo"), get("Id"), kind, base64.b64decode(secret).hex()])
    ours = [[row[0], row[1], row[3], row[7]] for row in found]
    assert theirs == ours, (name, theirs, ours)


def main():
    write("plain")
    write("aes128", preshared(128))
    write("aes192", preshared(192), MORE + "hmac-sha256")
    write("aes256_all", preshared(256, FIELDS), MORE + "hmac-sha512")
    write("pbkdf2_sha1", passphrase(128, 1000))
    write("pbkdf2_sha256", passphrase(256, 2000, MORE + "hmac-sha256"), MORE + "hmac-sha256")
    write("pbkdf2_sha512", passphrase(192, 17, MORE + "hmac-sha512"), SHA1)
    from pskc.scripts.pskc2csv import main as pskc2csv
    import sys
    sys.argv = ["pskc2csv", "-o", "pskc2csv.csv", "python_pskc_plain.xml"]
    pskc2csv()
    lines = []
    for figure in (2, 3, 5, 9, 10):
        lines += rows("rfc6030_figure%d.xml" % figure)
    lines += rows("rfc6030_figure6.xml", "key", "12345678901234567890123456789012")
    lines += rows("rfc6030_figure7.xml", "passphrase", "qwerty")
    lines += rows("python_pskc_plain.xml")
    for name, bits in ("aes128", 128), ("aes192", 192), ("aes256_all", 256):
        lines += rows("python_pskc_%s.xml" % name, "key", KEY[:bits // 8].hex())
    for prf in "sha1", "sha256", "sha512":
        lines += rows("python_pskc_pbkdf2_%s.xml" % prf, "passphrase", "pass phrase ü")
    with open("expected.txt", "w") as out:
        print("# Written by make.py. Each line, between tabs: file, how it is opened, with what, serial, key id, issuer,", file=out)
        print("# kind, suite, digits, counter or interval:time:drift, secret. A dash is for what the file does not say.", file=out)
        print("\n".join(lines), file=out)


main()
