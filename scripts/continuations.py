"""Adds to cases how their inputs go on, by the reference interpreter.

    continuations.py RASPC FILE DIR CASES.jsonl [--count N] [-- FLAG ...] > OUT.jsonl

DIR is an export of FILE for the task causal-lm, and CASES.jsonl what `raspc run
FILE --inputs IN.jsonl --json` printed. The first N inputs that are no longer
than the model takes get a member "continuation": the program's output at the
last position, then the output for the input with that behind it, and so on, up
to the maximum length or the output with which texts end. Flags go to `raspc
run`.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from crosscheck import Export, Wrong, atom_key


def outputs(args, texts):
    """Runs the program on texts; returns the outputs, None where one is undefined."""
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    command = [args.raspc, "run", args.file, "--inputs", "-", "--json", *args.flags]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Wrong(f"{command}: {done.stderr}")
    return [json.loads(line).get("output") for line in done.stdout.splitlines()]


def ends(export, value):
    """Reports whether a text ends with a value that the program gives."""
    key = atom_key(value)
    return key not in export.ids or export.ids[key] == export.eos


def continuations(args, export, inputs):
    """Returns how inputs go on; None where the program is undefined."""
    texts, going = [list(i) for i in inputs], set(range(len(inputs)))
    while going:
        order = sorted(going)
        for i, out in zip(order, outputs(args, [texts[i] for i in order]), strict=True):
            if out is None:
                texts[i] = None
                going.remove(i)
                continue
            texts[i].append(out[-1])
            if ends(export, out[-1]) or len(texts[i]) == export.longest:
                going.remove(i)
    return [None if text is None else text[len(given) :] for text, given in zip(texts, inputs, strict=True)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raspc")
    parser.add_argument("file")
    parser.add_argument("dir", type=Path)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--count", type=int, default=10, help="how many inputs go on")
    parser.add_argument("flags", nargs="*", help="flags of raspc run, behind --")
    args = parser.parse_args()
    export = Export(args.dir)
    records = [json.loads(line) for line in args.cases.read_text(encoding="utf-8").splitlines()]
    chosen = [r for r in records if 0 < len(r["input"]) < export.longest][: args.count]
    for record, text in zip(chosen, continuations(args, export, [r["input"] for r in chosen]), strict=True):
        if text is not None:
            record["continuation"] = text
    for record in records:
        print(json.dumps(record))
    return 0


if __name__ == "__main__":
    sys.exit(main())
