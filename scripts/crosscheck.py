"""Compares exported models, run by runtimes that are not part of raspc, with
the outputs of the reference interpreter.

    crosscheck.py --runtime onnxruntime DIR CASES.jsonl [DIR CASES.jsonl ...]

DIR is an export folder: raspc.json with model.onnx (runtime onnxruntime) or
with the Hugging Face files (runtimes torch and nnsight) or with the folder
transformerlens (the runtime of this name) or gguf (llama.cpp, see llamacpp.py); a folder without what the runtime
runs is left out. CASES.jsonl is what `raspc run FILE --inputs IN.jsonl --json`
prints. Lines with an error, where the program is undefined, are counted and
left out.

onnxruntime runs each file twice, with all of its graph optimisations and with
none. Before, onnx checks the file, and infers types, strictly, which have to be
those that the file declares; of one batch the shapes of all tensors are
compared with what is declared. Hidden states are compared with those that
--states PROGRAM prints (scripts/states).

torch runs each folder twice, with the attention that transformers writes out
(eager) and with PyTorch's own (sdpa).

Inputs are evaluated in batches of mixed lengths, padded on the right, but for
transformerlens, where those of a batch are as long as each other. With torch they go through the folder's tokenizer, as text. Categorical outputs are
compared as values, numeric ones within --tolerance, which is relative to the
largest number among the cases and absolute where that is below 1. See folder.py
for what else is checked of a folder; how texts go on is compared where cases have
a "continuation", see continuations.py.

--json FILE appends what was found of each kind of model, see matrix/result.py.

Exit status: 0 all equal, 1 a file is wrong, 2 wrong usage or a package is
missing, 3 there are differences.
"""

import argparse
import contextlib
import importlib
import importlib.metadata
import io
import json
import math
import os
import random
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass, field
from fractions import Fraction
from operator import attrgetter
from pathlib import Path

import circuit
from folder import Card, Wrong, blocks
from matrix.result import FORMATS, Kind, Report, Result, merged

# The packages of each runtime, the one that runs the models first.
PACKAGES = {
    "onnxruntime": ["onnxruntime", "onnx", "numpy"],
    "torch": ["transformers", "torch"],
    "transformerlens": ["transformer_lens", "torch", "networkx", "jsonschema"],
    "nnsight": ["nnsight", "transformers", "torch"],
    "llama.cpp": ["cyllama", "numpy"],
}
ATTENTION = ["eager", "sdpa"]  # what transformers computes it by
BLOCKS = {"gpt2": "transformer.h", "bert": "bert.encoder.layer", "llama": "model.layers", "mobilebert": "mobilebert.encoder.layer"}
SHOWN_DIFFERENCES = 5
HIDDEN_TOLERANCE = 2e-5  # of hidden states, relative to the largest number in them


def atom_key(value):
    """Returns what a JSON atom is compared by: numbers by value, True as 1."""
    if value is None:
        return ("none",)
    if isinstance(value, str):
        return ("string", value)
    return ("number", float(value))


def manifest_key(atom):
    """Returns the same for an atom of raspc.json."""
    kind, exact = atom["kind"], atom["exact"]
    if kind == "string":
        return ("string", exact)
    if kind in ("int", "float", "bool"):
        return ("number", float({"True": 1, "False": 0}.get(exact) if kind == "bool" and exact in ("True", "False") else Fraction(exact)))
    raise Wrong(f"raspc.json: unknown kind of atom {kind!r}")


@dataclass
class Case:
    """One input with the outputs it should have."""

    ids: list[int]
    atoms: list
    want: list
    continuation: list[int]  # the ids that follow, of a language model


