"""The moving factors for which a verification asks the key, for all time steps and counters.

The key of the program calls `asked` with each moving factor. Each call is compared with the run that the settings
describe, computed with 65 bits, so that nothing wraps.
"""

import angr
import claripy

from engine import NotProven, breaks

LAST_FACTOR = (1 << 64) - 1
# The longest run here has 11 factors.
MOST_STEPS = 10_000


class Asked(angr.SimProcedure):
    """Checks that the n-th moving factor is the n-th one of the run. The code of each is "000000"."""

    def __init__(self, first, last):
        super().__init__()
        self.first, self.last = first, last

    def run(self, _low, _high):
        state = self.state
        nth = state.globals.get("asked", 0)
        factor = wide(claripy.Concat(state.regs.r1, state.regs.r0))
        has_it = claripy.ULE(self.first + nth, self.last)
        if breaks(state, claripy.And(factor == self.first + nth, has_it)):
            raise NotProven("another moving factor")
        state.globals["asked"] = nth + 1
        return claripy.BVV(0, 32)


def wide(number):
    return number.zero_extend(65 - number.length)


def run_around(middle, past, future):
    """The first and the last moving factor from 0 to 2^64 - 1, `past` before the middle and `future` after it."""
    middle = wide(middle)
    first = claripy.If(claripy.ULT(middle, past), claripy.BVV(0, 65), middle - past)
    end = middle + future
    last = claripy.If(claripy.UGT(end, LAST_FACTOR), claripy.BVV(LAST_FACTOR, 65), end)
    return first, last


def reach(program, name, past, future):
    """For all 2^64 middles: the key is asked for each factor of the run once, in order, and for no other."""
    middle = claripy.BVS("middle", 64)
    first, last = run_around(middle, past, future)
    program.project.hook(program.symbol("asked").rebased_addr | 1, Asked(first, last), replace=True)
    settings = (past, future) if name == "window" else (future,)
    paths = program.run(name, middle[31:0], middle[63:32], *settings, most_steps=MOST_STEPS)
    for path in paths:
        # The factors rise by one from the first. So the last one shows that none is left out.
        if breaks(path, first + (path.globals.get("asked", 0) - 1) == last):
            raise NotProven("another number of moving factors")
        if breaks(path, path.regs.r0 == past + future + 1):
            raise NotProven("another number of candidates")


def edges(program, name, settings):
    """The same for each of these settings."""
    for past, future in settings:
        reach(program, name, past, future)
