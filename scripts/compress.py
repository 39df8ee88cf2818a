"""Compresses the residual stream of exported models by a learned linear map, as Lindner et
al. 2023, section 5, do with models of Tracr's: what writes to the stream of D columns
writes, times W, to one of d; what reads it reads that times the transpose of W. The
weights stay as they are, and W is trained so that the outputs and what each layer
writes stay, too. Of the identity one dimension after the other is dropped: the direction
in which the stream holds the least.

For each d it writes a folder that stock classes load, with W in its weights, and has
raspc verify say whether the file is equivalent to the program still, and proved."""

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

LEARNING_RATE = 3e-3
ENOUGH = 1e-10  # a loss below which training ends
CLOSE = 1e-3  # logits that are computed in two ways
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
    without the columns that these need."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.manifest = json.loads((self.folder / "raspc.json").read_text(encoding="utf-8"))
        self.config = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        self.tensors = load_file(self.folder / "model.safetensors")
        words = self.tensors["bert.embeddings.word_embeddings.weight"]
        self.width = next(c for c in range(words.shape[1]) if words[:, c].any() and torch.equal(words[:, c], -words[:, :c].sum(-1)))
        self.heads = self.config["num_attention_heads"]
        self.scale = math.sqrt(self.config["hidden_size"] // self.heads)
        self.words, self.places = words[:, : self.width], self.tensors["bert.embeddings.position_embeddings.weight"][:, : self.width]
        self.layers = [self.layer(f"{PREFIX}{k}.") for k in range(self.config["num_hidden_layers"])]
        self.unembed = self.read("classifier")
        self.numeric = self.manifest["output"]["kind"] == "numeric"

    def read(self, name):
        return self.tensors[name + ".weight"][:, : self.width].T

    def written(self, name):
        return self.tensors[name + ".weight"][: self.width].T

    def layer(self, name):
        own, mlp_out = name + "attention.self.", name + "output.dense"
        return Layer(
            *(self.read(own + part) for part in ("query", "key", "value")),
            self.written(name + "attention.output.dense"),
            self.read(name + "intermediate.dense"),
            self.tensors[name + "intermediate.dense.bias"],
            self.written(mlp_out),
            self.tensors[mlp_out + ".bias"][: self.width],
        )

    def run(self, ids, w=None):
        """Returns the logits of padded inputs, BOS first, what each layer writes, and the stream
        behind each, of W's columns if there is one."""
        w = torch.eye(self.width) if w is None else w
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
        query, key, value = ((x @ m).unflatten(-1, (self.heads, -1)).transpose(1, 2) for m in (layer.query, layer.key, layer.value))
        weights = (query @ key.transpose(-1, -2) / self.scale + self.hidden).softmax(-1)
        return (weights @ value).transpose(1, 2).flatten(2) @ layer.out

    def think(self, layer, x):
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


class Compression:
    """W, and what it is trained on."""

    def __init__(self, model, count, seed):
        self.model, self.w = model, torch.eye(model.width)
        self.ids = model.inputs(count, seed)
        ids = model.manifest["tokens"]
        self.real = self.ids != ids["pad_id"]
        self.answered = self.real & (self.ids != ids["bos_id"])
        with torch.no_grad():
            self.logits, self.writes, _ = model.run(self.ids)

    def losses(self, w):
        """Returns the loss of the outputs, the mean square error of numbers and the cross-entropy of
        labels, and the mean square error of what layers write."""
        logits, writes, _ = self.model.run(self.ids, w)
        got, want = logits[self.answered], self.logits[self.answered]
        outputs = (got - want).square().mean() if self.model.numeric else torch.nn.functional.cross_entropy(got, want.argmax(-1))
        layers = [(got - want)[self.real].square().sum(-1).mean() for got, want in zip(writes, self.writes, strict=True)]
        return outputs, sum(layers)

    def drop(self):
        """Leaves out the direction that is missed least: of those of the columns, those along which
        the stream varies by itself, and those along which it is read by itself; the first of
        several that are not missed."""
        with torch.no_grad():
            rows = torch.cat([z[self.real] for z in self.model.run(self.ids, self.w)[2]]).double()
            w = self.w.double()
            read = torch.cat([m.double() / m.norm() for m in self.model.readers() if m.any()], 1)
            read = w.T @ read
            some = [torch.linalg.eigh(x).eigenvectors.T for x in (rows.T @ rows, read @ read.T)]
            directions = torch.nn.functional.normalize(torch.cat([w[w.norm(dim=-1) > 1e-3], *some]))
            self.w = min((without(w, u).float() for u in directions), key=lambda w: max(ENOUGH, sum(self.losses(w)).item()))

    def train(self, steps):
        """Trains W, and keeps the best."""
        w = self.w.clone().requires_grad_()
        optimizer = torch.optim.Adam([w], lr=LEARNING_RATE)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
        best = math.inf
        for _ in range(steps):
            loss = sum(self.losses(w))
            if loss.item() < best:
                best, self.w = loss.item(), w.detach().clone()
            if best < ENOUGH:
                break
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()

    def cosine(self):
        """Returns how what layers write lies to what they should, where that is not 0."""
        found = []
        with torch.no_grad():
            for got, want in zip(self.model.run(self.ids, self.w)[1], self.writes, strict=True):
                there = self.real & (want.norm(dim=-1) > 0)
                found.append(torch.nn.functional.cosine_similarity(got[there], want[there], dim=-1))
        return torch.cat(found).mean().item()


def without(w, direction):
    """Returns W with one column less: none along a direction of length 1."""
    basis = torch.linalg.qr(torch.cat((direction[:, None], torch.eye(len(direction), dtype=w.dtype)), 1)).Q
    return w @ basis[:, 1:]


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


@dataclass
class Result:
    """What is left of a program in d columns."""

    d: int
    outputs: float  # losses
    layers: float
    cosine: float
    equivalent: bool
    proved: bool
    agreement: float  # share of positions, of numbers the largest error
    far: int  # s-ops that are not held any more
    sops: int
    reason: str

    FAR = 0.1  # of the distance of two values


def verified(raspc, folder):
    """Returns what raspc verify says of a folder, and refuses one that it does not run."""
    run = subprocess.run([raspc, "verify", str(folder), "--json", "--certify", "--distance", "--budget", "2000"], capture_output=True, text=True)
    if run.returncode not in (0, 3, 4):
        raise SystemExit(f"compress: {folder}: {run.stdout}{run.stderr}")
    return json.loads(run.stdout.splitlines()[0])


def result(compression, raspc, folder):
    """Writes a folder, and says what it does."""
    Folded(compression.model, compression.w).write(folder)
    report = verified(raspc, folder)
    with torch.no_grad():
        outputs, layers = (x.item() for x in compression.losses(compression.w))
    distance = report["distance"][0]
    file = report["certificate"]["files"][0]
    return Result(
        compression.w.shape[1],
        outputs,
        layers,
        compression.cosine(),
        report["result"] != "different",
        file["proved"],
        distance["max_error"] if distance["agreement"] is None else distance["agreement"],
        sum(sop["worst"] is None or sop["worst"] > Result.FAR for sop in distance["sops"]),
        len(distance["sops"]),
        file["reason"],
    )


def stock(c, folder):
    """Returns how far the logits of a folder, opened by the stock class, are from what W was
    trained with."""
    import transformers

    transformers.utils.logging.disable_progress_bar()
    model = transformers.AutoModelForTokenClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        logits = model(input_ids=c.ids, attention_mask=c.real.long()).logits
        return (logits - c.model.run(c.ids, c.w)[0])[c.answered].abs().max().item()


def compressed(model, raspc, args, work):
    """Yields what is left in less and less columns, with W."""
    torch.manual_seed(0)
    c = Compression(model, args.inputs, seed=0)
    while True:
        folder = work / f"{model.folder.name}-{c.w.shape[1]}"
        r = result(c, raspc, folder)
        if args.check and not stock(c, folder) < CLOSE:
            raise SystemExit(f"compress: {folder.name}: the stock class gives other logits than W was trained with")
        yield r, c.w
        if c.w.shape[1] <= args.least or args.drop is not None and model.width - c.w.shape[1] >= args.drop:
            return
        c.drop()
        c.train(args.steps)


def heatmap(w):
    """Returns W times its transpose as a drawing: what is read of each column's direction along each other's."""
    cell, product = 8, (w @ w.T).tolist()
    size = cell * len(product)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{2 * size}" height="{2 * size}">']
    lines.append(f'<rect width="{size}" height="{size}" fill="#fff" stroke="#999"/>')
    for i, row in enumerate(product):
        for j, x in enumerate(row):
            if abs(x) > 0.02:
                colour, strength = "#b2182b" if x < 0 else "#2166ac", min(1.0, abs(x))
                lines.append(f'<path d="M{cell * j} {cell * i}h{cell}v{cell}h-{cell}z" fill="{colour}" opacity="{strength:.2f}"/>')
    return "\n".join([*lines, "</svg>\n"])


def table(results, numeric):
    heads = ["d", "outputs", "layers", "cosine", "largest error" if numeric else "right", "equivalent", "proved", "s-ops held"]
    lines = [heads, ["--:"] * 5 + ["---"] * 2 + ["--:"]]
    for r in results:
        right = f"{r.agreement:.2g}" if numeric else f"{r.agreement:.3f}"
        yes = ["yes" if x else "no" for x in (r.equivalent, r.proved)]
        lines.append([str(r.d), f"{r.outputs:.1e}", f"{r.layers:.1e}", f"{r.cosine:.3f}", right, *yes, f"{r.sops - r.far} of {r.sops}"])
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def renew(path, name, text):
    """Puts a text between the marks of a document."""
    old = path.read_text(encoding="utf-8")
    before, rest = old.split(f"<!-- {name} -->\n")
    path.write_text(before + f"<!-- {name} -->\n\n" + text + "\n<!-- end -->" + rest.split("<!-- end -->", 1)[1], encoding="utf-8")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raspc", required=True, help="the command")
    parser.add_argument("--work", type=Path, required=True, help="folder that gets a folder for each d")
    parser.add_argument("--steps", type=int, default=300, help="of training, for each d")
    parser.add_argument("--inputs", type=int, default=48, help="of each length")
    parser.add_argument("--least", type=int, default=1, help="d to end at")
    parser.add_argument("--drop", type=int, help="how many dimensions to drop at most")
    parser.add_argument("--write", type=Path, help="document whose tables and drawings are renewed")
    parser.add_argument("--check", action="store_true", help="fail unless the identity is proved, and stock classes compute what was trained")
    parser.add_argument("folders", nargs="+", metavar="DIR", help="of a BERT that raspc export has written")
    return parser.parse_args()


def main():
    os.environ["HF_HUB_OFFLINE"] = "1"
    torch.set_num_threads(1)
    args = arguments()
    for folder in args.folders:
        model = Model(folder)
        name, results, least = model.folder.name, [], None
        for r, w in compressed(model, args.raspc, args, args.work):
            results.append(r)
            print(f"{name}: {r}", flush=True)
            if r.equivalent:
                least = w
        if args.check and not (results[0].equivalent and results[0].proved):
            print(f"compress: {name} is not proved as it is: {results[0].reason}", file=sys.stderr)
            return 1
        if args.write:
            renew(args.write, f"table {name}", table(results, model.numeric))
            args.write.with_name(f"compression-{name}.svg").write_text(heatmap(least), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