class Export:
    """What raspc.json says about a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        with open(folder / "raspc.json", encoding="utf-8") as f:
            manifest = json.load(f)
        tokens, output = manifest["tokens"], manifest["output"]
        self.manifest = manifest
        self.files = {file["format"]: file for file in manifest["files"]}
        self.spelling, self.bos, self.pad = tokens["vocab"], tokens["bos_id"], tokens["pad_id"]
        self.ids = {manifest_key(atom): i for i, atom in enumerate(manifest["options"]["vocab"])}
        if len(self.ids) != len(self.spelling):
            raise Wrong(f"{folder}: {len(self.ids)} vocabulary entries for {len(self.spelling)} tokens")
        self.layers = manifest["model"]["layers"]
        self.source, self.longest = manifest["program"]["source"], manifest["options"]["max_len"]
        self.numeric, self.next, self.eos = output["kind"] == "numeric", output.get("task") == "causal-lm", output.get("eos_id")
        self.scale = 1.0  # the largest number of the cases
        self.labels = [manifest_key(atom) for atom in output.get("labels") or []]

    def key(self, value):
        """Returns what a label is compared by that is written as JSON."""
        return atom_key(value)

    def case(self, line: str):
        """Reads a line of cases; None where the program is undefined."""
        record = json.loads(line)
        if "error" in record:
            return None
        if "output" not in record:
            raise Wrong("a case without output: is it a selector?")
        atoms = list(record["input"])
        try:
            ids = [self.ids[atom_key(atom)] for atom in atoms]
        except KeyError as err:
            raise Wrong(f"input {atoms}: {err} is not in the vocabulary") from None
        if len(record["output"]) != len(ids):
            raise Wrong(f"input {atoms} has {len(ids)} tokens and {len(record['output'])} outputs")
        follow = [self.ids.get(atom_key(atom), self.eos) for atom in record.get("continuation", [])]
        return Case(ids, atoms, record["output"], follow)

    def cases(self, path: Path):
        """Returns the cases of a file and how many lines are undefined."""
        with open(path, encoding="utf-8") as f:
            read = [self.case(line) for line in f if line.strip()]
        cases = [case for case in read if case is not None]
        if self.numeric:
            self.scale = max([1.0, *(abs(float(want)) for case in cases for want in case.want)])
        return cases, len(read) - len(cases)

    def batch(self, cases):
        """Returns the ids and the mask of a padded batch."""
        longest = max(len(case.ids) for case in cases)
        ids = [[self.bos, *case.ids] + [self.pad] * (longest - len(case.ids)) for case in cases]
        mask = [[1] * (1 + len(case.ids)) + [0] * (longest - len(case.ids)) for case in cases]
        return ids, mask

    def error(self, logits, want):
        """Returns how far a position's logits are from a value, beside the largest of the cases, and what they give."""
        if self.numeric:
            got = float(logits[0])
            return abs(got - float(want)) / self.scale, got
        got = self.labels[int(logits.argmax())]
        return 0.0 if got == atom_key(want) else math.inf, got[-1]


class OnnxRuntime:
    """Runs model.onnx, optimised and as it is, after onnx's own checks."""

    def __init__(self, export: Export, states):
        import onnx
        import onnxruntime

        self.export, self.states = export, states
        self.path = str(export.folder / "model.onnx")
        file = export.files["onnx"]
        self.type = file.get("ids", "int64")
        onnx.checker.check_model(self.path, full_check=True)
        check_types(self.path)
        levels = onnxruntime.GraphOptimizationLevel
        self.sessions = {
            "optimised": self.session(levels.ORT_ENABLE_ALL),
            "not optimised": self.session(levels.ORT_DISABLE_ALL),
        }
        session = self.sessions["optimised"]
        ports = [(i.name, i.type) for i in session.get_inputs()], [o.name for o in session.get_outputs()]
        self.output = "values" if export.numeric else "logits"
        self.hidden = [f"hidden_states.{i}" for i in range(export.layers + 1)] if file.get("hidden_states") else []
        want = [(name, f"tensor({self.type})") for name in ("input_ids", "attention_mask")], [self.output, *self.hidden]
        if ports != want:
            raise Wrong(f"{self.path}: inputs and outputs are {ports}, not {want}")

    def session(self, level, model=None):
        """Opens the file, or a changed model of it."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = os.cpu_count() or 1
        options.graph_optimization_level = level
        return onnxruntime.InferenceSession(model or self.path, options, providers=["CPUExecutionProvider"])

    def batch(self, cases):
        """Returns the inputs of a padded batch."""
        import numpy

        ids, mask = (numpy.array(rows, dtype=self.type) for rows in self.export.batch(cases))
        return {"input_ids": ids, "attention_mask": mask}

    def runs(self, cases):
        """Yields an array of [case, position, output] for each session, behind its name."""
        for level, session in self.sessions.items():
            yield level, session.run([self.output], self.batch(cases))[0]

    def finish(self, cases):
        """Checks what is there beside the output."""
        Card(self.export, "onnxruntime").check('for t in ["', "is not in list")
        self.check_shapes(cases[:3])
        if self.hidden:
            self.check_hidden(cases[:20])

    def check_shapes(self, cases):
        """Wants the shapes of all tensors of a run to be the declared ones."""
        import onnx
        import onnxruntime

        model = onnx.load(self.path)
        inputs = self.batch(cases)
        sizes = dict(zip(["batch", "sequence"], inputs["input_ids"].shape, strict=True))
        declared = {v.name: [sizes.get(d.dim_param) or d.dim_value for d in v.type.tensor_type.shape.dim] for v in [*model.graph.value_info, *model.graph.output]}
        model.graph.output.extend(model.graph.value_info)
        session = self.session(onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL, model.SerializeToString())
        for name, value in zip(declared, session.run(list(declared), inputs), strict=True):
            if list(value.shape) != declared[name]:
                raise Wrong(f"{self.path}: {name} has shape {value.shape}, declared is {declared[name]}")

    def check_hidden(self, cases):
        """Compares the hidden states with those of another program."""
        import numpy

        if not self.states:
            raise Wrong(f"{self.path}: its hidden states need --states PROGRAM to be compared with")
        inputs = self.batch(cases)
        text = json.dumps({"ids": inputs["input_ids"].tolist(), "mask": inputs["attention_mask"].tolist()})
        printed = subprocess.run([self.states, self.export.folder], input=text, capture_output=True, text=True, check=True).stdout
        want = numpy.array(json.loads(printed))
        for level, session in self.sessions.items():
            got = numpy.array(session.run(self.hidden, inputs))
            error = numpy.abs(got - want).max() / max(1, numpy.abs(want).max()) if got.shape == want.shape else math.inf
            if not error <= HIDDEN_TOLERANCE:
                raise Wrong(f"{self.path}, {level}: hidden states differ by {error}; shapes {got.shape} and {want.shape}")


def check_types(path):
    """Wants a file to declare the types that onnx infers of its tensors, all of them."""
    import onnx

    declared = onnx.load(path)
    inferred = onnx.shape_inference.infer_shapes(declared, check_type=True, strict_mode=True, data_prop=True)
    if declared != inferred:
        raise Wrong(f"{path}: inference adds to what is declared")
    scopes = [(declared.graph, [*declared.graph.value_info, *declared.graph.output])]
    if declared.ir_version >= 10:  # below, functions cannot declare types
        scopes += [(function, list(function.value_info)) for function in declared.functions]
    for scope, infos in scopes:
        made = sorted(name for node in scope.node for name in node.output)
        if made != sorted(info.name for info in infos):
            raise Wrong(f"{path}: {scope.name} declares other tensors than it computes")
        for node in scope.node:
            if not node.doc_string:
                raise Wrong(f"{path}: nothing says what {node.name} computes")


def automatic(export):
    """Returns the class of transformers that finds the folder's own."""
    import transformers

    return transformers.AutoModelForCausalLM if export.next else transformers.AutoModelForTokenClassification


