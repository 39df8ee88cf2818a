package resolve_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax/syntaxtest"
)

// library is what the programs may load.
func library(path string) (string, error) {
	if path != "lib.rasp" {
		return missing(path)
	}
	return "libs = tokens; _hidden = 1 / 0; def twice(x) { return x + x; }\nload \"lib\";", nil
}

// checkRun holds for any text: resolving ends without panic and within its
// limits, twice the same, the graph is sound, what is reported lies inside the
// program, and an output exists where the program is said to have one. It
// reports whether the program is right.
func checkRun(t interface{ Fatalf(string, ...any) }, text string) bool {
	const steps, nodes = 100_000, 100_000
	opts := resolve.Options{Read: library}
	p, list := resolve.RunWithin(steps, diag.NewSource("f.rasp", text), opts)
	if err := sop.Check(p.Graph); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if p.Graph.Len() > nodes+1000 {
		t.Fatalf("%q: %d nodes", text, p.Graph.Len())
	}
	for _, d := range list {
		if _, known := diag.Lookup(d.Code); !known || strings.Contains(d.Error(), "<library>") || !inside(d.Primary) {
			t.Fatalf("%q: %v at %d..%d", text, d, d.Primary.Start, d.Primary.End)
		}
		for _, l := range d.Labels {
			if !inside(l.Span) {
				t.Fatalf("%q: %v has the label %d..%d", text, d, l.Span.Start, l.Span.End)
			}
		}
	}
	if p.Output != nil && p.Graph.Node(p.Output.ID).Selector() != p.Output.Selector {
		t.Fatalf("%q: output of the wrong class", text)
	}
	again, second := resolve.RunWithin(steps, diag.NewSource("f.rasp", text), opts)
	if sop.Dump(p.Graph) != sop.Dump(again.Graph) || shown(list) != shown(second) {
		t.Fatalf("%q: resolved again it becomes\n%s\n%s\nafter\n%s\n%s",
			text, sop.Dump(again.Graph), shown(second), sop.Dump(p.Graph), shown(list))
	}
	return !list.HasErrors()
}

// inside reports whether a span lies in its source.
func inside(at diag.Span) bool {
	return at.IsZero() || 0 <= at.Start && at.Start <= at.End && at.End <= len(at.Source.Text())
}

// shown is a list as it is rendered.
func shown(list diag.List) string {
	var b strings.Builder
	if err := diag.WriteText(&b, list, diag.TextOptions{Max: -1}); err != nil {
		return err.Error()
	}
	return b.String()
}

// FuzzRun resolves any text.
func FuzzRun(f *testing.F) {
	for _, text := range syntaxtest.Files(f) {
		f.Add(text)
	}
	for _, info := range diag.Codes() {
		f.Add(info.Example)
	}
	f.Fuzz(func(t *testing.T, text string) { checkRun(t, text) })
}

// FuzzPrograms resolves programs most of which are right.
func FuzzPrograms(f *testing.F) {
	for _, seed := range syntaxtest.Bytes() {
		f.Add(seed)
	}
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { checkRun(t, syntaxtest.Program().Draw(t, "program")) }))
}

// TestPrograms does so without a fuzzer, and keeps the programs from being wrong
// too often.
func TestPrograms(t *testing.T) {
	right, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		all++
		if checkRun(t, syntaxtest.Program().Draw(t, "program")) {
			right++
		}
	})
	t.Logf("%d of %d programs have no errors", right, all)
	if 3*right < all { // about two thirds are right
		t.Error("these are too few")
	}
}

// TestRandomPrograms generates programs that parse; most of their operations are
// wrong in some way, and all kinds of values meet.
func TestRandomPrograms(t *testing.T) {
	atoms := []string{
		"a", "b", "c", "tokens", "indices", "full_s", "length", "1", "-2", "0", "0.5", "\"x\"", "\"\"", "True", "[]", "{}",
		"[1,2]", "{\"x\":1}", "tokens(\"ab\")", "sort", "max", "out", "[tokens,full_s]", "range(3)", "tokens_int",
	}
	binary := []string{"+", "-", "*", "/", "%", "^", "==", "<", ">=", "and", "or", "in"}
	calls := []string{"selector_width", "count", "shift", "sort", "contains", "has_focus", "f", "numerical", "unique", "min"}
	var expr func(t *rapid.T, depth int) string
	expr = func(t *rapid.T, depth int) string {
		if depth == 0 {
			return rapid.SampledFrom(atoms).Draw(t, "atom")
		}
		sub := func() string { return "(" + expr(t, depth-1) + ")" }
		switch rapid.IntRange(0, 9).Draw(t, "form") {
		case 0:
			return rapid.SampledFrom([]string{"not ", "-", "+", "round", "indicator"}).Draw(t, "prefix") + sub()
		case 1:
			return sub() + " if " + sub() + " else " + sub()
		case 2:
			return sub() + "[" + sub() + "]"
		case 3:
			args := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return expr(t, depth-1) }), 0, 3).Draw(t, "args")
			return rapid.SampledFrom(calls).Draw(t, "call") + "(" + strings.Join(args, ",") + ")"
		case 4:
			return "select(" + sub() + "," + sub() + "," + rapid.SampledFrom([]string{"==", "!=", "<", ">="}).Draw(t, "op") + ")"
		case 5:
			return "aggregate(" + sub() + "," + sub() + ",0)"
		case 6:
			return "[" + sub() + " for c in " + sub() + "]"
		case 7:
			return "[" + sub() + "," + sub() + "]"
		default:
			return sub() + rapid.SampledFrom(binary).Draw(t, "binary") + sub()
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		b.WriteString("def f(x) { return x; }\n")
		for range rapid.IntRange(1, 5).Draw(t, "statements") {
			name := rapid.SampledFrom([]string{"a", "b", "c", "a,b", "tokens"}).Draw(t, "name")
			b.WriteString(name + " = " + expr(t, rapid.IntRange(0, 3).Draw(t, "depth")) + ";\n")
		}
		checkRun(t, b.String())
	})
}
