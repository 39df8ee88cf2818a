"""Reads datasets of raspc-corpus as their users do: loads them with datasets, puts weights
together from the safetensors shards, runs the models, and compares with the rows.

    corpora.py DENSE SPARSE      two datasets of the same programs

PyTorch users import rows and state_dict from here; decompiler.py shows how.
"""

import hashlib
import json
import pathlib
import sys

import datasets
import numpy
import safetensors


def rows(folder, split="train"):
    """The rows of a split, without a look outside of the folder."""
    return datasets.load_dataset(str(folder), split=split)


class Weights:
    """The tensors of a dataset. Shards are opened once and mapped, not read."""

    def __init__(self, folder):
        self.folder, self.open = pathlib.Path(folder) / "data", {}

    def shard(self, name):
        if name not in self.open:
            self.open[name] = safetensors.safe_open(self.folder / name, "numpy")
        return self.open[name]

    def triples(self, row):
        """What is not 0: number of the tensor, row and column of each, and the values."""
        shard = self.shard(row["weights"])
        if row["id"] + "/at" in shard.keys():
            return shard.get_tensor(row["id"] + "/at"), shard.get_tensor(row["id"] + "/values")
        places, values = [], []
        for number, tensor in enumerate(row["tensors"]):
            dense = shard.get_tensor(f"{row['id']}/{tensor['name']}")
            dense = dense.reshape(-1, dense.shape[-1])
            i, j = dense.nonzero()
            places.append(numpy.stack([numpy.full_like(i, number), i, j], 1))
            values.append(dense[i, j])
        return numpy.concatenate(places).astype(numpy.int32), numpy.concatenate(values)

    def state_dict(self, row):
        """The tensors of a program by name."""
        shard = self.shard(row["weights"])
        if row["id"] + "/at" not in shard.keys():
            return {t["name"]: shard.get_tensor(f"{row['id']}/{t['name']}") for t in row["tensors"]}
        at, values = self.triples(row)
        state = {}
        for number, tensor in enumerate(row["tensors"]):
            dense = numpy.zeros(tensor["shape"], numpy.float32)
            mine = at[:, 0] == number
            dense.reshape(-1, dense.shape[-1])[at[mine, 1], at[mine, 2]] = values[mine]
            state[tensor["name"]] = dense
        return state


def logits(state, cfg, ids):
    """What a HookedTransformer without norms makes of token ids."""
    x = state["embed.W_E"][ids] + state["pos_embed.W_pos"][: len(ids)]
    for layer in range(cfg["n_layers"]):
        attn, mlp = f"blocks.{layer}.attn.", f"blocks.{layer}.mlp."
        q, k, v = (numpy.einsum("pd,hde->hpe", x, state[attn + "W_" + c]) + state[attn + "b_" + c][:, None] for c in "QKV")
        scores = numpy.einsum("hqe,hke->hqk", q, k) / cfg["attn_scale"]
        if cfg["attention_dir"] == "causal":
            scores = numpy.where(numpy.tri(len(ids), dtype=bool), scores, -numpy.inf)
        pattern = numpy.exp(scores - scores.max(-1, keepdims=True))
        pattern /= pattern.sum(-1, keepdims=True)
        x = x + numpy.einsum("hqk,hke,hed->qd", pattern, v, state[attn + "W_O"]) + state[attn + "b_O"]
        hidden = numpy.maximum(x @ state[mlp + "W_in"] + state[mlp + "b_in"], 0)
        x = x + hidden @ state[mlp + "W_out"] + state[mlp + "b_out"]
    return x @ state["unembed.W_U"] + state["unembed.b_U"]


def runs(row, state):
    """Counts the samples of a row that its model gets right; others end the program."""
    config = json.loads(row["config"])
    for sample in row["samples"]:
        ids = [config["bos"]] + [row["vocab"].index(token) for token in sample["input"]]
        got = logits({name: t.astype(numpy.float64) for name, t in state.items()}, config["cfg"], ids)[1:]
        want = [json.loads(text) for text in sample["output"]]
        if row["output_kind"] == "categorical":
            right = [row["labels"][i] for i in got.argmax(-1)] == sample["output"]
        else:
            right = numpy.abs(got[:, 0] - numpy.array(want, float)).max() < 1e-4 * max(1, *map(abs, want))
        if not right:
            sys.exit(f"{row['id']}: {sample} and the model differ: {got.tolist()}")
    return len(row["samples"])


def summary(folder):
    """The summary of a dataset, whose files are what it says."""
    text = json.loads((folder / "_SUCCESS.json").read_text())
    for file in [f for s in text["shards"] for f in s["files"]] + [text["failures"]]:
        data = (folder / file["name"]).read_bytes()
        if len(data) != file["bytes"] or hashlib.sha256(data).hexdigest() != file["sha256"]:
            sys.exit(f"{folder / file['name']} is not what _SUCCESS.json says")
    return text


def main(dense, sparse):
    counts = summary(dense)["counts"]
    if summary(sparse)["counts"] != counts:
        sys.exit("the datasets are not of the same programs")
    wide, narrow, samples, seen = Weights(dense), Weights(sparse), 0, set()
    for split, programs in counts["splits"].items():
        pairs = list(zip(rows(dense, split), rows(sparse, split), strict=True))
        if len(pairs) != programs:
            sys.exit(f"{split} has {len(pairs)} rows, not {programs}")
        for row, other in pairs:
            state, folded = wide.state_dict(row), narrow.state_dict(other)
            if row["id"] != other["id"] or any(not numpy.array_equal(t, folded[name]) for name, t in state.items()):
                sys.exit(f"{row['id']}: the sparse weights are not the dense ones")
            if row["behaviour"] in seen:
                sys.exit(f"{row['id']}: a behaviour of two programs")
            if json.loads(row["manifest"])["model"]["params"] != row["params"] or len(narrow.triples(other)[1]) != row["nonzero"]:
                sys.exit(f"{row['id']}: sizes are not those of the manifest")
            seen.add(row["behaviour"])
            samples += runs(row, state)
    print(f"{len(seen)} programs of {len(counts['splits'])} splits; {samples} samples are what their models give")


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:3]))
