"""The laws of small functions, each for all inputs. A law raises NotProven, or is proven."""

import claripy

from engine import INPUT, OUTPUT, NotProven, breaks


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
        raise NotProven("a branch depends on the HMAC")
    if breaks(paths[0], paths[0].regs.r0 == expected):
        raise NotProven("another value")


def code(program):
    """For all truncated HMACs and each number of digits: a code is made without a branch that depends on the HMAC.

    The digits themselves are checked for the example of RFC 4226 section 5.4.
    """
    for digits in range(6, 11):
        known = 0x50EF7F19
        [path] = program.run("code", claripy.BVV(known, 32), digits, OUTPUT)
        text = path.solver.eval_one(path.memory.load(OUTPUT, digits), cast_to=bytes)
        if text != b"%0*d" % (digits, known % 10**digits):
            raise NotProven("another code")
        paths = program.run("code", claripy.BVS("truncated", 32), digits, OUTPUT)
        if len(paths) != 1:
            raise NotProven("a branch depends on the HMAC")
        if paths[0].solver.eval_upto(paths[0].regs.r0, 2) != [digits]:
            raise NotProven("another number of digits")


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
    if solver.satisfiable():
        raise NotProven("a wait that is too long, or goes down")


def round_trip(program, name, length):
    """For all bytes: what is read as a state is written as the same bytes."""
    bytes_ = claripy.BVS("state", 8 * length)
    paths = program.run(name, INPUT, OUTPUT, memory=bytes_)
    for path in paths:
        same = claripy.And(path.regs.r0 == length, path.memory.load(OUTPUT, length) == bytes_)
        if breaks(path, claripy.Or(path.regs.r0 == 0, same)):
            raise NotProven("other bytes")
    accepted = [path for path in paths if breaks(path, path.regs.r0 == 0)]
    if not accepted:
        raise NotProven("no state is read")
