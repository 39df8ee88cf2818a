"""Tables of a comparison, as Markdown, and their places in a page."""

from statistics import geometric_mean, median

HEAD = "| program | max_len | parameters | layers | cold, s | warm, s | inputs | wrong: interpreter | wrong: exported | wrong: Tracr's model |"


def line(row):
    """Returns a row, raspc before the slash and Tracr behind it."""
    wrong = row.wrong
    theirs = f"refused: {row.refused}" if wrong["tracr"] is None else str(wrong["tracr"])
    cells = [f"`{row.name}`", str(row.max_len), pair(row.params, str), pair(row.layers, str), pair(row.cold, seconds), pair(row.warm, seconds), str(row.inputs),
             str(wrong["interpreter"]), "no model" if row.params[0] is None else str(wrong["exported"]), theirs.replace("|", "\\|")]
    return "| " + " | ".join(cells) + " |"


def pair(both, show):
    return " / ".join("–" if x is None else show(x) for x in both)


def seconds(x):
    return f"{x:.2g}" if x < 10 else f"{x:.0f}"


def table(rows):
    return "\n".join([HEAD, "|---" * (HEAD.count("|") - 1) + "|", *map(line, rows)])


def sums(rows):
    """Returns what all rows come to."""
    modelled = [row for row in rows if row.params[0] is not None]
    both = [row for row in modelled if row.wrong["tracr"] is not None]
    cold = [row.cold[1] / row.cold[0] for row in both if row.cold[1]]
    warm = [row.warm[1] / row.warm[0] for row in both]
    wrong = sum(1 for row in both if row.wrong["tracr"])
    lines = [
        f"Of {len(rows)} programs raspc compiles {len(modelled)}, and Tracr {len(both)} of them. raspc's exported files differ from Tracr's evaluator "
        f"on {sum(row.wrong['exported'] for row in modelled)} of {sum(row.inputs for row in modelled)} inputs, its interpreter on {sum(row.wrong['interpreter'] for row in rows)} of "
        f"{sum(row.inputs for row in rows)}. Tracr's models differ on {sum(row.wrong['tracr'] for row in both)} of {sum(row.inputs for row in both)}, in {wrong} programs.",
        f"Tracr's first compilation in a process takes {min(cold):.0f} to {max(cold):.0f} times as long as a whole process of raspc's that compiles and writes, "
        f"{median(cold):.0f} times in the median; another compilation in the same process takes {min(warm):.2g} to {max(warm):.2g} times as long as such a process, "
        f"{median(warm):.2g} in the median.",
        f"Parameters: raspc has {geometric_mean(row.params[0] / row.params[1] for row in both):.2g} of Tracr's in the geometric mean.",
    ] if both else ["Tracr compiles none of these."]
    return "\n\n".join(lines)


def put(page, texts):
    """Replaces what stands between the markers of each text."""
    page_text = page.read_text(encoding="utf-8")
    for name, text in texts.items():
        before, begin, rest = page_text.partition(f"<!-- compared {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not begin or not end:
            raise SystemExit(f"compare-tracr: {page} has no place for the table {name}")
        page_text = f"{before}{begin}\n{text}\n\n{end}{after}"
    page.write_text(page_text, encoding="utf-8")
