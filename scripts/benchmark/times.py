"""Times exports of programs to both formats."""

import math
import statistics
import sys
import tempfile
from pathlib import Path

from benchmark.process import ROOT, build, measure


def arguments(parser):
    parser.add_argument("--runs", type=int, default=10, help="processes for each program")
    parser.add_argument("--limit", type=float, help="longest best time, in seconds")
    parser.add_argument("files", nargs="*", metavar="FILE.rasp", type=Path)


def run(args):
    """Prints the best and the median time of each program; 1 if one is above the limit or refused."""
    slow = []
    with tempfile.TemporaryDirectory() as work:
        raspc = build(work)
        for file in args.files or sorted(ROOT.glob("fixtures/*.rasp")):
            command = [raspc, "export", str(file), "-o", str(Path(work, file.stem)), "--force"]
            runs = [measure(command) for _ in range(args.runs)]
            best = math.inf
            if any(r.code for r in runs):
                print(f"{file.stem:24} refused")
            else:
                times = [r.seconds for r in runs]
                best = min(times)
                print(f"{file.stem:24} best {best:.3f} s, median {statistics.median(times):.3f} s")
            if args.limit is not None and best > args.limit:
                slow.append(file.stem)
    if slow:
        print(f"above {args.limit} s or refused: {', '.join(slow)}", file=sys.stderr)
    return 1 if slow else 0
