"""Which values reach a function: those that its arguments can have for some input.

An s-op is either a leaf, with a set of values (tokens, indices, length, aggregates,
widths), or a function of leaves, position by position. Functions of two s-ops are
tabulated over all combinations of the leaves of both, so that arguments which depend
on one another meet only as they can. Sets are never too small, with one exception:
where an aggregate of numbers would have too many means, and on no input tried a row
selects two positions, they are left out, and the node is partial. raspc takes what is
missing in a table for undefined, and finds out whether a program comes to it.
"""

import random
from fractions import Fraction
from typing import NamedTuple

import numpy
from tracr.rasp import rasp

from sopjson.evaluate import Undefined, evaluate
from sopjson.values import NoForm, exact, order, plain, representative

# Limits: combinations of leaves that are tabulated at once, means of one aggregate,
# and bits of the sums that these are computed from.
MOST_CELLS, MOST_MEANS, MOST_BITS = 1 << 20, 1 << 16, 1 << 22
FEW_MEANS = 1 << 12  # from here on, means are left out where no input has any


# Comparisons of a value with itself that hold.
REFLEXIVE = (rasp.Comparison.EQ, rasp.Comparison.LEQ, rasp.Comparison.GEQ)


class TooMany(Exception):
    """A set of values that is too large."""


class Info(NamedTuple):
    """What is known of an s-op."""

    leaves: tuple  # numbers of nodes, increasing
    values: list  # no two with the same representative
    cells: numpy.ndarray  # an axis a leaf: the place of the value, or -1 where there is none


class Raised(NamedTuple):
    """What a function did instead of giving a value."""

    text: str
    form: bool  # it gave something that is no value


class Domain(NamedTuple):
    vocab: list
    max_len: int
    causal: bool


def inputs(domain, most=400, rounds=40):
    """Returns inputs to try: short ones, then random ones, the same on every run."""
    some = [[]]
    tried = []
    while some and len(some[0]) < domain.max_len and len(tried) < most:
        some = [[*xs, token] for xs in some[:most] for token in domain.vocab]
        tried += some[: most - len(tried)]
    rng = random.Random(1)
    for i in range(rounds):
        length = domain.max_len if i % 4 == 0 else rng.randint(1, domain.max_len)
        tokens = rng.sample(domain.vocab, rng.randint(1, len(domain.vocab)))
        tried.append([rng.choice(tokens) for _ in range(length)])
    return tried


