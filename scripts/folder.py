"""What a user of a folder meets beside the logits: the model card and, of a Hugging
Face folder, the tokenizer, pipelines, generated text. crosscheck.py runs these
checks with the runtime torch, and the card's lines for other runtimes with those;
each raises Wrong where something is not as it should be."""

import ast
import contextlib
import io
import json
import math
import random
import re

SURE = 0.999  # least score of a label in a pipeline
UNKNOWN = "\U0010fffd"  # a character that no vocabulary has


class Wrong(Exception):
    """A file does not hold what it should."""


def same(got, want):
    """Compares what Python printed with what the card shows: numbers have three digits there."""
    if isinstance(want, list):
        return isinstance(got, list) and len(got) == len(want) and all(map(same, got, want))
    if isinstance(want, float):
        return isinstance(got, float) and math.isclose(got, want, rel_tol=6e-3, abs_tol=1e-4)
    return type(got) is type(want) and got == want


def blocks(path):
    """Returns the Python code of a Markdown file, block by block."""
    return [part.split("```")[0] for part in path.read_text(encoding="utf-8").split("```python\n")[1:]]


class Snippet:
    """The lines of a Markdown file that run an example on a runtime; the comment at their end is what they print."""

    def __init__(self, path, module):
        self.path = path
        try:
            (self.code,) = (code for code in blocks(path) if module in code)
        except ValueError:
            raise Wrong(f"{path}: not one example for {module}") from None

    def run(self, code):
        """Returns what the lines, or others like them, print."""
        printed = io.StringIO()
        with contextlib.chdir(self.path.parent), contextlib.redirect_stdout(printed):
            exec(compile(code, "README.md", "exec"), {})
        return printed.getvalue()

    def check(self):
        """Wants the lines to print what the comment says."""
        last = self.code.splitlines()[-1]
        if "  # " not in last:
            raise Wrong(f"{self.path}: the example is\n{self.code}")
        got, want = self.run(self.code), last.rsplit("  # ", 1)[1]
        if not same(ast.literal_eval(got), ast.literal_eval(want)):
            raise Wrong(f"{self.path}: the example prints {got}, the card has {want}")

    def check_unknown(self, place, error):
        """Wants an error where the example has an unknown token."""
        code, found = re.subn(re.escape(place), lambda _: place + UNKNOWN, self.code)
        if not found:
            return  # there is no tokenizer
        try:
            raise Wrong(f"{self.path}: the example reads an unknown token and prints {self.run(code)}")
        except Exception as err:
            if error not in str(err):
                raise


class Card:
    """The model card of a folder."""

    def __init__(self, export, module):
        self.export, self.path = export, export.folder / "README.md"
        self.text = self.path.read_text(encoding="utf-8")
        self.snippet = Snippet(self.path, module)

    def check(self, place, error):
        """Checks the text, and the example: an unknown token at a place in it raises an error."""
        self.check_text()
        if len(self.snippet.code.splitlines()) != 5:
            raise Wrong(f"{self.path}: the example is\n{self.snippet.code}")
        self.snippet.check()
        self.snippet.check_unknown(place, error)

    def check_metadata(self):
        """Reads the metadata as the Hub's own library does."""
        from huggingface_hub import ModelCard

        data = ModelCard.load(self.path).data
        task = "text-generation" if self.export.next else "token-classification"
        read = data.library_name, data.pipeline_tag, "rasp" in data.tags, data.license in (None, "apache-2.0"), data.datasets
        if read != ("transformers", task, True, True, None):
            raise Wrong(f"{self.path}: the metadata are {data.to_dict()}")
        for result in data.eval_results or []:
            if result.task_type != task or not isinstance(result.metric_value, float) or not result.dataset_name:
                raise Wrong(f"{self.path}: an evaluation is {result}")
            if (result.metric_type, result.metric_value) != ("accuracy", 1.0) and not (result.metric_type == "max_error" and result.metric_value < 1):
                raise Wrong(f"{self.path}: verified, with {result.metric_type} {result.metric_value}")

    def check_text(self):
        """Wants the program, and a line for each label."""
        if f"rasp\n{self.export.source.rstrip(chr(10))}\n```" not in self.text:
            raise Wrong(f"{self.path}: the program is not there")
        rows = re.findall(r"^\| \d+ \| ", self.text, re.MULTILINE)
        if len(rows) != (0 if self.export.next or self.export.numeric else min(64, len(self.export.labels))):
            raise Wrong(f"{self.path}: {len(rows)} labels")


