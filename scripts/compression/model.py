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


@dataclass
class Run:
    """What a model does with inputs: its logits, what each part writes, the stream before and behind each,
    and the logarithms of the weights of its attention, by head, query and key."""

    logits: torch.Tensor
    writes: list
    stream: list
    attention: list


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
        """Runs padded inputs, BOS first, with a stream of W's columns if there is one."""
        w = torch.eye(self.width, dtype=torch.float64) if w is None else w
        self.hidden = torch.where(ids == self.manifest["tokens"]["pad_id"], -math.inf, 0.0)[:, None, None, :]
        z = (self.words[ids] + self.places[: ids.shape[1]]) @ w
        writes, stream, attention = [], [z], []
        for layer in self.layers:
            for part in (self.attend, self.think):
                writes.append(part(layer, z @ w.T, attention))
                z = z + writes[-1] @ w
                stream.append(z)
        return Run(z @ w.T @ self.unembed, writes, stream, attention)

    def readers(self):
        """Returns the matrices that read the stream."""
        return [self.unembed, *(m for layer in self.layers for m in (layer.query, layer.key, layer.value, layer.mlp_in))]

    def attend(self, layer, x, attention):
        if not layer.out.any():
            return torch.zeros_like(x)
        query, key, value = ((x @ m).unflatten(-1, (self.heads, -1)).transpose(1, 2) for m in (layer.query, layer.key, layer.value))
        attention.append((query @ key.transpose(-1, -2) / self.scale + self.hidden).log_softmax(-1))
        return (attention[-1].exp() @ value).transpose(1, 2).flatten(2) @ layer.out

    def think(self, layer, x, _):
        if not layer.mlp_out.any():
            return torch.zeros_like(x) + layer.out_bias
        return (x @ layer.mlp_in + layer.bias).relu() @ layer.mlp_out + layer.out_bias

    def inputs(self, count, seed):
        """Returns at most so many different inputs, BOS first, padded to the longest: of each length as many, or all if there are
        less."""
        rng = random.Random(seed)
        ids, longest = self.manifest["tokens"], self.manifest["options"]["max_len"]
        tokens, rows = len(ids["vocab"]), []
        for n in range(1, longest + 1):
            share = min(max(1, (count - len(rows)) // (longest + 1 - n)), tokens**n)
            drawn = set()
            while len(drawn) < share:
                drawn.add(rng.randrange(tokens**n))
            for number in sorted(drawn):
                text = [number // tokens**i % tokens for i in range(n)]
                rows.append([ids["bos_id"], *text, *[ids["pad_id"]] * (longest - n)])
        return torch.tensor(rows)
