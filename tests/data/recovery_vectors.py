#!/usr/bin/env python3
"""Recovery sets, computed without the crate.

    python3 tests/data/recovery_vectors.py > tests/data/recovery_vectors.txt

Needs argon2-cffi for the rows of Argon2id (pip install argon2-cffi, or Debian's python3-argon2); all else is of Python itself.
"""

import hashlib
import hmac
from base64 import b64encode

from argon2.low_level import Type, core, ffi, lib

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEYED, ARGON2ID, PBKDF2 = 1, 2, 3


def stream(seed):
    """Bytes to draw from: the highest ones of Knuth's MMIX generator."""
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 56


def argon2id(password, salt, secret, cost):
    memory, passes, lanes = cost
    out = ffi.new("uint8_t[]", 32)
    held = [ffi.new("uint8_t[]", value) for value in (password, salt, secret)]
    context = ffi.new("argon2_context *", dict(
        version=19, out=out, outlen=32, pwd=held[0], pwdlen=len(password),
        salt=held[1], saltlen=len(salt), secret=held[2], secretlen=len(secret),
        ad=ffi.NULL, adlen=0, t_cost=passes, m_cost=memory, lanes=lanes, threads=1,
        allocate_cbk=ffi.NULL, free_cbk=ffi.NULL, flags=lib.ARGON2_DEFAULT_FLAGS))
    assert core(context, Type.ID.value) == lib.ARGON2_OK
    return bytes(ffi.buffer(out, 32))


def hashed(scheme, cost, pepper, user, generation, salt, code):
    message = (b"otp-core recovery v1" + bytes([scheme, len(user)]) + user
               + generation.to_bytes(4, "big") + salt + code.encode())
    if scheme == ARGON2ID:
        return argon2id(message, salt, pepper, cost)
    keyed = hmac.new(pepper, message, hashlib.sha256).digest()
    if scheme == KEYED:
        return keyed
    return hashlib.pbkdf2_hmac("sha256", keyed, salt, cost[0], 32)


def phc(scheme, cost, symbols, generation, key, salt, digest):
    base64 = lambda data: b64encode(data).decode().rstrip("=")
    head = {
        KEYED: "$hmac-sha256$",
        ARGON2ID: "$argon2id$v=19$m=%d,t=%d,p=%d," % cost,
        PBKDF2: "$pbkdf2-sha256$i=%d," % cost[0],
    }[scheme]
    ours = "n=%d,g=%d,keyid=%s" % (symbols, generation, base64(key))
    return "%s%s$%s$%s" % (head, ours, base64(salt), base64(digest))


def row(name, scheme, slots, symbols, cost, key_id, pepper, user, generation, seed):
    random = stream(seed)
    draw = lambda count: bytes(next(random) for _ in range(count))
    # One set after the other, up to the generation asked for.
    for _ in range(generation + 1):
        salt = draw(16)
        codes = ["".join(ALPHABET[byte & 31] for byte in draw(symbols)) for _ in range(slots)]
    hashes = [hashed(scheme, cost, pepper, user, generation, salt, code) for code in codes]
    check = (b"otp-core check v1" + bytes([scheme, symbols, len(user)]) + user
             + b"".join(number.to_bytes(4, "big") for number in cost)
             + generation.to_bytes(4, "big") + salt)
    check = hmac.new(pepper, check, hashlib.sha256).digest()[:4]
    key = key_id.to_bytes(4, "big") + check
    data = bytes([2, scheme, slots, symbols])
    data += b"".join(number.to_bytes(4, "big") for number in cost)
    data += key + generation.to_bytes(4, "big") + salt + bytes(4) + b"".join(hashes)
    strings = ";".join(phc(scheme, cost, symbols, generation, key, salt, h) for h in hashes)
    print(name, slots, symbols, ",".join(map(str, cost)), key_id, pepper.hex(), user.hex(),
          generation, seed, ",".join(codes), data.hex(), strings)


def main():
    print("# Recovery sets, computed by recovery_vectors.py. Each line: hash function, slots, symbols of a")
    print("# code, cost, pepper key id, pepper, user, generation, seed of the random stream, codes, byte")
    print("# form, PHC strings.")
    none = (0, 0, 0)
    pepper = bytes(range(32))
    row("keyed", KEYED, 1, 24, none, 0, bytes(range(14)), b"u", 0, 1)
    row("keyed", KEYED, 10, 24, none, 1, pepper, b"user 17", 0, 2)
    row("keyed", KEYED, 10, 23, none, 0xFFFFFFFF, bytes([0xAA] * 64), bytes(range(1, 256)), 3, 3)
    row("keyed", KEYED, 32, 32, none, 7, bytes(range(64)), "jürgen@example.com".encode(), 1, 4)
    row("argon2id", ARGON2ID, 2, 16, (7168, 5, 1), 1, pepper, b"user 17", 0, 5)
    row("argon2id", ARGON2ID, 1, 24, (19456, 2, 1), 2, bytes([0xAA] * 64), b"u", 1, 6)
    row("argon2id", ARGON2ID, 1, 16, (7169, 5, 3), 2, pepper, b"user 17", 0, 7)
    row("pbkdf2", PBKDF2, 1, 16, (600000, 0, 0), 1, pepper, b"user 17", 0, 8)
    row("pbkdf2", PBKDF2, 1, 32, (600001, 0, 0), 3, bytes(range(14)), b"u", 0, 9)


main()
