"""Proves functions of the crate for all inputs, as machine code of a Cortex-M.

    prove.py ELF [WORD]            proves each claim that has WORD, and ends with 0 if all are proven
    prove.py ELF control [WORD]    flips single bits of the machine code, until each proof has noticed one

angr lifts each instruction, and an SMT solver looks for an input for which a law does not hold. The engine is
first checked on known values.
"""

import sys
import time

import claripy

import laws
import sha1
import verification
from engine import INPUT, NotProven, Program


class Claim:
    """A law of the machine code, and where a flipped bit has to be noticed: in which function, and by which words.

    Some laws need places that a run of the unchanged program has found, by `prepare`.
    """

    def __init__(self, text, law, arguments=(), function=None, noticed="other", prepare=None):
        self.text, self.law, self.arguments = text, law, arguments
        self.function, self.noticed, self.prepare = function, noticed, prepare

    def prove(self, program, prepared):
        self.law(program, *self.arguments, *prepared)


CLAIMS = (
    Claim("truncation of HMAC-SHA-1 is RFC 4226, 2^160 HMACs", laws.truncation, ("truncate_sha1", 20), "from_words"),
    Claim("truncation of HMAC-SHA-256 is RFC 4226, 2^256 HMACs", laws.truncation, ("truncate_sha256", 32), "from_words"),
    Claim("truncation of HMAC-SHA-512 is RFC 4226, 2^512 HMACs", laws.truncation, ("truncate_sha512", 64), "from_words"),
    Claim("a code of 6 to 10 digits is made on one path, 2^32 HMACs each", laws.code, (), "code"),
    Claim("waits never go down and end at an hour, 2^64 pairs", laws.waits, (), "wait_after", "a wait"),
    Claim("states of version 1 are written as they were read, 2^192", laws.round_trip, ("round_trip_1", 24), "round_trip17"),
    Claim("states of version 2 are written as they were read, 2^304", laws.round_trip, ("round_trip_2", 38), "round_trip17"),
    Claim("compress of SHA-1 is FIPS 180-4, 2^672 states and blocks", sha1.compress, (), sha1.COMPRESS,
          prepare=sha1.head_of_the_loop),
    Claim("verify: no branch and no address depends on a secret, 10^6 codes, 2^160 keys", verification.verify),
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


def prove(path, claims):
    engine_is_right(Program(path))
    all_proven = True
    for claim in claims:
        program, start = Program(path), time.process_time()
        try:
            claim.prove(program, [claim.prepare(program)] if claim.prepare else [])
            result = "proven"
        except NotProven as reason:
            result, all_proven = f"NOT PROVEN: {reason}", False
        print(f"{result}: {claim.text}, {time.process_time() - start:.1f} s of the processor", flush=True)
    return all_proven


def control(path, claims):
    """Whether each proof notices a flipped bit by a wrong value, and not only because nothing runs any more."""
    all_noticed = True
    for claim in claims:
        if not claim.function:
            continue
        program = Program(path)
        prepared = [claim.prepare(program)] if claim.prepare else []
        symbol = program.symbol(claim.function)
        # In the second half of a function its answer is written.
        half = symbol.rebased_addr + symbol.size // 2
        flips = ((at, bit) for at in range(half, symbol.rebased_addr + symbol.size, 6) for bit in (6, 0))
        for address, bit in flips:
            try:
                claim.prove(Program(path, (address, bit)), prepared)
            except NotProven as reason:
                if claim.noticed in str(reason):
                    print(f"noticed: bit {bit} of {address:#x}: {reason}: {claim.text}", flush=True)
                    break
            except Exception:  # an instruction that does not exist, or a jump to nowhere
                continue
        else:
            all_noticed = False
            print(f"NOT NOTICED: {claim.text}", flush=True)
    return all_noticed


if __name__ == "__main__":
    elf, *words = sys.argv[1:]
    work = control if words[:1] == ["control"] else prove
    words = [word for word in words if word != "control"]
    chosen = [claim for claim in CLAIMS if all(word in claim.text for word in words)]
    sys.exit(0 if work(elf, chosen) else 1)
