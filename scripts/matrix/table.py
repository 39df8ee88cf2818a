"""The tables of docs/runtimes.md."""

import math
from collections.abc import Callable

from matrix.result import Kind, Report, Result

# What the tables call runtimes, and the packages that run models: the first is the runtime's own.
NAMES = {"web": "onnxruntime-web", "torch": "transformers", "transformerlens": "TransformerLens"}
HEAD = ["format", "architecture", "attention", "weights"]
NONE = "–"  # where a runtime has nothing of a kind


class NoPlace(Exception):
    """The document has no place for a table."""


def rows(table):
    """Writes a table in Markdown: words to the left, the columns behind them to the right."""
    lines = [" | ".join(cells) for cells in table]
    words = len(HEAD)
    rule = "|".join("---" if i < words else "--:" for i in range(len(table[0])))
    return "".join(f"{line}\n" for line in [f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])])


def title(runtime, variant):
    """Names a column."""
    name = NAMES.get(runtime, runtime)
    return f"{name}, {variant}" if variant else name


def head(kind: Kind):
    """Names a row."""
    architecture = kind.architecture or "decoder"
    if kind.task != "token-classification":
        architecture += f", {kind.task}"
    return [kind.format, architecture, kind.attention, kind.dtype]


def table(reports: list[Report], cell: Callable[[Result], str]):
    """Writes what was found: a row for each kind of model, a column for each way to run it."""
    found = {(title(report.runtime, r.variant), r.kind): r for report in reports for r in report.results}
    titles = list(dict.fromkeys(title for title, _ in found))
    kinds = sorted({kind for _, kind in found})
    body = [head(kind) + [cell(found[t, kind]) if (t, kind) in found else NONE for t in titles] for kind in kinds]
    return rows([HEAD + titles, *body])


def error(result: Result):
    """Shows the largest error, rounded up."""
    if not result.numbers:
        return "labels"
    if not result.error:
        return "0"
    digits = math.floor(math.log10(result.error)) - 1
    return f"{math.ceil(result.error / 10**digits) * 10**digits:.1e}"


def counts(result: Result):
    """Shows how much was compared."""
    return f"{result.models} / {result.positions:,} / {result.numbers:,}"


def versions(reports: list[Report]):
    """Lists the packages that ran."""
    seen = {name: version for report in reports for name, version in report.versions.items()}
    return ", ".join(f"{name} {version}" for name, version in seen.items()) + ".\n"


def replaced(document, name, text):
    """Puts a table between the comments that mark its place."""
    before, found, rest = document.partition(f"<!-- table {name} -->\n")
    _, ended, after = rest.partition("<!-- end -->\n")
    if not found or not ended:
        raise NoPlace(f"no place for the table {name}")
    return f"{before}{found}\n{text}\n{ended}{after}"


def written(document, reports: list[Report]):
    """Returns the document with new tables."""
    for name, text in (("errors", table(reports, error)), ("counts", table(reports, counts)), ("versions", versions(reports))):
        document = replaced(document, name, text)
    return document