class Torch:
    """Runs the folder through transformers' Auto classes."""

    def __init__(self, export: Export, _states):
        import torch
        import transformers
        from folder import Tokenizer

        torch.set_num_threads(1)  # small models, many calls
        transformers.utils.logging.disable_progress_bar()
        transformers.utils.logging.set_verbosity_error()
        folder = str(export.folder)
        self.model, info = automatic(export).from_pretrained(folder, output_loading_info=True)
        wrong = {key: names for key, names in info.items() if names}
        if wrong:
            raise Wrong(f"{folder}: transformers reports {wrong}")
        if [type(self.model).__name__] != self.model.config.architectures:
            raise Wrong(f"{folder}: {type(self.model).__name__} is not {self.model.config.architectures}")
        self.model.eval()
        self.export, self.tokenizer = export, None
        if (export.folder / "tokenizer.json").exists():
            self.tokenizer = Tokenizer(export)

    def batch(self, cases):
        """Returns the arguments of the model, from the tokenizer if there is one."""
        import torch

        ids, mask = self.export.batch(cases)
        batch = {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}
        if self.tokenizer is not None:
            texts = [self.tokenizer.text(case.ids) for case in cases]
            read = self.tokenizer.fast(texts, padding=True, return_tensors="pt")
            if set(read) != set(batch) or any(not torch.equal(read[key], batch[key]) for key in batch):
                raise Wrong(f"{self.export.folder}: the tokenizer reads {texts} as {read}")
            batch = read
        return batch

    def runs(self, cases):
        """Yields an array of [case, position, output] for each way to compute attention. The last is the default."""
        import torch

        batch = self.batch(cases)
        for attention in ATTENTION:
            self.model.set_attn_implementation(attention)
            with torch.no_grad():
                yield attention, self.model(**batch).logits.float().numpy()  # numpy has no bfloat16

    def finish(self, cases):
        """Checks what a user meets beside the logits."""
        from folder import Generation, check_pipeline

        card = Card(self.export, "transformers")
        card.check_metadata()
        card.check('tokenizer("', "WordLevel")
        if self.tokenizer is not None:
            self.tokenizer.check()
            if not self.export.numeric and not self.export.next:
                check_pipeline(self.export, self.tokenizer, [case for case in cases if case.ids][:3])
        if self.export.next:
            Generation(self.export, self.model, self.tokenizer, cases).check()


