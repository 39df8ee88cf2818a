"""The residual stream of an exported Hugging Face folder under PyTorch hooks: what it
holds is read and replaced, for interventions.py.

A point is a place at which activations are edited:

    ("stream", s)   the residual stream behind stage s: 0 is the embedding, 2k+1 the
                    attention of layer k, 2k+2 its MLP
    ("heads", k)    what the heads of layer k give, side by side, before they are written
    ("neurons", k)  the neurons of layer k
"""

import re

import torch
import transformers
from folder import Wrong


def stage_of(written):
    """Returns the stage of a column by what raspc.json says of who completes it."""
    if written in ("embedding", "position"):
        return 0
    layer, part = re.fullmatch(r"layer (\d+) (attention|mlp)", written).groups()
    return 2 * int(layer) + (1 if part == "attention" else 2)


class Stream:
    """The model of a folder, GPT-2 or BERT, with hooks."""

    def __init__(self, export):
        torch.set_num_threads(1)  # small models, many calls
        transformers.utils.logging.disable_progress_bar()
        transformers.utils.logging.set_verbosity_error()
        auto = transformers.AutoModelForCausalLM if export.next else transformers.AutoModelForTokenClassification
        self.export, self.model = export, auto.from_pretrained(str(export.folder)).eval()
        self.config = self.model.config
        self.edits, self.seen = {}, None
        self.rotation = torch.tensor(export.manifest["rotation"], dtype=torch.float64) if "rotation" in export.manifest else None
        if self.rotation is not None and self.rotation.shape[0] != self.rotation.shape[1]:
            raise Wrong(f"{export.folder}: the stream is compressed: what it holds cannot be set column by column")
        self.base = getattr(self.model, self.model.base_model_prefix)
        if self.config.model_type == "gpt2":
            self.hook_gpt2()
        elif self.config.model_type == "bert":
            self.hook_bert()
        else:
            raise Wrong(f"{export.folder}: the stream of a {self.config.model_type} is not known")
        self.head_size = self.config.hidden_size // self.config.num_attention_heads
        self.find_compensation()

    def hook_gpt2(self):
        """Edits what modules get, in place: it is what the residual connections pass on, too."""
        blocks = list(self.base.h)
        for k, block in enumerate(blocks):
            self.before(block, ("stream", 2 * k))
            self.before(block.ln_2, ("stream", 2 * k + 1))
            self.before(block.attn.c_proj, ("heads", k))
            self.before(block.mlp.c_proj, ("neurons", k))
        self.before(self.base.ln_f, ("stream", 2 * len(blocks)))
        self.embedded = self.base.wte.weight

    def hook_bert(self):
        """Edits what the norms behind each sum give."""
        self.behind(self.base.embeddings.LayerNorm, ("stream", 0))
        for k, layer in enumerate(self.base.encoder.layer):
            self.behind(layer.attention.output.LayerNorm, ("stream", 2 * k + 1))
            self.behind(layer.output.LayerNorm, ("stream", 2 * k + 2))
            self.before(layer.attention.output.dense, ("heads", k))
            self.before(layer.output.dense, ("neurons", k))
        self.embedded = self.base.embeddings.word_embeddings.weight

    def before(self, module, point):
        module.register_forward_pre_hook(lambda _module, args: self.meet(point, args[0]))

    def behind(self, module, point):
        module.register_forward_hook(lambda _module, _args, out: self.meet(point, out))

    def meet(self, point, x):
        """Edits and notes the activations at a point: the stream as the labels speak of it."""
        edits = self.edits.get(point, [])
        if self.seen is None and not edits:
            return
        turned = self.rotation is not None and point[0] == "stream"
        y = self.turn(x, self.rotation.T) if turned else x
        for edit in edits:
            edit(y)
        if self.seen is not None:
            self.seen[point] = y.clone()
        if turned and edits:
            x.copy_(self.turn(y, self.rotation))

    def turn(self, x, matrix):
        """Returns a stream whose first columns are times a matrix."""
        out = x.clone()
        out[..., : self.width] = (x[..., : self.width].double() @ matrix).float()
        return out

    def find_compensation(self):
        """Finds the column that the layer norms need to be minus the sum of those in front of
        it, which whoever writes to the stream has to keep up."""
        rows = self.embedded.detach()
        self.width = len(self.rotation) if self.rotation is not None else 1 + max(column["index"] for column in self.export.manifest["columns"])
        while self.width + 1 < rows.shape[1] and not self.compensates(rows):
            self.width += 1  # padding, or columns that only positions or later layers write
        if not self.compensates(rows):
            raise Wrong(f"{self.export.folder}: no column of the stream is minus the sum of those in front of it")

    def compensates(self, rows):
        """Reports whether the column behind the width is minus the sum of the others."""
        return torch.equal(rows[:, self.width], -rows[:, : self.width].sum(-1))

    def balance(self, x):
        """Makes up for what was written to columns of x."""
        x[..., self.width] = -x[..., : self.width].sum(-1)

    def run(self, cases, edits=None, record=False):
        """Returns the logits of a padded batch of inputs, by case and position, BOS first, and
        the activations at all points if they are to be recorded."""
        ids, mask = self.export.batch(cases)
        self.edits, self.seen = edits or {}, {} if record else None
        with torch.no_grad():
            logits = self.model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).logits.numpy()
        return logits, self.seen


def assign(rows, positions, columns, values, stream):
    """Returns an edit of the stream: the columns get values, one for each place."""
    at = tuple(torch.tensor(x) for x in (rows, positions, columns))
    new = torch.tensor(values, dtype=torch.float32)

    def edit(x):
        x[at] = new
        stream.balance(x)

    return edit
