package interp_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// parse reads a graph and its roots.
func parse(t *testing.T, text string) (*sop.Graph, []sop.ID) {
	t.Helper()
	g, roots, err := sop.Parse(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return g, roots
}

// list reads values as dumps spell a list.
func list(t *testing.T, text string) []value.Value {
	t.Helper()
	g, _ := parse(t, "n0 = indices\nn1 = in n0 "+text)
	return g.Node(1).Table.Vals
}

// spell writes what a run gave for a node: values with their kinds as dumps
// spell them, the rows of a matrix, or !kind of error, node and position.
func spell(g *sop.Graph, r *interp.Result, err error, id sop.ID) string {
	var u *interp.Undefined
	switch {
	case errors.As(err, &u):
		return fmt.Sprintf("!%s n%d@%d", u.Err.Kind, u.Node, u.Position)
	case err != nil:
		return err.Error()
	case g.Node(id).Selector():
		return rows(r.Matrix(id))
	}
	return (&sop.Table{Vals: r.Sequence(id)}).String()
}

func rows(m *interp.Matrix) string {
	lines := make([]string, m.Size())
	for q := range lines {
		for k := range m.Size() {
			lines[q] += map[bool]string{true: "1", false: "."}[m.At(q, k)]
		}
	}
	return strings.Join(lines, " ")
}

// example is the last node of a graph on one input.
type example struct {
	name   string
	graph  string
	input  string
	want   string
	causal string // "" where it is the same as want
}

func (e example) check(t *testing.T) {
	t.Helper()
	g, _ := parse(t, e.graph)
	last := sop.ID(g.Len() - 1)
	if e.causal == "" {
		e.causal = e.want
	}
	for _, c := range []struct {
		causal bool
		want   string
	}{{false, e.want}, {true, e.causal}} {
		r, err := interp.New(g, c.causal, last).Run(list(t, e.input))
		if got := spell(g, r, err, last); got != c.want {
			t.Errorf("%s, causal %t: got %s, want %s", e.name, c.causal, got, c.want)
		}
	}
}

// TestLeaves: the readings of the input, the indices and constants, and the
// rule that a sequence has one type.
func TestLeaves(t *testing.T) {
	const mixed = `["a", 1, True, 1/2]`
	for _, e := range []example{
		{"tokens_str", "n0 = tokens_str", mixed, `["a", "1", "True", "0.5"]`, ""},
		{"tokens_int", "n0 = tokens_int", `["7", " -7", 5/2, -5/2, True]`, "[7, -7, 2, -2, 1]", ""},
		{"tokens_int of a letter", "n0 = tokens_int", `["7", "a"]`, "!runtime_error n0@1", ""},
		{"tokens_int of a decimal", "n0 = tokens_int", `["7.5"]`, "!runtime_error n0@0", ""},
		{"tokens_float", "n0 = tokens_float", `["7", "0.25", 3, True]`, "[7.0, 1/4, 3.0, 1.0]", ""},
		{"tokens_bool", "n0 = tokens_bool", `["", "a", "0", 0, 0.0, 2, False]`, "[False, True, True, False, False, True, False]", ""},
		{"tokens_asis", "n0 = tokens_asis", "[1, True, 1/2]", "[1, True, 1/2]", ""},
		{"tokens_asis mixed", "n0 = tokens_asis", mixed, "!type_error n0@-1", ""},
		{"indices", "n0 = indices", `["a", "b", "c"]`, "[0, 1, 2]", ""},
		{"const", `n0 = const "x"`, `["a", "b"]`, `["x", "x"]`, ""},
		{"empty input", "n0 = indices", "[]", "!type_error n0@-1", ""},
	} {
		e.check(t)
	}
}

func TestElementwise(t *testing.T) {
	const head = "n0 = tokens_asis\nn1 = indices\n"
	for _, e := range []example{
		{"add", head + "n2 = add n0 n1", "[1, 1/2, True]", "[1, 3/2, 3]", ""},
		{"sub", head + "n2 = sub n1 n0", "[1, 1/2]", "[-1, 1/2]", ""},
		{"mul", head + "n2 = mul n0 n1", `["a", "b", "c"]`, `["", "b", "cc"]`, ""},
		{"div", head + "n2 = div n1 n0", "[2, 2]", "[0.0, 1/2]", ""},
		{"div by zero", head + "n2 = div n1 n0", "[2, 0, 0]", "!runtime_error n2@1", ""},
		{"mod", head + "n2 = const 2\nn3 = mod n0 n2", "[-1, 5/2, 3]", "[1, 1/2, 1]", ""},
		{"pow", head + "n2 = pow n0 n1", "[0, -2, 1/2]", "[1, -2, 1/4]", ""},
		{"neg", head + "n2 = neg n0", "[1, True, -1/2]", "[-1, -1, 1/2]", ""},
		{"compare", head + "n2 = compare n0 <= n1", "[1, 1, 1.0]", "[False, True, True]", ""},
		{"compare strings with numbers for order", head + "n2 = compare n0 < n1", `["a"]`, "!runtime_error n2@0", ""},
		{"compare strings with numbers for equality", head + "n2 = compare n0 == n1", `["0", "1"]`, "[False, False]", ""},
		{"and", head + "n2 = and n0 n1", `["a", "b", ""]`, "[False, True, False]", ""},
		{"or", head + "n2 = or n0 n1", `["", "b"]`, "[False, True]", ""},
		{"not", head + "n2 = not n0", `["", "b"]`, "[True, False]", ""},
		{"round", head + "n2 = round n0", "[1/2, 3/2, 5/2, -1/2]", "[0, 2, 2, 0]", ""},
		{"indicator", head + "n2 = indicator n0", "[2, 0, True]", "[1, 0, 1]", ""},
		{"if", head + "n2 = if n1 n0 n1", "[5, 6, 7]", "[0, 6, 7]", ""},
		{"if of two types", head + "n2 = if n1 n0 n1", `["a", "b"]`, "!type_error n2@-1", ""},
		{"if of two types on one side only", head + "n2 = const 0\nn3 = if n2 n0 n1", `["a", "b"]`, "[0, 1]", ""},
		{"in", head + `n2 = in n0 ["a", 1]`, `["a", "b"]`, "[True, False]", ""},
		{"lookup in a dict", head + `n2 = lookup n0 {"a": 1, "b": 1/2}`, `["a", "b"]`, "[1, 1/2]", ""},
		{"lookup of a missing key", head + `n2 = lookup n0 {"a": 1}`, `["a", "b"]`, "!value_error n2@1", ""},
		{"lookup in a list", head + `n2 = lookup n1 ["x", "y"]`, `["a", "b"]`, `["x", "y"]`, ""},
		{"lookup out of range", head + `n2 = lookup n1 ["x", "y"]`, `["a", "b", "c"]`, "!value_error n2@2", ""},
		{"lookup of mixed results", head + `n2 = lookup n1 ["x", 1]`, `["a", "b"]`, "!type_error n2@-1", ""},
		{"lookup of mixed results that do not meet", head + `n2 = lookup n1 ["x", 1]`, `["a"]`, `["x"]`, ""},
	} {
		e.check(t)
	}
}

// TestSelect: the first operand of select is the key, a column of the matrix.
func TestSelect(t *testing.T) {
	const head = "n0 = tokens_asis\nn1 = indices\nn2 = const 1\n"
	for _, e := range []example{
		{"==", head + "n3 = select n0 == n0", `["a", "b", "a"]`, "1.1 .1. 1.1", "1.. .1. 1.1"},
		{"!=", head + "n3 = select n0 != n0", `["a", "b", "a"]`, ".1. 1.1 .1.", "... 1.. .1."},
		{"< is strictly earlier", head + "n3 = select n1 < n1", "[0, 0, 0]", "... 1.. 11.", ""},
		{"<=", head + "n3 = select n1 <= n1", "[0, 0, 0]", "1.. 11. 111", ""},
		{"> is strictly later", head + "n3 = select n1 > n1", "[0, 0, 0]", ".11 ..1 ...", "... ... ..."},
		{">=", head + "n3 = select n1 >= n1", "[0, 0, 0]", "111 .11 ..1", "1.. .1. ..1"},
		{"query broadcast", head + "n3 = select n1 == n2", "[0, 0, 0]", ".1. .1. .1.", "... .1. .1."},
		{"key broadcast", head + "n3 = select n2 == n1", "[0, 0, 0]", "... 111 ...", "... 11. ..."},
		{"full", head + "n3 = select n2 == n2", "[0, 0, 0]", "111 111 111", "1.. 11. 111"},
		{"kinds", head + "n3 = select n0 == n2", "[1, True, 1.0, 0]", "111. 111. 111. 111.", "1... 11.. 111. 111."},
		{"strings equal no numbers", head + "n3 = select n0 == n1", `["0", "1"]`, ".. ..", ""},
		{"order of unlike kinds", head + "n3 = select n0 < n1", `["0", "1"]`, "!runtime_error n3@0", ""},
		{"and", head + "n3 = select n1 < n1\nn4 = select n0 == n0\nn5 = sel_and n3 n4", "[7, 8, 7]", "... ... 1..", ""},
		{"or", head + "n3 = select n1 > n1\nn4 = select n0 == n0\nn5 = sel_or n3 n4", "[7, 8, 7]", "111 .11 1.1", "1.. .1. 1.1"},
		{"not", head + "n3 = select n1 > n1\nn4 = sel_not n3", "[0, 0, 0]", "1.. 11. 111", ""},
		{"not under causality", head + "n3 = select n1 < n1\nn4 = sel_not n3", "[0, 0, 0]", "111 .11 ..1", "1.. .1. ..1"},
		{"double not", head + "n3 = select n1 >= n1\nn4 = sel_not n3\nn5 = sel_not n4", "[0, 0, 0]", "111 .11 ..1", "1.. .1. ..1"},
	} {
		e.check(t)
	}
}

// TestAggregate: none, one and several selected positions.
func TestAggregate(t *testing.T) {
	const head = "n0 = tokens_asis\nn1 = indices\nn2 = const 1\n"
	const earlier = head + "n3 = select n1 < n1\n"              // 0, 1, 2, … selected
	const first = head + "n3 = const 0\nn4 = select n1 == n3\n" // one, the same
	const self = head + "n3 = select n1 == n1\n"                // one each
	const none = head + "n3 = select n2 != n2\n"
	const full = head + "n3 = select n2 == n2\n"
	for _, e := range []example{
		{"the type depends on the row", earlier + "n4 = aggregate n3 n1", "[9, 9, 9, 9]", "[0, 0, 1/2, 1.0]", ""},
		{"one token", earlier + "n4 = aggregate n3 n1", "[9]", "[0]", ""},
		{"default", earlier + "n4 = aggregate n3 n1 default -1/2", "[9, 9]", "[-1/2, 0]", ""},
		{"string default among numbers", earlier + `n4 = aggregate n3 n1 default "x"`, "[9, 9]", "!type_error n4@-1", ""},
		{"string default alone", none + `n4 = aggregate n3 n1 default "x"`, "[9, 9]", `["x", "x"]`, ""},
		{"bool default", earlier + "n4 = aggregate n3 n1 default True", "[9, 9]", "[True, 0]", ""},
		{"one string", self + "n4 = aggregate n3 n0", `["a", "b"]`, `["a", "b"]`, ""},
		{"one bool", self + "n4 = aggregate n3 n0", "[True, False]", "[True, False]", ""},
		{"one keeps its kind", self + "n4 = aggregate n3 n0", "[1, True, 1.0]", "[1, True, 1.0]", ""},
		{"move", first + "n5 = aggregate n4 n0", `["a", "b", "c"]`, `["a", "a", "a"]`, ""},
		{"strings with an empty row", earlier + "n4 = aggregate n3 n0", `["a", "b"]`, "!type_error n4@-1", ""},
		{"strings, all rows empty", none + "n4 = aggregate n3 n0", `["a", "b"]`, "[0, 0]", ""},
		{"strings with a default", earlier + `n4 = aggregate n3 n0 default "-"`, `["a", "b"]`, `["-", "a"]`, ""},
		{"equal strings have no mean", full + "n4 = aggregate n3 n0", `["a", "a"]`, "!runtime_error n4@0", "!runtime_error n4@1"},
		{"a single string has", full + "n4 = aggregate n3 n0", `["a"]`, `["a"]`, ""},
		{"bools have no mean", full + "n4 = aggregate n3 n0", "[True, True]", "!runtime_error n4@0", "!runtime_error n4@1"},
		{"bools among ints have", full + "n4 = aggregate n3 n0", "[True, True, 4]", "[2.0, 2.0, 2.0]", "[True, 1.0, 2.0]"},
		{"the whole sequence decides, not the row", earlier + "n4 = aggregate n3 n0", "[True, True, False, 5]", "[0, True, 1.0, 2/3]", ""},
		{"bools after an earlier mean", earlier + "n4 = aggregate n3 n0", "[True, True, False]", "!runtime_error n4@2", ""},
		{"exact mean", full + "n4 = aggregate n3 n0", "[1/3, 1/3, 1/3]", "[1/3, 1/3, 1/3]", ""},
		{"mean of a constant", full + "n4 = aggregate n3 n2", "[0, 0]", "[1.0, 1.0]", "[1, 1.0]"},
		{"mean of a constant on one token", full + "n4 = aggregate n3 n2", "[0]", "[1]", ""},
	} {
		e.check(t)
	}
}

func TestWidth(t *testing.T) {
	const head = "n0 = tokens_str\nn1 = indices\nn2 = const 1\n"
	for _, e := range []example{
		{"hist", head + "n3 = select n0 == n0\nn4 = width n3", `["a", "b", "a"]`, "[2, 1, 2]", "[1, 1, 2]"},
		{"length", head + "n3 = select n2 == n2\nn4 = width n3", `["a", "b", "a"]`, "[3, 3, 3]", "[1, 2, 3]"},
		{"empty", head + "n3 = select n2 != n2\nn4 = width n3", `["a", "b"]`, "[0, 0]", ""},
		{"not", head + "n3 = select n1 < n1\nn4 = sel_not n3\nn5 = width n4", `["a", "b", "c"]`, "[3, 2, 1]", "[1, 1, 1]"},
	} {
		e.check(t)
	}
}

// TestOnlyWhatIsNeededRuns: a broken s-op hurts exactly those that use it.
func TestOnlyWhatIsNeededRuns(t *testing.T) {
	g, _ := parse(t, "n0 = tokens_int\nn1 = indices\nn2 = add n0 n1\nn3 = neg n1")
	input := list(t, `["a", "b"]`)
	r, err := interp.New(g, false, 3).Run(input)
	if err != nil {
		t.Fatal(err)
	}
	if got := spell(g, r, nil, 3); got != "[0, -1]" {
		t.Errorf("n3 is %s", got)
	}
	for id := sop.ID(-1); id <= 4; id++ {
		if evaluated := id == 1 || id == 3; (r.Sequence(id) != nil) != evaluated || r.Matrix(id) != nil {
			t.Errorf("n%d: evaluated is %t, want %t", id, !evaluated, evaluated)
		}
	}
	if _, err = interp.New(g, false, 3, 2).Run(input); err == nil {
		t.Error("n2 is defined")
	}
	if r, err := interp.New(g, false).Run(input); err != nil || r.Sequence(0) != nil {
		t.Errorf("an evaluator of nothing gives %v, error %v", r, err)
	}
}

// TestBothBranchesRun: a conditional is defined only where both sides are.
func TestBothBranchesRun(t *testing.T) {
	example{
		"if", "n0 = tokens_asis\nn1 = const 1\nn2 = div n1 n0\nn3 = const 0\nn4 = if n0 n2 n3",
		"[2, 0]", "!runtime_error n2@1", "",
	}.check(t)
}

func TestUndefinedText(t *testing.T) {
	g, _ := parse(t, "n0 = tokens_asis\nn1 = const 1\nn2 = div n1 n0")
	_, err := interp.New(g, false, 2).Run(list(t, "[1, 0]"))
	if err == nil || err.Error() != "division by zero (at position 1)" {
		t.Errorf("got %v", err)
	}
	var ve *value.Error
	if !errors.As(err, &ve) || ve.Kind != value.RuntimeError {
		t.Errorf("%v does not wrap the operator's error", err)
	}
	_, err = interp.New(g, false, 0).Run(list(t, `[1, "a"]`))
	if want := "a sequence of strings and numbers mixed: [1, 'a']"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestResultTypes(t *testing.T) {
	g, _ := parse(t, "n0 = tokens_asis\nn1 = indices\nn2 = not n1\nn3 = div n1 n1\nn4 = select n1 < n1\nn5 = aggregate n4 n1")
	r, err := interp.New(g, false, 5, 2, 0).Run(list(t, `["a", "b", "c"]`))
	if err != nil {
		t.Fatal(err)
	}
	got := []value.Type{r.Type(0), r.Type(1), r.Type(2), r.Type(5)}
	if diff := cmp.Diff([]value.Type{value.Strings, value.Ints, value.Bools, value.Floats}, got); diff != "" {
		t.Error(diff)
	}
}
