"""A token, driven by Yubico's own client: `test_oath.py LINE …`, as test.sh calls it. Codes beside oathtool.

Each test begins with a token that was reset.
"""

import hmac
import os
import random
import subprocess
import sys
import time
import unittest

from line import END, Pipe, Qemu
from yubikit.core import TRANSPORT, Tlv
from yubikit.core.smartcard import SW, ApduError
from yubikit.oath import (
    HASH_ALGORITHM, INS_VALIDATE, OATH_TYPE, TAG_CHALLENGE, TAG_RESPONSE, CredentialData, OathSession,
)

HOTP, TOTP = OATH_TYPE.HOTP, OATH_TYPE.TOTP
SHA1, SHA256, SHA512 = HASH_ALGORITHM
# The keys of RFC 6238 appendix B.
KEYS = {hash: (b"1234567890" * 7)[:length] for hash, length in ((SHA1, 20), (SHA256, 32), (SHA512, 64))}
TIMES = (59, 1_111_111_109, 1_234_567_890, 20_000_000_000)
PLACES = 32

line = None


def oathtool(key, *arguments):
    return subprocess.run(["oathtool", *arguments, key.hex()], check=True, capture_output=True, text=True).stdout.strip()


def totp(key, hash, digits, time, period=30):
    return oathtool(key, f"--totp={hash.name.lower()}", f"-d{digits}", f"--now=@{time}", f"--time-step-size={period}s")


def account(name, kind=TOTP, hash=SHA1, digits=6, key=None, **more):
    return CredentialData(name, kind, hash, key or KEYS[hash], digits, **more)


