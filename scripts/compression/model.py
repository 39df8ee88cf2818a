"""An exported BERT as it is trained: its decoder, without norms."""

import json
import math
import random
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file

PREFIX = "bert.encoder.layer."


@dataclass
class Layer:
    """Weights that act on rows: query, key and value read the stream, for all heads side by side."""

    query: torch.Tensor
    key: torch.Tensor
    value: torch.Tensor
    out: torch.Tensor
    mlp_in: torch.Tensor
    bias: torch.Tensor
    mlp_out: torch.Tensor
    out_bias: torch.Tensor


class Model:
    """The decoder inside of a BERT that raspc exports: without norms, which are identities, and
    without the columns that these need. Numbers are float64; `targets` are the columns that each layer's
    attention and MLP write to."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.manifest = json.loads((self.folder / "raspc.json").read_text(encoding="utf-8"))
        self.config = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        self.tensors = load_file(self.folder / "model.safetensors")
        words = self.tensors["bert.embeddings.word_embeddings.weight"].double()
        self.width = next(c for c in range(words.shape[1]) if words[:, c].any() and torch.equal(words[:, c], -words[:, :c].sum(-1)))
        self.heads = self.config["num_attention_heads"]
        self.scale = math.sqrt(self.config["hidden_size"] // self.heads)
        self.words, self.places = words[:, : self.width], self.tensors["bert.embeddings.position_embeddings.weight"][:, : self.width].double()
        self.layers = [self.layer(f"{PREFIX}{k}.") for k in range(self.config["num_hidden_layers"])]
        self.targets = [part for layer in self.layers for part in (layer.out.any(0), layer.mlp_out.any(0) | (layer.out_bias != 0))]
        self.unembed = self.read("classifier")
        self.numeric = self.manifest["output"]["kind"] == "numeric"

    def read(self, name):
        return self.tensors[name + ".weight"][:, : self.width].T.double()

    def written(self, name):
        return self.tensors[name + ".weight"][: self.width].T.double()

    def layer(self, name):
        own, mlp_out = name + "attention.self.", name + "output.dense"
        return Layer(
            *(self.read(own + part) for part in ("query", "key", "value")),
            self.written(name + "attention.output.dense"),
            self.read(name + "intermediate.dense"),
            self.tensors[name + "intermediate.dense.bias"].double(),
            self.written(mlp_out),
            self.tensors[mlp_out + ".bias"][: self.width].double(),
        )

    def run(self, ids, w=None):
        """Returns the logits of padded inputs, BOS first, what each layer writes, and the stream
        behind each, of W's columns if there is one."""
        w = torch.eye(self.width, dtype=torch.float64) if w is None else w
        self.hidden = torch.where(ids == self.manifest["tokens"]["pad_id"], -math.inf, 0.0)[:, None, None, :]
        z = (self.words[ids] + self.places[: ids.shape[1]]) @ w
        writes, stream = [], [z]
        for layer in self.layers:
            for part in (self.attend, self.think):
                writes.append(part(layer, z @ w.T))
                z = z + writes[-1] @ w
                stream.append(z)
        return z @ w.T @ self.unembed, writes, stream

    def readers(self):
        """Returns the matrices that read the stream."""
        return [self.unembed, *(m for layer in self.layers for m in (layer.query, layer.key, layer.value, layer.mlp_in))]

    def attend(self, layer, x):
        if not layer.out.any():
            return torch.zeros_like(x)
        query, key, value = ((x @ m).unflatten(-1, (self.heads, -1)).transpose(1, 2) for m in (layer.query, layer.key, layer.value))
        weights = (query @ key.transpose(-1, -2) / self.scale + self.hidden).softmax(-1)
        return (weights @ value).transpose(1, 2).flatten(2) @ layer.out

    def think(self, layer, x):
        if not layer.mlp_out.any():
            return torch.zeros_like(x) + layer.out_bias
        return (x @ layer.mlp_in + layer.bias).relu() @ layer.mlp_out + layer.out_bias

    def inputs(self, count, seed):
        """Returns random inputs of all lengths, BOS first, padded to the longest."""
        rng = random.Random(seed)
        ids, longest = self.manifest["tokens"], self.manifest["options"]["max_len"]
        tokens, rows = len(ids["vocab"]), []
        for n in range(1, longest + 1):
            for _ in range(min(count, tokens**n)):
                rows.append([ids["bos_id"], *(rng.randrange(tokens) for _ in range(n)), *[ids["pad_id"]] * (longest - n)])
        return torch.tensor(rows)
