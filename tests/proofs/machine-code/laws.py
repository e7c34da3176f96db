"""The laws of small functions, each for all inputs. A law raises NotProven, or is proven."""

import claripy

from engine import INPUT, NotProven, breaks


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
