"""A whole verification as machine code: no branch and no address depends on the key or on the code.

`compress` is replaced by unknowns here: sha1.py shows that it takes one path, and writes the hash state only.
"""

import angr
import claripy

from engine import INPUT, NotProven
from sha1 import COMPRESS, LITTLE

# Two for the key schedule, and two for each of four counters.
COMPRESSIONS = 10


class Compress(angr.SimProcedure):
    """Five unknown words in place of the hash state."""

    def run(self, state, _block):
        for nth in range(5):
            self.state.memory.store(state + 4 * nth, claripy.BVS("hash", 32), endness=LITTLE)
        self.state.globals["compressions"] = self.state.globals.get("compressions", 0) + 1


def verify(program):
    """For all keys of 20 bytes and all codes of six digits: one path until every candidate is compared."""
    program.project.hook(program.symbol(COMPRESS).rebased_addr | 1, Compress())
    key = claripy.BVS("key", 160)
    code = [claripy.BVS(f"digit{nth}", 8) for nth in range(6)]
    state = program.call("verify", INPUT, memory=claripy.Concat(key, *code))
    for digit in code:
        state.solver.add(digit >= ord("0"), digit <= ord("9"))
    addresses = []
    state.inspect.b(
        "address_concretization",
        when=angr.BP_BEFORE,
        action=lambda s: addresses.append(s.inspect.address_concretization_expr),
    )
    manager = program.project.factory.simgr(state)
    while len(manager.active) == 1:
        before = manager.active[0].globals.get("compressions", 0)
        manager.step()
    if any(address.symbolic for address in addresses):
        raise NotProven("an address depends on a secret")
    if before != COMPRESSIONS:
        raise NotProven(f"a branch depends on a secret after {before} compressions")
    # Only the verdict is left.
    while manager.active:
        manager.step()
    if manager.errored or manager.unconstrained:
        raise RuntimeError("left the program")
    if any(path.globals["compressions"] != COMPRESSIONS for path in manager.deadended):
        raise NotProven("a verdict with more work")
    verdicts = [path.regs.r0 for path in manager.deadended]
    # Without a branch the verdict is computed from the secrets.
    if len(verdicts) == 1 and not verdicts[0].symbolic:
        raise NotProven("the verdict does not depend on the code")
