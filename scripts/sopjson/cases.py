"""The programs of Tracr's library and of its compiler's tests, and others that show more of its dialect."""

import random
import sys
import types
from pathlib import Path
from typing import NamedTuple

import tracr
from tracr.rasp import causal_eval, rasp

# Tracr's package of this name imports its compiler and JAX at once; the library and the
# test cases in it need neither.
sys.modules.setdefault("tracr.compiler", types.ModuleType("tracr.compiler")).__path__ = [str(Path(tracr.__path__[0], "compiler"))]

from tracr.compiler import lib, test_cases  # noqa: E402


class Case(NamedTuple):
    """A program, the inputs that it is for, and one that its authors test it on."""

    name: str
    program: rasp.SOp
    vocab: list
    max_len: int
    test_input: list | None = None
    causal: bool = False
    refused: bool = False  # by Tracr's compiler, as its tests say
    about: str | None = None  # what it shows

    def evaluate(self, tokens):
        """Returns what Tracr's evaluator gives, or raises what it raises."""
        return (causal_eval.evaluate if self.causal else rasp.evaluate)(self.program, tokens)

    def inputs(self, count, seed=1):
        """Returns the test input, short inputs and random ones, the same on every run."""
        rng = random.Random(seed)
        some = [self.test_input] if self.test_input else []
        some += [[t] for t in self.vocab] + [[self.vocab[0]] * self.max_len, [self.vocab[-1]] * self.max_len]
        while len(some) < count:
            length = rng.randint(1, self.max_len) if len(some) % 3 else self.max_len
            some.append([rng.choice(self.vocab) for _ in range(length)])
        return some[:count]


def published():
    """Returns the cases of Tracr's tests, each once: 53."""
    cases = [_case(c) for c in test_cases.TEST_CASES]
    universal = {c["testcase_name"] for c in test_cases.UNIVERSAL_TEST_CASES}
    cases += [_case(c, causal=True) for c in test_cases.CAUSAL_TEST_CASES if c["testcase_name"] not in universal]
    return cases + [_case(c, refused=True) for c in test_cases.UNSUPPORTED_TEST_CASES]


def _case(case, **more):
    # The test input may be longer than the maximum length that stands beside it.
    length = max(case["max_seq_len"], len(case.get("test_input", ())))
    return Case(case["testcase_name"], case["program"], sorted(case["vocab"]), length, case.get("test_input"), **more)


# Lengths for which programs that count positions are tried.
LENGTHS = [10, 16, 32, 64]


def counting(length):
    """Returns the programs that count positions, for inputs of up to an even length."""
    letters = list("abcd")
    return [
        Case("length", lib.make_length(), letters, length),
        Case("hist", lib.make_hist(), letters, length),
        Case("reverse", lib.make_reverse(rasp.tokens), letters, length),
        Case("count", lib.make_count(rasp.tokens, "a"), letters, length),
        Case("count_less_freq", lib.make_count_less_freq(2), letters, length),
        Case("sort_unique", lib.make_sort_unique(rasp.tokens, 1 - rasp.indices), letters, length),
        Case("sort", lib.make_sort(rasp.tokens, rasp.tokens, max_seq_len=length, min_key=1), [1, 2, 3, 4], length),
        Case("sort_freq", lib.make_sort_freq(length), [1, 2, 3, 4], length),
        Case("shuffle_dyck2", lib.make_shuffle_dyck2(), list("(){}"), length, nested("({", ")}", length)),
        Case("shuffle_dyck3", lib.make_shuffle_dyck(["()", "{}", "[]"]), list("(){}[]"), length, nested("({[", ")}]", length)),
    ]


def nested(opening, closing, length):
    """Returns brackets that are balanced, the kinds in turn."""
    half = length // 2
    return list((opening * half)[:half] + (closing * half)[:half])
