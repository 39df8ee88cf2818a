"""Values of programs: which Python objects are any, what they equal, how files spell them."""

import math
from fractions import Fraction


class NoForm(Exception):
    """An object that is no value of a program."""


def plain(x):
    """Returns an object as None, bool, int, float, str or a tuple of these.

    Numbers of numpy become Python's. What else there is, and infinities and NaN, has
    no form in a file.
    """
    if getattr(x, "dtype", None) is not None and getattr(x, "shape", None) == ():
        x = x.item()
    if x is None or isinstance(x, bool):
        return x
    if isinstance(x, str):
        return text(x)
    if isinstance(x, int):
        return int(x)
    if isinstance(x, float):
        if not math.isfinite(x):
            raise NoForm(f"{x} is no number that a model could hold")
        return float(x)
    if type(x) is tuple:
        return tuple(plain(item) for item in x)
    raise NoForm(f"{x!r:.80} is of type {type(x).__name__}; a value is None, a bool, an int, a float, a str or a tuple of values")


def text(x):
    if any("\ud800" <= c <= "\udfff" for c in x):
        raise NoForm(f"{x!r:.80} has half a surrogate pair, which is no text")
    return "".join(x)


# What floats are taken for: a fraction with a denominator of at most the first, if
# one is as close as rounding leaves results, in parts of the number.
SIMPLE, ROUNDING = 1 << 16, Fraction(1, 1 << 44)


def exact(x):
    """Returns the number that a number is meant to be.

    Numbers are exact in raspc: a mean of thirds is 1/3. A float is taken for the simple
    fraction from which only rounding keeps it, and for itself where there is none.
    """
    if not isinstance(x, float):
        return Fraction(int(x))
    own = Fraction(x)
    simple = own.limit_denominator(SIMPLE)
    return simple if abs(simple - own) <= ROUNDING * abs(own) else own


def key(x):
    """Returns what values share that are equal in raspc."""
    if x is None:
        return ("none",)
    if isinstance(x, str):
        return ("str", x)
    if isinstance(x, tuple):
        return ("tuple", *map(key, x))
    return ("number", exact(x))


def representative(x):
    """Returns what values share that a function cannot tell apart."""
    return (type(x).__name__, repr(x))


def order(x):
    """Returns what values are sorted by, in files: numbers, strings, None, tuples."""
    if x is None:
        return (2,)
    if isinstance(x, str):
        return (1, x)
    if isinstance(x, tuple):
        return (3, tuple(map(order, x)))
    return (0, exact(x), type(x).__name__)


def written(x):
    """Returns a value as JSON has it."""
    if isinstance(x, float):
        return {"float": str(exact(x))}
    if isinstance(x, tuple):
        return {"tuple": [written(item) for item in x]}
    return x