class Applet(unittest.TestCase):
    def setUp(self):
        self.oath = OathSession(line)
        self.oath.reset()

    def refused(self, status, call, *arguments, **named):
        with self.assertRaises(ApduError) as caught:
            call(*arguments, **named)
        self.assertEqual(SW(caught.exception.sw), status)

    def names(self, oath=None):
        return sorted(credential.id for credential in (oath or self.oath).list_credentials())

    def test_every_kind_of_totp_beside_oathtool(self):
        kinds = [(hash, digits, period) for hash in KEYS for digits, period in ((6, 30), (7, 60), (8, 30))]
        for hash, digits, period in kinds:
            self.oath.put_credential(account(f"{hash.name}-{digits}", TOTP, hash, digits, issuer="ACME", period=period))
        for time in TIMES:
            codes = {credential.name: code for credential, code in self.oath.calculate_all(time).items()}
            self.assertEqual(len(codes), len(kinds))
            for hash, digits, period in kinds:
                code = codes[f"{hash.name}-{digits}"]
                self.assertEqual(code.value, totp(KEYS[hash], hash, digits, time, period))
                self.assertEqual(code.valid_from, time - time % period)
        for credential in self.oath.list_credentials():
            hash, digits = credential.name.split("-")
            code = self.oath.calculate_code(credential, 59)
            self.assertEqual(code.value, totp(KEYS[HASH_ALGORITHM[hash]], HASH_ALGORITHM[hash], digits, 59, credential.period))

    def test_hotp_beside_oathtool_and_each_code_once(self):
        for hash, digits, counter in ((SHA1, 6, 0), (SHA1, 8, 0xFFFF_FFFE), (SHA1, 7, 9)):
            credential = self.oath.put_credential(account(f"door-{counter}", HOTP, hash, digits, counter=counter))
            for moving_factor in range(counter, counter + 4):
                expected = oathtool(KEYS[hash], f"-c{moving_factor}", f"-d{digits}")
                # Listing all codes uses none up.
                self.assertEqual(self.oath.calculate_all(59)[credential], None)
                self.assertEqual(self.oath.calculate_code(credential, 59).value, expected)
        self.assertEqual({credential.oath_type for credential in self.oath.list_credentials()}, {HOTP})

    def test_whole_hmacs(self):
        for hash in KEYS:
            for kind in (TOTP, HOTP):
                self.oath.put_credential(account("all", kind, hash))
                challenge = (5).to_bytes(8, "big") if kind == TOTP else bytes(8)
                expected = hmac.new(KEYS[hash], challenge, hash.name).digest()
                self.assertEqual(self.oath.calculate(b"all", challenge), expected)

    def test_short_and_long_keys(self):
        for hash in KEYS:
            for length in (1, 13, 14, 63, 64, 65, 127, 128, 129, 200):
                key = random.randbytes(length)
                credential = self.oath.put_credential(account("key", TOTP, hash, key=key))
                self.assertEqual(self.oath.calculate_code(credential, 59).value, totp(key, hash, 6, 59))

    def test_a_key_uri(self):
        uri = "otpauth://totp/ACME:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME&counter=7"
        credential = self.oath.put_credential(CredentialData.parse_uri(uri))
        self.assertEqual(self.oath.calculate_code(credential, 59).value, "287082")
        self.assertEqual(self.names(), [b"ACME:alice"])

    def test_put_replaces_the_account_of_the_same_name(self):
        self.oath.put_credential(account("one", HOTP))
        self.oath.put_credential(account("one", TOTP, SHA256, 8))
        (credential,) = self.oath.list_credentials()
        self.assertEqual(self.oath.calculate_code(credential, 59).value, totp(KEYS[SHA256], SHA256, 8, 59))

    def test_rename(self):
        credential = self.oath.put_credential(account("alice", HOTP, issuer="ACME", counter=3))
        self.oath.calculate_code(credential)
        self.oath.put_credential(account("bob"))
        self.refused(SW.INCORRECT_PARAMETERS, self.oath.rename_credential, credential.id, "bob")
        self.refused(SW.DATA_INVALID, self.oath.rename_credential, b"nobody", "somebody")
        self.refused(SW.INCORRECT_PARAMETERS, self.oath.rename_credential, credential.id, "x" * 65)
        self.assertEqual(self.oath.rename_credential(credential.id, "carol", "ACME 2"), b"ACME 2:carol")
        self.assertEqual(self.names(), [b"ACME 2:carol", b"bob"])
        # The counter went along.
        renamed = next(credential for credential in self.oath.list_credentials() if credential.name == "carol")
        self.assertEqual(self.oath.calculate_code(renamed).value, oathtool(KEYS[SHA1], "-c4"))

    def test_delete(self):
        self.oath.put_credential(account("one"))
        self.oath.put_credential(account("two"))
        self.oath.delete_credential(b"one")
        self.assertEqual(self.names(), [b"two"])
        self.refused(SW.DATA_INVALID, self.oath.delete_credential, b"one")
        self.refused(SW.DATA_INVALID, self.oath.calculate, b"one", bytes(8))

    def test_the_access_key(self):
        self.oath.put_credential(account("alice"))
        self.assertFalse(self.oath.has_key or self.oath.locked)
        key = self.oath.derive_key("correct horse")
        self.oath.set_key(key)
        # The session that set it goes on.
        self.assertEqual(self.names(), [b"alice"])
        locked = OathSession(line)
        self.assertTrue(locked.has_key and locked.locked)
        self.assertEqual(locked.derive_key("correct horse"), key)
        for call, *arguments in (
            (locked.list_credentials,), (locked.calculate_all, 59), (locked.calculate, b"alice", bytes(8)),
            (locked.delete_credential, b"alice"), (locked.rename_credential, b"alice", "mallory"),
            (locked.put_credential, account("mallory")), (locked.set_key, bytes(16)), (locked.unset_key,),
        ):
            self.refused(SW.SECURITY_CONDITION_NOT_SATISFIED, call, *arguments)
        for wrong in ("", "correct hors", "Correct horse"):
            self.refused(SW.INCORRECT_PARAMETERS, locked.validate, locked.derive_key(wrong))
            self.refused(SW.SECURITY_CONDITION_NOT_SATISFIED, locked.list_credentials)
        # Each byte of the response counts, and so does its length.
        right = hmac.new(key, locked._challenge, "sha1").digest()
        for wrong in [right[:at] + bytes([right[at] ^ 1]) + right[at + 1 :] for at in range(20)] + [right[:19], b""]:
            data = Tlv(TAG_RESPONSE, wrong) + Tlv(TAG_CHALLENGE, bytes(8))
            self.refused(SW.INCORRECT_PARAMETERS, locked.protocol.send_apdu, 0, INS_VALIDATE, 0, 0, data)
        # The client checks the answer of the token.
        locked.validate(key)
        self.assertEqual(self.names(locked), [b"alice"])
        # A response to an old challenge opens nothing.
        first, second = OathSession(line), OathSession(line)
        self.assertNotEqual(first._challenge, second._challenge)
        self.refused(SW.INCORRECT_PARAMETERS, first.validate, key)
        second.validate(key)
        second.unset_key()
        self.assertFalse(OathSession(line).locked)

    def test_reset_without_the_access_key(self):
        self.oath.put_credential(account("alice"))
        self.oath.set_key(bytes(16))
        locked = OathSession(line)
        before = locked.device_id
        locked.reset()
        self.assertFalse(locked.has_key or locked.locked)
        self.assertNotEqual(locked.device_id, before)
        self.assertEqual(OathSession(line).device_id, locked.device_id)
        self.assertEqual(self.names(locked), [])

    def test_a_full_store_and_long_names(self):
        names = [f"{place:02}" + "x" * 62 for place in range(PLACES)]
        for name in names:
            self.oath.put_credential(account(name))
        self.refused(SW.NO_SPACE, self.oath.put_credential, account("one too many"))
        # A full store still replaces accounts.
        self.oath.put_credential(account(names[5], digits=8))
        for transport in (TRANSPORT.USB, TRANSPORT.NFC):
            line.transport = transport
            oath = OathSession(line)
            line.continued = 0
            self.assertEqual(self.names(oath), [name.encode() for name in names])
            self.assertGreater(line.continued, PLACES // 4)
            codes = {credential.name: code.value for credential, code in oath.calculate_all(59).items()}
            self.assertEqual(codes, {name: totp(KEYS[SHA1], SHA1, 8 if name == names[5] else 6, 59) for name in names})
        line.transport = TRANSPORT.USB
        self.refused(SW.INCORRECT_PARAMETERS, self.oath.put_credential, account("x" * 65))
        self.oath.delete_credential(names[9].encode())
        self.oath.put_credential(account("now there is room"))
        self.assertEqual(len(self.names()), PLACES)

    def test_touch(self):
        by_hand = [self.oath.put_credential(account(kind.name, kind), touch_required=True) for kind in (TOTP, HOTP)]
        listed = {credential.name: credential for credential in self.oath.calculate_all(59)}
        self.assertTrue(listed["TOTP"].touch_required)
        line.touch(True)
        self.assertEqual(self.oath.calculate_code(by_hand[0], 59).value, "287082")
        self.assertEqual(self.oath.calculate_code(by_hand[1], 59).value, "755224")
        line.touch(False)

    def test_garbage(self):
        self.oath.put_credential(account("alice", HOTP))
        self.oath.set_key(bytes(16))
        locked = OathSession(line)
        randomness = random.Random(1)
        headers = [bytes([0, ins, p1, p2]) for ins in (*range(6), *range(0xA0, 0xA7)) for p1, p2 in ((0, 0), (0, 1), (4, 0))]
        for _ in range(100 * LONGER):
            apdu = randomness.choice(headers) + randomness.randbytes(randomness.choice((0, 1, 2, 5, 20, 296)))
            if randomness.random() < 0.2:
                apdu = randomness.randbytes(randomness.randrange(2, 300))
            data, status = line.send_and_receive(apdu)
            self.assertTrue(status == 0x9000 or data == b"", (apdu, data, status))
        line.send(bytes(5000))
        self.assertEqual(line.receive(), (b"", SW.WRONG_LENGTH))
        oath = OathSession(line)
        self.assertEqual(oath.device_id, locked.device_id)
        oath.validate(bytes(16))
        (credential,) = oath.list_credentials()
        self.assertEqual(oath.calculate_code(credential).value, "755224")


class Untouched(unittest.TestCase):
    def test_nobody_touches_the_button(self):
        line.touch(False)
        oath = OathSession(line)
        oath.reset()
        for kind in (TOTP, HOTP)[LONGER == 1 :]:
            credential = oath.put_credential(account("by hand", kind), touch_required=True)
            with self.assertRaises(ApduError) as caught:
                oath.calculate_code(credential, 59)
            self.assertEqual(caught.exception.sw, SW.SECURITY_CONDITION_NOT_SATISFIED)
        # No code was used up.
        line.touch(True)
        self.assertEqual(oath.calculate_code(credential, 59).value, "755224")
        line.touch(False)


@unittest.skipIf(len(sys.argv) < 3, "a pipe has no power to cut")
class Power(unittest.TestCase):
    def test_what_was_stored_is_there_after_a_cut(self):
        oath = OathSession(line)
        oath.reset()
        credential = oath.put_credential(account("door", HOTP))
        oath.put_credential(account("alice"))
        oath.set_key(bytes(16))
        self.assertEqual(oath.calculate_code(credential).value, "755224")
        line.cut_power()
        again = OathSession(line)
        self.assertEqual(again.device_id, oath.device_id)
        self.assertTrue(again.locked)
        again.validate(bytes(16))
        self.assertEqual(again.calculate_code(credential).value, "287082")
        self.assertEqual(len(again.list_credentials()), 2)
        # The challenges of two starts differ.
        seen = set()
        for _ in range(5):
            line.cut_power()
            seen.add(OathSession(line)._challenge)
        self.assertEqual(len(seen), 5)

    def test_cuts_in_the_middle_show_no_code_twice(self):
        oath = OathSession(line)
        oath.reset()
        codes = [oathtool(KEYS[SHA1], f"-c{counter}") for counter in range(400)]
        credential = oath.put_credential(account("door", HOTP))
        calculate = b"\0\xa2\0\1\x08\x71\x04door\x74\0"
        randomness, shown = random.Random(1), []
        for round in range(10 * LONGER):
            line.send(calculate)
            time.sleep(randomness.random() * 0.004)
            line.cut_power()
            code = OathSession(line).calculate_code(credential).value
            after = shown[-1] + 1 if shown else 0
            # The code that was cut off may have been used up, and no other one.
            self.assertIn(code, codes[after : after + 2])
            shown.append(codes.index(code, after))
        self.assertEqual([credential.id for credential in OathSession(line).list_credentials()], [b"door"])

    def test_no_key_is_left_in_ram(self):
        oath = OathSession(line)
        oath.reset()
        key, access = bytes(range(20, 40)), random.randbytes(16)
        # Half of a command that brings a key: it is found, so that not finding it says something.
        put = b"\0\1\0\0\x1d" + Tlv(0x71, b"key") + Tlv(0x73, b"\x21\6" + key)
        os.write(line.to_token, put[:-1])
        deadline = time.monotonic() + 60
        while key[:8] not in line.ram():
            self.assertLess(time.monotonic(), deadline)
        os.write(line.to_token, put[-1:] + END)
        self.assertEqual(line.receive()[1], SW.OK)
        credential = oath.put_credential(account("key", key=key))
        oath.set_key(access)
        oath = OathSession(line)
        oath.validate(access)
        self.assertEqual(oath.calculate_code(credential, 59).value, totp(key, SHA1, 6, 59))
        ram = line.ram()
        for secret in (key, access):
            for at in range(len(secret) - 7):
                self.assertNotIn(secret[at : at + 8], ram)


def item_without_a_byte():
    """An item of the log that panics where it is read. No write and no loss of power leaves one."""
    crc = 0xFFFF
    for byte in bytes(2):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x1A2E if crc & 1 else 0)
    return b"\x11\x11\x11\x11" + bytes(2) + (crc ^ 0xFFFF).to_bytes(2, "little")


