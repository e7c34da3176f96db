"""The throttle and the budget of the default settings, for all states and times: wrong codes, one after another.

The machine code counts a wrong code. What it writes is one expression of the state before and of the time, and each law is
about such an outcome. The budget is divided by a loop of 64 rounds, which a solver does not end with. So the loop is cut
at its head: there the dividend is proven to be the missing seconds, and is replaced by an unknown.
"""

import claripy

import merging
from engine import INPUT, OUTPUT, NotProven
from sha1 import places, put

COUNTED = 2
# `Budget::DEFAULT` and `State::MAX_TIME`.
GUESSES, REFILL = 30, 86_400
MOST_TIME = 95_617_584_000
MOST_32 = (1 << 32) - 1
DIVIDEND_BITS = 22
# They hold for a code that is counted.
CONDITIONS = ("possible", "counted", "divided")
# In milliseconds, for a busy machine.
TIMEOUT = 3_600_000
ROUNDS, STACK_WORDS = 64, 160

INPUTS = {"failures": 32, "wait_until": 64, "full_at": 64, "now": 64, "dividend": DIVIDEND_BITS, "quotient": 5}


def fresh(suffix):
    return {name: claripy.BVS(f"{name}_{suffix}", bits) for name, bits in INPUTS.items()}


def least(*numbers):
    smallest = numbers[0]
    for number in numbers[1:]:
        smallest = claripy.If(claripy.ULT(number, smallest), number, smallest)
    return smallest


def less(number, by):
    """The difference, or 0 if it would be negative."""
    return claripy.If(claripy.ULT(number, by), claripy.BVV(0, number.length), number - by)


def full_after(full_at, now):
    """When the budget is full after one more guess. One that looks emptier than empty counts as one with its last guess."""
    last_guess = now + (GUESSES - 1) * REFILL
    full_at = claripy.If(claripy.ULT(full_at, now), now, full_at)
    return least(full_at, last_guess) + REFILL


def wait_after(failures, free_tries):
    """`Throttle::wait_after` of the default settings: 30 seconds, doubled up to an hour."""
    if not free_tries:
        return claripy.BVV(0, 64)
    wait = claripy.BVV(3600, 64)
    for doubled in reversed(range(7)):
        wait = claripy.If(failures == free_tries + doubled, claripy.BVV(30 << doubled, 64), wait)
    return claripy.If(claripy.ULT(failures, free_tries), claripy.BVV(0, 64), wait)


