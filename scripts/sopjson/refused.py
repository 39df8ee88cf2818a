"""Programs that cannot be written as files, and what tracr2raspc says of them."""

import itertools

from tracr.rasp import rasp

from sopjson.file import content
from sopjson.graph import ProgramError

_count = itertools.count()
_BEFORE = rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.LT)
_MEAN = rasp.Aggregate(_BEFORE, rasp.tokens)


def _map(function):
    return rasp.Map(function, rasp.tokens)


# Programs, their tokens and maximum lengths, and part of what is said.
REFUSED = [
    (_map(lambda x: next(_count)), [1, 2], 2, "its function is impure: for 2 it gave 1, and then 2"),
    (rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.tokens, lambda k, q: next(_count) % 2 == 0)), [1, 2], 2, "its function is impure"),
    (_map(lambda x: [x]).named("listed"), [1], 2, "listed (refused.py:23): for 1, [1] is of type list"),
    (_map(lambda x: x / 1e-320), [1], 2, "inf is no number"),
    (_map(lambda x: "\ud800"), [1], 2, "half a surrogate pair"),
    (rasp.Map(lambda x: type(x).__name__, _MEAN), [0, 1], 3, "tells 0.0 from 0, which are equal numbers in raspc: it gives 'float' and 'int'"),
    (rasp.Map(lambda x: x + 1, _MEAN), list(range(1000)), 200, "has too many means"),
    (rasp.ConstantSOp([1, 2]), [1], 2, "for inputs of one length only"),
    (rasp.tokens, [], 2, "the vocabulary is empty"),
    (rasp.tokens, [1, True], 2, "a token twice"),
    (rasp.tokens, ["a", None], 2, "a token is a string"),
    (rasp.tokens, ["a"], 0, "the maximum length is from 1"),
]


def accepted():
    """Returns what is said otherwise, or not at all."""
    found = []
    for program, vocab, max_len, part in REFUSED:
        try:
            content(program, vocab, max_len)
            found.append(f"a program is written that is not to be: {part}")
        except ProgramError as e:
            if part not in str(e):
                found.append(f"{e}, not {part}")
    return found