class TransformerLens:
    """Runs the model that the lines of the folder's README make."""

    def __init__(self, export: Export, _states):
        import safetensors
        import transformer_lens

        self.folder = export.folder / "transformerlens"
        old, new, self.example = blocks(self.folder / "README.md")
        hooked = hasattr(transformer_lens, "HookedTransformer")
        self.names = {}
        with contextlib.chdir(self.folder):
            exec(compile(old if hooked else new, "README.md", "exec"), self.names)
        self.model = self.names["model"]
        with safetensors.safe_open(self.folder / "model.safetensors", "pt") as f:
            wrong = {name for name, _ in self.model.named_parameters()} ^ set(f.keys())
        if hooked and wrong:
            raise Wrong(f"{self.folder}: not in the model and in the file: {wrong}")

    def logits(self, cases):
        """Returns an array of [position, output] for each case."""
        import torch

        rows = {}
        for length in {len(case.ids) for case in cases}:
            alike = [i for i, case in enumerate(cases) if len(case.ids) == length]
            ids = torch.tensor([[self.names["config"]["bos"], *cases[i].ids] for i in alike])
            with torch.no_grad():
                rows.update(zip(alike, self.model(ids).numpy(), strict=True))
        return [rows[i] for i in range(len(cases))]

    def runs(self, cases):
        """Yields the logits."""
        yield "", self.logits(cases)

    def finish(self, _cases):
        """Runs the README's example, and checks the circuit."""
        if hasattr(self.model, "hook_dict"):
            circuit.check(self.folder.parent, self.model)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(self.example, "README.md", "exec"), self.names)
        if not printed.getvalue().startswith("["):
            raise Wrong(f"{self.folder}: the README's example prints {printed.getvalue()!r}")


class Nnsight:
    """Runs the Hugging Face folder under nnsight."""

    def __init__(self, export: Export, _states):
        import nnsight
        import tokenizers
        import transformers

        warnings.filterwarnings("ignore", module="nnsight")
        transformers.utils.logging.disable_progress_bar()
        folder = str(export.folder)
        # Without a tokenizer nnsight 0.8 asks transformers 5 to guess one.
        if (export.folder / "tokenizer.json").exists():
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        else:
            tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizers.Tokenizer(tokenizers.models.WordLevel()))
        task = "text-generation" if export.next else "token-classification"
        self.model = nnsight.TransformersModel(folder, task=task, tokenizer=tokenizer)
        self.export = export

    def batch(self, cases):
        """Returns the arguments of the model."""
        import torch

        ids, mask = self.export.batch(cases)
        return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}

    def last(self, model):
        """Returns the last block of a model."""
        return attrgetter(BLOCKS[model.config.model_type])(model)[-1]

    def logits(self, cases):
        """Returns an array of [case, position, output]."""
        with self.model.trace(self.batch(cases)):
            output = self.model.output.save()
        return output.logits.detach().float().numpy()  # numpy has no bfloat16

    def runs(self, cases):
        """Yields the logits."""
        yield "", self.logits(cases)

    def finish(self, cases):
        """Reads the last block's output, and replaces it by zeros, of which all logits are 0."""
        import torch

        if self.model.config.num_hidden_layers == 0:
            return
        batch = self.batch(cases[:3])
        with self.model.trace(batch):
            hidden = self.last(self.model).output.save()
            output = self.model.output.save()
        kept = [t for t in self.hidden_states(batch) if torch.equal(t, hidden)]
        if not kept or not output.logits.any():
            raise Wrong(f"{self.export.folder}: nnsight reads another output of the last block")
        with self.model.trace(batch):
            self.last(self.model).output[:] = 0
            output = self.model.output.save()
        if output.logits.any():
            raise Wrong(f"{self.export.folder}: logits of zeros are {output.logits}")

    def hidden_states(self, batch):
        """Returns what the last block of the stock class makes."""
        stock = automatic(self.export).from_pretrained(str(self.export.folder))
        seen = []
        self.last(stock).register_forward_hook(lambda _module, _args, out: seen.append(out[0] if isinstance(out, tuple) else out))
        stock.eval()(**batch)
        return seen


def llama_cpp(export, states):
    """Runs the folder gguf."""
    from llamacpp import LlamaCpp

    return LlamaCpp(export, states)


RUNTIMES = {"onnxruntime": OnnxRuntime, "torch": Torch, "transformerlens": TransformerLens, "nnsight": Nnsight, "llama.cpp": llama_cpp}


