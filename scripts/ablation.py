"""Resample ablation for interventions.py: activations are replaced by those of another
input of the same length, outside of a model's circuit all at once, inside of it one
component at a time."""

import collections
import re
from dataclasses import dataclass

import torch
from crosscheck import Wrong
from stream import stage_of

ROWS = 256  # ablated runs of one batch
NOISE = 1.0  # size of what is added outside of the circuit
CHANGE = 1e-4  # of an output that is a number, relative to the largest: less is rounding


class Circuit:
    """The parts of a model that its output depends on, by the edges of raspc.json."""

    def __init__(self, manifest):
        writers = collections.defaultdict(set)  # of each component
        for edge in manifest["edges"]:
            writers[edge["to"].split("<")[0]].add(edge["from"])
        self.live, new = {"logits"}, ["logits"]
        while new:
            for writer in writers[new.pop()] - self.live:
                self.live.add(writer)
                new.append(writer)
        self.layers = manifest["model"]["layers"]
        self.heads = {(h["layer"], h["index"]): h for h in manifest["heads"] if h["id"] in self.live}
        self.last = {}  # stage of the last reader of each column
        self.first = {}  # and the stage that completes it first
        read = set()  # variables that the circuit reads
        for column in manifest["columns"]:
            for port in column.get("readers") or []:
                if port.split("<")[0] in self.live:
                    read.add(column["variable"])
                    self.last[column["index"]] = max(self.last.get(column["index"], -1), self.reading(port))
            if column.get("cleared"):  # its neuron reads it, too
                self.last[column["index"]] = max(self.last.get(column["index"], -1), stage_of(column["cleared"]) - 1)
            self.first[column["index"]] = min(self.first.get(column["index"], 2 * self.layers), stage_of(column["written"]))
        self.neurons = {
            (n["layer"], n["index"]): n for n in manifest["neurons"] if n.get("kind") == "clear" or set(n.get("writes") or []) & read
        }
        sizes = {(v["name"], v["encoding"] == "numeric"): v for v in manifest["variables"]}
        self.units = {}  # distance of two values in a column
        for column in manifest["columns"]:
            v = sizes.get((column["variable"], "value" not in column))
            if v:
                self.units[column["index"]] = v["gap"] / v.get("scale", 1)
        self.columns = [c for c in manifest["columns"] if c["variable"] in read and c.get("readers")]

    def reading(self, port):
        """Returns the stage at which a port finds the stream."""
        found = re.match(r"([am])(\d+)", port)
        if not found:
            return 2 * self.layers
        return 2 * int(found[2]) + (found[1] == "m")


@dataclass
class Part:
    """A component, and its columns among the activations at a point."""

    kind: str
    name: str
    point: tuple
    columns: list[int]


def ablate(folder, tally):
    """Ablates what is outside of the circuit of a folder, and what is inside."""
    circuit = Circuit(folder.export.manifest)
    few, many = Pairs(folder, folder.cases), Pairs(folder, folder.more)
    outside(folder, circuit, few, tally)
    rest = list(inside(folder, circuit))
    tally.add("inside components", len(rest))
    for how, pairs in [("resampling", few), ("resampling", many), ("zeroing", few)]:
        found = sweep(folder, pairs, rest, how == "zeroing")
        rest = [part for part in rest if part.name not in found]
        tally.add(f"inside changed by {how}", len(found))
    tally.inert += [(folder.name, part.name, why_inert(folder, circuit, part, [few, many])) for part in rest]


def why_inert(folder, circuit, part, tried):
    """Says what is known of a component whose ablation changes no output."""
    if all(bool((pairs.seen[part.point][:, 1:, part.columns].abs() <= 1e-6).all()) for pairs in tried):
        return f"a {part.kind} that is 0 on the inputs tried"
    if part.kind == "column":
        return "a column whose readers decide alike on the inputs tried"
    layer = part.point[1]
    stage = 2 * layer + (1 if part.kind == "head" else 2)
    for pairs in tried:
        edits = [replace_row(folder.stream, part, row, 0 * x) for row, x in enumerate(pairs.other[part.point][..., part.columns])]
        _, seen = folder.stream.run(pairs.cases, {part.point: edits}, record=True)
        moved = (seen["stream", stage] - pairs.seen["stream", stage])[:, 1:].abs()
        if any(bool((moved[..., c] > unit / 4).any()) for c, unit in circuit.units.items()):
            return f"a {part.kind} that changes what a column holds, and whose readers decide alike on the inputs tried"
    return f"a {part.kind} that changes no column by a quarter of the distance of two values on the inputs tried"


