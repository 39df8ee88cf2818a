"""Scores two ways of finding circuits, and linear probes, against programs.

    scripts/circuits [--inputs N] [--length N] [--seed N] [--write] [--check] [FILE.rasp ...] [-- FLAG ...]

Each program is compiled for TransformerLens, with the flags of raspc export; what its
parts do, and which reads which, stands in raspc.json. Then, without a look at that,

ACDC    walks backwards over the edges between components, and keeps those whose output it cannot
        replace by that on another input
EAP     ranks edges by a linear estimate of what replacing them changes, and is asked for as many
        as there are
probes  try to read each s-op that the program names from the residual stream behind each layer

The edges to be found are those of `raspc inspect --graph auto-circuit --varying`, which
carry what tokens change: who exchanges inputs can see no others. An s-op is to be read
from where its columns are written on.

--write renews the table of docs/circuits.md, which is of all programs that are tried without
files; --check wants the rows to be those of that table, and does what else the page shows.
Exit status: 0, 1 where a program cannot be tried, 2 for wrong usage, 3 where the page is
wrong.
"""

import argparse
import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from discovery import page  # noqa: E402
from discovery.edges import THRESHOLD, acdc, eap  # noqa: E402
from discovery.probes import probe  # noqa: E402
from discovery.score import Score, area, best  # noqa: E402
from discovery.subject import Failed, Laboratory  # noqa: E402
from matrix.table import replaced  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "circuits.md"
PROGRAMS = ["hist", "sort", "most_freq", "reverse", "causal_reverse", "induction", "frac_prevs", "shuffle_dyck2"]
HARDER = [  # models of sort, by flags of raspc export
    ["--permute", "1", "--noise", "0.1", "--pad-model", "64", "--pad-heads", "3", "--pad-mlp", "30"],
    ["--duplicate", "rank=2"],
    ["--rotate", "1"],
]
HEAD = """| program | method | looks at | there | found | right | precision | recall | AUC |
|---|---|---|--:|--:|--:|--:|--:|--:|
"""


def found(subject, seed):
    """Yields a method's name, what it looks at, and its score."""
    there = subject.circuit
    with contextlib.redirect_stderr(io.StringIO()):  # progress
        dropped, estimated = acdc(subject), eap(subject)
        pairs, held, read = probe(subject, seed)
    kept = {edge for edge, score in dropped.items() if score > THRESHOLD}
    yield "ACDC", "edges", Score.count(len(dropped), there, kept, area(dropped, there))
    yield "EAP", "edges", Score.count(len(estimated), there, best(estimated, len(there)), area(estimated, there))
    if pairs:
        yield "probes", "s-ops by layers", Score.count(len(pairs), held, read)


def rows(laboratory, file, flags, seed):
    """Returns the rows of a program."""
    with tempfile.TemporaryDirectory() as folder:
        subject = laboratory.subject(file, Path(folder) / "model", flags)
        result = []
        for method, kind, score in found(subject, seed):
            of, *cells = score.cells()
            result.append([" ".join([f"`{file.stem}", *flags]) + "`", method, f"{of} {kind}", *cells])
        return result


def line(cells):
    return f"| {' | '.join(cells)} |\n"


def check(table, raspc):
    """Wants each row to be on the page, and does what the page says; returns the exit status."""
    text = DOCUMENT.read_text(encoding="utf-8")
    other = [row for row in table if line(row) not in text.splitlines(keepends=True)]
    for row in other:
        print(f"not in {DOCUMENT.name}: {line(row)}", end="")
    with tempfile.TemporaryDirectory() as folder:
        page.follow(text, raspc.resolve(), ROOT / "fixtures", Path(folder))
    return 3 if other else 0


def split(arguments):
    """Returns the arguments in front of -- and those behind it."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def fixture(name):
    return ROOT / "fixtures" / f"{name}.rasp"


def arguments():
    own, flags = split(sys.argv[1:])
    parser = argparse.ArgumentParser(prog="scripts/circuits", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raspc", required=True, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--inputs", type=int, default=64, help="how many are run, and as many whose activations take their place")
    parser.add_argument("--length", type=int, default=8, help="of the inputs")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of inputs")
    parser.add_argument("--write", action="store_true", help="renew the table of docs/circuits.md")
    parser.add_argument("--check", action="store_true", help="want the rows to be those of docs/circuits.md")
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE.rasp", help="programs; default: some of fixtures/")
    args = parser.parse_args(own)
    if args.inputs < 2 or args.length < 1:
        parser.error("--inputs is at least 2, --length at least 1")
    if args.write and (args.files or flags):
        parser.error("--write is for the programs that are tried without files, and takes no flags")
    args.tried = [(file, flags) for file in args.files or map(fixture, PROGRAMS)]
    if not args.files and not flags:
        args.tried += [(fixture("sort"), harder) for harder in HARDER]
    return args


def main():
    args = arguments()
    laboratory = Laboratory(args.raspc, args.inputs, args.length, args.seed)
    table = []
    print(HEAD, end="")
    try:
        for file, flags in args.tried:
            for row in rows(laboratory, file, flags, args.seed):
                table.append(row)
                print(line(row), end="", flush=True)
    except Failed as err:
        print(f"circuits: {err}", file=sys.stderr)
        return 1
    return finish(args, table)


def finish(args, table):
    """Renews or checks the page; returns the exit status."""
    if args.write:
        text = HEAD + "".join(map(line, table))
        DOCUMENT.write_text(replaced(DOCUMENT.read_text(encoding="utf-8"), "scores", text), encoding="utf-8")
    try:
        return check(table, args.raspc) if args.check else 0
    except page.Astray as err:
        print(f"circuits: {DOCUMENT.name}: {err}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
