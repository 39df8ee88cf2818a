"""What an experiment found, as a table and as plots."""

from statistics import mean

from .figure import Plot
from .host import CONDITIONS, FREE, FROZEN

NAMES = {
    "frozen": "circuit, frozen",
    "free": "circuit at the start only",
    "scratch": "no circuit, norms of a graft",
    "normed": "no circuit, layer norms",
}


def several(values):
    """Writes the mean of some shares, with the least and the largest."""
    return f"{mean(values):.3f} ({min(values):.3f}–{max(values):.3f})"


def first_at(run, length, share):
    """Returns the first step from which on a run is right in so many cases, or None."""
    reached = None
    for step, right in reversed(run["seen"]):
        if right[str(length)] < share:
            break
        reached = step
    return reached


def rows(runs, tasks, lengths):
    """Yields the table's lines."""
    yield f"| task | trained | length {' | length '.join(map(str, lengths))} | steps to 0.95 at {lengths[0]} | circuit still holds |"
    yield "|---|---" + "|--:" * len(lengths) + "|--:|---|"
    for task in tasks:
        for condition in CONDITIONS:
            some = [r for r in runs if r["task"] == task and r["condition"] == condition]
            if not some:
                continue
            cells = [several([r["seen"][-1][1][str(n)] for r in some]) for n in lengths]
            steps = [first_at(r, lengths[0], 0.95) for r in some]
            reached = [s for s in steps if s is not None]
            when = f"{mean(reached):.0f} ({len(reached)} of {len(some)})" if reached else f"– (0 of {len(some)})"
            yield f"| {task} | {NAMES[condition]} | {' | '.join(cells)} | {when} | {holds(some)} |"


def holds(runs):
    """Says of how many models raspc proved the circuit."""
    if runs[0]["condition"] not in (FROZEN, FREE):
        return "no circuit"
    diverged = sum(r["diverged"] is not None for r in runs)
    proved = f"{sum(r['circuit'] == 'equivalent' for r in runs)} of {len(runs)} proved"
    return f"{proved}, {diverged} diverged" if diverged else proved


def plot(runs, task, length, trained):
    """Returns the plot of a task at a length."""
    some = [r for r in runs if r["task"] == task]
    steps = [step for step, _ in some[0]["seen"]]
    kind = f"length {length}" if length <= trained else f"length {length}, trained up to {trained}"
    p = Plot(f"{task}: {kind}", "steps", "labels that are right", (0, steps[-1]))
    for condition in CONDITIONS:
        seen = [r["seen"] for r in some if r["condition"] == condition]
        if not seen:
            continue
        points = []
        for i, step in enumerate(steps):
            values = [s[i][1][str(length)] for s in seen]
            points.append((step, min(values), mean(values), max(values)))
        p.line(condition, points)
    return p.svg()
