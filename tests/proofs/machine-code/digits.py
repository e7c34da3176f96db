"""The reduction to digits of RFC 4226 section 5.3, for all truncated HMACs and each number of digits.

A solver does not come to an end here: it compares 64-bit products. But the machine code takes one path, and its only input
is a number of 31 bits. So what angr found to be written becomes a program in C, and every number is tried. It is compared
with a decimal counter, which neither multiplies nor divides.
"""

import pathlib
import subprocess
import tempfile

import claripy

from engine import OUTPUT, NotProven

BITS = 31

INFIX = {
    "__add__": "+", "__sub__": "-", "__mul__": "*", "__and__": "&", "__or__": "|", "__xor__": "^",
    "__eq__": "==", "__ne__": "!=", "ULT": "<", "ULE": "<=", "UGT": ">", "UGE": ">=", "And": "&&", "Or": "||",
}  # fmt: skip


class Translation:
    """The lines of C that compute expressions of angr. Each variable has 32 or 64 bits, and no bit over its width."""

    def __init__(self, number):
        self.lines, self.names = [], {number.hash(): "number"}

    def name(self, expression):
        key = expression.hash()
        if key not in self.names:
            text = self.text(expression)
            width = getattr(expression, "length", None) or 1
            if width > 64:
                raise RuntimeError(f"{width} bits")
            kind, room = ("uint32_t", 32) if width <= 32 else ("uint64_t", 64)
            if width != room:
                text = f"({text}) & {hex((1 << width) - 1)}u"
            self.names[key] = f"v{len(self.names)}"
            self.lines.append(f"{kind} {self.names[key]} = {text};")
        return self.names[key]

    def text(self, expression):
        """The expression itself. Its operands become variables, as wide as the result where it may be wider."""
        op, args = expression.op, expression.args
        if op == "BVV":
            return f"{hex(args[0])}u" if expression.length <= 32 else f"{hex(args[0])}ull"
        if op == "BoolV":
            return str(int(args[0]))
        wide = "(uint64_t)" if (getattr(expression, "length", None) or 1) > 32 else ""
        if op == "Extract":
            high, low, whole = args
            return f"{self.name(whole)} >> {low}"
        if op == "ZeroExt":
            return f"{wide}{self.name(args[1])}"
        if op == "Concat":
            parts, at = [], expression.length
            for part in args:
                at -= part.length
                parts.append(f"{wide}{self.name(part)} << {at}" if at else f"{wide}{self.name(part)}")
            return " | ".join(f"({part})" for part in parts)
        names = [self.name(arg) for arg in args]
        if op in INFIX:
            return f" {INFIX[op]} ".join(names)
        if op == "If":
            return f"{names[0]} ? {names[1]} : {names[2]}"
        if op == "Not":
            return f"!{names[0]}"
        if op == "__invert__":
            return f"~{names[0]}"
        # By a known number of places, less than the width.
        if op in ("LShR", "__lshift__") and args[1].op == "BVV" and args[1].args[0] < expression.length:
            return f"{names[0]} {'>>' if op == 'LShR' else '<<'} {args[1].args[0]}"
        raise RuntimeError(f"no translation of {op}")


PROGRAM = """
#include <stdint.h>
#include <stdio.h>
#define LOW 5
#define BLOCK 100000

/* One more: the digits of a counter, last digit first. */
static void count(uint8_t *digit) {
    while (*digit == 9) *digit++ = 0;
    ++*digit;
}

static uint8_t low[LOW][BLOCK], counter[LOW + 1], high[LOW + 2];

int main(void) {
    for (uint32_t at = 0; at < BLOCK; at++, count(counter))
        for (int place = 0; place < LOW; place++) low[place][at] = counter[place];
    uint32_t end = UINT32_C(1) << BITS;
    for (uint32_t first = 0; first < end; first += BLOCK, count(high)) {
        uint32_t length = end - first < BLOCK ? end - first : BLOCK, wrong = 0;
        for (uint32_t at = 0; at < length; at++) {
            uint32_t number = first + at;
            LINES
            wrong |= DIFFERENCES;
        }
        if (wrong) {
            printf("from %u\\n", (unsigned)first);
            return 1;
        }
    }
    puts("all");
}
"""


def expected(place):
    """The digit of the counter at a place, where the last digit has place 0."""
    return f"'0' + (uint32_t)low[{place}][at]" if place < 5 else f"'0' + (uint32_t)high[{place - 5}]"


def first_difference(number, text):
    """Tries every number. Returns where its digits differ from the counter's, or `None`."""
    translation = Translation(number)
    size = text.length // 8
    names = [translation.name(text.get_byte(nth)) for nth in range(size)]
    differences = " | ".join(f"({name} ^ ({expected(size - 1 - nth)}))" for nth, name in enumerate(names))
    source = PROGRAM.replace("LINES", "\n            ".join(translation.lines))
    source = source.replace("DIFFERENCES", differences).replace("BITS", str(BITS))
    with tempfile.TemporaryDirectory() as folder:
        file, program = pathlib.Path(folder, "digits.c"), pathlib.Path(folder, "digits")
        file.write_text(source)
        subprocess.run(["cc", "-O3", "-march=native", "-o", program, file], check=True)
        said = subprocess.run([program], capture_output=True, text=True).stdout.strip()
    if said == "all":
        return None
    if not said.startswith("from "):
        raise RuntimeError(f"no answer: {said}")
    return said


def code(program):
    """For all truncated HMACs and each number of digits: the text is `value mod 10^digits`, with leading zeros.

    The highest bit, which RFC 4226 section 5.3 drops, is dropped here too: no branch depends on any of the 32 bits.
    """
    for digits in range(6, 11):
        # The example of RFC 4226 section 5.4 first: it finds most mistakes at once.
        known = 0x50EF7F19
        [path] = program.run("code", claripy.BVV(known, 32), digits, OUTPUT)
        if path.solver.eval_one(path.memory.load(OUTPUT, digits), cast_to=bytes) != b"%0*d" % (digits, known % 10**digits):
            raise NotProven("another code")
        paths = program.run("code", claripy.BVS("truncated", 32), digits, OUTPUT)
        if len(paths) != 1:
            raise NotProven("a branch depends on the HMAC")
        number = claripy.BVS("number", 32)
        [path] = program.run("code", number, digits, OUTPUT, constraints=[claripy.ULT(number, 1 << BITS)])
        if path.solver.eval_upto(path.regs.r0, 2) != [digits]:
            raise NotProven("another number of digits")
        different = first_difference(number, path.memory.load(OUTPUT, digits))
        if different:
            raise NotProven(f"another code of {digits} digits, {different}")
