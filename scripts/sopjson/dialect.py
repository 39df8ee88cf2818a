"""Programs of Tracr's dialect beyond its own tests: each shows where its compiled models are
wrong, or what its compiler refuses, while its evaluator says what is right."""

from tracr.rasp import rasp

from sopjson.cases import Case, lib, nested

AB = ["a", "b"]


def _prevs(sop, default=None):
    return rasp.Aggregate(rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.LT), sop, default)


def _fraction(token):
    return lib.make_frac_prevs(rasp.tokens == token)


WIDTH = "A width is read through 1/(w+1), whose steps are too small for the slope of Tracr's MLPs where inputs are long."
SORT = WIDTH + " Positions in the order are widths."
MEAN = "Tracr takes the values of a mean of w for v/w, where they are k/w: what is computed from others is wrong."
BOS = "A function that is not 0 at 0 is not 0 at BOS either, and a head that reads it takes BOS's value in."
PREDICATE = "A predicate may give any value, of which only the truth counts. Tracr multiplies scores with it."
NONE = "A predicate that is true of all but one token, and so of None, which stands for BOS in Tracr's tables."
CATEGORICAL = "The mean of a one-hot variable is no value of it, so that the nearest is taken."
SELECTORS = "Tracr refuses to combine selectors over different s-ops."
DEFAULT = "Tracr takes no default but None and 0."
TRIVIAL = "Tracr refuses programs without a computation."
FLOATS = "Numbers far from 0, or close together beside their size."
FORMS = "Values of Tracr's evaluator that RASP does not have: None, tuples, sequences of several types."
TABLES = "Any predicate is a table; here it is no comparison of numbers."
TRIANGLE = "A function of the length and of a position, of which not all pairs meet, is a difference."
TREES = "Tracr's compiler visits what is shared once for each path to it, and Python's stack ends in long chains."
CAUSAL = "Where selectors look back only, every selector is cut, and what is computed from it."


