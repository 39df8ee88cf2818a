"""Programs that cannot be written as files, and what tracr2raspc says of them."""

import contextlib
import io
import itertools
import runpy
import tempfile
from pathlib import Path

from tracr.rasp import rasp

from sopjson.file import content
from sopjson.graph import ProgramError

_count = itertools.count()
_BEFORE = rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.LT)
_MEAN = rasp.Aggregate(_BEFORE, rasp.tokens)


def _map(function):
    return rasp.Map(function, rasp.tokens)


# Programs, their tokens and maximum lengths, and part of what is said.
REFUSED = [
    (_map(lambda x: next(_count)), [1, 2], 2, "its function is impure: for 2 it gave 1, and then 2"),
    (rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.tokens, lambda k, q: next(_count) % 2 == 0)), [1, 2], 2, "its function is impure"),
    (_map(lambda x: [x]).named("listed"), [1], 2, "listed (refused.py:28): for 1, [1] is of type list"),
    (_map(lambda x: x / 1e-320), [1], 2, "inf is no number"),
    (_map(lambda x: "\ud800"), [1], 2, "half a surrogate pair"),
    (rasp.Map(lambda x: type(x).__name__, _MEAN), [0, 1], 3, "tells 0.0 from 0, which are equal numbers in raspc: it gives 'float' and 'int'"),
    (rasp.Map(lambda x: x + 1, _MEAN), list(range(1000)), 200, "has too many means"),
    (rasp.ConstantSOp([1, 2]), [1], 2, "for inputs of one length only"),
    (rasp.tokens, [], 2, "the vocabulary is empty"),
    (rasp.tokens, [1, True], 2, "a token twice"),
    (rasp.tokens, ["a", None], 2, "a token is a string"),
    (rasp.tokens, ["a"], 0, "the maximum length is from 1"),
    (rasp.tokens, range(1 << 17), 2, "raspc takes 65536 at most"),
]

# Files of programs, other arguments of the command, and part of what it says.
MISTAKEN = [
    ("x = 1\ny = 1 / 0", ["x"], "program.py:2: ZeroDivisionError: division by zero"),
    ("x = = 1", ["x"], "program.py:1: SyntaxError: invalid syntax"),
    ("import no_such_module", ["x"], "program.py:1: No module named 'no_such_module'"),
    ("import sys\nsys.exit(3)", ["x"], "program.py:2: SystemExit: 3"),
    ("def f(n): return n", ["f"], "program.py: TypeError: f() missing 1 required positional argument: 'n'"),
    ("", ["1/0"], "program.py: ZeroDivisionError"),
    ("x = 1", ["x"], "1 is no s-op"),
    ("import sys\nfrom tracr.rasp import rasp\nx = rasp.Map(lambda t: sys.exit(4), rasp.tokens)", ["x"], "program.py:3: SystemExit: 4"),
    ("from tracr.rasp import rasp", ["rasp.tokens", "-o", "/nonexistent/x"], "/nonexistent/x cannot be written: No such file"),
    ("from tracr.rasp import rasp", ["rasp.length", "--causal"], "the length of the whole input is not known"),
]


def accepted():
    """Returns what is said otherwise, or not at all."""
    found = []
    for program, vocab, max_len, part in REFUSED:
        try:
            content(program, vocab, max_len)
            found.append(f"a program is written that is not to be: {part}")
        except ProgramError as e:
            if part not in str(e):
                found.append(f"{e}, not {part}")
    return found + written() + [f"{said!r}, not {part}" for text, words, part in MISTAKEN if part not in (said := command(text, words)[1])]


def written():
    """Returns what is wrong with a file whose program prints, and whose names would disturb a terminal."""
    out, said = command("from tracr.rasp import rasp\nx = rasp.Map(lambda t: print('hello') or -t, rasp.tokens).named('a\\x1b\\u202e\\nb')", ["x"])
    right = out.startswith("{") and '"name": "a___b"' in out and '"vocab": [-1, 0, 1]' in out and "hello" in said
    return [] if right else [f"{out}, and {said!r}"]


def command(text, words):
    """Runs tracr2raspc on a file, and returns what it writes, and what it says."""
    main = runpy.run_path(str(Path(__file__).parents[1] / "tracr2raspc"))["main"]
    out, said = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        program = Path(folder, "program.py")
        program.write_text(text, encoding="utf-8")
        try:
            main([str(program), *words, "--vocab", "-1..1", "--max-len", "2"])
        except SystemExit as e:
            said.write(str(e))
    return out.getvalue(), said.getvalue()
