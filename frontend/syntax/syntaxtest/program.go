// Package syntaxtest draws random programs for property tests, and knows where
// the programs of the module are. Only tests import it.
package syntaxtest

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// Program draws a program. Most programs resolve, and most have a meaning on most
// inputs, as operands mostly have the kind that their operator wants; some have
// errors of any sort.
func Program() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		w := &writer{t: t, names: map[kind][]string{}}
		if w.one(4, "pragmas") {
			w.line(w.pick("#: tokens = int", "#: vocab = \"abc\"", "#: max_len = 4", "#: causal = on", "#: output = x1", "#: bos = \"$\""))
		}
		for range rapid.IntRange(1, 8).Draw(t, "statements") {
			w.statement()
		}
		text := w.b.String()
		if w.one(30, "damage") {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			text = text[:at] + w.pick("", ";", "(", "]", "\"", "= ", "#", "in ", "\x00", "é") + text[at+1:]
		}
		return text
	})
}

// kind is what an expression yields.
type kind int

const (
	number kind = iota // an s-op of numbers
	text               // of strings
	truth              // of truth values
	selector
	plain // an integer
	list  // of integers
	numKinds
)

// writer writes one program.
type writer struct {
	t     *rapid.T
	b     strings.Builder
	names map[kind][]string // of bound variables
	bound int               // names given so far
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.b, format+"\n", args...) }

func (w *writer) pick(of ...string) string { return rapid.SampledFrom(of).Draw(w.t, "pick") }

// one is true once in so many times.
func (w *writer) one(in int, what string) bool { return rapid.IntRange(1, in).Draw(w.t, what) == in }

// fresh makes a name that is bound to a value of a kind from now on.
func (w *writer) fresh(k kind) string {
	w.bound++
	name := fmt.Sprintf("x%d", w.bound)
	w.names[k] = append(w.names[k], name)
	return name
}

func (w *writer) kind() kind { return kind(rapid.IntRange(0, int(numKinds)-1).Draw(w.t, "kind")) }

func (w *writer) statement() {
	k := w.kind()
	value := w.expr(k, rapid.IntRange(0, 3).Draw(w.t, "depth"))
	switch rapid.IntRange(0, 11).Draw(w.t, "statement") {
	case 0:
		w.line("%s;", value)
	case 1:
		other := w.kind()
		second := w.expr(other, 1)
		w.line("%s, %s = %s, %s;  # two", w.fresh(k), w.fresh(other), value, second)
	case 2:
		w.function()
	case 3:
		total := w.fresh(plain)
		w.line("%s = 0;\nfor i in %s {\n  %s = %s + i;\n}", total, w.expr(list, 1), total, total)
	case 4:
		w.line("# a comment")
		w.line(w.pick("set example \"ab\"", "examples off", "draw(indices, \"ab\");", "show s-op example", "full seq display on", "load \"lib\";"))
	default:
		w.line("%s = %s;", w.fresh(k), value)
	}
}

// function writes a function of a number and a call of it.
func (w *writer) function() {
	w.bound++
	f := fmt.Sprintf("f%d", w.bound)
	before := w.names[number]
	w.names[number] = append(before[:len(before):len(before)], "x")
	body, result := w.expr(number, 1), w.expr(number, 2)
	w.names[number] = before
	w.line("def %s(x) {\n  y = %s;\n  return %s + y;\n}", f, body, result)
	arg := w.expr(number, 1)
	w.line("%s = %s(%s);", w.fresh(number), f, arg)
}

// expr writes an expression of a kind, now and then of another.
func (w *writer) expr(k kind, depth int) string {
	if w.one(60, "illTyped") {
		k = w.kind()
	}
	if known := w.names[k]; len(known) > 0 && rapid.IntRange(0, 2).Draw(w.t, "name") > 0 {
		return known[len(known)-1-rapid.IntRange(0, len(known)-1).Draw(w.t, "which")]
	}
	if depth == 0 {
		return w.pick(leaves[k]...)
	}
	return w.fill(w.pick(forms[k]...), depth-1)
}

// fill puts expressions in the place of the letters N T B S P L, and an operator
// in that of a ?.
func (w *writer) fill(form string, depth int) string {
	var b strings.Builder
	for _, c := range form {
		if k := strings.IndexRune("NTBSPL", c); k >= 0 {
			b.WriteString("(" + w.expr(kind(k), depth) + ")")
		} else if c == '?' {
			b.WriteString(w.pick("==", "<", "<=", ">", ">="))
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

var leaves = [numKinds][]string{
	number:   {"indices", "length", "selector_width(full_s)"},
	text:     {"tokens", "tokens_str"},
	truth:    {"tokens_bool", "(indices == 1)"},
	selector: {"full_s", "select(indices, indices, <)", "select(tokens, tokens, ==)", "select(indices, 0, ==)"},
	plain:    {"0", "1", "2", "3", "-2", "0.5", "10^30", "True"},
	list:     {"[1, 2, 3]", "range(4)", "[0, 1, 1]", "[]"},
}

// forms are expressions to fill in; frequent ones stand twice.
var forms = [numKinds][]string{
	number: {
		"N + N", "N - N", "N * N", "N / 2", "N % 3", "N / (1 + N * N)", "-N", "+N", "round N", "round(N)", "N ^ 2", "N + P", "P * N",
		"indicator(B)", "N if B else N", "selector_width(S)", "aggregate(S, N)", "aggregate(S, N, P)", "aggregate(S, N)",
		"[1, 2.5, True][indices % 3]", "{0: 1, 1: 2, 2: 0.5}[indices % 3]", "N[0]", "N[-1]", "min(N, N)", "count(tokens, \"a\")",
		"N if P else N", "sort(N, N)", "average(S, N)", "load_from_location(N, N)",
	},
	text: {
		"T if B else T", "[\"a\", \"b\", \"\"][indices % 3]", "aggregate(select(indices, N, ==), T, \"-\")", "T + T", "T * 2",
		"shift(T, 1, \"_\")", "T", "\"x\" + T",
	},
	truth: {
		"N ? N", "T == T", "T ? T", "not B", "B and B", "B or B", "T in [\"a\", \"b\"]", "N in L", "has_focus(S)", "contains(T, \"a\")",
		"N == P", "\"a\" in T", "B if B else B", "N != N",
	},
	selector: {
		"select(N, N, ?)", "select(T, T, ?)", "select(N, P, ?)", "select(T, \"a\", ==)", "S and S", "S or S", "not S", "S if P else S",
	},
	plain: {
		"P + P", "P - P", "P * P", "P % 7", "len(L)", "P if P else P", "P == P", "not P", "P and P", "L[0]", "P ^ 2", "P in L", "round(P)",
		"{1: P, 2: P}[1]", "P ? P", "len(zip(L, L))",
	},
	list: {
		"[P, P]", "[P for i in L]", "[i + 1 for i in L]", "L + L", "L * 2", "range(P)", "range(0, 6, 2)", "[j for i, j in zip(L, L)]", "[i for i in {P: 1}]",
	},
}