class Pairs:
    """Pairs of different inputs of one length, and what happens on each: the outputs on the
    first, the activations on both."""

    def __init__(self, folder, cases):
        lengths = collections.defaultdict(list)
        for case in cases:
            lengths[len(case.ids)].append(case)
        pairs = [pair for alike in lengths.values() for pair in zip(alike, alike[1:] + alike[:1], strict=True) if pair[0] is not pair[1]]
        if not pairs:
            raise Wrong(f"{folder.name}: no two inputs of one length")
        self.cases = [case for case, _ in pairs]
        self.clean, self.seen = folder.stream.run(self.cases, record=True)
        _, self.other = folder.stream.run([case for _, case in pairs], record=True)

    def __len__(self):
        return len(self.cases)


def span(folder, k):
    """Returns the slice of head k among the heads of a layer."""
    size = folder.stream.head_size
    return slice(k * size, (k + 1) * size)


def outside(folder, circuit, pairs, tally):
    """Replaces all that is outside of the circuit, by resampling and by noise beside."""
    stream = folder.stream
    dead = {point: unused(circuit, stream, point, x.shape[-1]) for point, x in pairs.seen.items()}
    tally.add("outside components", sum(len(found) for found in dead.values()))
    for noise in [0, NOISE]:
        edits = {}
        for point, found in dead.items():
            columns = torch.tensor([c for part in found for c in part], dtype=torch.long)
            new = pairs.other[point][..., columns]
            edits[point] = [replace(stream, point, columns, new + noise * (2 * torch.rand(new.shape) - 1))]
        got, _ = stream.run(pairs.cases, edits)
        changes = sum(changed(folder, case, pairs.clean[i], got[i]) for i, case in enumerate(pairs.cases))
        tally.add("outside changes", changes)
        tally.add("outside positions", sum(len(case.ids) for case in pairs.cases))
        if changes:
            tally.show(f"{folder.name}: {changes} outputs change with what is outside of the circuit, noise {noise}")


def unused(circuit, stream, point, width):
    """Returns the columns of each component outside of the circuit, at a point."""
    kind, at = point
    if kind == "stream":
        return [[c] for c in range(stream.width) if circuit.last.get(c, -1) < at and circuit.first.get(c, 0) <= at]
    if kind == "heads":
        heads = range(width // stream.head_size)
        return [head_columns(stream, h) for h in heads if (at, h) not in circuit.heads]
    return [[n] for n in range(width) if (at, n) not in circuit.neurons]


def head_columns(stream, k):
    """Returns the columns of head k among those of the heads of its layer."""
    return list(range(k * stream.head_size, (k + 1) * stream.head_size))


def replace(stream, point, columns, new):
    """Returns an edit that puts new activations into columns."""

    def edit(x):
        x[..., columns] = new
        if point[0] == "stream":
            stream.balance(x)

    return edit


def changed(folder, case, before, after):
    """Counts the positions whose output changes."""
    places = range(1, 1 + len(case.ids))
    if folder.export.numeric:
        return sum(not abs(float(before[p][0]) - float(after[p][0])) <= CHANGE * folder.export.scale for p in places)
    return sum(int(before[p].argmax() != after[p].argmax()) for p in places)


def inside(folder, circuit):
    """Yields the components of the circuit."""
    for (layer, k), head in circuit.heads.items():
        yield Part("head", head["id"], ("heads", layer), head_columns(folder.stream, k))
    for (layer, n), neuron in circuit.neurons.items():
        yield Part("neuron", neuron["id"], ("neurons", layer), [n])
    for column in circuit.columns:
        yield Part("column", f"column {column['index']}, {column['variable']}", ("stream", stage_of(column["written"])), [column["index"]])


def sweep(folder, pairs, parts, zero):
    """Returns the names of the components whose ablation changes an output; most do so on
    the first pair already."""
    found = set()
    for some in [range(1), range(1, len(pairs))]:
        runs = [(part, i) for part in parts if part.name not in found for i in some]
        for start in range(0, len(runs), ROWS):
            found |= swept(folder, pairs, runs[start : start + ROWS], zero)
    return found


def swept(folder, pairs, batch, zero):
    """Does so for one batch of components and pairs."""
    edits = collections.defaultdict(list)
    for row, (part, i) in enumerate(batch):
        new = pairs.other[part.point][i][:, part.columns]
        edits[part.point].append(replace_row(folder.stream, part, row, 0 * new if zero else new))
    got, _ = folder.stream.run([pairs.cases[i] for _, i in batch], edits)
    return {part.name for row, (part, i) in enumerate(batch) if changed(folder, pairs.cases[i], pairs.clean[i], got[row])}


def replace_row(stream, part, row, new):
    """Returns an edit of one input of a batch, at all its positions but BOS."""

    def edit(x):
        n = min(x.shape[1], len(new))  # batches are padded to different lengths
        x[row, 1:n, part.columns] = new[1:n]
        if part.point[0] == "stream":
            stream.balance(x[row])

    return edit
