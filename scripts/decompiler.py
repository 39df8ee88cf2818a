"""Trains a toy decompiler on a dataset of raspc-corpus: it reads the weights of a model and
spells the operators of the program's s-op graph. An example of how to feed PyTorch.

    decompiler.py FOLDER [--seconds 60]
"""

import argparse
import collections
import functools
import math
import re
import time

import torch
from torch import nn

import corpora

MOST_WEIGHTS, MOST_OPERATORS = 512, 24  # of each program


class Programs(torch.utils.data.Dataset):
    """The programs of a split: the places and values of weights, and the operators."""

    def __init__(self, folder, split, operators=None):
        # Other columns are large, and would be read with each row.
        self.rows = corpora.rows(folder, split).select_columns(["id", "weights", "tensors", "graph"])
        self.weights = corpora.Weights(folder)
        self.words = [[m[1] for m in re.finditer(r"^n\d+ = (\w+)", graph, re.M)][:MOST_OPERATORS] for graph in self.rows["graph"]]
        count = collections.Counter(w for words in self.words for w in words)
        self.operators = operators or ["", "?"] + sorted(count)  # "" ends a program
        self.number = {w: i for i, w in enumerate(self.operators)}

    def __len__(self):
        return len(self.rows)

    @functools.cache
    def __getitem__(self, i):
        at, values = self.weights.triples(self.rows[i])
        kinds = torch.tensor([kind(t["name"]) for t in self.rows[i]["tensors"]])
        at, values = torch.from_numpy(at).long(), torch.from_numpy(values)
        keep = torch.linspace(0, len(values) - 1, min(len(values), MOST_WEIGHTS)).long()
        at, values = at[keep], values[keep]
        features = torch.stack([values.sign(), values.abs().log1p(), at[:, 1] / 32, at[:, 2] / 32], 1)
        target = [self.number.get(w, 1) for w in self.words[i]] + [0]
        return kinds[at[:, 0]], features.float(), torch.tensor(target)


KINDS = ["W_E", "W_pos", "W_Q", "W_K", "W_V", "W_O", "W_in", "W_out", "W_U", "b_"]
LAYERS = 8


def kind(name):
    """A number for what a tensor is, and in which layer."""
    layer = int(name.split(".")[1]) if name.startswith("blocks") else 0
    return min(layer, LAYERS - 1) * len(KINDS) + next(i for i, k in enumerate(KINDS) if name.split(".")[-1].startswith(k))


def batch(items):
    """Fills up with zeros; -100 is no target."""
    pad = nn.utils.rnn.pad_sequence
    kinds, features, targets = zip(*items)
    return pad(kinds, True, -1), pad(features, True), pad(targets, True, -100)


class Decompiler(nn.Module):
    """A set of weights to a sequence of operators."""

    def __init__(self, operators, width=96):
        super().__init__()
        self.kind, self.read = nn.Embedding(LAYERS * len(KINDS), width), nn.Linear(4, width)
        self.mix = nn.Sequential(nn.GELU(), nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))
        self.word, self.start = nn.Embedding(operators, width), nn.Linear(2 * width, width)
        self.write, self.choose = nn.GRU(width, width, batch_first=True), nn.Linear(width, operators)

    def forward(self, kinds, features, targets):
        there = (kinds >= 0).unsqueeze(-1)
        x = self.mix(self.kind(kinds.clamp(min=0)) + self.read(features)) * there
        pooled = torch.cat([x.sum(1) / there.sum(1), (x - 1e4 * ~there).amax(1)], -1)
        before = nn.functional.pad(targets.clamp(min=0), (1, 0))[:, :-1]
        y, _ = self.write(self.word(before), self.start(pooled).tanh().unsqueeze(0))
        return self.choose(y)


def evaluate(model, loader):
    """The share of operators that are right, each given those before it."""
    right = total = 0
    model.eval()
    with torch.no_grad():
        for kinds, features, targets in loader:
            there = targets >= 0
            right += (model(kinds, features, targets).argmax(-1) == targets)[there].sum().item()
            total += there.sum().item()
    model.train()
    return right / max(total, 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--seconds", type=float, default=60)
    args = parser.parse_args()
    torch.manual_seed(0)
    train = Programs(args.folder, "train")
    held = Programs(args.folder, "validation", train.operators)
    loaders = [torch.utils.data.DataLoader(d, 32, shuffle=d is train, collate_fn=batch) for d in (train, held)]
    model = Decompiler(len(train.operators))
    optimiser = torch.optim.AdamW(model.parameters(), 2e-3)
    end, steps, first, last = time.monotonic() + args.seconds, 0, None, math.nan
    while time.monotonic() < end or steps == 0:
        for kinds, features, targets in loaders[0]:
            scores = model(kinds, features, targets)
            loss = nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            steps, last = steps + 1, loss.item()
            first = first or last
            if time.monotonic() >= end:
                break
    print(f"{len(train)} programs, {steps} steps: loss {first:.2f} to {last:.2f}; "
          f"of the operators of {len(held)} other programs {evaluate(model, loaders[1]):.0%} are right")
    if not last < first:
        raise SystemExit("nothing was learnt")


if __name__ == "__main__":
    main()