class Tokenizer:
    """The tokenizer of a folder."""

    def __init__(self, export):
        import transformers

        self.export, self.fast = export, transformers.AutoTokenizer.from_pretrained(str(export.folder))
        with open(export.folder / "tokenizer.json", encoding="utf-8") as f:
            words = json.load(f)["pre_tokenizer"]["type"] == "WhitespaceSplit"
        self.separator = " " if words else ""

    def text(self, ids):
        """Spells an input."""
        return self.separator.join(self.export.spelling[i] for i in ids)

    def check(self):
        self.check_settings()
        every = range(len(self.export.spelling))
        for i in every:
            self.check_text([i])
        rng = random.Random(len(every))
        for length in range(2, self.export.longest + 1):
            for _ in range(4):
                self.check_text(rng.choices(every, k=length))
        self.check_padding()
        self.check_unknown()

    def check_settings(self):
        read = self.fast.is_fast, self.fast.padding_side, self.fast.model_max_length, self.fast.bos_token_id, self.fast.pad_token_id
        if read != (True, "right", self.export.longest + 1, self.export.bos, self.export.pad):
            raise Wrong(f"{self.export.folder}: the tokenizer is {read}")

    def check_text(self, ids):
        """Wants an input back from its spelling, with BOS once in front, and the spelling back from that."""
        text = self.text(ids)
        got = self.fast(text)
        if got["input_ids"] != [self.export.bos, *ids] or got["attention_mask"] != [1] * (1 + len(ids)):
            raise Wrong(f"{self.export.folder}: the tokenizer reads {text!r} as {got}, not {ids}")
        back = self.fast.decode(got["input_ids"], skip_special_tokens=True)
        if back != text:
            raise Wrong(f"{self.export.folder}: the tokenizer spells {ids} as {back!r}, not {text!r}")

    def check_padding(self):
        """Wants a shorter text to be padded on the right."""
        ids = [[0], [0] * self.export.longest]
        got = self.fast([self.text(i) for i in ids], padding=True)
        for row, mask, want in zip(got["input_ids"], got["attention_mask"], ids, strict=True):
            room = self.export.longest - len(want)
            if row != [self.export.bos, *want] + [self.export.pad] * room or mask != [1] * (1 + len(want)) + [0] * room:
                raise Wrong(f"{self.export.folder}: the tokenizer pads to {row}")

    def check_unknown(self):
        """Wants an error at text outside the vocabulary, alone and behind a token."""
        first = self.export.spelling[0] + self.separator
        for unknown in [UNKNOWN, self.fast.bos_token, self.fast.pad_token]:
            for text in [unknown, first + unknown, *([first.strip() + unknown] if self.separator else [])]:
                try:
                    ids = self.fast(text)["input_ids"]
                except Exception as err:
                    if "WordLevel" in str(err):
                        continue
                    raise
                raise Wrong(f"{self.export.folder}: the tokenizer reads {text!r} as {ids}")


def check_pipeline(export, tokenizer, cases):
    """Wants the pipeline, from the folder alone, to be sure of the program's outputs."""
    import transformers

    pipe = transformers.pipeline("token-classification", str(export.folder), device="cpu")
    names = pipe.model.config.id2label
    for case in cases:
        found = pipe(tokenizer.text(case.ids))
        got = [entity["entity"] for entity in found]
        want = [names[export.labels.index(export.key(value))] for value in case.want]
        if got != want or min((entity["score"] for entity in found), default=1) < SURE:
            raise Wrong(f"{export.folder}: the pipeline reads {case.atoms} as {found}, not {want}")


class Generation:
    """How a folder's language model goes on with texts, beside how the program does."""

    def __init__(self, export, model, tokenizer, cases):
        self.export, self.model, self.tokenizer = export, model, tokenizer
        self.cases = [case for case in cases if case.continuation]

    def check(self):
        """Lets the stock code go on with each text alone, with and without its cache, and with all of them together."""
        if not self.cases:
            raise Wrong(f"{self.export.folder}: no input goes on")
        for case in self.cases:
            self.check_alone(case)
        self.check_together()
        self.check_length()
        if self.tokenizer:
            self.check_pipeline(self.cases[:3])

    def compare(self, case, got, want):
        if got != want:
            raise Wrong(f"{self.export.folder}: {case.atoms} goes on as {got}, not {want}")

    def generate(self, ids, mask=None, **options):
        """Returns the rows of ids that generate makes of rows of ids."""
        import torch

        mask = mask or [[1] * len(row) for row in ids]
        return self.model.generate(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask), **options).tolist()

    def check_alone(self, case):
        start = [self.export.bos, *case.ids]
        whole = start + case.continuation
        few = max(1, len(case.continuation) // 2)
        self.compare(case, self.generate([start])[0], whole)
        self.compare(case, self.generate([start], use_cache=False)[0], whole)
        self.compare(case, self.generate([start], max_new_tokens=few)[0], whole[: len(start) + few])

    def check_together(self):
        """Pads on the left. What is shorter ends before the others, or is cut with them."""
        longest = max(len(case.ids) for case in self.cases)
        room = self.export.longest - longest
        pads = [longest - len(case.ids) for case in self.cases]
        ids = [[self.export.pad] * n + [self.export.bos, *case.ids] for n, case in zip(pads, self.cases, strict=True)]
        mask = [[0] * n + [1] * (1 + len(case.ids)) for n, case in zip(pads, self.cases, strict=True)]
        for case, row in zip(self.cases, self.generate(ids, mask, max_new_tokens=room), strict=True):
            want = case.continuation[:room]
            got = row[1 + longest :]
            self.compare(case, got, want + [self.export.pad] * (len(got) - len(want)))

    def check_length(self):
        """Wants an error, and no wrong text, beyond the table of positions of the model, if it has one."""
        if self.model.config.model_type == "llama":
            return
        for case in self.cases:
            if case.continuation[-1] != self.export.eos:
                try:
                    got = self.generate([[self.export.bos, *case.ids]], max_new_tokens=self.export.longest + 2)
                except IndexError:
                    return
                raise Wrong(f"{self.export.folder}: {case.atoms} goes on beyond the maximum length, as {got}")

    def check_pipeline(self, cases):
        """Compares the text without spaces: the pipeline leaves out the one behind the prompt."""
        import transformers

        pipe = transformers.pipeline("text-generation", str(self.export.folder), device="cpu")
        for case in cases:
            text = self.tokenizer.text([*case.ids, *(i for i in case.continuation if i != self.export.pad)])
            got = pipe(self.tokenizer.text(case.ids))[0]["generated_text"]
            if got.replace(self.tokenizer.separator or "\0", "") != text.replace(self.tokenizer.separator or "\0", ""):
                raise Wrong(f"{self.export.folder}: the pipeline goes on with {case.atoms} as {got!r}, not {text!r}")
