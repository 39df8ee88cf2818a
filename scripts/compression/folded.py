"""The folder of a model whose weights a map of its stream is folded into."""

import json
import math
import shutil

import torch
from safetensors.torch import save_file

from .model import PREFIX


class Folded:
    """The files of a model whose weights W is folded into: a BERT of d columns and two that its
    norms need, one that makes the mean 0 and one that follows the mean."""

    def __init__(self, model, w):
        self.model, self.w = model, w.double()
        self.columns = w.shape[1]
        old = model.config["hidden_size"] // model.heads
        useful = max(1, model.manifest["model"]["d_head"])
        self.old, self.size = old, max(useful, -(-(self.columns + 2) // model.heads))
        self.width = self.size * model.heads

    def writer(self, rows):
        """Returns rows that write to the stream."""
        out = torch.zeros(rows.shape[0], self.width)
        out[:, : self.columns] = (rows.double() @ self.w).float()
        out[:, self.columns] = -out[:, : self.columns].double().sum(-1).float()
        return out

    def reader(self, columns):
        """Returns columns that read the stream."""
        out = torch.zeros(self.width, columns.shape[1])
        out[: self.columns] = (self.w.T @ columns.double()).float()
        out[self.columns + 1] = -out[: self.columns].double().sum(0).float()
        return out

    def resized(self, columns, scale=1.0):
        """Returns columns for all heads, with heads of another size."""
        heads = columns.unflatten(-1, (self.model.heads, self.old))
        common = min(self.old, self.size)
        out = torch.zeros(*heads.shape[:-1], self.size)
        out[..., :common] = heads[..., :common] * scale
        return out.flatten(-2)

    def tensors(self):
        m, out = self.model, {}
        scale = math.sqrt(self.size) / m.scale
        for name, old in m.tensors.items():
            if "LayerNorm" in name:
                out[name] = old[0].repeat(self.width)
            elif name.endswith("bias"):
                out[name] = torch.zeros(self.width) if old.shape[0] == m.config["hidden_size"] else old
        out["bert.embeddings.token_type_embeddings.weight"] = torch.zeros(1, self.width)
        out["bert.embeddings.word_embeddings.weight"] = self.writer(m.words)
        out["bert.embeddings.position_embeddings.weight"] = self.writer(m.places)
        out["classifier.weight"] = self.reader(m.unembed).T
        for k, layer in enumerate(m.layers):
            name = f"{PREFIX}{k}."
            for part, columns, by in (("query", layer.query, scale), ("key", layer.key, 1), ("value", layer.value, 1)):
                out[f"{name}attention.self.{part}.weight"] = self.reader(self.resized(columns, by)).T
            out[name + "attention.output.dense.weight"] = self.writer(self.resized(layer.out.T).T).T
            out[name + "intermediate.dense.weight"] = self.reader(layer.mlp_in).T
            out[name + "output.dense.weight"] = self.writer(layer.mlp_out).T
            out[name + "output.dense.bias"] = self.writer(layer.out_bias[None])[0]
        return {name: t.contiguous() for name, t in out.items()}

    def manifest(self):
        """Returns raspc.json with the directions that its columns are along."""
        m = json.loads(json.dumps(self.model.manifest))
        labelled = max(m["model"]["d_model"], self.model.width)
        m["model"]["d_model"] = self.columns
        if self.columns < labelled or not torch.equal(self.w, torch.eye(self.columns).double()):
            m["rotation"] = self.w.tolist() + [[0.0] * self.columns] * (labelled - self.model.width)
        return m

    def write(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.model.folder, folder, ignore=shutil.ignore_patterns("README.md", "*.safetensors"))
        config = self.model.config | {"hidden_size": self.width}
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        (folder / "raspc.json").write_text(json.dumps(self.manifest()), encoding="utf-8")
        save_file(self.tensors(), folder / "model.safetensors", metadata={"format": "pt"})
