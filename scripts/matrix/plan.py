"""Which programs are exported, how, and on how many inputs they are compared."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures"

ALL = ("onnx", "safetensors", "transformerlens", "gguf")
TEXT = ("onnx", "safetensors", "gguf")  # of text that goes on, or is read
STOCK = ("onnx", "safetensors")

# How every program is written once more as a Hugging Face folder: flags of raspc export.
ARCHITECTURES = {arch: ("--arch", arch) for arch in ("gpt2", "bert", "llama", "mobilebert")}
NARROW = {dtype: ("--dtype", dtype) for dtype in ("f16", "bf16")}
FORMS = ARCHITECTURES | NARROW | {f"mobilebert-{dtype}": (*ARCHITECTURES["mobilebert"], *flags) for dtype, flags in NARROW.items()}

# What is written so without --every-form.
CHOSEN = {
    "llama": ("causal_reverse", "causal_dyck1", "causal_mean", "default_number", "frac_prevs", "bos_declared", "tokens"),
    "mobilebert": ("sort", "hist", "length", "reverse", "mean_of_numbers", "induction", "bos_declared", "tokens"),
    "bert": ("bos_declared",),
    "f16": ("sort", "causal_hist", "causal_mean", "tokens"),
    "bf16": ("hist", "causal_reverse", "induction", "tokens"),
    "mobilebert-f16": ("hist",),
    "mobilebert-bf16": ("sort",),
}

# Operator sets of ONNX, with options of ONNX files.
OPSETS = {
    13: ("--hidden-states",),
    14: ("--ids", "int32"),
    15: ("--functions",),
    16: ("--external-data",),
    17: ("--functions", "--hidden-states"),
    18: ("--functions", "--ids", "int32"),
    19: ("--hidden-states", "--ids", "int32", "--external-data"),
    20: (),
    21: ("--functions", "--hidden-states", "--ids", "int32"),
}

# Tokens of many kinds.
VOCABULARIES = {
    "words": ("--vocab", '["the", "a", "theatre", "<bos>", "<unk>"]'),
    "prefixes": ("--vocab", '["a", "ab", "abc", "b", "cab"]'),
    "characters": ("--vocab", '[" ", "\\n", "\\t", "a", "A", "é", "ﬁ", "😀", "(", "|", "\\\\"]'),
    "spaces": ("--vocab", '[" ", "\\n", "a", "ab", "abc", "日本", "x\\ty", ".*"]'),
    "ints": ("--tokens", "int", "--vocab", "[-10, -1, 0, 1, 10, 11]"),
    "floats": ("--tokens", "float", "--vocab", "[-0.5, 0.5, 0.25, 1.0, 10.0]"),
    "bools": ("--tokens", "bool", "--vocab", "[True, False]"),
}

# Models that are harder to read: a program, flags, and the forms that it is written in beside its default, by name.
DISGUISES = {
    "sort-noisy": ("sort", ("--permute", "1", "--noise", "0.1", "--pad-model", "64", "--pad-heads", "3", "--pad-mlp", "30"), ("f16",)),
    "reverse-rotated": ("reverse", ("--rotate", "1"), ("mobilebert",)),
    "causal_reverse-disguised": ("causal_reverse", ("--rotate", "3", "--noise", "0.1", "--pad-model", "70", "--pad-heads", "3"), ("llama",)),
    "frac_prevs-rotated": ("frac_prevs", ("--rotate", "2"), ()),
    "sort-copied": ("sort", ("--duplicate", "rank=3:mean", "--rotate", "2"), ()),
}

LONG = ("--max-len", "128")  # where means of widths are easily wrong
NEXT = ("--task", "causal-lm")


class Alike(Exception):
    """Two exports would have the same name."""


@dataclass(frozen=True)
class Planned:
    """An export of a program, and what is looked at."""

    file: Path
    name: str  # of the folder
    count: int  # inputs at most
    formats: tuple[str, ...] = ALL
    settings: tuple[str, ...] = ()  # of the program: flags of raspc export and raspc run
    flags: tuple[str, ...] = ()  # of raspc export alone
    continued: bool = False  # whether texts go on
    holds: tuple[str, ...] = ()  # a file, and a text that has to be in it
    beside: str = ""  # the name of another export, which this one writes in another form; left out where the program cannot have it


def fixture(name, count, to="", **rest):
    """Plans an export of a program of fixtures/."""
    return Planned(FIXTURES / f"{name}.rasp", to or name.rsplit("/", 1)[-1], count, **rest)


def form(name, file, planned, **rest):
    """Plans a Hugging Face folder in one of the forms."""
    return Planned(file, f"{planned}-{name}", 200, formats=("safetensors",), flags=FORMS[name], **rest)


def llama(default):
    """Plans an export as a Llama, too."""
    return replace(default, name=f"{default.name}-llama", formats=("safetensors",), flags=(*default.flags, *FORMS["llama"]))


def forms(default):
    """Plans a program in every form."""
    return [form(name, default.file, default.name, beside=default.name) for name in FORMS]


def chosen():
    """Plans some programs in some of the forms."""
    return [form(name, FIXTURES / f"{program}.rasp", program) for name, programs in CHOSEN.items() for program in programs]


def verified():
    """Returns the programs of fixtures/ that compile: of others the golden has no verification."""
    return [file for file in sorted(FIXTURES.glob("*.rasp")) if "\n-- verify --\n" in file.with_suffix(".txtar").read_text(encoding="utf-8")]


def corpus():
    """Plans the programs of fixtures/corpus/ that compile."""
    for line in (FIXTURES / "corpus.golden").read_text(encoding="utf-8").splitlines():
        # A line is "NAME exported FACTS"; the sums below have no facts.
        match line.split():
            case [name, "exported", _, *_]:
                yield fixture(f"corpus/{name}", 200, f"corpus-{name}")


def long():
    """Plans longer inputs."""
    for name in ("sort", "hist", "length"):
        yield fixture(name, 100, f"{name}-128", settings=LONG)
    for name, arch in (("default_token", "llama"), ("hist", "mobilebert")):
        yield form(arch, FIXTURES / f"{name}.rasp", f"{name}-128", settings=LONG)


def options():
    """Plans the options of files."""
    for opset, flags in OPSETS.items():
        for name in ("shuffle_dyck2", "causal_hist", "causal_mean"):  # full, causal, numbers
            yield fixture(name, 60, f"{name}-{opset}", formats=("onnx",), flags=("--opset", str(opset), *flags))
    shards = {"flags": ("--shard-size", "1KB"), "holds": ("model.safetensors.index.json", "weight_map")}
    for name in ("sort", "causal_hist"):
        yield fixture(name, 100, f"{name}-shards", **shards)
    yield llama(fixture("default_token", 200, "default_token-shards", **shards))
    for name in ("sort", "causal_hist", "frac_prevs"):
        flags = ("--verify", "--license", "apache-2.0")
        yield fixture(name, 100, f"{name}-evaluated", formats=STOCK, flags=flags, holds=("README.md", "\nmodel-index:\n"))
    for name in ("sort", "frac_prevs"):
        yield fixture(name, 100, f"{name}-ids", formats=TEXT, flags=("--no-tokenizer",))


def disguised():
    """Plans models that are harder to read."""
    for name, (program, flags, names) in DISGUISES.items():
        default = fixture(program, 200, name, flags=flags)
        yield default
        for one in (form(other, default.file, default.name) for other in names):
            yield replace(one, flags=(*flags, *one.flags))


def tokens():
    """Plans the program that gives its input, for tokens of many kinds."""
    return [fixture("tokens", 60, f"tokens-{name}", formats=TEXT, settings=settings) for name, settings in VOCABULARIES.items()]


def continued():
    """Plans language models."""
    for name in ("causal_reverse", "next_count", "next_induction", "next_progression", "next_reverse"):
        yield fixture(name, 200, f"{name}-next", formats=TEXT, flags=NEXT, continued=True)
    for dtype, flags in NARROW.items():
        yield fixture("next_reverse", 200, f"next_reverse-next-{dtype}", formats=("safetensors",), flags=(*NEXT, *flags), continued=True)
    yield fixture("next_reverse", 200, "next_reverse-end", formats=TEXT, flags=(*NEXT, "--eos", "."), continued=True)
    flags = ("--no-tokenizer", *NEXT, "--eos", "?")
    yield fixture("induction", 200, "induction-end", formats=TEXT, settings=("--causal",), flags=flags, continued=True)


def plan(files, short, every):
    """Plans everything, or what is given, in no more than is asked for."""
    planned = [Planned(file, file.stem, 600) for file in files or verified()]
    if every:
        planned += [one for default in planned for one in forms(default)]
    if not files:
        planned += [] if every else chosen()
        planned += [] if short else [*corpus(), *long()]
        planned += [*options(), *disguised(), *tokens(), *continued(), *(llama(one) for one in continued() if one.formats == TEXT)]
    for name, many in Counter(one.name for one in planned).items():
        if many > 1:
            raise Alike(f"{many} programs would be exported as {name}")
    return [replace(one, count=min(one.count, 100)) for one in planned] if short else planned


def read_by(planned, formats):
    """Returns what is planned in one of some formats. The others stay: flags may be theirs."""
    return [one for one in planned if formats & set(one.formats)]
