"""Writes python.jsonl: what Python 3.11 answers for the scalar operators.

    python3.11 cases.py > python.jsonl

A line is [operator, operand..., answer, text]. An operand or answer is one
string whose first letter is its kind: s text, b True/False, i digits,
f hexadecimal float; an answer e NAME is an exception. The text is str(answer).

raspc computes with exact rationals, so only questions that Python answers
exactly are written, or, for division and powers, with the nearest double.
"""

import json
import operator
import random
from fractions import Fraction


def code(v):
    if isinstance(v, str):
        return "s" + v
    if isinstance(v, bool):
        return "b" + str(v)
    if isinstance(v, int):
        return "i" + str(v)
    return "f" + v.hex()


def emit(op, args, answer, text=None):
    row = [op, *map(code, args), answer]
    if text is not None:
        row.append(text)
    print(json.dumps(row, separators=(",", ":")))


def number(v):
    return isinstance(v, (int, float))


def ask(op, f, args, exact=None):
    """Emits one question; exact(args) is the rational answer, where one exists."""
    try:
        got = f(*args)
    except (OverflowError, MemoryError):
        return
    except Exception as e:
        emit(op, args, "e" + type(e).__name__)
        return
    if isinstance(got, complex):
        emit(op, args, "ecomplex")
        return
    if exact is not None and isinstance(got, float):
        want = exact(*args)
        if want is None or float(want) != got:
            return
        if op not in ("/", "^") and Fraction(got) != want:
            return
        if got == 0 and str(got)[0] == "-":
            return
    emit(op, args, code(got), str(got))


STRINGS = ["", "ab", "é"]
BOOLS = [False, True]
INTS = [0, 1, -1, 2, -3, 10, 2**62, 2**63 - 1, -(2**63), 10**20]
FLOATS = [0.0, 0.5, 1.0, -2.5, 3.75, 2.0**53]
ATOMS = STRINGS + BOOLS + INTS + FLOATS


def rational(f):
    return lambda a, b: f(Fraction(a), Fraction(b)) if number(a) and number(b) else None


def binary():
    for op, f in [("+", operator.add), ("-", operator.sub), ("*", operator.mul), ("/", operator.truediv), ("%", operator.mod)]:
        for a in ATOMS:
            for b in ATOMS:
                if op == "%" and isinstance(a, str):
                    continue  # formatting, below
                if op == "*" and (isinstance(a, str) and b in INTS[6:] or isinstance(b, str) and a in INTS[6:]):
                    continue  # Python would build gigabytes
                ask(op, f, (a, b), rational(f))
    compared = ["a", "ab", "é"] + BOOLS + [0, 1, 2**62, 2**63 - 1, -(2**63)] + [0.0, 0.5, 1.0]
    for op, f in [("==", operator.eq), ("!=", operator.ne), ("<", operator.lt), ("<=", operator.le), (">", operator.gt), (">=", operator.ge)]:
        for a in compared:
            for b in compared:
                ask(op, f, (a, b))


def exact_power(a, b):
    """a to the power b where that is rational, else None."""
    if not (number(a) and number(b)):
        return None
    a, b = Fraction(a), Fraction(b)
    if b.denominator == 1:
        return a**b.numerator
    root = Fraction(float(a) ** (1 / b.denominator)) if a >= 0 else None
    if root is None or root**b.denominator != a:
        return None
    return root**b.numerator


def powers():
    bases = ["a", False, True, 0, 1, -1, 2, -2, 3, 4, 9, 10, -8, 0.0, 0.5, 2.0, 2.5, 4.0, 0.25, -0.5, 2.25]
    exponents = ["a", False, True, 0, 1, 2, 3, 5, 10, 64, 100, -1, -2, -3, 0.5, -0.5, 1.5, 0.25, 2.0, -1.0]
    for a in bases:
        for b in exponents:
            ask("^", operator.pow, (a, b), exact_power)


def unary():
    for v in ATOMS + [-1.5, 1.5, 3.5, -3.5, 4.5, 0.49999999999999994, 2.0**60, 1e22]:
        ask("not", operator.not_, (v,))
        ask("round", round, (v,))
        for op, f in [("neg", operator.neg), ("pos", operator.pos)]:
            ask(op, f, (v,), lambda a: f(Fraction(a)))


def formats():
    texts = ["%s", "%d", "%i", "%r", "%%", "a%sb", "%s%s", "none", "", "%", "100%%%s", "%y", "é%sé", "%é"]
    for f in texts:
        for v in ["a", "it's", True, 0, -7, 10**20, 0.5, -2.75, 1e16]:
            ask("%", operator.mod, (f, v))


def printing():
    texts = ["", "a", "it's", 'say "x"', "it's \"x\"", "back\\slash", "tab\t", "line\nfeed", "cr\r", "\0", "\x1b[0m",
             "\x7f", "\x80", "\xa0", "\xad", "é", "§", "日本", "\u200b", "\u2028", "\ufeff", "\ue000", "😀", "\U000e0001"]
    for s in texts:
        emit("repr", (s,), "s" + repr(s))
    rng = random.Random(1)
    floats = [0.1, 0.2, 1 / 3, 2 / 3, 1e-4, 1e-5, 9.999e-5, 1e15, 1e16, 9999999999999998.0, 123456789012345680.0, 1e22,
              1e23, 5e-324, 1.7976931348623157e308, 2.0**-1074, 4503599627370495.5, 0.0005, 0.0015, 0.0025, 1.0005,
              2.675, 1.115, 1e300, 123456.7895, 9007199254740993.0]
    floats += [k / 16 for k in range(-40, 41)]
    floats += [rng.uniform(-1, 1) * 10 ** rng.randint(-8, 20) for _ in range(150)]
    floats += [rng.randint(1, 99) / rng.randint(1, 99) for _ in range(60)]
    for f in floats:
        emit("repr", (f,), "s" + repr(f))
        emit("element", (f,), "s" + str(round(f, 3)))
    for v in BOOLS + INTS:
        emit("repr", (v,), "s" + repr(v))


binary()
powers()
unary()
formats()
printing()
