"""Compares Tracr's compiled models, Tracr's evaluator, raspc's interpreter and raspc's exported files."""

import json
import random
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmark.process import ROOT, build

from sopjson import cases, dialect, peer
from sopjson.file import content
from sopjson.text import spelled

RANDOM = 5  # random inputs of each program
# Programs whose first compilation in a process of Tracr's is measured.
COLD = {"frac_prevs_1", "reverse_1", "sort_1", "shuffle_dyck2_1"}
LIMIT = 120  # seconds for a program of Tracr's
WARM = 5  # more processes of raspc's


class Row(NamedTuple):
    """What became of one program."""

    name: str
    max_len: int
    params: tuple  # raspc's, Tracr's or None
    layers: tuple
    cold: tuple  # seconds: of a process of raspc's, from start to exit; of the first compilation in a process of Tracr's
    warm: tuple
    inputs: int  # on which the evaluator is defined
    wrong: dict  # how many of these, of "interpreter", "exported" and "tracr"
    refused: str | None


def rows(section, only=()):
    """Compares the programs of a table, or those of some names, and yields the row of each."""
    chosen = [case for case in SECTIONS[section]() if not only or case.name in only]
    together = peer.Peer(chosen, LIMIT)
    with tempfile.TemporaryDirectory() as work:
        raspc = build(work)
        for number, case in enumerate(chosen):
            inputs = inputs_of(case)
            text = spelled(content(case.program, case.vocab, case.max_len, case.causal, case.about))
            theirs = together.ask(number, text, inputs) | {"cold": None}
            if section == "published" and case.name in COLD:
                alone = peer.Peer([case], LIMIT)
                theirs["cold"] = alone.ask(0, text, []).get("cold")
                alone.stop()
            yield compared(raspc, case, text, inputs, theirs, Path(work))
    together.stop()


# The tables and their programs.
SECTIONS = {
    "published": cases.published,
    "lengths": lambda: [case for n in cases.LENGTHS for case in cases.counting(n)],
    "dialect": dialect.cases,
}


def compared(raspc, case, text, inputs, theirs, work):
    """Runs raspc, and compares."""
    program, model = work / f"{case.name}.sop.json", work / "model"
    program.write_text(text, encoding="utf-8")
    times, facts = [], None
    for _ in range(1 + WARM):
        start = time.perf_counter()
        done = subprocess.run([raspc, "export", program, "-o", model, "--format", "onnx", "--force", "--json"], capture_output=True, text=True)
        times.append(time.perf_counter() - start)
    if done.returncode == 0:
        facts = json.loads(subprocess.run([raspc, "inspect", model, "--json"], check=True, capture_output=True, text=True).stdout)
    lines = work / "inputs.jsonl"
    lines.write_text("".join(json.dumps(tokens) + "\n" for tokens in inputs))
    none = [None] * len(inputs)
    given = {"interpreter": outputs(raspc, [program], lines), "exported": outputs(raspc, ["--model", model], lines) if facts else none,
             "tracr": theirs.get("outputs") or none}
    right = [peer.attempt(lambda: case.evaluate(tokens)) for tokens in inputs]
    defined = [i for i, out in enumerate(right) if isinstance(out, list)]
    # Where the evaluator gives None, Tracr's tests take anything of its models.
    given["tracr"] = [fill(got, want) for got, want in zip(given["tracr"], right)]
    wrong = {who: sum(not agree(got[i], right[i]) for i in defined) for who, got in given.items()}
    if "refused" in theirs:
        wrong["tracr"] = None
    if facts is None and len(defined) < len(inputs):  # rightly refused
        wrong["exported"] = 0
    return Row(case.name, case.max_len, (facts and facts["params"], theirs.get("params")), (facts and facts["layers"], theirs.get("layers")),
               (times[0], theirs.get("cold")), (min(times[1:]), theirs.get("warm")), len(defined), wrong, theirs.get("refused"))


def inputs_of(case):
    """Returns inputs of the maximum length, for JAX compiles for each length, and the test input: two of one token
    each, which make widths large, and random ones."""
    rng = random.Random(1)
    some = [case.test_input] if case.test_input else []
    some += [[token] * case.max_len for token in case.vocab[:2]]
    return some + [[rng.choice(case.vocab) for _ in range(case.max_len)] for _ in range(RANDOM)]


def outputs(raspc, words, inputs):
    """Returns what raspc run gives for each input; an error is no list."""
    done = subprocess.run([raspc, "run", *words, "--inputs", inputs, "--json"], check=True, capture_output=True, text=True)
    return [json.loads(line).get("output") for line in done.stdout.splitlines()]


def fill(got, want):
    """Puts None where it is wanted."""
    if not isinstance(got, list) or not isinstance(want, list):
        return got
    return [None if w is None else g for g, w in zip(got, want)]


def agree(got, want):
    """Reports whether outputs are the same, numbers as far as float32 goes."""
    if isinstance(want, (list, tuple)):
        return isinstance(got, (list, tuple)) and len(got) == len(want) and all(map(agree, got, want))
    if got is None or want is None or isinstance(got, str) or isinstance(want, str):
        return got == want
    return abs(got - want) <= 1e-3 * max(1, abs(want))
