package resolve_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
)

func TestDefaultOutput(t *testing.T) {
	tests := map[string]string{
		"a = tokens; b = indices;":    "b",
		"a = tokens; b = 3;":          "a",
		"a = tokens; indices + 1;":    "out",
		"a = tokens; b = indices; a;": "a",
		"a = tokens; (a);":            "a",
		"a = tokens; s = full_s;":     "a",
		"s = full_s;":                 "s (selector)",
		"a, b = [tokens, 3];":         "a",
		"a = 1;":                      "",
		"a = tokens; a(\"abc\");":     "a",
		"a = tokens; def f(x) { b = indices; return 1; } c = f(1);": "a",
		"a = 1; for i in [tokens] { a = i; }":                       "a",
		"#: output = a\na = tokens; b = indices;":                   "a",
		"#: output = s\ns = full_s; b = indices;":                   "s (selector)",
		"#: output = length\na = tokens;":                           "length",
		"a = tokens;\nexit\nb = indices;":                           "a",
	}
	for text, want := range tests {
		p := run(t, text)
		got := ""
		if p.Output != nil {
			got = p.Output.Name
			if p.Output.Selector {
				got += " (selector)"
			}
			if p.Graph.Node(p.Output.ID).Selector() != p.Output.Selector {
				t.Errorf("%q: node n%d does not suit", text, p.Output.ID)
			}
		}
		if got != want {
			t.Errorf("%q: output %q, want %q", text, got, want)
		}
	}
}

