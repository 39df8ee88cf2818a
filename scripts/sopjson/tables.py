"""Tables of a comparison, as Markdown, and their places in a page."""

from statistics import geometric_mean, median

HEAD = "| program | max_len | parameters | layers | cold, s | warm, s | inputs | wrong: interpreter | wrong: exported | wrong: Tracr's model |"


def line(row):
    """Returns a row, raspc before the slash and Tracr behind it."""
    wrong = row.wrong
    theirs = f"refused: {row.refused}" if wrong["tracr"] is None else str(wrong["tracr"])
    cells = [f"`{row.name}`", str(row.max_len), pair(row.params, str), pair(row.layers, str), pair(row.cold, rough), pair(row.warm, rough), str(row.inputs),
             str(wrong["interpreter"]), "no model" if row.params[0] is None else str(wrong["exported"]), theirs.replace("|", "\\|")]
    return "| " + " | ".join(cells) + " |"


def pair(both, show):
    return " / ".join("–" if x is None else show(x) for x in both)


def rough(x):
    return f"{x:.2g}" if x < 10 else f"{x:.0f}"


def table(rows):
    return "\n".join([HEAD, "|---" * (HEAD.count("|") - 1) + "|", *map(line, rows)])


def summed(rows):
    """Returns the table, and before it what its rows come to."""
    return f"{sums(rows)}\n\n{table(rows)}"


def sums(rows):
    """Returns what rows come to."""
    modelled = [row for row in rows if row.params[0] is not None]
    both = [row for row in modelled if row.wrong["tracr"] is not None]
    cold = [row.cold[1] / row.cold[0] for row in both if row.cold[1]]
    warm = [row.warm[1] / row.warm[0] for row in both]
    wrong = sum(1 for row in both if row.wrong["tracr"])
    if not both:
        return f"raspc compiles {len(modelled)} of these {len(rows)} programs, and Tracr none."
    lines = [
        f"Of these {len(rows)} programs raspc compiles {len(modelled)}, and Tracr {len(both)}. raspc's exported files differ from Tracr's evaluator "
        f"on {sum(row.wrong['exported'] for row in modelled)} of {sum(row.inputs for row in modelled)} inputs, its interpreter on "
        f"{sum(row.wrong['interpreter'] for row in rows)} of {sum(row.inputs for row in rows)}. Tracr's models differ on "
        f"{sum(row.wrong['tracr'] for row in both)} of {sum(row.inputs for row in both)}, in {wrong} programs. "
        f"raspc's models have {geometric_mean(row.params[0] / row.params[1] for row in both):.2g} of the parameters of Tracr's, in the geometric mean.",
        f"Another compilation in a process of Tracr's takes {spread(warm)} times as long as a whole process of raspc's that compiles and writes the file.",
    ]
    if cold:
        lines[1] += f" The first one takes {spread(cold)} times as long as raspc's first."
    return "\n\n".join(lines)


def spread(ratios):
    """Returns the least, the largest and the median of some numbers."""
    return f"{rough(min(ratios))} to {rough(max(ratios))} (median {rough(median(ratios))})"


def put(page, name, text):
    """Replaces what stands between the markers of a table."""
    page_text = page.read_text(encoding="utf-8")
    before, begin, rest = page_text.partition(f"<!-- compared {name} -->\n")
    _, end, after = rest.partition("<!-- end -->")
    if not begin or not end:
        raise SystemExit(f"compare-tracr: {page} has no place for the table {name}")
    page.write_text(f"{before}{begin}\n{text}\n\n{end}{after}", encoding="utf-8")
