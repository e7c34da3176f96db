"""Runs a function as one path: where paths meet again, their registers and their memory are merged.

A Cortex-M0 branches where it selects, and a loop of 64 such branches would have 2^64 paths.
"""

import claripy

from engine import NotProven

MOST_STEPS = 20_000
STACK = 0x1000
MERGED = ("memory", "registers")


class Condition:
    """How angr takes the condition of a path that is merged."""

    def __init__(self, condition):
        self.condition = condition

    def to_claripy(self):
        return self.condition


def merged(states):
    """One state for several at the same place. Exactly one of their conditions holds for an input."""
    constraints = [{c.hash(): c for c in state.solver.constraints} for state in states]
    shared = {key: c for key, c in constraints[0].items() if all(key in others for others in constraints[1:])}
    own = [claripy.And(claripy.true(), *(c for key, c in each.items() if key not in shared)) for each in constraints]
    state, _, _ = states[0].merge(
        *states[1:], merge_conditions=[[Condition(condition)] for condition in own], plugin_whitelist=MERGED
    )
    state.solver.reload_solver([*shared.values(), claripy.Or(*own)])
    return state


def place(state):
    """Where a state is. Paths merge if all of it is the same."""
    calls = tuple((frame.func_addr, frame.ret_addr) for frame in state.callstack)
    return len(calls), -state.addr, calls, state.solver.eval_one(state.regs.sp)


def run(program, name, *arguments, memory=None, constraints=(), stops=frozenset(), visit=lambda state: None):
    """The end of a function, as one state for all paths. `visit` is called with each state, also at each of the stops."""
    state = program.call(name, *arguments, memory=memory)
    state.solver.add(*constraints)
    # angr does not merge memory that nothing was written to.
    state.memory.store(state.regs.sp - STACK, claripy.BVV(0, 8 * STACK))
    waiting, ends = {place(state): [state]}, []
    for _ in range(MOST_STEPS):
        if not waiting:
            return merged(ends) if len(ends) > 1 else ends[0]
        # The innermost call first, and in it the lowest address: what jumps forward waits.
        here = max(waiting)
        states = waiting.pop(here)
        state = merged(states) if len(states) > 1 else states[0]
        if program.project.is_hooked(state.addr):
            ends.append(state)
            continue
        visit(state)
        found = program.project.factory.successors(state, extra_stop_points=stops - {state.addr})
        if found.unconstrained_successors:
            raise NotProven("it leaves the program")
        for successor in found.flat_successors:
            waiting.setdefault(place(successor), []).append(successor)
    raise RuntimeError("no end")
