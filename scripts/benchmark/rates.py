"""Sequences a second on every input: raspc verify, its evaluator by itself, and onnxruntime."""

import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmark.process import ROOT, build, measure


class Program(NamedTuple):
    """A program of Tracr's library, and the domain that it is compiled for."""

    name: str
    vocab: str
    tokens: int
    length: int


PROGRAMS = [
    Program("hist", '"abcdefgh"', 8, 8),
    Program("frac_prevs", '"abcdefgh"', 8, 8),
    Program("reverse", '"abcd"', 4, 5),
    Program("sort", "0..7", 8, 8),
    Program("sort_freq", '"abcdefgh"', 8, 8),
    Program("shuffle_dyck2", '"(){}abcd"', 8, 8),
]


def arguments(parser):
    parser.add_argument("--seconds", type=float, default=10, help="time for onnxruntime on each program (10)")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help="names of the programs; default: all")


def run(args):
    """Prints a row for each program, then geometric means of the ratios."""
    python = venv()
    print("program          inputs verify/s evaluator/s onnxruntime/s  ratios")
    ratios = []
    with tempfile.TemporaryDirectory() as work:
        raspc = build(work)
        for program in PROGRAMS:
            if args.programs and program.name not in args.programs:
                continue
            folder = Path(work, program.name)
            source = str(ROOT / "fixtures" / "tracr" / f"{program.name}.rasp")
            settings = ["--vocab", program.vocab, "--max-len", str(program.length), "--format", "onnx"]
            checked([raspc, "export", source, "-o", str(folder), "--quiet", *settings])
            theirs = onnxruntime(python, folder, program, args.seconds)
            inputs, ours = verified(raspc, folder, program)
            evaluator = evaluated(program)
            ratios.append((ours / theirs, evaluator / theirs))
            row = f"{program.name:14} {inputs:8} {ours:8.0f} {evaluator:11.0f} {theirs:13.0f}"
            print(f"{row} {ours / theirs:7.1f} {evaluator / theirs:7.1f}", flush=True)
    means = [statistics.geometric_mean(column) for column in zip(*ratios)]
    print(f"{'geometric mean':59} {means[0]:7.1f} {means[1]:7.1f}")
    return 0


def checked(command):
    """Runs a command that must succeed; returns how it went."""
    done = measure(command)
    if done.code:
        sys.exit(done.out + done.err)
    return done


def venv():
    """Returns a Python that has onnxruntime."""
    command = [str(ROOT / "scripts" / "venv"), str(ROOT / "scripts" / "requirements-onnx.txt")]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip() + "/bin/python"


def verified(raspc, folder, program):
    """Verifies a folder on every input: how many these are, and the rate of the whole process."""
    everything = sum(program.tokens**n for n in range(1, program.length + 1))
    done = checked([raspc, "verify", str(folder), "--budget", str(everything), "--json"])
    file = json.loads(done.out)["files"][0]
    if file["inputs"] != everything or file["exhaustive_to"] != program.length:
        sys.exit(f"{program.name}: not every input was tried: {file}")
    return everything, everything / done.seconds


def evaluated(program):
    """Returns the rate of the evaluator on the inputs of the full length, as its benchmark measures it."""
    command = ["go", "test", "-C", str(ROOT), "-run", "^$", "-bench", f"Exhaustive/{program.name}$", "./verify/sparse"]
    return float(re.search(r"(\S+) sequences/s", checked(command).out).group(1))


def onnxruntime(python, folder, program, seconds):
    """Returns the rate of onnxruntime."""
    worker = Path(__file__).with_name("runtime.py")
    command = [python, str(worker), str(folder), str(program.tokens), str(program.length), str(seconds)]
    return json.loads(checked(command).out)
