"""Exports programs to all formats and compares them, on runtimes that are not
part of raspc, with the reference interpreter.

    scripts/crosscheck-fixtures [--short] [--every-form] [--runtime RUNTIME,...] [FILE.rasp ...]
    scripts/crosscheck-fixtures --table

The runtimes are those of crosscheck; without a choice, onnxruntime, torch,
transformerlens and llama.cpp, and for a few programs nnsight, which adds hooks to
what torch runs.

Without files it takes the programs of fixtures/ and fixtures/corpus/ that
compile, according to the goldens there, some of them once more at a length
of 128, where means of widths are easily wrong, one of each default
architecture once more in shards, some with their evaluation in the model card,
fixtures/tokens.rasp for tokens of many kinds, those whose output is the next
token as language models, which go on with texts, some in disguise, and three with each ONNX
operator set and the options of ONNX files: matrix/plan.py has the list. --short
leaves out the corpus and length 128, and most inputs. The other architectures, and
types of 16 bits, are tried on some of fixtures/; with --every-form all are, on all
programs of fixtures/ or on the files.

--table compares everything in every form on every runtime, and, if
nothing differs, renews the tables of docs/runtimes.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from matrix import plan, prepare, table
from matrix.result import FORMATS, Report

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs" / "runtimes.md"
USUAL = ["onnxruntime", "torch", "transformerlens", "llama.cpp"]
HOOKED = ("sort", "causal_hist", "frac_prevs")  # what nnsight runs without a choice


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/crosscheck-fixtures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="leave out the corpus, length 128 and most inputs")
    parser.add_argument("--every-form", action="store_true", help="export the programs as every architecture and type that they can have")
    parser.add_argument("--runtime", type=lambda text: text.split(","), metavar="RUNTIME,...", help=", ".join(FORMATS))
    parser.add_argument("--table", action="store_true", help="compare everything, and renew the tables of docs/runtimes.md")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.rasp", help="programs; default: those of fixtures/")
    args = parser.parse_args()
    if args.table and (args.short or args.every_form or args.runtime or args.files):
        parser.error("--table compares everything, and takes nothing else")
    for name in args.runtime or []:
        if name not in FORMATS:
            parser.error(f"unknown runtime {name!r}; there are {', '.join(FORMATS)}")
    return args


def test():
    """Tests the plan and the tables first."""
    done = subprocess.run([sys.executable, "-m", "unittest", "matrix.test_matrix"], cwd=HERE, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)


class Comparison:
    """Compares exports on a runtime."""

    def __init__(self, workshop, runtime, prepared):
        self.report = workshop.work / f"{runtime}.jsonl"
        options = ["--runtime", runtime, "--json", self.report, "--states", workshop.states]
        self.command = [HERE / "crosscheck", *options, *(path for one in prepared for path in (one.folder, one.cases))]

    def run(self):
        """Compares, and returns what was printed and the exit status."""
        done = subprocess.run(self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.stdout, done.returncode


def compare(comparisons):
    """Runs comparisons, several at a time, and returns the first exit status that is not 0."""
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for printed, status in pool.map(Comparison.run, comparisons):
            print(printed, end="", flush=True)
            failed = failed or status
    return failed


def check(args, work):
    """Exports and compares what is asked for; returns the exit status."""
    workshop = prepare.Workshop(work)
    runtimes = list(FORMATS) if args.table else args.runtime or USUAL
    planned = plan.plan(args.files, args.short, args.every_form or args.table)
    prepared = workshop.prepare_all(plan.read_by(planned, {FORMATS[name] for name in runtimes}))
    comparisons = [Comparison(workshop, runtime, prepared) for runtime in runtimes]
    if not args.runtime and not args.table and not args.files:
        comparisons.append(Comparison(workshop, "nnsight", [one for one in prepared if one.planned.name in HOOKED]))
    status = compare(comparisons)
    if args.table and not status:
        reports = [report for comparison in comparisons for report in Report.read(comparison.report)]
        text = table.written(DOCUMENT.read_text(encoding="utf-8"), reports)
        DOCUMENT.write_text(text, encoding="utf-8")
    return status


def main():
    args = arguments()
    test()
    with tempfile.TemporaryDirectory() as work:
        try:
            return check(args, Path(work))
        except (plan.Alike, prepare.Failed, table.NoPlace, subprocess.CalledProcessError) as err:
            print(f"crosscheck-fixtures: {err}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
