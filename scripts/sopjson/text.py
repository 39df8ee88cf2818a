"""Spells the content of a file: a line a node, and a line a row of long tables."""

import json

WIDE = 120  # columns of a line


def dumps(value):
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def spelled(content):
    lines = [f"  {dumps(k)}: {dumps(v)}" for k, v in content.items() if k != "nodes"]
    nodes = ",\n".join(_node(node) for node in content["nodes"])
    return "{\n" + ",\n".join([*lines, f'  "nodes": [\n{nodes}\n  ]']) + "\n}\n"


def _node(node):
    line = "    " + dumps(node)
    if len(line) <= WIDE:
        return line
    last = list(node)[-1]
    head = dumps({k: v for k, v in node.items() if k != last})[:-1]
    return f"    {head}, {dumps(last)}: {_long(node[last])}}}"


def _long(value):
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f"      {dumps(k)}: {_filled(v, 8)}" for k, v in value.items()) + "\n    }"
    return _filled(value, 6)


def _filled(items, indent):
    """Fills lines with the elements of an array."""
    if not isinstance(items, list):
        return dumps(items)
    lines, line = [], " " * indent
    for i, item in enumerate(items):
        word = dumps(item) + ("," if i + 1 < len(items) else "")
        if line.strip() and len(line) + 1 + len(word) > WIDE:
            lines.append(line)
            line = " " * indent
        line += (" " if line.strip() else "") + word
    return "[\n" + "\n".join([*lines, line]) + "\n" + " " * (indent - 2) + "]"
