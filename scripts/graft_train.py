"""Trains a grafted model around its circuit.

    scripts/graft_train DIR --data FILE.jsonl -o OUT [--steps N] [--batch N] [--lr X] [--seed N]
                        [--condition frozen|free|scratch|normed] [--test FILE.jsonl]

DIR is a folder of raspc graft. Each line of FILE.jsonl is {"tokens": [...], "labels": [...]}, with a label for
each token, or null where none is asked for; of a language model {"tokens": [...]} is enough, and each
token is to be told from those before it. Tokens and labels are those of DIR's tokenizer and config.json, BOS not among them.

OUT is a stock folder like DIR. What frozen.safetensors names has not changed by a bit, which is checked; of the rest
what the host writes sums to 0 over its columns. `raspc verify OUT --circuit` proves that the circuit still
computes its s-ops. --condition free trains the circuit, too; scratch and normed train a model without one.

Runs on a CPU in minutes. Exit status: 0, 1 where data or a folder is wrong, 2 for wrong usage.
"""

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path

import torch
from transformers import AutoTokenizer

from grafting.host import CONDITIONS, FROZEN, Host, Wrong
from grafting.training import IGNORED, Diverged, accuracy, train


class Data:
    """The lines of a file as ids and labels, of equal lengths where they are to be in one batch."""

    def __init__(self, path, host):
        ids_of = AutoTokenizer.from_pretrained(host.folder).get_vocab()
        label_of = None if "CausalLM" in host.config.architectures[0] or "LMHead" in host.config.architectures[0] else host.config.label2id
        self.bos, self.by_length = host.config.bos_token_id, {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                ids, labels = self.example(json.loads(line), ids_of, label_of)
            except KeyError as e:
                raise Wrong(f"{path}:{number}: there is no token, label or member {e}") from None
            except (TypeError, ValueError) as e:
                raise Wrong(f"{path}:{number}: not a line of data: {e}") from None
            self.by_length.setdefault(len(ids), []).append((ids, labels))
        if not self.by_length:
            raise Wrong(f"{path} has no lines")
        longest, most = max(self.by_length) - 1, host.config.max_position_embeddings - 1
        if longest > most:
            raise Wrong(f"{path}: an input has {longest} tokens, and the model takes {most}")
        if all(label == IGNORED for examples in self.by_length.values() for _, labels in examples for label in labels):
            raise Wrong(f"{path}: no label is asked for")

    def example(self, line, ids_of, label_of):
        ids = [self.bos, *(ids_of[token] for token in line["tokens"])]
        if label_of is None:
            return ids, [*ids[1:], IGNORED]
        if len(line["labels"]) != len(line["tokens"]):
            raise ValueError(f"{len(line['tokens'])} tokens and {len(line['labels'])} labels")
        return ids, [IGNORED, *(IGNORED if label is None else label_of[label] for label in line["labels"])]

    def batches(self, size, seed):
        """Yields batches of equal lengths without end."""
        rng = random.Random(seed)
        lengths = list(self.by_length)
        weights = [len(self.by_length[n]) for n in lengths]
        while True:
            some = rng.choices(self.by_length[rng.choices(lengths, weights)[0]], k=size)
            yield tuple(torch.tensor(part) for part in zip(*some, strict=True))

    def accuracy(self, host):
        right = asked = 0
        for examples in self.by_length.values():
            ids, labels = (torch.tensor(part) for part in zip(*examples, strict=True))
            n = int((labels != IGNORED).sum())
            right, asked = right + (accuracy(host, ids, labels) * n if n else 0), asked + n
        return right / asked


def main():
    parser = argparse.ArgumentParser(prog="scripts/graft_train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--test", type=Path)
    parser.add_argument("-o", dest="out", metavar="OUT", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--condition", choices=CONDITIONS, default=FROZEN)
    args = parser.parse_args()
    if args.out.exists():
        parser.error(f"{args.out} is there already")
    if not os.access(args.out.absolute().parent, os.W_OK):
        parser.error(f"{args.out.absolute().parent} is no folder that can be written to")
    torch.manual_seed(args.seed)
    host = Host(args.folder, args.condition)
    data, test = Data(args.data, host), Data(args.test or args.data, host)
    begin = time.monotonic()

    def seen(step, host):
        if step % max(1, args.steps // 10) == 0:
            print(f"step {step}: {test.accuracy(host):.4f} right, {time.monotonic() - begin:.0f} s", flush=True)

    train(host, data.batches(args.batch, args.seed), args.steps, args.lr, seen)
    host.save(args.out)


if __name__ == "__main__":
    try:
        main()
    except (Wrong, OSError) as e:
        sys.exit(f"scripts/graft_train: {e}")
    except Diverged as e:
        sys.exit(f"scripts/graft_train: training diverged, at step {e}: try a smaller --lr")
