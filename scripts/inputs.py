"""Writes inputs for an exported program, one JSON array a line.

    inputs.py DIR [--count N] [--seed S] > IN.jsonl

Reads the vocabulary, the longest input, the declared BOS and the pattern of
the inputs from DIR/raspc.json, not from the model. Short lengths come
exhaustively, up to half of the count; the rest is random, of all lengths, the
longest first: from the whole vocabulary, from two tokens, or one token
throughout, so that repetitions and ties occur.
"""

import argparse
import itertools
import json
import random
import re
import sys
from fractions import Fraction
from pathlib import Path

TRIES = 2000  # how often a pattern may refuse before a length is given up


def json_value(atom):
    """Returns the JSON value of an atom of raspc.json."""
    kind, exact = atom["kind"], atom["exact"]
    if kind == "string":
        return exact
    if kind == "bool":
        return Fraction(exact) == 1
    return int(exact) if kind == "int" else float(Fraction(exact))


class Domain:
    """The inputs that a program is meant for."""

    def __init__(self, folder: Path):
        with open(folder / "raspc.json", encoding="utf-8") as f:
            options = json.load(f)["options"]
        self.longest = options["max_len"]
        self.first = options.get("bos")
        self.tokens = [atom for atom in options["vocab"] if not self.is_first(atom)]
        texts = [atom["text"] for atom in options["vocab"]]
        self.separator = "" if all(len(text) == 1 for text in texts) else " "
        # The end of the text is \z to Go and \Z to Python.
        self.pattern = re.compile(options["inputs"]) if options.get("inputs") else None

    def is_first(self, atom):
        return self.first is not None and atom["exact"] == self.first["exact"]

    def complete(self, tokens):
        """Puts the declared BOS in front; None if the pattern refuses."""
        atoms = [*([self.first] if self.first else []), *tokens]
        if self.pattern and not self.pattern.fullmatch(self.separator.join(atom["text"] for atom in atoms)):
            return None
        return tuple(json_value(atom) for atom in atoms)

    def free(self, length):
        """Returns how many tokens of an input can be chosen."""
        return length - (1 if self.first else 0)


def exhaustive(domain, count):
    """Yields all inputs of the lengths that fit the count."""
    total = 0
    for length in range(1, domain.longest + 1):
        total += len(domain.tokens) ** domain.free(length)
        if total > count:
            return
        for tokens in itertools.product(domain.tokens, repeat=domain.free(length)):
            yield domain.complete(tokens)


def drawn(domain, rng, length):
    """Returns a random input of a length, or None."""
    for _ in range(TRIES):
        some = rng.choice([domain.tokens, domain.tokens, rng.choices(domain.tokens, k=2), rng.choices(domain.tokens)])
        found = domain.complete(rng.choices(some, k=domain.free(length)))
        if found is not None:
            return found
    return None


def inputs(domain, count, seed):
    """Returns up to count different inputs."""
    rng = random.Random(seed)
    found = dict.fromkeys(i for i in exhaustive(domain, count // 2) if i is not None)
    lengths = list(range(domain.longest, 0, -1))
    for _ in range(count):  # the domain may have fewer inputs than that
        for length in list(lengths):
            one = drawn(domain, rng, length)
            if one is None:
                lengths.remove(length)
            elif len(found) < count:
                found[one] = None
    return list(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=600, help="how many inputs at most")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random inputs")
    parser.add_argument("dir", metavar="DIR", type=Path, help="an export folder")
    args = parser.parse_args()
    for one in inputs(Domain(args.dir), args.count, args.seed):
        print(json.dumps(one))
    return 0


if __name__ == "__main__":
    sys.exit(main())
