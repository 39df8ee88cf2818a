"""Checks what raspc.json says of the parts of a model against its weights, for
crosscheck.py: raspc.json against its JSON Schema, the edges against the matrices
of a HookedTransformer, and what `raspc inspect --graph` prints, where it was kept
beside the folder, against NetworkX and the hooks of TransformerLens."""

import json
from pathlib import Path

from folder import Wrong

SCHEMA = Path(__file__).parent.parent / "export" / "manifest" / "schema.json"


def check(folder, model):
    """Raises Wrong where the folder's raspc.json or its graphs are not the model's."""
    manifest = json.loads((folder / "raspc.json").read_text())
    validate(folder, manifest)
    listed = {(e["from"], e["to"]) for e in manifest["edges"]}
    found, cancelling = reckoned(model, manifest)
    if listed != found:
        raise Wrong(f"{folder}: edges without weights {sorted(listed - found)}, weights without an edge {sorted(found - listed)}")
    if cancelling:
        raise Wrong(f"{folder}: edges whose weights cancel each other: {sorted(cancelling)}")
    graph = folder.with_name(folder.name + ".graph.json")
    if graph.exists():
        check_graph(graph, manifest)
        check_hooks(folder.with_name(folder.name + ".hooks.txt"), model, manifest)


def validate(folder, manifest):
    import jsonschema

    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    for error in jsonschema.Draft202012Validator(schema).iter_errors(manifest):
        raise Wrong(f"{folder}: raspc.json: {error.json_path}: {error.message}")


class Plain:
    """Weights as the labels speak of them: in the basis of the columns, where the stream is
    rotated, and without what has no label, where that is noise."""

    ROUNDING = 2.0**-20  # of the length of a row, below which a weight is none

    def __init__(self, manifest):
        import torch

        self.rotation = torch.tensor(manifest["rotation"], dtype=torch.float64) if "rotation" in manifest else None
        self.noisy = "noise" in manifest["options"].get("disguise", {})
        self.columns = sorted({c["index"] for c in manifest["columns"]})
        self.parts = {(part["layer"], kind, part["index"]) for kind in ("heads", "neurons") for part in manifest[kind]}

    def has(self, layer, kind, index):
        return not self.noisy or (layer, kind, index) in self.parts

    def written(self, rows):
        """Returns what writes to the stream."""
        rows = rows.double()
        if self.rotation is not None:
            rows = rows @ self.rotation.T
            rows = rows * (rows.abs() > self.ROUNDING * rows.norm(dim=-1, keepdim=True))
        return rows[:, self.columns] if self.noisy else rows

    def read(self, columns):
        """Returns what reads it."""
        return self.written(columns.T).T


def reckoned(model, manifest):
    """Returns the edges between matrices that share a column, and those of them
    whose product is 0 all the same."""
    import torch

    state, plain = model.state_dict(), Plain(manifest)
    writes = {"embed": (0, state["embed.W_E"]), "pos": (0, state["pos_embed.W_pos"])}
    reads = {"logits": (2 * model.cfg.n_layers + 1, state["unembed.W_U"])}
    for layer in range(model.cfg.n_layers):
        block = f"blocks.{layer}."
        for head in range(model.cfg.n_heads):
            if not plain.has(layer, "heads", head):
                continue
            name = f"a{layer}.h{head}"
            writes[name] = (2 * layer + 1, state[block + "attn.W_O"][head])
            for letter in "QKV":
                reads[f"{name}<{letter.lower()}>"] = (2 * layer + 1, state[f"{block}attn.W_{letter}"][head])
        own = [n for n in range(model.cfg.d_mlp) if plain.has(layer, "neurons", n)]
        out = torch.cat([state[block + "mlp.W_out"][own], state[block + "mlp.b_out"][None]])
        writes[f"m{layer}"] = (2 * layer + 2, out)
        reads[f"m{layer}"] = (2 * layer + 2, state[block + "mlp.W_in"][:, own])
    writes = {name: (stage, plain.written(rows)) for name, (stage, rows) in writes.items()}
    reads = {name: (stage, plain.read(columns)) for name, (stage, columns) in reads.items()}
    found, cancelling = set(), set()
    for source, (begin, written) in writes.items():
        for target, (end, read) in reads.items():
            if begin < end and (written.any(0) & read.any(1)).any():
                found.add((source, target))
                if not (written @ read).any():
                    cancelling.add((source, target))
    return found, cancelling


def check_graph(path, manifest):
    import networkx

    graph = networkx.node_link_graph(json.loads(path.read_text()))
    edges = {(a, f"{b}<{key}>" if key else b) for a, b, key in graph.edges(keys=True)}
    if edges != {(e["from"], e["to"]) for e in manifest["edges"]} or not networkx.is_directed_acyclic_graph(graph):
        raise Wrong(f"{path}: NetworkX reads {sorted(edges)}")


def check_hooks(path, model, manifest):
    """Each edge is between two hooks that the model has, and none is lost."""
    lines = path.read_text().splitlines()
    hooks = {end.split("[")[0] for line in lines for end in line.split(" -> ")}
    if missing := hooks - model.hook_dict.keys():
        raise Wrong(f"{path}: no hooks of the model: {sorted(missing)}")
    if len(set(lines)) != len(manifest["edges"]):
        raise Wrong(f"{path}: {len(set(lines))} edges, {len(manifest['edges'])} in raspc.json")
