"""How far proofs reach: the verdict, and its time, for longer and longer inputs."""

import json
import shutil
import tempfile
from pathlib import Path

from benchmark.process import ROOT, build, measure

PROGRAMS = [
    "hist",
    "length",
    "hist_long",
    "frac_prevs",
    "pair_balance",
    "sort",
    "induction",
    "dyck1_long",
    "reverse",
    "causal_dyck1",
    "shuffle_dyck2",
]
LENGTHS = [128, 256, 512]
INPUTS = 10  # that are run beside each proof
DIFFERENT, UNDECIDED = 3, 4  # exit codes


def arguments(parser):
    parser.add_argument("--limit", type=int, default=600, metavar="SECONDS", help="longest time of one proof (600)")
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS, metavar="N", help="maximum lengths of inputs (128 256 512)")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help="names in fixtures/")


def run(args):
    """Prints a row of Markdown for each program, length and file; 1 if a file is wrong."""
    wrong = []
    print("| program | length | file | verdict | seconds |\n|---|--:|---|---|--:|")
    with tempfile.TemporaryDirectory() as work:
        raspc = build(work)
        for program in args.programs or PROGRAMS:
            for length in args.lengths:
                for file, verdict, seconds in proofs(raspc, program, length, Path(work, "out"), args.limit):
                    print(f"| `{program}` | {length} | {file} | {verdict} | {seconds} |", flush=True)
                    if verdict == "different":
                        wrong.append(program)
    return 1 if wrong else 0


def proofs(raspc, program, length, folder, limit):
    """Yields each file of an export, what is proved of it, and in how many seconds."""
    source = str(ROOT / "fixtures" / f"{program}.rasp")
    done = measure([raspc, "export", source, "--max-len", str(length), "-o", str(folder), "--json"])
    if done.code:
        yield "-", f"not exported: {refusal(done)}", "-"
        return
    command = [raspc, "verify", str(folder), "--certify", "--certify-timeout", f"{limit}s", "--budget", str(INPUTS), "--json"]
    done = measure(command)
    shutil.rmtree(folder)
    if done.code not in (0, UNDECIDED):
        yield "-", "different" if done.code == DIFFERENT else f"failed with exit code {done.code}", "-"
        return
    for file in json.loads(done.out)["certificate"]["files"]:
        yield file["file"], verdict(file), f"{file['seconds']:.1f}"


def refusal(done):
    """Returns the message of a refused export."""
    text = (done.out or done.err).splitlines()[0]
    return json.loads(text)["message"] if text.startswith("{") else text


def verdict(file):
    """Words what is proved of a file, or why nothing is."""
    if not file["proved"]:
        return f"undecided: {file['reason']}"
    if file["worst_margin"] is not None:
        return f"proved, margin {file['worst_margin']:.2g}"
    return f"proved, error {file['worst_error']:.2g}"
