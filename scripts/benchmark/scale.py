"""Sizes, time and memory over a grid of vocabularies and lengths."""

import json
import math
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmark.process import ROOT, build, measure

VOCABULARIES = [8, 32, 128, 512, 1024]
LENGTHS = [8, 32, 128, 512]
GB = 2  # larger files are not written
CHOICE = 2  # exit code: the program is sound, the options do not suit it


class Size(NamedTuple):
    """A fixture, and the domain that it is compiled for."""

    program: str
    tokens: int
    length: int
    flags: list


class Result(NamedTuple):
    """What one process made of it, and what it took."""

    model: dict  # as inspect --json prints it; None where there is none
    written: bool  # False: compiled only
    seconds: float
    peak: int  # bytes
    note: str


def arguments(parser):
    parser.add_argument("--quick", action="store_true", help="vocabularies and lengths up to 128 only")
    parser.add_argument("--runs", type=int, default=3, help="processes for each size; the fastest counts (3)")
    parser.add_argument("--limit", type=float, default=300, metavar="SECONDS", help="longest time of one process (300)")


def run(args):
    """Prints the table row by row, then how sizes and times grow."""
    largest = 128 if args.quick else math.inf
    results = {}
    print(HEADING)
    with tempfile.TemporaryDirectory() as work:
        raspc = build(work)
        for size in grid():
            if max(size.tokens, size.length) > largest:
                continue
            tries = [export(raspc, size, Path(work, "out"), args.limit) for _ in range(args.runs)]
            best = min(tries, key=lambda result: result.seconds)
            print(line(size, best), flush=True)
            results[size[:3]] = best
    print()
    for program in ("sort", "hist"):
        growth(program, results)
    return 0


def grid():
    """Yields all sizes. The brackets are four, whatever the size."""
    for program in ("sort", "hist"):
        for tokens in VOCABULARIES:
            for length in LENGTHS:
                yield sized(program, tokens, length, "--tokens", "int", "--vocab", f"0..{tokens - 1}")
    for length in LENGTHS:
        yield sized("shuffle_dyck2", 4, length)


def sized(program, tokens, length, *flags):
    return Size(program, tokens, length, [*flags, "--max-len", str(length)])


def export(raspc, size, folder, limit):
    """Exports a program to ONNX, or compiles it only where the file would be too large."""
    program = [str(ROOT / "fixtures" / f"{size.program}.rasp"), *size.flags, "--json"]
    done = measure([raspc, "export", *program, "-o", str(folder), "--format", "onnx", "--max-gb", str(GB)], limit)
    shutil.rmtree(folder, ignore_errors=True)
    if done.code == 0:
        return Result(json.loads(done.out)["model"], True, done.seconds, done.peak, "")
    if done.code == CHOICE:
        done = measure([raspc, "inspect", *program], limit)
        if done.code == 0:
            return Result(json.loads(done.out), False, done.seconds, done.peak, f"above {GB} GB: compiled only")
    return Result(None, False, done.seconds, done.peak, refusal(done, limit))


def refusal(done, limit):
    """Says why there is no model."""
    if done.code < 0:
        return f"not done after {limit:.0f} s"
    if done.out:
        return f"refused: {json.loads(done.out.splitlines()[0])['code']}"
    return f"exit code {done.code}: {done.err.strip()}"


# The counts of a model, as inspect --json names them and as the table does.
COUNTS = {
    "layers": "layers",
    "heads": " heads",
    "d_model": "d_model",
    "useful_neurons": "neurons",
    "params": "   params",
    "nonzero": "nonzero",
}
HEADING = " ".join(["program       tokens max_len", *COUNTS.values(), "seconds peak MB"])


def line(size, result):
    """One line of the table."""
    counts = [f"{result.model[key] if result.model else '-':>{len(name)}}" for key, name in COUNTS.items()]
    cells = [f"{size.program:13} {size.tokens:6} {size.length:7}", *counts, f"{result.seconds:7.2f} {result.peak / 1e6:7.0f}"]
    return " ".join([*cells, result.note]).rstrip()


def growth(program, results):
    """Prints exponents: of what is not zero where there are as many tokens as positions, and of the time of exports."""
    of = [(tokens, length, r) for (name, tokens, length), r in results.items() if name == program and r.model]
    square = [(tokens + length, r.model["nonzero"]) for tokens, length, r in of if tokens == length]
    timed = [(r.model["params"], r.seconds) for _, _, r in of if r.written]
    print(f"{program}: nonzero grows as (tokens + max_len)^{slope(square)}, over {len(square)} sizes with tokens = max_len")
    print(f"{program}: seconds grow as params^{slope(timed)}, over {len(timed)} exports")


def slope(points):
    """Returns the slope of the least-squares line through the logarithms, as text."""
    if len({x for x, _ in points}) < 2:
        return "?"
    xs, ys = zip(*[(math.log(x), math.log(y)) for x, y in points])
    return f"{statistics.linear_regression(xs, ys).slope:.2f}"
