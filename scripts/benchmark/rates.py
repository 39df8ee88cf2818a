"""Sequences a second on every input: raspc verify, Tracr's model, and onnxruntime."""

import json
import random
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
    vocab: list
    length: int  # that models are compiled for
    longest: int = 0  # input that is tried

    @property
    def inputs(self):
        """How many inputs are tried: all, up to the longest."""
        return sum(len(self.vocab) ** n for n in range(1, self.longest + 1))


LETTERS = list("abcdefgh")

PROGRAMS = [
    Program("hist", LETTERS, 8),
    Program("frac_prevs", LETTERS, 8),
    Program("reverse", list("abcd"), 5),
    Program("sort", list(range(8)), 8),
    Program("sort_freq", LETTERS, 8),
    Program("shuffle_dyck2", list("(){}abcd"), 8),
]


class Rates(NamedTuple):
    """Inputs a second: of the clock, and for two of the time of all processors together."""

    process: float  # raspc verify, from start to exit
    run: float  # raspc verify on all inputs, by its own clock
    tracr: float
    onnxruntime: float
    process_busy: float
    tracr_busy: float

    @property
    def ratios(self):
        """What is compared: run with Tracr, process with Tracr by processor time, run with onnxruntime."""
        return self.run / self.tracr, self.process_busy / self.tracr_busy, self.run / self.onnxruntime


def arguments(parser):
    parser.add_argument("--seconds", type=float, default=10, help="time for Tracr's model and for onnxruntime on each program (10)")
    parser.add_argument("--longest", type=int, default=8, help="length of the longest inputs (8, which are all)")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help="names of the programs; default: all")


def run(args):
    """Prints a row for each program, then geometric means of the ratios."""
    print("                            sequences a second                     ratio to Tracr       to ort")
    print("program          inputs   process       run     Tracr       ort       run processors       run")
    ratios = []
    with tempfile.TemporaryDirectory() as work:
        raspc = build(work)
        for program in PROGRAMS:
            program = program._replace(longest=min(args.longest, program.length))
            if not args.programs or program.name in args.programs:
                rates = measured(raspc, program, Path(work), args.seconds)
                ratios.append(rates.ratios)
                row = " ".join(f"{rate:9.0f}" for rate in rates[:4])
                print(f"{program.name:14} {program.inputs:8} {row} {compared(rates.ratios)}", flush=True)
    means = [statistics.geometric_mean(column) for column in zip(*ratios)]
    print(f"{'geometric mean':63} {compared(means)}")
    return 0


def compared(ratios):
    return "{:9.1f} {:10.1f} {:9.1f}".format(*ratios)


def measured(raspc, program, work, seconds):
    """Measures everything on one program."""
    source, folder = str(ROOT / "fixtures" / "tracr" / f"{program.name}.rasp"), str(work / program.name)
    settings = ["--vocab", json.dumps(program.vocab), "--max-len", str(program.length)]
    checked([raspc, "export", source, "-o", folder, "--quiet", "--format", "onnx", *settings])
    done, clock = verified(raspc, folder, program)
    tracr = tracr_model(raspc, source, settings, program, work, seconds)
    ort = onnxruntime(folder, program, seconds)
    count = program.inputs
    return Rates(count / done.seconds, count / clock, tracr["clock"], ort, count / done.busy, tracr["processors"])


def checked(command, **how):
    """Runs a command that must succeed; returns how it went."""
    done = measure(command, **how)
    if done.code:
        sys.exit(done.out + done.err)
    return done


def venv(name):
    """Returns a Python that has what a list of packages names."""
    command = [str(ROOT / "scripts" / "venv"), str(ROOT / "scripts" / f"requirements-{name}.txt")]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip() + "/bin/python"


def verified(raspc, folder, program):
    """Verifies a folder on every input: how the process went, and the seconds that it names."""
    done = checked([raspc, "verify", folder, "--budget", str(program.inputs), "--json"])
    report = json.loads(done.out)
    file = report["files"][0]
    if file["inputs"] != program.inputs or file["exhaustive_to"] != program.longest:
        sys.exit(f"{program.name}: not every input was tried: {file}")
    return done, report["seconds"]


def tracr_model(raspc, source, settings, program, work, seconds):
    """Returns the rates of Tracr's model, once it gives what raspc takes to be right."""
    draw = random.Random(program.name)
    inputs = [[draw.choice(program.vocab) for _ in range(program.longest)] for _ in range(200)]
    file = work / f"{program.name}.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in inputs))
    file.write_text(checked([raspc, "run", source, *settings, "--inputs", str(file), "--json"]).out)
    worker = str(Path(__file__).with_name("tracr_model.py"))
    with file.open() as cases:
        words = [program.name, json.dumps(program.vocab), str(program.length), str(program.longest), str(seconds)]
        return json.loads(checked([venv("tracr"), worker, *words], given=cases).out)


def onnxruntime(folder, program, seconds):
    """Returns the rate of onnxruntime."""
    worker = str(Path(__file__).with_name("runtime.py"))
    words = [folder, str(len(program.vocab)), str(program.longest), str(seconds)]
    return json.loads(checked([venv("onnx"), worker, *words]).out)
