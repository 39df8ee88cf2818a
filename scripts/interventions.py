"""Intervenes in exported models, in PyTorch, where raspc.json says that s-ops and
components are, and compares what comes of it with the program.

    interventions.py --raspc RASPC [--inputs N] [--write FILE] -- NAME DIR FILE.rasp FLAGS [NAME DIR ...]

DIR is an export folder with Hugging Face files of FILE.rasp, exported under FLAGS,
which are one argument, separated by blanks. Columns, codes, stages and components are
those of raspc.json alone.

Patches: the columns of an s-op get the code of another of its values, each behind the
component that completes it, but for those that are computed from others of them, and the outputs at all positions are compared with
those of `raspc run --patch`. The values are

    one   what the s-op is at that position on another input, at one position
    all   what it is on another input of the length, at all positions
    free  any of its values, at one position

What is compared is decided before any patched model is run: not s-ops that raspc.json calls
bypassed, and not patches of which raspc run says that the program is undefined under
them, or that they break what the compiler relies on ("domain" outside).

Ablations: activations are replaced by those of another input of the same length.
Outside of the circuit that the edges of raspc.json make (heads, neurons, columns from
the last reader on), all at once, no output may change, nor with noise added. Inside,
each component by itself is wanted to change some output.

Exit status: 0 all as it should be, 1 a file is wrong, 3 there are differences.
"""

import argparse
import collections
import json
import os
import random
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy
import torch
from ablation import ablate
from crosscheck import Export, Wrong
from inputs import Domain, inputs, json_value
from stream import Stream, assign, stage_of

CLASSES = ["one", "all", "free"]
FAR = 0.01  # from a code, of which 1 is the size
FREE = 2  # free values tried at a position
ROWS = 256  # patched runs of one batch
TOLERANCE = 1e-4  # of numeric outputs, as in crosscheck.py
SHOWN = 5


class SOp:
    """An s-op with columns: what they hold for each of its values."""

    def __init__(self, manifest, record):
        held = [v for v in manifest["variables"] if v["name"] in record["variables"] and not v.get("part")]
        self.name = "tokens" if any(v["name"] == "tokens" for v in held) else record["name"]
        self.bypassed = record.get("bypassed") or []
        self.held = [(column, v) for column in manifest["columns"] for v in held if column["variable"] == v["name"] and encodes(column, v)]
        self.columns = [column["index"] for column, _ in self.held]
        self.stages = [stage_of(column["written"]) for column, _ in self.held]
        follow = followers(manifest, [v["name"] for v in held])
        self.patched = [k for k, (_, v) in enumerate(self.held) if v["name"] not in follow]
        self.take(record.get("values") or [])

    def take(self, values):
        """Notes the values, and their codes by value and column."""
        self.values = values
        self.codes = numpy.array([[code(column, v, atom) for column, v in self.held] for atom in values])

    def decode(self, x):
        """Returns the number of the value whose code the columns hold."""
        distance = numpy.abs(self.codes - x).max(-1)
        if distance.min() > FAR:
            raise Wrong(f"raspc.json: the columns of {self.name} hold {x}, the code of none of its values")
        return int(distance.argmin())


def followers(manifest, names):
    """Returns those of an s-op's variables that are computed from another one of them alone:
    they are not patched, and have to follow."""
    reads = {name: set() for name in names}
    for neuron in manifest["neurons"]:
        for name in set(neuron.get("writes") or []) & set(names) if neuron["kind"] != "clear" else ():
            reads[name] |= set(neuron.get("reads") or []) - {"bos", "real"}
    heads = {name for head in manifest["heads"] for name in head["output"]["variables"]}
    return {name for name in names if name not in heads and reads[name] and reads[name] <= set(names) - {name}}


def encodes(column, variable):
    """Reports whether a column is of an encoding: two variables of one s-op may share a name."""
    if variable["encoding"] == "digits":
        return "digit" in column
    if variable["encoding"] == "numeric":
        return "digit" not in column and "value" not in column
    return "value" in column and "digit" not in column