class Reach:
    """Values and tables of the nodes of a graph."""

    def __init__(self, graph, domain):
        self.graph, self.domain = graph, domain
        self.tables = {}  # of functions: arguments, no two alike, and their results
        self.partial = set()  # nodes whose means are left out
        self._infos = {}

    def info(self, number):
        """Returns what is known of an s-op, or raises TooMany."""
        if number not in self._infos:
            try:
                self._infos[number] = self._info(number, self.graph.nodes[number])
            except TooMany as e:
                self._infos[number] = e
        if isinstance(self._infos[number], TooMany):
            raise self._infos[number]
        return self._infos[number]

    def values(self, number):
        return self.info(number).values

    def _info(self, number, node):
        match node.op:
            case "tokens":
                return leaf(number, self.domain.vocab)
            case "indices":
                return leaf(number, range(self.domain.max_len))
            case "length":
                return leaf(number, range(1, self.domain.max_len + 1))
            case "width":
                return leaf(number, range(self.domain.max_len + 1))
            case "constant":
                return Info((), [node.value], numpy.array(0))
            case "map" | "sequence_map":
                return self._function(number, node)
            case "linear":
                return self._means_of_sums(number, node) or self._function(number, node)
        return self._aggregate(number, node)

    def _function(self, number, node):
        args = [self.info(a) for a in node.args]
        leaves = tuple(sorted({leaf for arg in args for leaf in arg.leaves}))
        if product(len(self.values(leaf)) for leaf in leaves) <= MOST_CELLS:
            return self._mapped(number, leaves, args)
        # Too many combinations of leaves: all pairs of values, and a leaf of its own.
        if product(len(arg.values) for arg in args) > MOST_CELLS:
            sizes = " × ".join(str(len(arg.values)) for arg in args)
            raise TooMany(f"{self.graph.name(number)} would have to be tabulated for {sizes} values")
        args = [leaf(-1 - i, arg.values) for i, arg in enumerate(args)]
        return leaf(number, self._mapped(number, (-2, -1), args).values)

    def _mapped(self, number, leaves, args):
        """Calls a function for what its arguments can be."""
        places = [spread(arg, leaves) for arg in args]
        shape = numpy.broadcast_shapes(*(p.shape for p in places), self._possible(leaves).shape)
        code, there = numpy.zeros(shape, dtype=numpy.int64), numpy.broadcast_to(self._possible(leaves), shape)
        for arg, place in zip(args, places):
            code, there = code * len(arg.values) + place, there & (place >= 0)
        met, where = numpy.unique(code[there], return_inverse=True)
        table, values, place_of = [], [], {}
        results = numpy.empty(len(met), dtype=numpy.int64)
        for i, combination in enumerate(met.tolist()):
            picked = []
            for arg in reversed(args):
                combination, place = divmod(combination, len(arg.values))
                picked.insert(0, arg.values[place])
            result = call(self.graph.nodes[number], picked)
            table.append((tuple(picked), result))
            if isinstance(result, Raised):
                results[i] = -1
                continue
            results[i] = place_of.setdefault(representative(result), len(values))
            if results[i] == len(values):
                values.append(result)
        self.tables[number] = table
        cells = numpy.full(shape, -1, dtype=numpy.int64)
        cells[there] = results[where.reshape(-1)]
        return Info(leaves, values, cells)

    def _possible(self, leaves):
        """Leaves out positions behind the end of the input."""
        ops = [self.graph.nodes[n].op if n >= 0 else "" for n in leaves]
        if "indices" not in ops or "length" not in ops:
            return numpy.ones([1] * len(leaves), dtype=bool)
        index, length = numpy.arange(self.domain.max_len), numpy.arange(1, self.domain.max_len + 1)
        index = index.reshape([-1 if op == "indices" else 1 for op in ops])
        length = length.reshape([-1 if op == "length" else 1 for op in ops])
        return index < length

    def _aggregate(self, number, node):
        values = unique([*self.values(node.args[1]), *([] if self._never_empty(node.args[0]) else [node.value])])
        if not self._one_at_most(node.args[0]):
            numbers = [v for v in values[: len(self.values(node.args[1]))] if isinstance(v, (int, float))]
            means = self._means(number, node, {exact(v) for v in numbers})
            values = unique([*values, *means])
        return leaf(number, values)

    def _means(self, number, node, numbers):
        try:
            means = means_of(numbers, self.domain.max_len, MOST_MEANS)
        except TooMany:
            means = None
        if means is not None and len(means) <= FEW_MEANS:
            return means
        if not self._seen_wide(node.args[0]):
            self.partial.add(number)
            return []
        if means is None:
            raise TooMany(f"{self.graph.name(number)} has too many means to be an argument of a function")
        return means

    def _means_of_sums(self, number, node):
        """Values of a linear function of two means over one selector: the means of its values."""
        first, second = (self.graph.nodes[a] for a in node.args)
        if not (first.op == second.op == "aggregate" and first.args[0] == second.args[0]):
            return None
        summed = Joined(self, node, [first.args[1], second.args[1]])
        if not summed.numbers or not all(isinstance(n.value, (int, float)) for n in (first, second)):
            return None
        values = unique([*summed.values, call(node, [first.value, second.value])])
        if not self._one_at_most(first.args[0]):
            values = unique([*values, *self._means(number, first, {exact(v) for v in summed.values})])
        return leaf(number, values)

    def _one_at_most(self, selector):
        """Reports whether it is known that a row selects one position at most."""
        node = self.graph.nodes[selector]
        if node.op in ("and", "or"):
            narrow = [self._one_at_most(a) for a in node.args]
            return node.op == "and" and any(narrow)
        if node.op != "select":
            return False
        try:
            keys, queries = (self.info(a) for a in node.args)
        except TooMany:
            return False
        if [self.graph.nodes[n].op for n in keys.leaves] != ["indices"] or len(keys.cells) * len(queries.values) > MOST_CELLS:
            return False
        by_position = [keys.values[c] for c in keys.cells if c >= 0]
        return all(sum(holds(node, k, q) is True for k in by_position) <= 1 for q in queries.values)

    def _never_empty(self, selector):
        """Reports whether it is known that each row selects a position."""
        node = self.graph.nodes[selector]
        if node.op == "or":
            return any(self._never_empty(a) for a in node.args)
        if node.op != "select":
            return False
        if self._full(selector) or node.args[0] == node.args[1] and node.call in REFLEXIVE:
            return True
        try:
            keys, queries = (self.info(a) for a in node.args)
        except TooMany:
            return False
        kinds = ["length" if self._length(n) else self.graph.nodes[n].op for n in queries.leaves]
        if [self.graph.nodes[n].op for n in keys.leaves] != ["indices"] or not set(kinds) <= {"indices", "length"} or len(set(kinds)) < len(kinds):
            return False
        return all(self._selects(node, keys, queries, kinds, n, i) for n in range(1, self.domain.max_len + 1) for i in range(n))

    def _selects(self, node, keys, queries, kinds, length, position):
        """Reports whether some position is selected from one of an input."""
        at = {"indices": position, "length": length}
        place = queries.cells[tuple(self.values(n).index(at[kind]) for n, kind in zip(queries.leaves, kinds))]
        seen = position + 1 if self.domain.causal else length
        return place >= 0 and any(c >= 0 and holds(node, keys.values[c], queries.values[place]) is True for c in keys.cells[:seen])

    def _full(self, selector):
        node = self.graph.nodes[selector]
        return node.op == "select" and node.call is rasp.Comparison.TRUE

    def _length(self, number):
        """Reports whether an s-op is the length of the input."""
        node = self.graph.nodes[number]
        return node.op == "length" or node.op == "width" and not self.domain.causal and self._full(node.args[0])

    def _seen_wide(self, selector):
        """Reports whether a row selects two positions on an input that is tried."""
        for causal in (False, True):
            for xs in inputs(self.domain):
                try:
                    rows = evaluate(self.graph, xs, causal, most=selector + 1)[selector]
                except Undefined:
                    continue
                if any(sum(row) > 1 for row in rows):
                    return True
        return False

    def relation(self, number):
        """Returns the keys and queries of a select, and what its predicate says of each pair."""
        node = self.graph.nodes[number]
        keys, queries = (sorted(self.values(a), key=order) for a in node.args)
        if len(keys) * len(queries) > MOST_CELLS:
            raise TooMany(f"the predicate of {self.graph.name(number)} would have to be tabulated for {len(keys)} × {len(queries)} values")
        return keys, queries, [[holds(node, k, q) for q in queries] for k in keys]