func TestBindings(t *testing.T) {
	p := run(t, "a = 1; b = tokens; a = b; def f(x) { c = x; return c; } d = f(2); for i in [1] { e = i; }")
	var got []string
	for _, b := range p.Bindings {
		got = append(got, b.Name+" "+b.At.String())
	}
	want := []string{"b t.rasp:1:8", "a t.rasp:1:20", "f t.rasp:1:31", "d t.rasp:1:57", "i t.rasp:1:71", "e t.rasp:1:82"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if b, ok := p.Lookup("a"); !ok || b.Value != (resolve.SOp{ID: p.Graph.Tokens(sop.ReadStr, sop.Pos{})}) {
		t.Errorf("a is %v", b)
	}
	if _, ok := p.Lookup("c"); ok {
		t.Error("a local name is visible")
	}
}

// TestNodeNames checks what the graph calls its nodes, and where they come from.
func TestNodeNames(t *testing.T) {
	p := run(t, "def f(x) { inner = x + 1; return inner * 2; }\na = f(indices);\nb = sort(tokens, tokens);\nc = b;")
	names := map[string]string{}
	for id := range p.Graph.Len() {
		if n := p.Graph.Name(sop.ID(id)); n != "" {
			names[n] = p.Graph.Node(sop.ID(id)).Pos.String()
		}
	}
	if _, ok := names["rank"]; ok {
		t.Error("a name inside the library shows")
	}
	for name, at := range map[string]string{"inner": "t.rasp:1:20", "a": "t.rasp:1:34", "c": "t.rasp:3:5", "full_s": ":0:0"} {
		if names[name] != at {
			t.Errorf("%s is at %q, want %q (%v)", name, names[name], at, names)
		}
	}
}

func TestValuesOfOut(t *testing.T) {
	p := run(t, "3+4; x = out+1; def f(y) { z = y*2; w = out; return w; } v = f(5); u = 1 + out;")
	for name, want := range map[string]string{"x": "8", "v": "10", "u": "2"} {
		b, _ := p.Lookup(name)
		if got := b.Value.(resolve.Atom).Display(); got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
}

func TestEvalKeepsProgram(t *testing.T) {
	p := run(t, "a = tokens;")
	before := len(p.Bindings)
	if v, list := p.Eval("a == \"x\";"); list.HasErrors() || v == nil {
		t.Errorf("%v %v", v, list)
	}
	for _, bad := range []string{"a +", "nosuch", "a; b", "", "a = 1;"} {
		if v, list := p.Eval(bad); v != nil || !list.HasErrors() {
			t.Errorf("%q gives %v %v", bad, v, list)
		}
	}
	if v, list := p.Eval("len([1])"); list.HasErrors() || v == nil {
		t.Errorf("an earlier error sticks: %v", list)
	}
	if len(p.Bindings) != before {
		t.Error("bindings changed")
	}
}

// TestSession runs statements one by one, as a console does.
func TestSession(t *testing.T) {
	s := resolve.NewSession(resolve.Options{Overrides: []resolve.Override{{Flag: "--tokens", Text: "tokens = int"}}})
	steps := []struct {
		text string
		want string
	}{
		{"x = 1;", ""},
		{"x = nosuch;", "1 E0401"},
		{"y = nosuch;", "1 E0401"},
		{"z = y;", "1 E0401"},
		{"a = tokens + x;", ""},
		{"def f(n) { return f(n); } w = f(1);", "1 E0901"},
		{"b = a;", ""},
	}
	for i, st := range steps {
		list := s.Exec(diag.NewSource("<console>", st.text))
		if got := strings.Join(places(list), " "); got != st.want {
			t.Errorf("step %d: %q gives %q, want %q", i, st.text, got, st.want)
		}
	}
	if v, list := s.Eval(diag.NewSource("<console>", "x")); list.HasErrors() || v.(resolve.Atom).Display() != "1" {
		t.Errorf("x = %v %v", v, list)
	}
}

func TestClaims(t *testing.T) {
	text := `#: encode h = numerical
#: assume one_hot s
def numerical(x) { return x; }
def categorical(x) { return (x); }
def unique(sel) { return sel; }
h = selector_width(full_s);
s = select(tokens, "a", ==);
c = categorical(indices + 1);
d = aggregate(unique(select(indices, 0, ==)), tokens);
e = numerical(h);
f = numerical(3);
`
	p := run(t, text)
	var got []string
	for _, e := range p.Encodings {
		kind := "categorical"
		if e.Numeric {
			kind = "numeric"
		}
		got = append(got, kind+" "+p.Graph.Label(e.ID)+" "+e.At.String())
	}
	for _, a := range p.Assumptions {
		got = append(got, "one_hot "+p.Graph.Node(a.ID).Pos.String()+" "+a.At.String())
	}
	want := []string{
		"categorical c t.rasp:8:5", "numeric e t.rasp:10:5",
		"one_hot t.rasp:9:22 t.rasp:9:15", "one_hot t.rasp:7:5 t.rasp:2:1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for text, code := range map[string]diag.Code{
		"#: encode x = numerical\ny = tokens;":                        diag.UnknownTarget,
		"#: encode x = numerical\nx = 3;":                             diag.BadPragmaValue,
		"#: assume one_hot x\nx = tokens;":                            diag.BadPragmaValue,
		"#: encode x = big\nx = tokens;":                              diag.BadPragmaValue,
		"#: assume two_hot x\nx = full_s;":                            diag.BadPragmaValue,
		"x = numerical(categorical(indices+1));":                      diag.BadPragmaValue,
		"x = unique(tokens);":                                         diag.NotASelector,
		"#: encode x = numerical\n#: encode x = numerical\nx=tokens;": diag.RepeatedPragma,
	} {
		_, list := resolve.Run(diag.NewSource("t.rasp", text), resolve.Options{})
		if len(list) == 0 || list[0].Code != code {
			t.Errorf("%q: %v, want %s", text, list, code)
		}
	}
	// A function of that name that does something is the program's own.
	if p := run(t, "def numerical(x) { return x + 1; } a = numerical(indices);"); len(p.Encodings) != 0 {
		t.Errorf("encodings %v", p.Encodings)
	}
}

// TestCountsAreWidths checks that what the library says about counting becomes
// width nodes, so that the compiler sees small integers.
func TestCountsAreWidths(t *testing.T) {
	for expr, want := range map[string]sop.Op{
		"length": sop.Width, "selector_width(full_s)": sop.Width, "count(tokens,\"a\")": sop.Width,
		"has_focus(full_s)": sop.Compare, "contains(tokens,\"a\")": sop.Compare, "\"a\" in tokens": sop.Compare,
	} {
		p := run(t, "")
		n := p.Graph.Node(nodeOf(t, p, expr))
		if n.Op != want {
			t.Errorf("%s is %s, want %s", expr, n.Op, want)
		}
		if n.Op == sop.Compare && p.Graph.Node(n.Args[0]).Op != sop.Width {
			t.Errorf("%s compares %s", expr, p.Graph.Node(n.Args[0]).Op)
		}
	}
}

// TestDeterminism resolves a program twice and compares the dumps.
func TestDeterminism(t *testing.T) {
	text := `load "paper"; d = {"a":1, "b":2}[tokens]; e = sort(tokens, tokens);`
	a, b := run(t, text), run(t, text)
	if d := cmp.Diff(dump(a.Graph), dump(b.Graph)); d != "" {
		t.Error(d)
	}
}

func dump(g *sop.Graph) []string {
	var out []string
	for id := range g.Len() {
		n := g.Node(sop.ID(id))
		out = append(out, strings.Join([]string{n.Op.String(), n.Pos.String(), g.Name(n.ID)}, " "))
	}
	return out
}
