"""Runs gguf/model.gguf of a folder on llama.cpp, for crosscheck.py."""

import random

import cyllama.llama.llama_cpp as llama
from folder import UNKNOWN, Snippet, Wrong

FLOAT32 = 0  # type of the cache
OFF = 0  # flash attention


class Model(llama.LlamaModel):
    """A model whose logits can be read: cyllama 0.2 asks it for the size of its vocabulary."""

    @property
    def n_vocab(self):
        return self.get_vocab().n_vocab


class LlamaCpp:
    """Runs the file on the processor in float32."""

    def __init__(self, export, _states):
        llama.disable_logging()
        self.export, self.path = export, str(export.folder / "gguf" / "model.gguf")
        settings = llama.LlamaModelParams()
        settings.n_gpu_layers = 0
        self.model = Model(self.path, settings)
        room = llama.LlamaContextParams()
        room.type_k = room.type_v = FLOAT32
        room.flash_attn_type = OFF
        room.n_ctx = room.n_batch = room.n_ubatch = export.longest + 1
        room.n_threads = room.n_threads_batch = 1  # small models, many calls
        self.context = llama.LlamaContext(self.model, room)
        self.vocabulary = self.model.get_vocab()
        self.outputs = [int(i) for i in self.model.meta_val_str("raspc.outputs").split(",")]
        self.others = sorted(set(range(self.vocabulary.n_vocab)) - set(self.outputs))
        self.written = self.model.meta_val_str("tokenizer.ggml.model") != "none"
        if self.written:
            self.separator = {"true": " ", "false": ""}[self.model.meta_val_str("tokenizer.ggml.add_space_prefix")]

    def evaluate(self, ids, past=0):
        """Returns the logits of all tokens at each position of a part of an input, of which some ids went before."""
        if past == 0:
            self.context.kv_cache_clear()
        batch = llama.LlamaBatch(n_tokens=len(ids), embd=0, n_seq_max=1)
        batch.set_batch(ids, past, True)
        if self.context.decode(batch):
            raise Wrong(f"{self.path}: llama.cpp does not evaluate {ids}")
        return [self.context.get_logits_ith(i) for i in range(len(ids))]

    def logits(self, case):
        """Returns the logits of the outputs at each position of a case; those of other tokens have to be smaller."""
        import numpy

        ids = [self.export.bos, *case.ids]
        if self.written:
            ids = self.read(case.ids)
        rows = numpy.array(self.evaluate(ids), dtype=numpy.float32)
        found = rows[:, self.outputs]
        if not self.export.numeric and self.others and not (found[1:].max(axis=1) > rows[1:, self.others].max(axis=1)).all():
            raise Wrong(f"{self.path}: a token that is no label has the largest logit for {case.atoms}")
        return found

    def runs(self, cases):
        """Yields the logits."""
        yield "", [self.logits(case) for case in cases]

    def read(self, ids):
        """Returns what the file's tokenizer makes of the spelling of ids, which is themselves behind BOS."""
        text = self.separator.join(self.export.spelling[i] for i in ids)
        got = list(self.vocabulary.tokenize(text, True, True))
        if got != [self.export.bos, *ids]:
            raise Wrong(f"{self.path}: {text!r} is read as {got}, not {ids}")
        return got

    def finish(self, cases):
        """Checks the README's example, the tokenizer, and how texts go on."""
        Snippet(self.export.folder / "gguf" / "README.md", "cyllama").check()
        if self.written:
            self.check_tokenizer()
        if self.export.next:
            for case in cases:
                if case.continuation:
                    self.check_text(case)

    def check_tokenizer(self):
        """Wants every text back, and the unknown token at what is none."""
        every = range(len(self.export.spelling))
        rng = random.Random(len(every))
        for ids in [[i] for i in every] + [rng.choices(every, k=n) for n in range(2, self.export.longest + 1)]:
            self.read(ids)
        unknown = int(self.model.meta_val_str("tokenizer.ggml.unknown_token_id"))
        first = self.export.spelling[0] + self.separator
        for text in [UNKNOWN, first + UNKNOWN, *([first.strip() + UNKNOWN] if self.separator else [])]:
            ids = list(self.vocabulary.tokenize(text, True, True))
            if unknown not in ids:
                raise Wrong(f"{self.path}: {text!r} is read as {ids}")

    def ends(self, token):
        """Reports whether texts end with a token; without a tokenizer llama.cpp does not know."""
        return self.vocabulary.is_eog(token) if self.written else token == self.export.eos

    def check_text(self, case):
        """Goes on with a text token by token, over the cache, as at temperature 0."""
        ids = [self.export.bos, *case.ids]
        row, past, got = self.evaluate(ids)[-1], len(ids), []
        while len(got) < len(case.continuation):
            got.append(max(range(len(row)), key=row.__getitem__))
            if self.ends(got[-1]) or past > self.export.longest:
                break
            row, past = self.evaluate([got[-1]], past)[-1], past + 1
        if got != case.continuation or self.ends(got[-1]) != (got[-1] == self.export.eos):
            raise Wrong(f"{self.path}: {case.atoms} goes on as {got}, not {case.continuation}")