class Joined:
    """A function of two s-ops of which it is not known yet whether they are numbers."""

    def __init__(self, reach, node, args):
        infos = [reach.info(a) for a in args]
        self.numbers = all(isinstance(v, (int, float)) for info in infos for v in info.values)
        self.values = []
        leaves = tuple(sorted({n for info in infos for n in info.leaves}))
        if not self.numbers:
            return
        if product(len(reach.values(n)) for n in leaves) > MOST_CELLS:
            raise TooMany("a sum of means has too many values")
        first, second = numpy.broadcast_arrays(*(spread(info, leaves) for info in infos))
        met = numpy.unique((first * len(infos[1].values) + second)[(first >= 0) & (second >= 0)])
        pairs = (divmod(m, len(infos[1].values)) for m in met.tolist())
        self.values = unique(call(node, [infos[0].values[i], infos[1].values[j]]) for i, j in pairs)


def leaf(number, values):
    values = list(values)
    return Info((number,), values, numpy.arange(len(values)))


def spread(info, leaves):
    """Returns the places of values by more leaves than they depend on."""
    shape = [1] * len(leaves)
    for n, size in zip(info.leaves, info.cells.shape):
        shape[leaves.index(n)] = size
    return info.cells.reshape(shape)


def product(sizes):
    total = 1
    for size in sizes:
        total *= size
    return total


def unique(values):
    """Leaves out values that functions cannot tell from others, and what is none."""
    return list({representative(v): v for v in values if not isinstance(v, Raised)}.values())


def call(node, args):
    """Returns what a function gives, or Raised."""
    if None in args:
        return None
    try:
        return plain(node.call(*args))
    except NoForm as e:
        return Raised(str(e), form=True)
    except Exception as e:
        return Raised(f"{type(e).__name__}: {e}"[:400], form=False)


def holds(node, k, q):
    """Returns what a predicate says, or Raised."""
    try:
        return bool(node.call(k, q))
    except Exception as e:
        return Raised(f"{type(e).__name__}: {e}"[:400], form=False)


def means_of(numbers, most, limit):
    """Returns the means of 2 to most numbers of a set, as floats."""
    if not numbers:
        return []
    unit = Fraction(1, numpy.lcm.reduce([n.denominator for n in numbers], dtype=object))
    steps = sorted(int(n / unit) for n in numbers)
    least, span = steps[0], steps[-1] - steps[0]
    if span * most > MOST_BITS:
        raise TooMany
    sums, means = 1, set()  # bit k of sums: the sum is w * least + k
    for w in range(1, most + 1):
        following = 0
        for step in steps:
            following |= sums << (step - least)
        sums = following
        if w > 1:
            means |= {Fraction(w * least + k, w) for k in bits(sums)}
        if len(means) > limit:
            raise TooMany
    return sorted(float(m * unit) for m in means)


def bits(number):
    """Yields the places of the ones of a number."""
    for place, digit in enumerate(reversed(bin(number))):
        if digit == "1":
            yield place
