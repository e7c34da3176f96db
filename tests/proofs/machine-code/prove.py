"""Proves functions of the crate for all inputs, as machine code of a Cortex-M.

    prove.py ELF [WORD]            proves each claim that has WORD, and ends with 0 if all are proven
    prove.py ELF control [WORD]    flips single bits of the machine code, until each proof has noticed one

angr lifts each instruction, and an SMT solver looks for an input for which a law does not hold. The engine is
first checked on known values.
"""

import os
import signal
import sys

import claripy

import budget
import digits
import laws
import sha1
import states
import verification
import window
from engine import INPUT, NotProven, Program


class Claim:
    """A law of the machine code, and where a flipped bit has to be noticed: in which functions, and by which words.

    Some laws need places that a run of the unchanged program has found, by `prepare`.
    """

    def __init__(self, text, law, *arguments, flips, prepare=None, target=""):
        self.text, self.law, self.arguments = text, law, arguments
        self.flips, self.prepare, self.target = flips, prepare, target

    def prove(self, program, prepared):
        self.law(program, *self.arguments, *prepared)


# The seconds of the processor for the proof of a program with a flipped bit.
PATIENCE = 60

TRUNCATED = {"from_words": "another value"}
STATES = {"round_trip17": "other bytes", "4read17": "other"}
CLAIMS = (
    Claim("truncation of HMAC-SHA-1 is RFC 4226, 2^160 HMACs", laws.truncation, "truncate_sha1", 20, flips=TRUNCATED),
    Claim("truncation of HMAC-SHA-256 is RFC 4226, 2^256 HMACs", laws.truncation, "truncate_sha256", 32, flips=TRUNCATED),
    Claim("truncation of HMAC-SHA-512 is RFC 4226, 2^512 HMACs", laws.truncation, "truncate_sha512", 64, flips=TRUNCATED),
    Claim("digits of a code, 6 to 10 of them, are those of RFC 4226, on one path, 2^31 numbers each", digits.code,
          flips={"code": "another code"}),
    Claim("waits never go down and end at an hour, 2^64 pairs", laws.waits, flips={"wait_after": "a wait"}),
    Claim("budget: wrong codes under the default settings, 2^224 states and times", budget.wrong_codes,
          "refuse_default", 5, 100, flips={"refuse_default": "another"},
          # angr cannot merge the paths of the Cortex-M0.
          target="thumbv7em"),
    Claim("window: its moving factors, 2^64 steps, windows of 0, 1 and 5 either way", window.edges, "window",
          ((0, 0), (1, 1), (5, 5)), flips={"window": "another"}),
    Claim("look-ahead of HOTP: its moving factors, 2^64 counters, 0 and 10 ahead", window.edges, "look_ahead",
          ((0, 0), (0, 10)), flips={"look_ahead": "another"}),
    Claim("states of version 1: which are read, and written as they were, 2^192", states.codec, "round_trip_1", 1, flips=STATES),
    Claim("states of version 2: which are read, and written as they were, 2^304", states.codec, "round_trip_2", 2, flips=STATES),
    Claim("compress of SHA-1 is FIPS 180-4, 2^672 states and blocks", sha1.compress, flips={sha1.COMPRESS: "another"},
          prepare=sha1.head_of_the_loop),
    # Its control is a mistake in a copy of the crate.
    Claim("verify: no branch and no address depends on a secret, 10^6 codes, 2^160 keys", verification.verify, flips={}),
)


def engine_is_right(program):
    """Known values: RFC 4226 section 5.4, FIPS 180-4, and waits of the documentation."""
    hmac = bytes.fromhex("1f8698690e02ca16618550ef7f19da8e945b555a")
    [path] = program.run("truncate_sha1", INPUT, memory=claripy.BVV(hmac))
    assert path.solver.eval_one(path.regs.r0) == 0x50EF7F19
    for failures, seconds in ((0, 0), (5, 30), (99, 3600)):
        [path] = program.run("wait_after", claripy.BVV(failures, 32))
        assert path.solver.eval_one(claripy.Concat(path.regs.r1, path.regs.r0)) == seconds
    sha1.known_answer(program)


def processor():
    """The seconds of the processor up to now, also of the programs that were called."""
    return sum(os.times()[:4])


def prove(path, claims):
    engine_is_right(Program(path))
    all_proven = True
    for claim in claims:
        program, start = Program(path), processor()
        try:
            claim.prove(program, [claim.prepare(program)] if claim.prepare else [])
            result = "proven"
        except NotProven as reason:
            result, all_proven = f"NOT PROVEN: {reason}", False
        print(f"{result}: {claim.text}, {processor() - start:.1f} s of the processor", flush=True)
    return all_proven


def flips(symbol):
    """Places and bits to flip, in turn from both halves of a function: the second one often writes the answer."""
    half = symbol.size // 2
    for at in range(0, half, 6):
        for place in (symbol.rebased_addr + at, symbol.rebased_addr + half + at):
            for bit in (6, 0):
                yield place, bit


class TooLong(Exception):
    """A flipped bit may make more paths than anybody can wait for."""


def give_up(*_):
    raise TooLong


def noticed(path, claim, prepared, symbol, words):
    """The first flipped bit that the proof notices by a wrong value, and not only because nothing runs any more."""
    signal.signal(signal.SIGPROF, give_up)
    for address, bit in flips(symbol):
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        try:
            claim.prove(Program(path, (address, bit)), prepared)
        except NotProven as reason:
            if words in str(reason):
                return f"bit {bit} of {address:#x}: {reason}"
        except Exception:  # an instruction that does not exist, a jump to nowhere, or TooLong
            continue
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def control(path, claims):
    """Whether each proof notices a flipped bit in each of its functions."""
    all_noticed = True
    for claim in claims:
        program = Program(path)
        prepared = [claim.prepare(program)] if claim.prepare else []
        for function, words in claim.flips.items():
            found = noticed(path, claim, prepared, program.symbol(function), words)
            all_noticed = all_noticed and found is not None
            print(f"noticed: {found}: {claim.text}" if found else f"NOT NOTICED: {claim.text}", flush=True)
    return all_noticed


if __name__ == "__main__":
    elf, *words = sys.argv[1:]
    work = control if words[:1] == ["control"] else prove
    words = [word for word in words if word != "control"]
    chosen = [claim for claim in CLAIMS if claim.target in elf and all(word in claim.text for word in words)]
    sys.exit(0 if work(elf, chosen) else 1)
