"""Makes the content of a .sop.json from a program."""

from sopjson.evaluate import Undefined, evaluate
from sopjson.graph import COMPARISONS, ORDERS, Graph, ProgramError
from sopjson.reach import Domain, Raised, Reach, TooMany, call, holds, inputs
from sopjson.values import NoForm, key, order, plain, representative, written

FORMAT, VERSION = "raspc-sop", 1
LONGEST, LARGEST = 1 << 16, 1 << 16  # inputs, and vocabularies, that raspc takes


def content(program, vocab, max_len, causal=False, about=None):
    """Returns the content of a file, for json.dump. Raises ProgramError."""
    vocab = tokens(vocab)
    if not 1 <= max_len <= LONGEST:
        raise ProgramError(f"the maximum length is from 1 to {LONGEST}, not {max_len}")
    graph = Graph(program)
    if causal and any(node.op == "length" for node in graph.nodes):
        raise ProgramError("the length of the whole input is not known where selectors look back only: "
                           "count what a selector sees, SelectorWidth(Select(tokens, tokens, Comparison.TRUE))")
    reach = Reach(graph, Domain(vocab, max_len, causal))
    writer = Writer(graph, reach)
    try:
        nodes = [writer.node(number) for number in range(len(graph.nodes))]
    except TooMany as e:
        raise ProgramError(f"{e}: fewer tokens or a shorter length make fewer") from None
    for number in reach.partial:
        nodes[number]["partial"] = True
    writer.called_again()
    writer.tried()
    top = {"format": FORMAT, "version": VERSION} | ({"about": about} if about else {})
    return top | {"vocab": [written(v) for v in vocab], "max_len": max_len, "causal": causal,
                  "output": graph.output, "nodes": nodes}


def tokens(vocab):
    """Checks a vocabulary, and returns it."""
    if len(vocab) > LARGEST:
        raise ProgramError(f"the vocabulary has {len(vocab)} tokens, and raspc takes {LARGEST} at most")
    try:
        vocab = [plain(token) for token in vocab]
    except NoForm as e:
        raise ProgramError(f"the vocabulary: {e}") from None
    if not vocab:
        raise ProgramError("the vocabulary is empty")
    for token in vocab:
        if token is None or isinstance(token, tuple):
            raise ProgramError(f"the vocabulary: a token is a string, a number or a bool, not {token!r}")
    if len({key(token) for token in vocab}) < len(vocab):
        raise ProgramError("the vocabulary has a token twice; equal numbers such as 1, 1.0 and True are one")
    return vocab


class Writer:
    """Writes nodes, and checks what it wrote of functions."""

    def __init__(self, graph, reach):
        self.graph, self.reach = graph, reach
        self.called = {}  # by node: what its function gave, by the representatives of arguments

    def node(self, number):
        node = self.graph.nodes[number]
        op, more = node.op, {}
        match op:
            case "constant":
                more = {"value": written(node.value)}
            case "aggregate":
                more = {"default": written(node.value)}
            case "map" | "sequence_map":
                more = {"table": self._table(number)}
            case "linear" if self._numbers(number):
                more = {"factors": [written(f) for f in node.value]}
            case "linear":
                op, more = "sequence_map", {"table": self._table(number)}
            case "select":
                more = {"predicate": self._predicate(number, node)}
        top = {"op": op}
        if self.graph.names[number]:
            top["name"] = self.graph.names[number]
        if self.graph.encodings[number]:
            top["encoding"] = self.graph.encodings[number]
        if node.args:
            top["args"] = list(node.args)
        return top | more

    def _numbers(self, number):
        """Reports whether a linear function takes numbers only, as far as is known."""
        try:
            return all(isinstance(v, (int, float)) for a in self.graph.nodes[number].args for v in self.reach.values(a))
        except TooMany:
            return True

    def _table(self, number):
        self.reach.info(number)
        if number not in self.reach.tables:  # of linear, which may have done without
            self.reach._function(number, self.graph.nodes[number])
        rows = sorted(self.reach.tables[number], key=lambda row: [order(x) for x in row[0]])
        self.called[number] = {tuple(map(representative, args)): (args, result) for args, result in rows}
        merged = {}
        for args, result in rows:
            before = merged.setdefault(tuple(map(key, args)), (args, result))
            if same(before[1]) != same(result):
                raise ProgramError(f"{self.graph.name(number)}: its function tells {', '.join(map(repr, before[0]))} from {', '.join(map(repr, args))}, "
                                   f"which are equal numbers in raspc: it gives {shown(before[1])} and {shown(result)}")
        return [[*map(written, args), {"error": result.text} if isinstance(result, Raised) else written(result)] for args, result in merged.values()]

    def _predicate(self, number, node):
        name = COMPARISONS.get(node.call) if hasattr(node.call, "value") else None
        if name and self._comparable(node):
            return name
        keys, queries, rows = self.reach.relation(number)
        self.called[number] = {(representative(k), representative(q)): ((k, q), said)
                               for k, row in zip(keys, rows) for q, said in zip(queries, row)}
        first = [firsts(side) for side in (keys, queries)]
        letters = [[letter(said) for said in row] for row in rows]
        for i, row in enumerate(letters):
            for j, said in enumerate(row):
                if said != letters[first[0][i]][first[1][j]]:
                    raise ProgramError(f"{self.graph.name(number)}: its predicate tells equal numbers apart, {keys[i]!r} or {queries[j]!r} from others")
        own = [[i for i, f in enumerate(side) if i == f] for side in first]
        return {"keys": [written(keys[i]) for i in own[0]], "queries": [written(queries[j]) for j in own[1]],
                "rows": ["".join(letters[i][j] for j in own[1]) for i in own[0]]}

    def _comparable(self, node):
        """Reports whether raspc compares the values that meet as Python does, as far as they are known."""
        try:
            met = [v for a in node.args for v in self.reach.values(a)]
        except TooMany:
            return True
        ordered = COMPARISONS[node.call] in ORDERS
        return not any(v is None or ordered and isinstance(v, tuple) for v in met)

    def called_again(self):
        """Calls functions again, the other way round: a pure one gives the same."""
        for number, calls in self.called.items():
            node = self.graph.nodes[number]
            for args, before in reversed(calls.values()):
                now = holds(node, *args) if node.selector else call(node, args)
                if same(now) != same(before):
                    raise ProgramError(f"{self.graph.name(number)}: its function is impure: for {', '.join(map(repr, args))} "
                                       f"it gave {shown(before)}, and then {shown(now)}")

    def tried(self):
        """Runs some inputs: what functions are called for is in their tables, and is a value."""
        def watch(seen):
            calls = self.called.get(seen.number)
            if calls is None or (None in seen.args and not self.graph.nodes[seen.number].selector):
                return
            known = calls.get(tuple(map(representative, seen.args)))
            if known and isinstance(known[1], Raised) and known[1].form:
                raise ProgramError(f"{self.graph.name(seen.number)}: for {', '.join(map(repr, seen.args))}, {known[1].text}")

        for xs in inputs(self.reach.domain, most=200, rounds=8):
            try:
                evaluate(self.graph, xs, self.reach.domain.causal, watch)
            except Undefined:
                pass


def firsts(values):
    """Returns the place of the first equal value, by place."""
    place = {}
    return [place.setdefault(key(v), i) for i, v in enumerate(values)]


def letter(said):
    return "!" if isinstance(said, Raised) else "01"[said]


def same(result):
    """Returns what equal results share; what functions raise is all one."""
    return ("raised",) if isinstance(result, Raised) else key(result)


def shown(result):
    return result.text if isinstance(result, Raised) else repr(result)