def cases():
    """Returns programs with what each shows."""
    numbers = rasp.numerical(rasp.Map(lambda x: x, rasp.tokens))
    equal = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ)
    before = rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.LT)
    is_a = rasp.Select(rasp.tokens, rasp.Full("a"), rasp.Comparison.EQ)
    with_parity = rasp.SequenceMap(lambda x, y: (x, y % 2), rasp.tokens, rasp.indices)
    masked = rasp.Map(lambda x: None if x == "a" else x, rasp.tokens, simplify=False)

    def case(name, program, vocab, max_len, about, **more):
        return Case(name, program, vocab, max_len, about=about, **more)

    return [
        case("length_64", lib.make_length(), AB, 64, WIDTH),
        case("hist_64", lib.make_hist(), list("abcd"), 64, WIDTH),
        case("count_64", lib.make_count(rasp.tokens, "a"), AB, 64, WIDTH),
        case("count_less_freq_64", lib.make_count_less_freq(2), AB, 64, "The width of what a width selects."),
        case("sort_unique_64", lib.make_sort_unique(rasp.tokens, 1 - rasp.indices), AB, 64, SORT),
        case("sort_64", lib.make_sort(rasp.tokens, rasp.tokens, max_seq_len=64, min_key=1), [1, 2, 3, 4], 64, SORT),
        case("sort_freq_32", lib.make_sort_freq(32), [1, 2, 3, 4], 32, SORT),
        case("reverse_32", lib.make_reverse(rasp.tokens), AB, 32, WIDTH),
        case("reverse_by_subtraction_32", _reversed(), AB, 32, TRIANGLE),
        case("shuffle_dyck2_16", lib.make_shuffle_dyck2(), list("(){}"), 16, WIDTH, test_input=nested("({", ")}", 16)),
        case("shuffle_dyck3_16", lib.make_shuffle_dyck(["()", "{}", "[]"]), list("(){}[]"), 16, WIDTH, test_input=nested("({[", ")}]", 16)),
        case("mean_threshold", _fraction("a") > 0.6, AB, 8, MEAN),
        case("mean_times", rasp.numerical(rasp.Map(lambda x: 6 * x, _fraction("a"))), AB, 8, MEAN),
        case("offset_map", rasp.numerical(_prevs(rasp.numerical(rasp.Map(lambda x: x == 0, _fraction("a"))), 0)), AB, 5, BOS),
        case("predicate_number", rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.tokens, lambda k, q: 5 if k == q else 0)), AB, 5, PREDICATE),
        case("predicate_unequal", rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.tokens, lambda k, q: k != "a")), AB, 5, NONE),
        case("categorical_mean", _prevs(rasp.tokens), [1, 3], 4, CATEGORICAL),
        case("selector_and", rasp.SelectorWidth(equal & before), AB, 6, SELECTORS),
        case("selector_or_not", rasp.SelectorWidth(equal | ~(before | is_a)), AB, 6, SELECTORS),
        case("default_string", rasp.Aggregate(rasp.Select(rasp.indices, rasp.indices, lambda k, q: k == q - 1), rasp.tokens, "?"), AB, 5, DEFAULT),
        case("default_number", rasp.numerical(_prevs(numbers, 7)), [1, 2, 3], 5, DEFAULT),
        case("default_none_of_mean", _prevs(rasp.tokens == "a"), AB, 5, CATEGORICAL),
        case("only_tokens", rasp.tokens, AB, 4, TRIVIAL),
        case("only_length", rasp.length, AB, 6, TRIVIAL),
        case("only_constant", rasp.Full(3), AB, 4, TRIVIAL),
        case("none_value", masked, AB, 4, FORMS),
        case("none_then_map", rasp.Map(lambda x: x + "!", masked, simplify=False), AB, 4, FORMS),
        case("tuples", with_parity, AB, 4, FORMS),
        case("tuple_selector", rasp.SelectorWidth(rasp.Select(with_parity, with_parity, rasp.Comparison.EQ)), AB, 6, FORMS),
        case("tuple_order", rasp.SelectorWidth(rasp.Select(with_parity, with_parity, rasp.Comparison.LT)), AB, 6, FORMS),
        case("mixed_types", rasp.SequenceMap(lambda x, y: x if y % 2 else y, rasp.tokens, rasp.indices), AB, 4, FORMS),
        case("mixed_tokens", rasp.SelectorWidth(equal), [1, "a", 2.5], 4, FORMS),
        case("reciprocal", rasp.numerical(rasp.Map(lambda x: 1 / x, rasp.SelectorWidth(equal))), AB, 6, "A function may fail for values that never reach it."),
        case("undefined", rasp.numerical(rasp.Map(lambda x: 1 / x, rasp.tokens)), [0, 1, 2], 3, "The function fails for a token: the program is undefined, and no model is made."),
        case("modular_predicate", rasp.SelectorWidth(rasp.Select(rasp.indices, rasp.indices, lambda k, q: (k + q) % 3 == 0)), AB, 7, TABLES),
        case("any_predicate", rasp.SelectorWidth(rasp.Select(rasp.indices, rasp.indices, lambda k, q: bool((k * q) & 5))), AB, 8, TABLES),
        case("linear", rasp.numerical(rasp.LinearSequenceMap(rasp.numerical(_fraction("a")), rasp.numerical(rasp.Map(lambda x: x, rasp.indices)), 0.5, -2)), AB, 5,
             "A linear function of two s-ops is read from where they stand, whatever they are."),
        case("values_large", rasp.numerical(rasp.Map(lambda x: x + 10**6, rasp.tokens)), [1, 2, 3], 4, FLOATS),
        case("values_close", rasp.Map(lambda x: x + 0.001, rasp.tokens), [0, 1], 4, FLOATS),
        case("causal_hist", lib.make_hist(), AB, 6, CAUSAL, causal=True),
        case("causal_mean", rasp.numerical(rasp.Aggregate(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.TRUE), numbers)), [0, 1, 5], 5, CAUSAL, causal=True),
        case("diamonds", _diamonds(rasp.indices, 12), AB, 5, TREES),
        case("chain", _chain(rasp.indices, 100), AB, 5, TREES),
    ]


def _reversed():
    opposite = rasp.SequenceMap(lambda n, i: n - i - 1, rasp.length, rasp.indices)
    return rasp.Aggregate(rasp.Select(rasp.indices, opposite, rasp.Comparison.EQ), rasp.tokens)


def _diamonds(x, depth):
    for _ in range(depth):
        x = rasp.SequenceMap(lambda a, b: (a + b) % 7, x, rasp.Map(lambda a: a + 1, x, simplify=False))
    return x


def _chain(x, length):
    for i in range(length):
        x = rasp.Map(lambda a, i=i: (a + i) % 11, x, simplify=False)
    return x