@dataclass
class Tally:
    """Counts over all folders."""

    models: int = 0
    inputs: int = 0
    undefined: int = 0
    results: list[Result] = field(default_factory=list)  # one for each folder and variant
    shown: list[str] = field(default_factory=list)

    def total(self):
        """Returns the sum of all results."""
        whole = Result(None, "")
        for result in self.results:
            whole.add(result)
        return whole


def compare(export, case, rows, tolerance, result):
    """Compares the output at all positions of one input; yields what differs."""
    for position, want in enumerate(case.want):
        result.positions += 1
        result.numbers += export.numeric
        error, got = export.error(rows[1 + position], want)
        result.error = max(result.error, math.inf if math.isnan(error) else error)
        if not error <= tolerance:
            result.differences += 1
            yield f"{export.folder}: input {case.atoms} position {position}: want {want!r}, got {got!r}"


def check_folder(runtime, folder, path, args, tally):
    """Compares one folder with its cases."""
    export = Export(folder)
    if FORMATS[runtime] not in export.files:
        return
    cases, undefined = export.cases(path)
    if not cases:
        raise Wrong(f"{path}: no input that the program is defined on")
    random.Random(args.seed).shuffle(cases)
    runner = RUNTIMES[runtime](export, args.states)
    tally.models += 1
    tally.undefined += undefined
    kind, found = Kind.of(export.manifest, FORMATS[runtime]), {}
    for start in range(0, len(cases), args.batch):
        batch = cases[start : start + args.batch]
        tally.inputs += len(batch)
        for variant, run in runner.runs(batch):
            result = found.setdefault(variant, Result(kind, variant, models=1))
            for case, rows in zip(batch, run, strict=True):
                tally.shown += compare(export, case, rows, args.tolerance, result)
    runner.finish(cases)
    tally.results += found.values()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtime", default="onnxruntime", help="onnxruntime, torch, transformerlens, nnsight or llama.cpp; several with commas")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="largest error of a numeric output, relative to the largest of the cases")
    parser.add_argument("--json", metavar="FILE", help="file that what was found is appended to")
    parser.add_argument("--states", help="program that prints the hidden states of a folder")
    parser.add_argument("--batch", type=int, default=64, help="inputs evaluated at once")
    parser.add_argument("--seed", type=int, default=0, help="order in which inputs are put into batches")
    parser.add_argument("paths", nargs="+", metavar="DIR CASES.jsonl", help="folders, each with its cases")
    args = parser.parse_args()
    if len(args.paths) % 2:
        parser.error("folders and case files must come in pairs")
    if args.batch < 1:
        parser.error("--batch must be at least 1")
    args.runtime = args.runtime.split(",")
    for name in args.runtime:
        if name not in RUNTIMES:
            parser.error(f"unknown runtime {name!r}; there are {', '.join(RUNTIMES)}")
    return args


def check(runtime, args):
    """Compares all folders on one runtime; returns the exit status."""
    try:
        for name in PACKAGES[runtime]:
            importlib.import_module(name)
    except ImportError as err:
        print(f"crosscheck {runtime}: {err}", file=sys.stderr)
        return 2
    tally, begin = Tally(), time.monotonic()
    for folder, path in zip(args.paths[::2], args.paths[1::2], strict=True):
        try:
            check_folder(runtime, Path(folder), Path(path), args, tally)
        except Exception as err:
            print(f"crosscheck {runtime}: {folder}: {type(err).__name__}: {err}", file=sys.stderr)
            return 1
    if not tally.models:
        print(f"crosscheck {runtime}: no folder has files for it", file=sys.stderr)
        return 1
    tell(runtime, tally, time.monotonic() - begin)
    if args.json:
        packages = (name.replace("_", "-") for name in PACKAGES[runtime])
        versions = {name: importlib.metadata.version(name) for name in packages}
        Report(runtime, versions, merged(tally.results)).append(args.json)
    return 3 if tally.total().differences else 0


def tell(runtime, tally, seconds):
    """Prints what differs, and a closing line."""
    for text in tally.shown[:SHOWN_DIFFERENCES]:
        print(text)
    total = tally.total()
    print(
        f"crosscheck {runtime}: {tally.models} models, {tally.inputs} inputs, {total.positions} positions compared, "
        f"{tally.undefined} undefined inputs left out, {total.differences} differences, "
        f"largest error {total.error:.1g}, {seconds:.1f} s"
    )


def main():
    # Folders are local: nothing may be looked up elsewhere.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    args = arguments()
    return next((status for status in [check(name, args) for name in args.runtime] if status), 0)


if __name__ == "__main__":
    sys.exit(main())
