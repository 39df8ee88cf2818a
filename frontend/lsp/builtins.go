package lsp

import (
	"maps"
	"slices"
)

// word is a name or keyword of the language, with what is said of it.
type word struct {
	// form is how it is written; for functions with the names of the parameters.
	form string
	doc  string
	kind wordKind
}

type wordKind uint8

const (
	sequenceWord wordKind = iota // an s-op or selector
	constantWord
	functionWord
	keyword
	// consoleWord is a keyword of statements that only the console acts upon.
	consoleWord
)

// words are all names that a program finds bound, and all keywords.
var words = map[string]word{
	"tokens":       {"tokens", "The input, read as the pragma `tokens` says: as strings without one.", sequenceWord},
	"tokens_str":   {"tokens_str", "The input, each token as a string.", sequenceWord},
	"tokens_int":   {"tokens_int", "The input, each token as an integer: strings of digits are read, floats lose their fraction.", sequenceWord},
	"tokens_float": {"tokens_float", "The input, each token as a float.", sequenceWord},
	"tokens_bool":  {"tokens_bool", "Whether each token is neither 0, False nor the empty string.", sequenceWord},
	"tokens_asis":  {"tokens_asis", "The input as it is.", sequenceWord},
	"indices":      {"indices", "The positions, counted from 0.", sequenceWord},
	"length":       {"length", "The length of the input, at every position.", sequenceWord},
	"full_s":       {"full_s", "The selector that selects every position in every row.", sequenceWord},
	"out":          {"out", "The value evaluated last.", sequenceWord},
	"True":         {"True", "The truth value that holds.", constantWord},
	"False":        {"False", "The truth value that does not hold.", constantWord},

	"select":                {"select(keys, queries, comparison)", "The selector that holds where `key comparison query`, the key at the position looked at, the query at the one that looks.", functionWord},
	"aggregate":             {"aggregate(selector, values, default)", "At each position the value at the selected one, or the mean of the selected; the default, or 0, where none is.", functionWord},
	"selector_width":        {"selector_width(sel)", "How many positions each row of a selector selects.", functionWord},
	"has_focus":             {"has_focus(sel)", "Whether each row of a selector selects anything.", functionWord},
	"count":                 {"count(v, a)", "At how many positions v equals a.", functionWord},
	"contains":              {"contains(v, a)", "Whether v equals a anywhere.", functionWord},
	"round":                 {"round(x)", "The nearest integer, halves to the even one.", functionWord},
	"indicator":             {"indicator(x)", "1 where x holds, else 0.", functionWord},
	"range":                 {"range(start, end, step)", "The list of integers from start, 0 if not given, up to end, which is not among them.", functionWord},
	"zip":                   {"zip(a, b)", "The list of pairs of the elements of lists.", functionWord},
	"len":                   {"len(x)", "The number of elements of a list, keys of a dict or characters of a string.", functionWord},
	"max":                   {"max(a, b)", "The larger of two, position by position.", functionWord},
	"min":                   {"min(a, b)", "The smaller of two, position by position.", functionWord},
	"average":               {"average(v)", "The mean of v over all positions.", functionWord},
	"sort":                  {"sort(v, key)", "The values of v in the order of their keys; equal keys keep their order.", functionWord},
	"shift":                 {"shift(v, n, fill)", "The values of v, moved n positions to the right; fill takes the room that this makes.", functionWord},
	"load_from_location":    {"load_from_location(v, p)", "The value of v at position p; 0 where there is no such position.", functionWord},
	"mark_last_instance":    {"mark_last_instance(v, a)", "True at the last position where v equals a, and only there.", functionWord},
	"mark_first_instance":   {"mark_first_instance(v, a)", "True at the first position where v equals a, and only there.", functionWord},
	"select_from_last":      {"select_from_last(v, a)", "The selector of the last position where v equals a.", functionWord},
	"select_from_first":     {"select_from_first(v, a)", "The selector of the first position where v equals a.", functionWord},
	"select_next_identical": {"select_next_identical(v)", "The selector of the next position with the same value of v.", functionWord},
	"numerical":             {"numerical(x)", "x, to be held by the model as one number.", functionWord},
	"categorical":           {"categorical(x)", "x, to be held by the model as one direction a value.", functionWord},
	"unique":                {"unique(sel)", "sel, each row of which is assumed to select one position at most.", functionWord},

	"def":    {"def NAME(PARAMETERS) { STATEMENTS return VALUE; }", "Defines a function.", keyword},
	"return": {"return VALUE;", "Ends a function, and says what it gives.", keyword},
	"for":    {"for NAME in LIST { STATEMENTS }", "Runs statements for each element of a list or key of a dict; in brackets, makes a list or dict so.", keyword},
	"in":     {"x in l", "Whether x equals an element of the list l. It binds loosest of all operators.", keyword},
	"if":     {"x if c else y", "x where c holds, else y.", keyword},
	"else":   {"x if c else y", "x where c holds, else y.", keyword},
	"and":    {"x and y", "Whether both hold; of two selectors, where both select. It binds no tighter than `or`.", keyword},
	"or":     {"x or y", "Whether one holds; of two selectors, where one selects. It binds no looser than `and`.", keyword},
	"not":    {"not x", "Whether x does not hold; of a selector, where it does not select. It binds tighter than comparisons.", keyword},
	"load":   {`load "NAME";`, "Runs NAME.rasp, and binds the names that it binds, except those that begin with `_`.", keyword},

	"draw":     {"draw(x, INPUT);", "Draws how the s-op x is computed. Only the console does so.", consoleWord},
	"set":      {"set example VALUE", "Sets the console's running example.", consoleWord},
	"show":     {"show example", "Shows the console's running example.", consoleWord},
	"example":  {"set example VALUE", "Sets the console's running example.", consoleWord},
	"examples": {"examples on", "Switches the console's examples on or off.", consoleWord},
	"selector": {"selector examples on", "Restricts a console statement to selectors.", consoleWord},
	"s-op":     {"s-op examples on", "Restricts a console statement to s-ops.", consoleWord},
	"on":       {"examples on", "Switches on what the console shows.", consoleWord},
	"off":      {"examples off", "Switches off what the console shows.", consoleWord},
	"exit":     {"exit", "Ends the file, or the console.", consoleWord},
	"quit":     {"quit", "Ends the file, or the console.", consoleWord},
}

