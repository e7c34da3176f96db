"""SHA-1 as machine code, for all states and blocks; and a whole verification on top of it.

A solver cannot compare 80 rounds at once. So the loop is cut at its head: there each word of the model
is looked for in the registers and on the stack, is proven to be there for all inputs, and is replaced by
a new unknown. A run on known values tells where to look.
"""

import random

import angr
import claripy

from engine import INPUT, MOST_STEPS, OUTPUT, NotProven

COMPRESS = "Sha1$u20$as$u20$otp_core..hash..Hash$GT$8compress"
K = (0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6)
LITTLE = "Iend_LE"
REGISTERS = [f"r{nth}" for nth in range(13)] + ["lr"]
STACK_WORDS = 64
# The five words of the state, and the sixteen of the schedule.
WORDS = [(half, nth) for half, count in ((0, 5), (1, 16)) for nth in range(count)]


def round_(t, words, schedule):
    """Round t of FIPS 180-4 section 6.1.2, with the functions as section 4.1.1 prints them."""
    a, b, c, d, e = words
    f = ((b & c) ^ (~b & d), b ^ c ^ d, (b & c) ^ (b & d) ^ (c & d), b ^ c ^ d)[t // 20]
    rotate = claripy.RotateLeft
    following = [rotate(a, 5) + f + e + K[t // 20] + schedule[t & 15], a, rotate(b, 30), c, d]
    # The word of round t + 16 takes the place of that of round t.
    schedule = list(schedule)
    mixed = schedule[t + 13 & 15] ^ schedule[t + 8 & 15] ^ schedule[t + 2 & 15] ^ schedule[t & 15]
    schedule[t & 15] = rotate(mixed, 1)
    return following, schedule


def model(words, schedule):
    """All rounds: the words before each, and those after the last."""
    for t in range(80):
        yield words, schedule
        words, schedule = round_(t, words, schedule)
    yield words, schedule


def start(program, state, block):
    begin = program.call(COMPRESS, INPUT, OUTPUT)
    for nth, word in enumerate(state):
        begin.memory.store(INPUT + 4 * nth, word, endness=LITTLE)
    for nth, word in enumerate(block):
        begin.memory.store(OUTPUT + 4 * nth, word)
    return begin


def to_next(program, state, stops):
    """Runs to the next of the stops, or to the end of the function; without stops, to the next block.

    There is only one way, whatever the input is.
    """
    for _ in range(MOST_STEPS):
        here = (stops or set()) - {state.addr}
        successors = program.project.factory.successors(state, extra_stop_points=here)
        if len(successors.flat_successors) != 1 or successors.unconstrained_successors:
            raise NotProven("a branch depends on the input")
        [state] = successors.flat_successors
        if stops is None or state.addr in stops or program.project.is_hooked(state.addr):
            return state
    raise RuntimeError("no end")


def places(state, stack_words=STACK_WORDS):
    """The registers and the words of the stack, with what is in them."""
    for name in REGISTERS:
        yield name, getattr(state.regs, name)
    sp = state.solver.eval_one(state.regs.sp)
    for nth in range(stack_words):
        yield sp + 4 * nth, state.memory.load(sp + 4 * nth, 4, endness=LITTLE)


def get(state, place):
    if isinstance(place, str):
        return getattr(state.regs, place)
    return state.memory.load(place, 4, endness=LITTLE)


def put(state, place, word):
    if isinstance(place, str):
        setattr(state.regs, place, word)
    else:
        state.memory.store(place, word, endness=LITTLE)


def known_values():
    """Words of which no two are equal, and the model's words before each round."""
    known = random.Random(1)
    words, block = ([claripy.BVV(known.getrandbits(32), 32) for _ in range(n)] for n in (5, 16))
    return words, block, list(model(words, block))


def head_of_the_loop(program):
    """Where the loop begins, and before each round the place of each word of the model, by a run on known values.

    A place is a register or an address of the stack, and a word is one of the state or of the schedule: its half and number.
    """
    words, block, before = known_values()
    state, starts = start(program, words, block), set()
    function = program.symbol(COMPRESS)
    addresses = range(function.rebased_addr, function.rebased_addr + function.size)
    while not program.project.is_hooked(state.addr):
        state = to_next(program, state, None)
        if state.addr & ~1 in addresses:
            starts.add(state.addr)
    state, seen = start(program, words, block), []
    while not program.project.is_hooked(state.addr):
        state = to_next(program, state, starts)
        seen.append(state)
    for address in sorted(starts):
        visits = [state for state in seen if state.addr == address]
        found = [found_places(visit, now) for visit, now in zip(visits, before)]
        if len(visits) == 80 and all(len(set(places.values())) == len(WORDS) for places in found):
            return address, found
    raise NotProven("no place of the machine code shows every round")


def found_places(state, model_words):
    """The places that have a word of the model."""
    names = {model_words[half][nth].concrete_value: (half, nth) for half, nth in WORDS}
    return {
        place: names[word.concrete_value]
        for place, word in places(state)
        if word.concrete and word.concrete_value in names
    }


def compress(program, loop):
    """FIPS 180-4 section 6.1.2 for all states and blocks, and no branch depends on them."""
    head, found = loop
    initial = [claripy.BVS(f"state{nth}", 32) for nth in range(5)]
    schedule = [claripy.BVS(f"block{nth}", 32) for nth in range(16)]
    state, words = start(program, initial, schedule), initial
    stack, written = state.solver.eval_one(state.regs.sp), set()
    state.inspect.b(
        "mem_write",
        when=angr.BP_AFTER,
        action=lambda s: written.add(s.solver.eval_one(s.inspect.mem_write_address)),
    )
    for t in range(80):
        state = to_next(program, state, {head})
        if state.addr != head:
            raise NotProven(f"the loop ends before round {t}")
        expected = words, schedule
        fresh = {name: claripy.BVS(f"round{t}_{name[0]}_{name[1]}", 32) for name in WORDS}
        for place, (half, nth) in found[t].items():
            if is_other(get(state, place), expected[half][nth]):
                raise NotProven(f"another value before round {t}")
        for place, name in found[t].items():
            put(state, place, fresh[name])
        words, schedule = round_(t, *([fresh[name] for name in WORDS if name[0] == half] for half in (0, 1)))
    state = to_next(program, state, {head})
    if state.addr == head:
        raise NotProven("a round too many")
    for nth in range(5):
        if is_other(state.memory.load(INPUT + 4 * nth, 4, endness=LITTLE), initial[nth] + words[nth]):
            raise NotProven("another value at the end")
    if any(not (INPUT <= at < INPUT + 20 or stack - 4096 <= at < stack) for at in written):
        raise NotProven("it writes elsewhere")


def is_other(word, expected):
    """Whether the two differ for an input."""
    solver = claripy.Solver()
    solver.add(word != expected)
    return solver.satisfiable()


def known_answer(program):
    """The hash of "abc", FIPS 180-4 example 1."""
    words = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
    block = b"abc\x80" + bytes(58) + (24).to_bytes(2, "big")
    state = start(
        program,
        [claripy.BVV(word, 32) for word in words],
        [claripy.BVV(block[at : at + 4], 32) for at in range(0, 64, 4)],
    )
    while not program.project.is_hooked(state.addr):
        state = to_next(program, state, None)
    hash_ = [state.memory.load(INPUT + 4 * nth, 4, endness=LITTLE) for nth in range(5)]
    assert [state.solver.eval_one(word) for word in hash_] == [
        0xA9993E36, 0x4706816A, 0xBA3E2571, 0x7850C26C, 0x9CD0D89D,
    ]
