"""The graph of a program: Tracr's expressions as nodes, equal ones once."""

import unicodedata
from pathlib import Path
from typing import Any, Callable, NamedTuple

from tracr.rasp import rasp

from sopjson.values import NoForm, key, plain

# Names of Tracr's classes and comparisons in files.
COMPARISONS = {
    rasp.Comparison.EQ: "==", rasp.Comparison.NEQ: "!=", rasp.Comparison.LT: "<", rasp.Comparison.LEQ: "<=",
    rasp.Comparison.GT: ">", rasp.Comparison.GEQ: ">=", rasp.Comparison.TRUE: "true", rasp.Comparison.FALSE: "false",
}
ORDERS = {"<", "<=", ">", ">="}
SELECTORS = {"select", "and", "or", "not"}
UNFIT = {"Cc", "Cf", "Zl", "Zp"}  # what names may not have: control characters, marks of direction, ends of lines
LONGEST = 180  # bytes of a name, before a number is added: files have names of up to 200


class ProgramError(Exception):
    """What keeps a program from being written."""


class Node(NamedTuple):
    """An s-op or selector. Its arguments have smaller numbers."""

    op: str
    args: tuple = ()
    value: Any = None  # of constant, the default of aggregate, the factors of linear
    call: Callable | None = None  # of map, sequence_map, linear and select

    @property
    def selector(self):
        return self.op in SELECTORS


class Graph:
    """Nodes by number, with their names and encodings."""

    def __init__(self, root):
        self.nodes, self.names, self.encodings = [], [], []
        self._numbers, self._taken = {}, {}
        self._done = {}  # number and expression by the expression's identity; the latter keeps that from being reused
        self.output = self._add(root)

    def name(self, number):
        """How errors call a node, with the place of its function."""
        code = getattr(self.nodes[number].call, "__code__", None)
        place = f" ({Path(code.co_filename).name}:{code.co_firstlineno})" if code else ""
        return (self.names[number] or f"a {self.nodes[number].op} without a name") + place

    def _add(self, expr):
        """Returns the number of an expression, adding what is missing. Deep programs would exceed
        Python's stack if this were recursive."""
        waiting = [expr]
        while waiting:
            top = waiting[-1]
            missing = [child for child in top.children if id(child) not in self._done]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            if id(top) not in self._done:
                self._done[id(top)] = self._number(top), top
        return self._done[id(expr)][0]

    def _number(self, expr):
        node = self._node(expr)
        # A function is what it is: two of one text may have different variables.
        known = (node.op, node.args, id(node.call), None if node.value is None else key(plain(node.value)))
        if node.op == "linear":
            known = (node.op, node.args, node.value)
        number = self._numbers.get(known)
        if number is None:
            number = self._numbers[known] = len(self.nodes)
            self.nodes.append(node)
            self.names.append(None)
            self.encodings.append(None)
        self._annotate(number, expr)
        return number

    def _annotate(self, number, expr):
        name = expr.name
        if name and self.names[number] is None and name != rasp.default_name(expr):
            shown = "".join("_" if unicodedata.category(c) in UNFIT else c for c in name)
            self.names[number] = self._free(shown.encode(errors="ignore")[:LONGEST].decode(errors="ignore"))
        if isinstance(expr, rasp.SOp) and self.encodings[number] is None and rasp.is_numerical(expr):
            self.encodings[number] = "numerical"

    def _free(self, name):
        """Returns a name that no other node has: with a number where that is so."""
        free = name
        while free in self._taken:
            self._taken[name] += 1
            free = f"{name}_{self._taken[name]}"
        self._taken[free] = 1
        return free

    def _node(self, expr):
        args = tuple(self._done[id(child)][0] for child in expr.children)
        match expr:
            case rasp.TokensType():
                return Node("tokens")
            case rasp.IndicesType():
                return Node("indices")
            case rasp.LengthType():
                return Node("length")
            case rasp.Full():
                return Node("constant", value=self._value(expr, expr.fill))
            case rasp.Map():
                return Node("map", args, call=expr.f)
            case rasp.LinearSequenceMap():
                factors = self._value(expr, expr.fst_fac), self._value(expr, expr.snd_fac)
                return Node("linear", args, value=factors, call=expr.f)
            case rasp.SequenceMap():
                return Node("sequence_map", args, call=expr.f)
            case rasp.Select():
                return Node("select", args, call=expr.predicate)
            case rasp.SelectorAnd():
                return Node("and", args)
            case rasp.SelectorOr():
                return Node("or", args)
            case rasp.SelectorNot():
                return Node("not", args)
            case rasp.Aggregate():
                return Node("aggregate", args, value=self._value(expr, expr.default))
            case rasp.SelectorWidth():
                return Node("width", args)
            case rasp.ConstantSOp() | rasp.ConstantSelector():
                raise ProgramError(f"{expr.name} is a {type(expr).__name__}, which has a value for inputs of one length only: use rasp.Full, or a Map of rasp.indices")
        raise ProgramError(f"{expr.name} is of the class {type(expr).__name__}, which is none of Tracr's")

    @staticmethod
    def _value(expr, value):
        try:
            return plain(value)
        except NoForm as e:
            raise ProgramError(f"{expr.name}: {e}") from None
