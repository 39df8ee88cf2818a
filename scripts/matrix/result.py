"""What was found of models of one kind, run in one way.

crosscheck.py and web/run.mjs append a line for each runtime to a file:

    {"runtime", "versions": {"PACKAGE": "VERSION"}, "results": [
      {"kind": {"format", "architecture", "task", "dtype", "attention"}, "variant",
       "models", "positions", "numbers", "differences", "error": N|null}]}

"variant" is the way that a runtime runs models, where it has several; "error" is
null where an output is a wrong label or no number. There may be several results
of a kind and a variant.
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

# What each runtime reads. Where one is added, crosscheck has to know what it needs.
FORMATS = {
    "onnxruntime": "onnx",
    "web": "onnx",
    "torch": "safetensors",
    "transformerlens": "transformerlens",
    "nnsight": "safetensors",
    "llama.cpp": "gguf",
}

# The architecture of files whose format has only one; "" is the decoder as it is.
ARCHITECTURES = {"onnx": "", "transformerlens": "", "gguf": "gpt2"}


@dataclass(frozen=True, order=True)
class Kind:
    """What models have in common that are counted together."""

    format: str
    architecture: str
    task: str
    dtype: str  # of the weights
    attention: str  # causal or full

    @classmethod
    def of(cls, manifest, form):
        """Returns the kind of the file that a folder has in a format."""
        file = next(file for file in manifest["files"] if file["format"] == form)
        task = manifest["output"].get("task", "token-classification")
        return cls(form, file.get("arch") or ARCHITECTURES[form], task, file.get("dtype", "float32"), manifest["model"]["attention"])


@dataclass
class Result:
    """What was compared, and what came of it."""

    kind: Kind
    variant: str
    models: int = 0
    positions: int = 0  # compared, BOS left out
    numbers: int = 0  # of these, those whose output is a number and no label
    differences: int = 0
    error: float = 0.0  # the largest, beside the largest number of a model's cases; infinite at a wrong label

    def add(self, other):
        """Adds what was found of other models of the kind."""
        self.models += other.models
        self.positions += other.positions
        self.numbers += other.numbers
        self.differences += other.differences
        self.error = max(self.error, other.error)


def merged(results):
    """Returns one result for each kind and variant."""
    sums = {}
    for result in results:
        sums.setdefault((result.kind, result.variant), Result(result.kind, result.variant)).add(result)
    return list(sums.values())


@dataclass
class Report:
    """All results of a runtime."""

    runtime: str
    versions: dict[str, str]
    results: list[Result]

    def append(self, path):
        """Appends the report to a file, as a line."""
        record = asdict(self)
        for result in record["results"]:
            if not math.isfinite(result["error"]):
                result["error"] = None
        with open(path, "a", encoding="utf-8") as f:
            print(json.dumps(record, allow_nan=False), file=f)

    @classmethod
    def read(cls, path):
        """Returns the reports of a file."""
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        return [cls.of(json.loads(line)) for line in lines]

    @classmethod
    def of(cls, record):
        """Returns the report of a line, with one result for each kind and variant."""
        results = []
        for result in record["results"]:
            error = math.inf if result["error"] is None else result["error"]
            results.append(Result(**{**result, "kind": Kind(**result["kind"]), "error": error}))
        return cls(record["runtime"], record["versions"], merged(results))
