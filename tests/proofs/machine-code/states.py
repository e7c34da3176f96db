"""The format of states: which bytes are a state, and that a state is written as it was read, for all bytes.

`possible` is written from the table of `StateBytes` and from what the documentation says about a state. It does not follow
the order or the form of the code.
"""

import claripy

from engine import INPUT, OUTPUT, NotProven, breaks

CONFIRMED, DISABLED, USED, BY_HOST, COUNTERS, RESYNCHRONISED, RECOVERY = (1 << bit for bit in range(7))
LENGTH = {1: 24, 2: 38}
# In steps, in either direction.
MOST_DRIFT = {1: 1000, 2: 2880}


def fields(bytes_, version):
    """The fields of the table, in its order. Those that version 1 does not have are zero there."""
    bits = bytes_ if version == 2 else claripy.Concat(bytes_, claripy.BVV(0, 8 * (LENGTH[2] - LENGTH[1])))

    def field(first, last):
        return bits.get_bytes(first, last - first + 1)

    return {
        "version": field(0, 0),
        "flags": field(1, 1),
        "drift": field(2, 3),
        "failures": field(4, 7),
        "last": field(8, 15),
        "wait_until": field(16, 23),
        "full_at": field(24, 31),
        "period": field(32, 35),
        "found_drift": field(36, 37),
    }


def possible(bytes_, version):
    """Whether the bytes are a state of this version."""
    field = fields(bytes_, version)

    def has(flag):
        return field["flags"] & flag != 0

    def implies(one, other):
        return claripy.Or(claripy.Not(one), other)

    def zero_without(flag, name):
        return claripy.Or(has(flag), field[name] == 0)

    def is_within(steps, most):
        return claripy.And(claripy.SGE(steps, -most), claripy.SLE(steps, most))

    most = MOST_DRIFT[version]
    rules = [
        field["version"] == version,
        is_within(field["drift"], most),
        zero_without(USED, "last"),
        implies(field["failures"] == 0, field["wait_until"] == 0),
    ]
    if version == 1:
        rules += [
            claripy.ULE(field["flags"], CONFIRMED | DISABLED | USED),
            # A code confirms, and is then used. Before it there is no drift.
            implies(has(CONFIRMED), has(USED)),
            zero_without(CONFIRMED, "drift"),
        ]
    else:
        clock_without_history = claripy.And(field["drift"] == 0, field["period"] == 0)
        rules += [
            claripy.Not(has(1 << 7)),
            implies(has(BY_HOST), has(DISABLED)),
            implies(has(COUNTERS), claripy.And(field["period"] == 0, claripy.Not(has(RESYNCHRONISED)))),
            implies(has(RECOVERY), claripy.And(has(CONFIRMED), clock_without_history)),
            implies(has(RECOVERY), claripy.Not(claripy.Or(has(COUNTERS), has(RESYNCHRONISED)))),
            # It is resynchronised with a code, at a step of a known length.
            implies(has(RESYNCHRONISED), claripy.And(has(USED), field["period"] != 0)),
            zero_without(RESYNCHRONISED, "found_drift"),
            is_within(field["found_drift"], most),
        ]
    return claripy.And(*rules)


def codec(program, name, version):
    """For all bytes of a version's length: a state is read from the possible ones and from no others, and written as it was."""
    length = LENGTH[version]
    bytes_ = claripy.BVS("state", 8 * length)
    paths = program.run(name, INPUT, OUTPUT, memory=bytes_)
    for path in paths:
        same = claripy.And(path.regs.r0 == length, path.memory.load(OUTPUT, length) == bytes_)
        if breaks(path, claripy.Or(path.regs.r0 == 0, same)):
            raise NotProven("other bytes")
        if breaks(path, (path.regs.r0 != 0) == possible(bytes_, version)):
            raise NotProven("other states are read")
    if not any(breaks(path, path.regs.r0 == 0) for path in paths):
        raise NotProven("no state is read")
