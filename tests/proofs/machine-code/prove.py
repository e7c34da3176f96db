"""Proves functions of the crate for all inputs, as machine code of a Cortex-M0.

    prove.py ELF            proves each, and ends with 0 if all are
    prove.py ELF control    flips single bits of the machine code, until each proof has noticed one

angr lifts each instruction, and an SMT solver looks for an input for which a law does not hold. The engine is
first checked on values that are known.
"""

import logging
import sys
import time

for name in ("angr", "cle", "pyvex", "claripy"):
    logging.getLogger(name).setLevel("CRITICAL")
import angr
import claripy

INPUT, OUTPUT = 0x20000000, 0x20001000
OPTIONS = {
    angr.options.ZERO_FILL_UNCONSTRAINED_MEMORY,
    angr.options.ZERO_FILL_UNCONSTRAINED_REGISTERS,
}
# Nothing here takes longer. A flipped bit may make a loop without an end.
MOST_STEPS = 3000


class Program:
    def __init__(self, path, flip=None):
        self.project = angr.Project(path, auto_load_libs=False)
        if flip:
            address, bit = flip
            byte = self.project.loader.memory.load(address, 1)[0]
            self.project.loader.memory.store(address, bytes([byte ^ (1 << bit)]))

    def symbol(self, name):
        found = [s for s in self.project.loader.main_object.symbols if name in s.name and s.is_function]
        assert len(found) == 1, (name, found)
        return found[0]

    def run(self, name, *arguments, memory=None):
        """Every path through a function, each with what holds on it."""
        state = self.project.factory.call_state(
            self.symbol(name).rebased_addr | 1, *arguments, add_options=OPTIONS
        )
        if memory is not None:
            state.memory.store(INPUT, memory)
        manager = self.project.factory.simgr(state)
        steps = 0
        while manager.active:
            manager.step()
            steps += 1
            if steps > MOST_STEPS:
                raise RuntimeError("no end")
        if manager.errored or manager.unconstrained or not manager.deadended:
            raise RuntimeError("left the program")
        return manager.deadended


def breaks(path, law):
    """An input that takes this path and breaks the law, if there is one."""
    solver = claripy.Solver()
    solver.add(path.solver.constraints)
    solver.add(claripy.Not(law))
    return solver.satisfiable()


def truncation(program, name, length):
    """RFC 4226 section 5.3 for all HMACs, and no branch depends on them."""
    hmac = [claripy.BVS(f"hmac{nth}", 8) for nth in range(length)]
    offset = hmac[-1] & 0xF
    expected = claripy.BVV(0, 32)
    for nth in range(16):
        four = claripy.Concat(*hmac[nth : nth + 4]) & 0x7FFFFFFF
        expected = claripy.If(offset == nth, four, expected)
    paths = program.run(name, INPUT, memory=claripy.Concat(*hmac))
    if len(paths) != 1:
        return "a branch depends on the HMAC"
    return "another value" if breaks(paths[0], paths[0].regs.r0 == expected) else None


def waits(program):
    """For all pairs of counts of failures: more failures never wait less, and nobody waits over an hour."""
    few, more = claripy.BVS("few", 32), claripy.BVS("more", 32)

    def wait(count):
        result = claripy.BVV(0, 64)
        for path in program.run("wait_after", count):
            value = claripy.Concat(path.regs.r1, path.regs.r0)
            result = claripy.If(claripy.And(*path.solver.constraints, claripy.true()), value, result)
        return result

    solver = claripy.Solver()
    first, second = wait(few), wait(more)
    solver.add(claripy.ULE(few, more))
    solver.add(claripy.Or(claripy.UGT(first, second), claripy.UGT(second, 3600)))
    return "a wait that is too long, or goes down" if solver.satisfiable() else None


def round_trip(program, name, length):
    """For all bytes: what is read as a state is written as the same bytes."""
    bytes_ = claripy.BVS("state", 8 * length)
    paths = program.run(name, INPUT, OUTPUT, memory=bytes_)
    for path in paths:
        same = claripy.And(path.regs.r0 == length, path.memory.load(OUTPUT, length) == bytes_)
        if breaks(path, claripy.Or(path.regs.r0 == 0, same)):
            return "other bytes"
    accepted = [path for path in paths if breaks(path, path.regs.r0 == 0)]
    return None if accepted else "no state is read"


def engine_is_right(program):
    """Known values: the example of RFC 4226 section 5.4, and waits of the documentation."""
    hmac = bytes.fromhex("1f8698690e02ca16618550ef7f19da8e945b555a")
    [path] = program.run("truncate_sha1", INPUT, memory=claripy.BVV(hmac))
    assert path.solver.eval_one(path.regs.r0) == 0x50EF7F19
    for failures, seconds in ((0, 0), (5, 30), (99, 3600)):
        [path] = program.run("wait_after", claripy.BVV(failures, 32))
        assert path.solver.eval_one(claripy.Concat(path.regs.r1, path.regs.r0)) == seconds


PROOFS = (
    ("truncation of HMAC-SHA-1 is RFC 4226, 2^160 HMACs", truncation, ("truncate_sha1", 20), "from_words"),
    ("truncation of HMAC-SHA-256 is RFC 4226, 2^256 HMACs", truncation, ("truncate_sha256", 32), "from_words"),
    ("truncation of HMAC-SHA-512 is RFC 4226, 2^512 HMACs", truncation, ("truncate_sha512", 64), "from_words"),
    ("waits never go down and end at an hour, 2^64 pairs", waits, (), "wait_after"),
    ("states of version 1 are written as they were read, 2^192", round_trip, ("round_trip_1", 24), "round_trip17"),
    ("states of version 2 are written as they were read, 2^304", round_trip, ("round_trip_2", 38), "round_trip17"),
)


def prove(path):
    program, proven = Program(path), True
    engine_is_right(program)
    for claim, law, arguments, _ in PROOFS:
        start = time.time()
        broken = law(program, *arguments)
        proven &= broken is None
        print(f"{'NOT PROVEN: ' + broken if broken else 'proven'}: {claim}, {time.time() - start:.1f} s", flush=True)
    return proven


def control(path):
    """Whether each proof notices a flipped bit by a wrong value, and not only because nothing runs any more."""
    noticed = True
    for claim, law, arguments, function in PROOFS:
        symbol = Program(path).symbol(function)
        # In the second half the states are written.
        half = symbol.size // 2
        flips = ((symbol.rebased_addr + at, bit) for at in range(half, symbol.size, 6) for bit in (6, 0))
        for address, bit in flips:
            try:
                broken = law(Program(path, (address, bit)), *arguments)
            except Exception:  # an instruction that does not exist, or a jump to nowhere
                continue
            if broken and broken != "no state is read":
                print(f"noticed: bit {bit} of {address:#x}: {broken}: {claim}", flush=True)
                break
        else:
            noticed = False
            print(f"NOT NOTICED: {claim}", flush=True)
    return noticed


if __name__ == "__main__":
    ok = control(sys.argv[1]) if sys.argv[2:] == ["control"] else prove(sys.argv[1])
    sys.exit(0 if ok else 1)
