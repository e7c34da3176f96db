"""Runs functions of an ELF file for a Cortex-M on symbolic inputs, by angr."""

import logging

for name in ("angr", "cle", "pyvex", "claripy"):
    logging.getLogger(name).setLevel("CRITICAL")
import angr
import claripy

INPUT, OUTPUT = 0x20000000, 0x20001000
OPTIONS = {
    angr.options.ZERO_FILL_UNCONSTRAINED_MEMORY,
    angr.options.ZERO_FILL_UNCONSTRAINED_REGISTERS,
}
# Only the windows take more steps. A flipped bit may make a loop that never ends.
MOST_STEPS = 3000


class NotProven(Exception):
    """The law does not hold, or nothing shows that it does."""


class Program:
    """The machine code, with one bit of it flipped if `flip` says so: an address and a bit."""

    def __init__(self, path, flip=None):
        self.project = angr.Project(path, auto_load_libs=False)
        if flip:
            address, bit = flip
            byte = self.project.loader.memory.load(address, 1)[0]
            self.project.loader.memory.store(address, bytes([byte ^ (1 << bit)]))

    def symbol(self, name):
        """The function whose symbol is `name`, or the only one whose symbol has it as a part."""
        functions = [s for s in self.project.loader.main_object.symbols if s.is_function]
        found = [s for s in functions if s.name == name] or [s for s in functions if name in s.name]
        assert len(found) == 1, (name, found)
        return found[0]

    def call(self, name, *arguments, memory=None):
        """The state at the start of a function."""
        state = self.project.factory.call_state(
            self.symbol(name).rebased_addr | 1, *arguments, add_options=OPTIONS
        )
        if memory is not None:
            state.memory.store(INPUT, memory)
        return state

    def run(self, name, *arguments, memory=None, constraints=(), most_steps=MOST_STEPS):
        """Every path through a function, each with its constraints on the inputs."""
        state = self.call(name, *arguments, memory=memory)
        state.solver.add(*constraints)
        manager = self.project.factory.simgr(state)
        steps = 0
        while manager.active:
            manager.step()
            steps += 1
            if steps > most_steps:
                raise RuntimeError("no end")
        if manager.errored or manager.unconstrained or not manager.deadended:
            raise RuntimeError(f"left the program: {manager.errored} {manager.unconstrained}")
        return manager.deadended


def breaks(path, law):
    """Whether an input takes this path and breaks the law."""
    solver = claripy.Solver()
    solver.add(path.solver.constraints)
    solver.add(claripy.Not(law))
    return solver.satisfiable()
