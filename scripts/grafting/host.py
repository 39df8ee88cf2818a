"""A grafted folder as a model to be trained, the circuit in it held fast."""

import json
import math
import shutil
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForTokenClassification

WEIGHTS, MASK = "model.safetensors", "frozen.safetensors"
FROZEN = "frozen"  # the circuit stays as it is
FREE = "free"  # the circuit is where training starts, and is trained as all else
SCRATCH = "scratch"  # there is no circuit; norms do nothing, as in grafted models
NORMED = "normed"  # nor are there norms that do nothing: the architecture as its authors train it
CONDITIONS = [FROZEN, FREE, SCRATCH, NORMED]
COLUMNS = {  # the dimension of a tensor that goes along the stream's columns, by the name's end
    "wte.weight": 1,
    "wpe.weight": 1,
    "c_proj.weight": 1,
    "c_proj.bias": 0,
}


class Wrong(Exception):
    """A folder is none that can be trained."""


class Host:
    """A model and what of it training leaves alone.

    Layer norms subtract the mean of all columns. The circuit's readers have weights that sum to 0, so that
    they see none of the mean, but for float32's rounding of it. So that this stays small, what the host writes
    sums to 0: `settle` sees to it, and to the circuit, after each step of an optimiser.
    """

    def __init__(self, folder, condition=FROZEN, positions=True, device="cpu"):
        self.folder, self.condition, self.device = Path(folder), condition, torch.device(device)
        for name in ("config.json", MASK, "raspc.json", *shards(self.folder)):
            if not (self.folder / name).is_file():
                raise Wrong(f"{self.folder} has no {name}: raspc graft makes such folders")
        self.manifest = json.loads((self.folder / "raspc.json").read_text(encoding="utf-8"))
        self.config = AutoConfig.from_pretrained(self.folder)
        self.mask = load_file(self.folder / MASK)
        stored = weights_of(self.folder)
        if {n: t.shape for n, t in stored.items()} != {n: t.shape for n, t in self.mask.items()}:
            raise Wrong(f"{self.folder}: {MASK} is not that of {WEIGHTS}")
        self.model = self.made(stored).to(self.device)
        self.weights = {n: p for n, p in self.model.named_parameters() if n in stored}
        if missing := stored.keys() - self.weights.keys():
            raise Wrong(f"{self.folder}: the model has no {', '.join(sorted(missing))}")
        if not positions:
            self.without_positions()
        self.frozen = {n: self.mask[n].to(self.device) for n in self.weights} if condition == FROZEN else {}
        self.kept = {n: p.detach().clone() for n, p in self.weights.items()} if self.frozen else {}
        self.settle()

    def made(self, stored):
        """Returns the model of the condition."""
        config = self.config
        if self.condition == NORMED:
            usual = type(config)()
            for key in ("layer_norm_epsilon", "rms_norm_eps"):
                if hasattr(usual, key):
                    setattr(config, key, getattr(usual, key))
        head = AutoModelForCausalLM if config.architectures[0].endswith(("LMHeadModel", "CausalLM")) else AutoModelForTokenClassification
        model = head.from_config(config)
        if self.condition in (FROZEN, FREE):
            model.load_state_dict(stored, strict=False)
        elif self.condition == SCRATCH:
            self.quieten(model, stored)
        return model

    def quieten(self, model, stored):
        """Makes norms identities, and embeddings as large as a norm would have made them, as raspc graft does."""
        for name, p in model.named_parameters():
            with torch.no_grad():
                if self.is_norm(name):
                    p.copy_(stored[name])
                elif name.endswith(("wte.weight", "wpe.weight")):
                    p.normal_(0, math.sqrt(0.5))
                elif name.endswith("embed_tokens.weight"):
                    p.normal_(0, 1)

    @staticmethod
    def is_norm(name):
        return any(part.startswith("ln_") or part.endswith("norm") for part in name.split("."))

    def without_positions(self):
        """Takes the host's table of positions away: a position that was not trained is noise otherwise."""
        for name, p in self.weights.items():
            if name.endswith("wpe.weight"):
                with torch.no_grad():
                    keep = self.mask[name].to(self.device) if self.condition in (FROZEN, FREE) else torch.zeros_like(p, dtype=torch.bool)
                    p.mul_(keep)
                p.requires_grad_(False)

    def trainable(self):
        """Returns the parameters that a step may change."""
        return [p for n, p in self.weights.items() if p.requires_grad and not (n in self.frozen and bool(self.frozen[n].all()))]

    def mask_gradients(self):
        """Takes away the gradients of what is frozen, which would count where gradients are clipped by their length."""
        for name, frozen in self.frozen.items():
            if self.weights[name].grad is not None:
                self.weights[name].grad.masked_fill_(frozen, 0)

    @torch.no_grad()
    def settle(self):
        """Takes back what a step has done to the circuit, and centres what the host writes."""
        for name, frozen in self.frozen.items():
            p = self.weights[name]
            p.copy_(torch.where(frozen, self.kept[name], p))
            dim = next((d for end, d in COLUMNS.items() if name.endswith(end)), None)
            if dim is not None and p.requires_grad:
                centre(p, ~frozen, dim)

    def save(self, folder):
        """Writes a folder like the one read, with the weights as they are now."""
        folder = Path(folder)
        shutil.copytree(self.folder, folder)
        for shard in shards(self.folder):
            with safe_open(self.folder / shard, "pt") as f:
                names, metadata = f.keys(), f.metadata()
            save_file({n: self.weights[n].detach().cpu().contiguous() for n in names}, folder / shard, metadata)
        if self.condition == NORMED:
            self.config.save_pretrained(folder)
        if self.condition == FROZEN and (changed := differing(self.folder, folder)):
            raise Wrong(f"{folder}: what is frozen has changed: {', '.join(changed)}")


def shards(folder):
    """Returns the names of the files that hold a folder's weights."""
    index = Path(folder) / f"{WEIGHTS}.index.json"
    if not index.is_file():
        return [WEIGHTS]
    names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    if outside := [name for name in names if Path(name).name != name]:
        raise Wrong(f"{index} names {outside[0]}, which is no file of the folder")
    return names


def weights_of(folder):
    """Returns the tensors of a folder by name."""
    return {n: t for shard in shards(folder) for n, t in load_file(Path(folder) / shard).items()}


def centre(p, host, dim):
    """Subtracts the mean of the host's entries along a dimension."""
    count = host.sum(dim, keepdim=True)
    mean = (p * host).sum(dim, keepdim=True, dtype=torch.float64) / count.clamp(min=1)
    p.sub_((mean * host).to(p.dtype))


def differing(before, after):
    """Returns the tensors of which a frozen part is not the same, bit by bit, in two folders."""
    old, new, mask = weights_of(before), weights_of(after), load_file(Path(before) / MASK)
    return [n for n in old if not torch.equal(old[n].view(torch.int32)[mask[n]], new[n].view(torch.int32)[mask[n]])]