class Outcome:
    """What a wrong code does to a state: whether it is counted, and then the tries left and the next state.

    Each part is a formula of the documentation, and is proven to be what the machine code writes.
    """

    def __init__(self, program, name, free_tries, most_failures):
        self.program, self.name = program, name
        self.inputs = fresh("before")
        failures, wait_until, full_at, now, dividend, quotient = self.inputs.values()
        more = claripy.If(failures == MOST_32, failures, failures + 1)
        wait = wait_after(more, free_tries)
        waited = claripy.If(wait == 0, wait_until, now + wait)
        full = full_after(full_at, now)
        open_at = less(full, claripy.BVV((GUESSES - 1) * REFILL, 64))
        until = claripy.If(claripy.ULT(waited, open_at), open_at, waited)
        limits = [less(claripy.BVV(limit, 32), more) for limit in (free_tries, most_failures) if limit]
        missing, size = full - now + (REFILL - 1), quotient.zero_extend(59)
        self.parts = {
            # There is no wait without a failure.
            "possible": claripy.Or(failures != 0, wait_until == 0),
            "counted": claripy.And(claripy.UGE(now, wait_until), claripy.ULE(now, MOST_TIME)),
            "divided": claripy.And(claripy.ULE(size * REFILL, missing), claripy.ULT(missing, (size + 1) * REFILL)),
            "left": least(GUESSES - quotient.zero_extend(27), *limits).zero_extend(32),
            "failures": more.zero_extend(32),
            "wait_until": claripy.If(claripy.UGT(open_at, now), until, waited),
            "full_at": full,
        }
        self.equals_the_machine_code(dividend, quotient)

    def equals_the_machine_code(self, dividend, quotient):
        head = self.head_of_the_division()
        end = self.run(self.inputs, stops={head}, visit=self.cut(head))
        left, *state = [end.memory.load(OUTPUT + 8 * nth, 8, endness="Iend_LE") for nth in range(4)]
        conditions = [self.parts["possible"]]
        holds((end.regs.r0 == COUNTED) == self.parts["counted"], "another lock-out", *conditions)
        conditions.append(self.parts["counted"])
        for name, word in zip(("failures", "wait_until", "full_at"), state):
            holds(word == self.parts[name], f"another value: {name}", *conditions)
        # The laws do not need the division any more.
        for number in range(1, GUESSES + 1):
            of_this = claripy.UGE(dividend, number * REFILL), claripy.ULT(dividend, (number + 1) * REFILL)
            holds(left == self.parts["left"], "another value: tries left", *conditions, quotient == number, *of_this)

    def run(self, inputs, **hooks):
        # Version 2 and confirmed, and nothing that the throttle does not look at.
        state = claripy.Concat(
            claripy.BVV(b"\x02\x01\0\0"), inputs["failures"], claripy.BVV(0, 64), inputs["wait_until"], inputs["full_at"],
            claripy.BVV(0, 48),
        )  # fmt: skip
        arguments = INPUT, OUTPUT, inputs["now"][31:0], inputs["now"][63:32]
        constraints = [] if inputs is not self.inputs else [self.parts["possible"]]
        return merging.run(self.program, self.name, *arguments, memory=state, constraints=constraints, **hooks)

    def head_of_the_division(self):
        """Where the loop begins, by a run on known values: the first place that is visited for each round but the first."""
        known = {"failures": 1, "wait_until": 0, "full_at": 1_000_300_000, "now": 1_000_000_000}
        visits = {}

        def visit(state):
            visits[state.addr] = visits.get(state.addr, 0) + 1

        self.run({name: claripy.BVV(value, INPUTS[name]) for name, value in known.items()}, visit=visit)
        heads = [address for address, count in visits.items() if count in (ROUNDS - 1, ROUNDS)]
        if not heads:
            raise NotProven("no division")
        return heads[0]

    def cut(self, head):
        """At the head of the loop, in the first round: replaces the dividend."""
        rounds = []

        def visit(state):
            if state.addr != head:
                return
            rounds.append(state)
            if len(rounds) > 1:
                return
            missing = full_after(self.inputs["full_at"], self.inputs["now"]) - self.inputs["now"] + (REFILL - 1)
            found = []
            for place, word in list(places(state, STACK_WORDS)):
                if not word.symbolic:
                    continue
                if is_always(state, word == 0):
                    put(state, place, claripy.BVV(0, 32))
                elif is_always(state, word.zero_extend(32) == missing):
                    put(state, place, self.inputs["dividend"].zero_extend(32 - DIVIDEND_BITS))
                    found.append(place)
            if not found:
                raise NotProven("another dividend")

        return visit

    def of(self, **inputs):
        """The parts of the outcome for these inputs."""
        replaced = {self.inputs[name].hash(): value for name, value in inputs.items()}
        return {name: claripy.replace_dict(part, dict(replaced)) for name, part in self.parts.items()}


def is_always(state, law):
    solver = claripy.Solver()
    solver.add([*state.solver.constraints, claripy.Not(law)])
    return not solver.satisfiable()


def holds(law, otherwise, *conditions):
    """Raises NotProven if an input meets the conditions and breaks the law, or if none meets them."""
    solver = claripy.Solver(timeout=TIMEOUT)
    solver.add(list(conditions))
    if not solver.satisfiable():
        raise NotProven("no such input")
    solver.add(claripy.Not(law))
    if solver.satisfiable():
        raise NotProven(otherwise)


def one_code(outcome, most_left):
    """Neither the wait nor the budget goes back, and both are bounded. Without a try left there is a wait."""
    before = fresh("before")
    after = outcome.of(**before)
    now, counted = before["now"], [after[name] for name in CONDITIONS]
    has_a_guess = claripy.ULE(before["full_at"], now + (GUESSES - 1) * REFILL)
    holds(claripy.UGT(after["full_at"], before["full_at"]), "another order: the budget goes back", *counted, has_a_guess)
    holds(claripy.UGE(after["wait_until"], before["wait_until"]), "another order: the wait goes back", *counted)
    holds(claripy.ULE(after["wait_until"], now + REFILL), "another wait: over a day", *counted)
    holds(claripy.ULE(after["left"], most_left), "another number of tries: over the maximum", *counted)
    is_locked = claripy.UGT(after["wait_until"], now)
    can_fail = before["failures"] != MOST_32 - 1, before["failures"] != MOST_32
    holds(is_locked, "another lock-out: none without a try", *counted, after["left"] == 0, *can_fail)


def wrong_codes(program, name, free_tries, most_failures):
    """All of these, for all failures, waits, budgets and times."""
    outcome = Outcome(program, name, free_tries, most_failures)
    one_code(outcome, free_tries - 1 if free_tries else GUESSES - 1)
