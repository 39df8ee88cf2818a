"""Evaluates a graph on inputs, as Tracr's evaluators evaluate its program."""

from typing import NamedTuple

from sopjson.graph import ProgramError


class Undefined(Exception):
    """What a program's function raised, or an aggregate of what has no mean."""


class Call(NamedTuple):
    """The arguments for which a node's function was called."""

    number: int
    args: tuple


def evaluate(graph, inputs, causal, watch=lambda call: None, most=None):
    """Returns the values of all nodes on an input, or up to the one with the number most."""
    values = []
    for number, node in enumerate(graph.nodes[:most]):
        args = [values[a] for a in node.args]
        try:
            values.append(_node(number, node, args, inputs, causal, watch))
        except (Undefined, ProgramError):
            raise
        except Exception as e:  # of the program's own function
            raise Undefined(f"{graph.name(number)}: {type(e).__name__}: {e}") from e
    return values


def _node(number, node, args, inputs, causal, watch):
    length = len(inputs)
    match node.op:
        case "tokens":
            return list(inputs)
        case "indices":
            return list(range(length))
        case "length":
            return [length] * length
        case "constant":
            return [node.value] * length
        case "map" | "sequence_map" | "linear":
            return [_called(number, node, x, watch) for x in zip(*args)]
        case "select":
            return [[_selects(number, node, k, q, watch) and (not causal or i <= j) for i, k in enumerate(args[0])] for j, q in enumerate(args[1])]
        case "and":
            return [[a and b for a, b in zip(*rows)] for rows in zip(*args)]
        case "or":
            return [[a or b for a, b in zip(*rows)] for rows in zip(*args)]
        case "not":
            return [[not a and (not causal or i <= j) for i, a in enumerate(row)] for j, row in enumerate(args[0])]
        case "width":
            return [sum(row) for row in args[0]]
    return [_mean([v for v, on in zip(args[1], row) if on], node.value) for row in args[0]]


def _called(number, node, args, watch):
    watch(Call(number, args))
    return None if None in args else node.call(*args)


def _selects(number, node, k, q, watch):
    watch(Call(number, (k, q)))
    return bool(node.call(k, q))


def _mean(xs, default):
    if not xs:
        return default
    if len(xs) == 1:
        return xs[0]
    if all(isinstance(x, (int, float)) for x in xs):
        return sum(xs) / len(xs)
    raise Undefined(f"{xs} have no mean")
