package sop_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/internal/golden"
)

// everyField is a graph in which every operator and every field occurs.
func everyField() (*sop.Graph, []sop.ID) {
	g := sop.NewGraph()
	at := func(line, col int) sop.Pos { return sop.Pos{File: "all.rasp", Line: line, Col: col} }
	float := func(n, d int64) value.Value { return value.Number(value.KindFloat, value.Frac(n, d)) }
	for r := sop.ReadStr; r <= sop.ReadAsIs; r++ {
		g.SetName(g.Tokens(r, at(1, int(r)+1)), r.String())
	}
	tokens, idx := g.Tokens(sop.ReadStr, at(99, 99)), g.Indices(at(2, 1))
	one, half := g.Const(value.IntOf(1), sop.Pos{}), g.Const(float(-1, 2), at(2, 2))
	g.Const(float(1, 1), at(2, 3))
	truth, text := g.Const(value.Bool(true), at(2, 4)), g.Const(value.Str("a \"b\" # é\n"), at(2, 5))
	for i, op := range []sop.Op{sop.Add, sop.Sub, sop.Mul, sop.Div, sop.Mod, sop.Pow, sop.And, sop.Or} {
		g.Map(op, at(3, i+1), idx, half)
	}
	for i, op := range []sop.Op{sop.Neg, sop.Not, sop.Round, sop.Indicator} {
		g.Map(op, at(4, i+1), idx)
	}
	choice := g.Map(sop.If, at(5, 1), truth, tokens, text)
	in := g.In(choice, []value.Value{value.Str("a"), value.IntOf(-2), value.Bool(false)}, at(6, 1))
	g.In(in, nil, at(6, 2))
	g.Lookup(&sop.Table{Vals: []value.Value{float(3, 1), value.Str("")}}, idx, at(7, 1))
	g.Lookup(&sop.Table{Dict: true}, idx, at(7, 2))
	table := g.Lookup(&sop.Table{
		Dict: true,
		Keys: []value.Value{value.Str("k"), value.IntOf(2)},
		Vals: []value.Value{float(1, 3), value.IntOf(0)},
	}, tokens, at(7, 3))
	var sels []sop.ID
	for c := value.EQ; c <= value.GE; c++ {
		g.Compare(c, idx, table, at(8, int(c)+1))
		sels = append(sels, g.Select(idx, one, c, at(9, int(c)+1)))
	}
	sel := g.SelAnd(g.SelOr(sels[0], sels[1], at(10, 1)), g.SelNot(sels[2], at(10, 2)), at(10, 3))
	zero, def := value.IntOf(0), float(1, 2)
	g.Aggregate(sel, idx, nil, at(11, 1))
	g.Aggregate(sel, idx, &zero, at(11, 2))
	mean := g.Aggregate(sel, idx, &def, at(11, 3))
	width := g.Width(sel, sop.Pos{File: "odd name:1.rasp", Line: 12, Col: 1})
	for _, name := range []string{"w", "( a + b )", "again", "w"} {
		g.SetName(width, name)
	}
	return g, []sop.ID{width, mean, width}
}

func TestDumpOfEveryField(t *testing.T) {
	g, _ := everyField()
	text := sop.Dump(g)
	golden.Compare(t, "testdata/every_field.txt", text)
	for r := sop.ReadStr; r <= sop.ReadAsIs; r++ {
		if !strings.Contains(text, "= "+r.String()+" ") {
			t.Errorf("%s does not occur", r)
		}
	}
	for op := sop.Indices; op <= sop.Width; op++ {
		if !strings.Contains(text, "= "+op.String()+" ") {
			t.Errorf("%s does not occur", op)
		}
	}
}

// requireSame fails unless the graphs are equal in every field of every node.
func requireSame(t interface{ Fatalf(string, ...any) }, a, b *sop.Graph) {
	same := cmp.Options{cmp.Comparer(value.Identical), cmpopts.EquateEmpty()}
	if a.Len() != b.Len() {
		t.Fatalf("%d nodes became %d", a.Len(), b.Len())
	}
	for id := range sop.ID(a.Len()) {
		if diff := cmp.Diff(a.Node(id), b.Node(id), same); diff != "" {
			t.Fatalf("n%d differs (-want +got):\n%s", id, diff)
		}
		if diff := cmp.Diff(a.Names(id), b.Names(id), same); diff != "" {
			t.Fatalf("the names of n%d differ (-want +got):\n%s", id, diff)
		}
	}
}

func TestParseRestoresEveryField(t *testing.T) {
	g, roots := everyField()
	back, none, err := sop.Parse(sop.Dump(g))
	if err != nil {
		t.Fatal(err)
	}
	if err := sop.Check(back); err != nil {
		t.Error(err)
	}
	if len(none) != 0 {
		t.Errorf("a dump without roots has the roots %v", none)
	}
	requireSame(t, g, back)

	pruned, want := sop.Prune(g, roots...)
	back, got, err := sop.Parse(sop.Dump(g, roots...))
	if err != nil {
		t.Fatal(err)
	}
	requireSame(t, pruned, back)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the roots differ (-want +got):\n%s", diff)
	}
}

func TestDumpRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(20).Draw(t, "graph")
		if err := sop.Check(g); err != nil {
			t.Fatal(err)
		}
		text := sop.Dump(g)
		back, _, err := sop.Parse(text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		requireSame(t, g, back)
		root := sop.ID(rapid.IntRange(0, g.Len()-1).Draw(t, "root"))
		text = sop.Dump(g, root)
		back, roots, err := sop.Parse(text)
		if err != nil || len(roots) != 1 {
			t.Fatalf("roots %v, error %v in\n%s", roots, err, text)
		}
		if diff := cmp.Diff(text, sop.Dump(back, roots...)); diff != "" {
			t.Fatalf("the dump of a dump differs:\n%s", diff)
		}
	})
}

