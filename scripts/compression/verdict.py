"""What is left of a program in fewer columns."""

import json
import subprocess
from dataclasses import dataclass

import torch

from .folded import Folded


@dataclass
class Result:
    """What is left of a program in d columns."""

    d: int
    outputs: float  # losses
    layers: float
    cosine: float
    equivalent: bool
    proved: bool
    numeric: bool
    agreement: float  # share of positions, of numbers the largest error
    far: int  # s-ops that are not held any more
    sops: int
    reason: str

    FAR = 0.1  # of the distance of two values

    def __str__(self):
        right = f"largest error {self.agreement:.2g}" if self.numeric else f"{self.agreement:.3f} of positions right"
        verdict = "equivalent, proved" if self.proved else f"{'equivalent' if self.equivalent else 'different'}, not proved: {self.reason}"
        return f"d = {self.d}: losses {self.outputs:.1e} and {self.layers:.1e}, cosine {self.cosine:.3f}, {right}, {self.sops - self.far} of {self.sops} s-ops held; {verdict}"


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
        compression.model.numeric,
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
        return (logits - c.model.run(c.ids, c.w).logits)[c.answered].abs().max().item()