// pragmas are the keys of pragmas.
var pragmas = map[string]word{
	"tokens":  {"#: tokens = int", "How `tokens` reads the input: `str`, `int`, `float` or `bool`.", keyword},
	"vocab":   {"#: vocab = 0..9", "The tokens: a list, a range, or a string for its characters.", keyword},
	"max_len": {"#: max_len = 10", "The number of tokens of the longest input.", keyword},
	"bos":     {`#: bos = "§"`, "A token that the program expects at position 0 of each input, and nowhere else.", keyword},
	"causal":  {"#: causal = on", "With `on`, every selector is cut down to keys at or before the query.", keyword},
	"output":  {"#: output = NAME", "The s-op to compile; without it, the last one assigned or evaluated.", keyword},
	"inputs":  {`#: inputs = "REGEX"`, "The inputs for which the program is meant, tokens written one after the other.", keyword},
	"encode":  {"#: encode NAME = numerical", "Holds the s-op as one number, or as `categorical`.", keyword},
	"assume":  {"#: assume one_hot NAME", "Says that each row of the selector selects one position at most.", keyword},
}

// pragmaWords are the words that a key takes as its value.
var pragmaWords = map[string][]string{
	"tokens": {"str", "int", "float", "bool"},
	"causal": {"on", "off"},
	"encode": {"numerical", "categorical"},
	"assume": {"one_hot"},
}

// wordsOf returns the words of some kinds, sorted.
func wordsOf(kinds ...wordKind) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(words)) {
		if slices.Contains(kinds, words[name].kind) {
			all = append(all, name)
		}
	}
	return all
}
