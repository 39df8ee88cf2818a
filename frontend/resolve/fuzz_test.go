package resolve_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
)

// checkRun holds for any text: resolving ends without panic, the graph is sound,
// and an output exists where the program is said to have one.
func checkRun(t interface{ Fatalf(string, ...any) }, text string) {
	p, list := resolve.Run(diag.NewSource("f.rasp", text), resolve.Options{Read: missing})
	if err := sop.Check(p.Graph); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	for _, d := range list {
		if _, known := diag.Lookup(d.Code); !known || strings.Contains(d.Error(), "<library>") {
			t.Fatalf("%q: %v", text, d)
		}
	}
	if p.Output != nil && p.Graph.Node(p.Output.ID).Selector() != p.Output.Selector {
		t.Fatalf("%q: output of the wrong class", text)
	}
}

func FuzzRun(f *testing.F) {
	paper, err := os.ReadFile(filepath.Join("testdata", "paper.rasp"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(paper))
	for _, info := range diag.Codes() {
		f.Add(info.Example)
	}
	f.Fuzz(func(t *testing.T, text string) { checkRun(t, text) })
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