@unittest.skipIf(len(sys.argv) < 3, "a pipe has no flash")
class Damage(unittest.TestCase):
    """The flash holds what no loss of power leaves. A client can reset the token, and then uses it as a new one."""

    def started(self, flash):
        line = Qemu(*sys.argv[1:], flash)
        self.addCleanup(line.close)
        return line

    def used(self):
        """A flash in use. Its last item is the account in the first place."""
        line = self.started(None)
        oath = OathSession(line)
        oath.set_key(bytes(16))
        oath.put_credential(account("alice"))
        return line.flash()

    def assert_reset_helps(self, line):
        oath = OathSession(line)
        oath.reset()
        self.assertEqual(oath.list_credentials(), [])
        credential = oath.put_credential(account("door", HOTP))
        self.assertEqual(oath.calculate_code(credential).value, "755224")
        self.assertFalse(OathSession(line).locked)

    def assert_only_reset(self, line):
        oath = OathSession(line)
        for call, *arguments in ((oath.list_credentials,), (oath.calculate_all, 59), (oath.put_credential, account("bob"))):
            with self.assertRaises(ApduError) as caught:
                call(*arguments)
            self.assertEqual(caught.exception.sw, SW.MEMORY_FAILURE)

    def test_a_damaged_flash(self):
        used, randomness = self.used(), random.Random(1)
        damaged = [bytes(len(used))] + [randomness.randbytes(len(used)) for _ in range(3 * LONGER)]
        # The words of a mask are lost in every page.
        for mask in (1, 4, 64):
            damaged.append(b"".join(used[at : at + 4] if at // 4 & mask else b"\xff" * 4 for at in range(0, len(used), 4)))
        for number, flash in enumerate(damaged):
            with self.subTest(number):
                line = self.started(flash)
                # Nobody reads the account, which has an access key.
                OathSession(line)
                self.assertNotEqual(line.send_and_receive(b"\0\xa1\0\0"), (b"\x72\x06\x21alice", SW.OK))
                self.assert_reset_helps(line)
                # An emulator that waits takes a core, and there may be dozens.
                line.close()

    def test_a_panic(self):
        used = self.used()
        end = len(used[:4092].rstrip(b"\xff"))
        at = end + -end % 4
        item = item_without_a_byte()
        line = self.started(used[:at] + item + used[at + len(item) :])
        oath = OathSession(line)
        self.assertTrue(oath.locked)
        # It panics when it looks for the account, and starts again.
        oath.validate(bytes(16))
        line.send(b"\0\xa1\0\0")
        line.after_restart()
        self.assert_only_reset(line)
        self.assert_reset_helps(line)
        line.cut_power()
        # The flash is as before, so that the next panic is the first one again.
        self.assertTrue(OathSession(line).locked)


if __name__ == "__main__":
    LONGER = 20 if os.environ.get("OTP_LONG") else 1
    line = Qemu(*sys.argv[1:]) if len(sys.argv) > 2 else Pipe(sys.argv[1])
    try:
        unittest.main(argv=sys.argv[:1])
    finally:
        line.close()