func TestParseIsLenientWithSpace(t *testing.T) {
	g, roots, err := sop.Parse("# a histogram\r\n\n  n0=tokens_str\t#  t\r\n" +
		"n1 = select n0==n0#h.rasp:1:2\nn2 = width n1\nn3 = lookup n2 { 1:\"a\" , 2.5 : 0.25 }\n \nroots n2 n3 # both\n# end")
	if err != nil {
		t.Fatal(err)
	}
	want := `n0 = tokens_str                         # t
n1 = select n0 == n0                    # h.rasp:1:2
n2 = width n1
n3 = lookup n2 {1: "a", 5/2: 1/4}
roots n2 n3
`
	if diff := cmp.Diff(want, sop.Dump(g, roots...)); diff != "" {
		t.Error(diff)
	}
}

func TestParseErrors(t *testing.T) {
	const head = "n0 = tokens_str\nn1 = select n0 == n0\n"
	for _, c := range []struct{ line, want string }{
		{"n3 = indices", "line 3, column 1: the next node is n2, not n3"},
		{"x = indices", `line 3, column 1: expected a node such as n0, found "x"`},
		{"n02 = indices", "expected a node"},
		{"n99999999999 = indices", "expected a node"},
		{"= indices", "expected a node"},
		{"n2 indices", `line 3, column 4: expected "=", found "indices"`},
		{"n2", "expected \"=\", found the end of the line"},
		{"n2 =", "unknown operator the end of the line"},
		{"n2 = tokens", `line 3, column 6: unknown operator "tokens"`},
		{"n2 = reverse n0", `unknown operator "reverse"`},
		{"n2 = indices n0", `line 3, column 14: expected the end of the line, found "n0"`},
		{"n2 = neg", "expected a node such as n0, found the end of the line"},
		{"n2 = neg n2", "line 3, column 10: n2 is not known here"},
		{"n2 = neg n1", "line 3, column 1: argument n1 of neg is a selector, not an s-op"},
		{"n2 = width n0", "argument n0 of width is an s-op, not a selector"},
		{"n2 = compare n0 n0", `expected a comparison, found "n0"`},
		{"n2 = compare n0 = n0", `expected a comparison, found "="`},
		{"n2 = select n0 == n0", "n2 repeats n1"},
		{"n2 = const", "expected a value, found the end of the line"},
		{"n2 = const true", `expected a value, found "true"`},
		{"n2 = const 1e5", `found "e5"`},
		{"n2 = const 1/0", `expected a value, found "1/0"`},
		{"n2 = const -", `expected a value, found "-"`},
		{"n2 = const .5", `line 3, column 12: unexpected character '.'`},
		{`n2 = const "a`, "line 3, column 12: a string that does not end"},
		{`n2 = const "\q"`, "wrong escape"},
		{"n2 = const 'a'", `unexpected character '\''`},
		{"n2 = aggregate n1 n0 0", `expected the end of the line, found "0"`},
		{"n2 = aggregate n1 n0 default", "expected a value"},
		{"n2 = aggregate n0 n0", "argument n0 of aggregate is an s-op"},
		{"n2 = in n0", "expected a list or a dict, found the end of the line"},
		{"n2 = in n0 {}", "in takes a list, not a dict"},
		{"n2 = in n0 [1", `expected ",", found the end of the line`},
		{"n2 = in n0 [1 2]", `expected ",", found "2"`},
		{"n2 = in n0 [1,]", `expected a value, found "]"`},
		{"n2 = lookup n0 {1}", `expected ":", found "}"`},
		{"n2 = lookup n0 {1: 2, True: 3}", "a dict that repeats the key True"},
		{"n2 = indices # a a", `line 3, column 18: an empty or a repeated name "a"`},
		{`n2 = indices # ""`, "an empty or a repeated name"},
		{"n2 = indices # a.rasp:1:2 a", `the position comes last, but "a" follows`},
		{"n2 = indices # a.rasp:1", `expected a name or file:line:column, found "a.rasp:1"`},
		{"n2 = indices # a.rasp:1:02", "expected a name or file:line:column"},
		{`n2 = indices # "a`, "expected a name or file:line:column"},
		{"roots n2", "n2 is not known here"},
		{"roots n0\nroots n1", `line 4, column 1: the roots come last, but "roots" follows`},
		{"roots n0\nn2 = indices", `line 4, column 1: the roots come last, but "n2" follows`},
	} {
		_, _, err := sop.Parse(head + c.line + "\n")
		var pe *sop.ParseError
		if !errors.As(err, &pe) || pe.Line < 3 {
			t.Errorf("%q: error %v is not at its line", c.line, err)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.line, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	g, roots := everyField()
	f.Add(sop.Dump(g))
	f.Add(sop.Dump(g, roots...))
	f.Add("n0 = const \"\\xff\" # \"a b\"  \"c:d\":1:2\nroots n0 n0 # x\n")
	f.Add("n0 = in n0 [\n")
	f.Fuzz(func(t *testing.T, text string) {
		g, roots, err := sop.Parse(text)
		if err != nil {
			return
		}
		if err := sop.Check(g); err != nil {
			t.Fatal(err)
		}
		back, _, err := sop.Parse(sop.Dump(g))
		if err != nil {
			t.Fatal(err)
		}
		requireSame(t, g, back)
		if _, got, err := sop.Parse(sop.Dump(g, roots...)); err != nil || len(got) != len(roots) {
			t.Fatalf("%d roots became %d, error %v", len(roots), len(got), err)
		}
	})
}