def code(column, variable, atom):
    """Returns what a column holds for a value."""
    if variable["encoding"] == "numeric":
        return float(manifest_number(atom)) / variable["scale"]
    at = [value["exact"] for value in variable["values"]].index(atom["exact"])
    if variable["encoding"] == "digits":
        return (at // variable["base"] if column["digit"] else at % variable["base"]) / variable["scale"]
    runs = column.get("on") or []
    return float(any(first <= at <= last for first, last in zip(runs[::2], runs[1::2], strict=True)))


def manifest_number(atom):
    """Returns the number of an atom."""
    return Fraction({"True": 1, "False": 0}.get(atom["exact"], atom["exact"]))


def sops(manifest):
    """Returns the s-ops that have columns, readings of the same tokens once."""
    found = {}
    for record in manifest["sops"]:
        if record["columns"]:
            one = SOp(manifest, record)
            found.setdefault(one.name, one)
    return list(found.values())


class Folder:
    """An export, its model and inputs for it."""

    def __init__(self, name, folder, program, flags, args):
        self.name, self.program, self.flags = name, program, flags
        self.export = Export(Path(folder))
        self.stream, self.sops = Stream(self.export), sops(self.export.manifest)
        cases = self.draw(Path(folder), 3 * args.inputs, args.seed)
        self.cases = cases[: args.inputs]  # for patches
        self.more = cases[args.inputs :] if len(cases) > args.inputs + 1 else cases  # for components that make no difference on these
        self.complete(args.raspc)

    def complete(self, raspc):
        """Takes the values that raspc.json does not list, because they are many, from what the
        program makes of the inputs."""
        unlisted = {sop.name: sop for sop in self.sops if not sop.values and all(v["encoding"] == "numeric" for _, v in sop.held)}
        if not unlisted:
            return
        found = collections.defaultdict(set)
        for line in self.record(raspc, [{"input": case.atoms} for case in self.cases], "--trace"):
            if line["name"] in unlisted:
                found[line["name"]] |= {Fraction(x) for x in line["output"]}
        for name, values in found.items():
            unlisted[name].take([{"kind": "float", "exact": str(x)} for x in sorted(values)])

    def draw(self, folder, count, seed):
        """Chooses inputs, two of each length at a time, the longest first, again and again."""
        found = inputs(Domain(folder), max(4 * count, 64), seed)
        random.Random(seed).shuffle(found)
        lengths = collections.defaultdict(list)
        for atoms in found:
            lengths[len(atoms)].append(atoms)
        chosen = []
        while len(chosen) < count and any(len(alike) > 1 for alike in lengths.values()):
            for length in sorted(lengths, reverse=True):
                if len(lengths[length]) > 1:
                    chosen += [lengths[length].pop(), lengths[length].pop()]
        lines = [json.dumps({"input": list(atoms), "output": [0] * len(atoms)}) for atoms in chosen]
        return [self.export.case(line) for line in lines]

    def record(self, raspc, lines, *flags):
        """Has the interpreter run inputs under patches."""
        text = "".join(json.dumps(line) + "\n" for line in lines)
        command = [raspc, "run", self.program, "--inputs", "-", "--json", *self.flags, *flags]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode:
            raise Wrong(f"{self.name}: {' '.join(command)}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]


class Patch:
    """One patched run: the values of an s-op at some positions of an input."""

    def __init__(self, kind, case, sop, at):
        self.kind, self.case, self.sop, self.at = kind, case, sop, at

    def line(self):
        value = lambda i: json_value(self.sop.values[i])  # noqa: E731
        patches = [{"sop": self.sop.name, "position": p, "value": value(i)} for p, i in self.at.items()]
        return {"input": self.case.atoms, "patches": patches}


def held(folder):
    """Returns what each s-op is at each position of each input, by the model's columns."""
    _, seen = folder.stream.run(folder.cases, record=True)
    found = {}
    for sop in folder.sops:
        for k, case in enumerate(folder.cases):
            for p in range(len(case.ids) if sop.values else 0):
                x = [float(seen["stream", s][k, 1 + p, c]) for c, s in zip(sop.columns, sop.stages, strict=True)]
                found[sop.name, k, p] = sop.decode(numpy.array(x))
    return found


def plan(folder, rng):
    """Chooses patches of every s-op, at every position of every input."""
    values, patches = held(folder), []
    for sop in folder.sops:
        if sop.bypassed or len(sop.values) < 2:
            continue
        for k, case in enumerate(folder.cases):
            n = len(case.ids)
            others = [j for j, other in enumerate(folder.cases) if j != k and len(other.ids) == n]
            if others:
                j = rng.choice(others)
                whole = {p: values[sop.name, j, p] for p in range(n)}
                if any(values[sop.name, k, p] != i for p, i in whole.items()):
                    patches.append(Patch("all", case, sop, whole))
            for p in range(n):
                now = values[sop.name, k, p]
                there = sorted({values[sop.name, j, p] for j, other in enumerate(folder.cases) if len(other.ids) > p} - {now})
                for i in rng.sample(there, min(1, len(there))):
                    patches.append(Patch("one", case, sop, {p: i}))
                rest = [i for i in range(len(sop.values)) if i != now]
                for i in rng.sample(rest, min(FREE, len(rest))):
                    patches.append(Patch("free", case, sop, {p: i}))
    return patches


def patched(folder, patches):
    """Yields each patch with the logits of the model under it."""
    for start in range(0, len(patches), ROWS):
        batch = patches[start : start + ROWS]
        places = collections.defaultdict(lambda: ([], [], [], []))
        for row, patch in enumerate(batch):
            for p, i in patch.at.items():
                for k in patch.sop.patched:
                    place = (row, 1 + p, patch.sop.columns[k], patch.sop.codes[i, k])
                    for listed, part in zip(places["stream", patch.sop.stages[k]], place, strict=True):
                        listed.append(part)
        edits = {point: [assign(*place, folder.stream)] for point, place in places.items()}
        logits, _ = folder.stream.run([patch.case for patch in batch], edits)
        yield from zip(batch, logits, strict=True)


def compare_patches(folder, args, tally):
    """Patches the s-ops of a folder, and compares the outputs with the program's."""
    rng = random.Random(args.seed)
    patches = plan(folder, rng)
    wanted = folder.record(args.raspc, [patch.line() for patch in patches])
    clean = folder.record(args.raspc, [{"input": case.atoms, "patches": []} for case in folder.cases])
    outputs = {id(case): want.get("output") for case, want in zip(folder.cases, clean, strict=True)}
    compared = []
    for patch, want in zip(patches, wanted, strict=True):
        tally.add((patch.kind, "tried"))
        if "error" in want:
            tally.add((patch.kind, "undefined"))
        elif want["domain"] != "inside":
            tally.add((patch.kind, "outside"))
            tally.facts[want["broken"]["fact"].split(" one of ")[0]] += 1
        else:
            patch.want = want["output"]
            tally.add((patch.kind, "changed"), int(patch.want != outputs[id(patch.case)]))
            compared.append(patch)
    if folder.export.numeric:
        folder.export.scale = max([1.0, *(abs(float(y)) for patch in compared for y in patch.want)])
    seen = set()
    for patch, logits in patched(folder, compared):
        tally.add((patch.kind, "compared"))
        tally.add((patch.kind, "positions"), len(patch.want))
        seen.add(patch.sop.name)
        wrong = []
        for p, want in enumerate(patch.want):
            error, got = folder.export.error(logits[1 + p], want)
            if not error <= TOLERANCE:
                wrong.append((p, want, got))
        tally.add((patch.kind, "mismatches"), len(wrong))
        if wrong:
            tally.show(f"{folder.name}: {json.dumps(patch.line())}: position, wanted, got: {wrong}")
    tally.add("s-ops", len(folder.sops))
    tally.add("s-ops patched", len(seen))
    tally.unpatched += [(folder.name, sop.name, unpatched(sop)) for sop in folder.sops if sop.name not in seen]


def unpatched(sop):
    """Says why no patch of an s-op was compared."""
    if sop.bypassed:
        return "bypassed by " + ", ".join(sop.bypassed)
    if not sop.values:
        return "values not listed"
    return "one value" if len(sop.values) == 1 else "every patch breaks what the compiler relies on"


class Tally:
    """Counts over all folders, by the way in which they were exported."""

    def __init__(self):
        self.counts = collections.defaultdict(collections.Counter)
        self.way = ""  # of the folder that is being tried
        self.facts = collections.Counter()  # that patches broke
        self.unpatched = []  # s-ops, and why
        self.inert = []  # components whose ablation changed nothing, and why
        self.shown = 0

    def add(self, key, n=1):
        self.counts[self.way][key] += n

    def total(self, *keys):
        return sum(counts[key] for counts in self.counts.values() for key in keys)

    def show(self, text):
        self.shown += 1
        if self.shown <= SHOWN:
            print(text, flush=True)

    def mismatches(self):
        return self.total(*((kind, "mismatches") for kind in CLASSES), "outside changes")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raspc", required=True, help="the command")
    parser.add_argument("--inputs", type=int, default=4, help="how many are patched, an even number")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of inputs and patches")
    parser.add_argument("--write", type=Path, help="document whose tables are renewed")
    parser.add_argument("folders", nargs="+", metavar="NAME DIR FILE.rasp FLAGS")
    args = parser.parse_args()
    if len(args.folders) % 4:
        parser.error("each folder needs a name, a program and flags")
    return args


def main():
    os.environ["HF_HUB_OFFLINE"] = "1"
    args, tally, begin = arguments(), Tally(), time.monotonic()
    torch.manual_seed(args.seed)
    for name, path, program, flags in zip(*[iter(args.folders)] * 4, strict=True):
        try:
            folder = Folder(name, path, program, flags.split(), args)
            tally.way = name.partition("-")[2]
            tally.add("models")
            compare_patches(folder, args, tally)
            ablate(folder, tally)
        except Exception as err:
            print(f"interventions: {name}: {type(err).__name__}: {err}", file=sys.stderr)
            return 1
    return report(tally, args, time.monotonic() - begin)


def report(tally, args, seconds):
    """Prints the counts, and returns the exit status."""
    text = tables(tally)
    print(text)
    for name, sop, why in tally.unpatched:
        print(f"not compared: {name}: {sop}: {why}")
    if args.write:
        renew(args.write, text)
    compared, positions = (tally.total(*((kind, key) for kind in CLASSES)) for key in ("compared", "positions"))
    print(
        f"interventions: {tally.total('models')} models, {tally.total('s-ops patched')} of {tally.total('s-ops')} s-ops patched in {compared} runs, "
        f"{positions} positions compared, {tally.total('outside components')} components outside and {tally.total('inside components')} inside "
        f"of circuits ablated, {tally.mismatches()} mismatches, {seconds:.1f} s"
    )
    return 3 if tally.mismatches() else 0


WAYS = {"": "by default", "opt-0": "`--opt 0`", "materialize": "`--materialize`", "padded": "padded", "reuse": "`--reuse`"}
WAYS |= {"squeeze": "`--squeeze`", "duplicate": "`--duplicate`", "disguised": "in every disguise"}
KINDS = {"one": "interchange, one position", "all": "interchange, all positions", "free": "free value, one position"}


def tables(tally):
    """Returns the counts in Markdown."""
    keys = ["tried", "undefined", "outside", "compared", "changed", "positions", "mismatches"]
    rows = [[WAYS[way], KINDS[kind], *(counts[kind, key] for key in keys)] for way, counts in tally.counts.items() for kind in CLASSES]
    rows += [["all", KINDS[kind], *(tally.total((kind, key)) for key in keys)] for kind in CLASSES]
    text = table(["export", "patch", *keys], 2, rows)
    text += table(["fact that a patch breaks", "patches"], 1, tally.facts.most_common())
    text += table(["s-op with columns that is not compared", "s-ops"], 1, reasons(tally.unpatched))
    keys = ["models", "outside components", "outside positions", "outside changes", "inside components"]
    keys += ["inside changed by resampling", "inside changed by zeroing"]
    rows = [[WAYS[way], *(counts[key] for key in keys)] for way, counts in tally.counts.items()] + [["all", *(tally.total(key) for key in keys)]]
    text += table(["export", *keys], 1, rows)
    text += table(["inside, without a change", "components"], 1, reasons(tally.inert))
    return text


def reasons(listed):
    """Counts reasons, without the names behind "bypassed by"."""
    return collections.Counter(why.split(" by ")[0] if why.startswith("bypassed") else why for _, _, why in listed).most_common()


def table(heads, words, rows):
    """Returns a table in Markdown, whose first columns hold words and the others numbers."""
    lines = [heads, ["---"] * words + ["--:"] * (len(heads) - words), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines) + "\n"


def renew(path, text):
    """Puts the tables between the marks of a document."""
    begin, end = "<!-- interventions -->\n", "<!-- /interventions -->"
    old = path.read_text(encoding="utf-8")
    before, rest = old.split(begin)
    path.write_text(before + begin + "\n" + text + end + rest.split(end)[1], encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
