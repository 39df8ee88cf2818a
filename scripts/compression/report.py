"""Tables and drawings of what is left."""


def heatmap(w):
    """Returns W times its transpose as a drawing: what is read of each column's direction along each other's."""
    cell, product = 8, (w @ w.T).tolist()
    size = cell * len(product)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{2 * size}" height="{2 * size}">']
    lines.append(f'<rect width="{size}" height="{size}" fill="#fff" stroke="#999"/>')
    for i, row in enumerate(product):
        for j, x in enumerate(row):
            if abs(x) > 0.02:
                colour, strength = "#b2182b" if x < 0 else "#2166ac", min(1.0, abs(x))
                lines.append(f'<path d="M{cell * j} {cell * i}h{cell}v{cell}h-{cell}z" fill="{colour}" opacity="{strength:.2f}"/>')
    return "\n".join([*lines, "</svg>\n"])


def table(results, numeric):
    heads = ["d", "outputs", "layers", "cosine", "largest error" if numeric else "right", "equivalent", "proved", "s-ops held"]
    lines = [heads, ["--:"] * 5 + ["---"] * 2 + ["--:"]]
    for r in results:
        right = f"{r.agreement:.2g}" if numeric else f"{r.agreement:.3f}"
        yes = ["yes" if x else "no" for x in (r.equivalent, r.proved)]
        lines.append([str(r.d), f"{r.outputs:.1e}", f"{r.layers:.1e}", f"{r.cosine:.3f}", right, *yes, f"{r.sops - r.far} of {r.sops}"])
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
