package graph_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/export/graph"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
)

// sample has two layers, a head that others read in three ways, and a column that
// is used again.
func sample() *manifest.Manifest {
	m := &manifest.Manifest{
		Program: manifest.Program{Name: "p.rasp"}, Options: manifest.Options{Output: "y"}, Model: manifest.Sizes{Layers: 2},
		Edges: []manifest.Edge{
			{From: "embed", To: "a0.h0<q>", Variables: []string{"bos"}, Fixed: true},
			{From: "embed", To: "a0.h0<v>", Variables: []string{"tokens"}},
			{From: "embed", To: "m0", Variables: []string{"tokens"}},
			{From: "pos", To: "a0.h0<q>", Variables: []string{"indices"}, Fixed: true},
			{From: "a0.h0", To: "m0", Variables: []string{"x"}},
			{From: "a0.h0", To: "a1.h10<k>", Cancelled: []string{"x"}},
			{From: "a0.h0", To: "a1.h2<v>", Variables: []string{"x"}},
			{From: "m0", To: "a1.h10<k>", Variables: []string{"x.2"}, Cancelled: []string{"x"}},
			{From: "a1.h10", To: "logits", Variables: []string{"y"}},
			{From: "a1.h2", To: "logits", Variables: []string{"y"}},
		},
		Flows: []manifest.Flow{
			{From: "tokens", To: "x", Through: []string{"a0.h0<v>"}}, {From: "indices", To: "x", Through: []string{"a0.h0<q>"}},
			{From: "x", To: "x.2", Through: []string{"m0"}}, {From: "x.2", To: "y", Through: []string{"a1.h10<k>"}}, {From: "y", Through: []string{"logits"}},
		},
		Columns: []manifest.Column{
			{Variable: "tokens", Writers: []string{"embed"}}, {Variable: "x", Writers: []string{"a0.h0", "m0"}}, {Variable: "x.2", Writers: []string{"m0"}},
			{Variable: "y", Writers: []string{"a1.h2", "a1.h10"}},
		},
	}
	for _, name := range []string{"tokens", "indices", "x", "x.2", "y"} {
		m.Variables = append(m.Variables, manifest.Variable{Name: name, Fixed: name == "indices"})
	}
	return m
}

func of(t *testing.T, m *manifest.Manifest, l graph.Level) *graph.Graph {
	t.Helper()
	g, err := graph.Of(m, l)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func text(t *testing.T, g *graph.Graph, format string) string {
	t.Helper()
	var b strings.Builder
	if err := g.Write(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLevels(t *testing.T) {
	for level, want := range map[graph.Level]string{
		graph.Edge: `embed -> a0.h0<q>  # bos; fixed
embed -> a0.h0<v>  # tokens
embed -> m0  # tokens
pos -> a0.h0<q>  # indices; fixed
a0.h0 -> m0  # x
a0.h0 -> a1.h2<v>  # x
a0.h0 -> a1.h10<k>  # x (cancelled)
m0 -> a1.h10<k>  # x.2, x (cancelled)
a1.h2 -> logits  # y
a1.h10 -> logits  # y
`,
		graph.Head: `embed -> a0.h0  # bos, tokens
embed -> m0  # tokens
pos -> a0.h0  # indices; fixed
a0.h0 -> m0  # x
a0.h0 -> a1.h2  # x
a0.h0 -> a1.h10  # x (cancelled)
m0 -> a1.h10  # x.2, x (cancelled)
a1.h2 -> logits  # y
a1.h10 -> logits  # y
`,
		graph.Layer: `embed -> a0  # bos, tokens
embed -> m0  # tokens
pos -> a0  # indices; fixed
a0 -> m0  # x
a0 -> a1  # x, x (cancelled)
m0 -> a1  # x.2, x (cancelled)
a1 -> logits  # y
`,
		graph.SOp: `indices -> x  # a0.h0<q>; fixed
tokens -> x  # a0.h0<v>
x -> x.2  # m0
x.2 -> y  # a1.h10<k>
y -> (logits)  # logits
`,
	} {
		if got := text(t, of(t, sample(), level), "text"); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", level, got, want)
		}
	}
}

// TestVarying leaves out what no token changes, and nodes without an edge.
func TestVarying(t *testing.T) {
	g := of(t, sample(), graph.Edge)
	v := g.Varying()
	if len(g.Links) != 10 || len(v.Links) != 8 || slices.ContainsFunc(v.Links, func(l graph.Link) bool { return l.Fixed }) {
		t.Errorf("%d of %d edges", len(v.Links), len(g.Links))
	}
	if len(g.Nodes) != 7 || len(v.Nodes) != 6 || slices.ContainsFunc(v.Nodes, func(n graph.Node) bool { return n.ID == "pos" }) {
		t.Errorf("%d of %d nodes", len(v.Nodes), len(g.Nodes))
	}
}

// TestTools spells edges as the tools do: embedding and positions are one node of
// two of them.
func TestTools(t *testing.T) {
	for tool, want := range map[string][]string{
		"acdc": {"hook_embed[:] -> blocks.0.hook_q_input[:, :, 0]", "hook_pos_embed[:] -> blocks.0.hook_q_input[:, :, 0]", "hook_embed[:] -> blocks.0.hook_mlp_in[:]",
			"blocks.0.attn.hook_result[:, :, 0] -> blocks.1.hook_v_input[:, :, 2]", "blocks.0.hook_mlp_out[:] -> blocks.1.hook_k_input[:, :, 10]",
			"blocks.1.attn.hook_result[:, :, 10] -> blocks.1.hook_resid_post[:]"},
		"eap":          {"input->a0.h0<q>", "input->m0", "a0.h0->a1.h2<v>", "m0->a1.h10<k>", "a1.h10->logits"},
		"auto-circuit": {"Resid Start->A0.0.Q", "Resid Start->MLP 0", "A0.0->A1.2.V", "MLP 0->A1.10.K", "A1.10->Resid End"},
	} {
		lines := strings.Split(strings.TrimSpace(text(t, of(t, sample(), graph.Edge), tool)), "\n")
		for _, w := range want {
			if n := len(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return l != w })); n != 1 {
				t.Errorf("%s: %q stands %d times in %q", tool, w, n, lines)
			}
		}
		if n := map[string]int{"acdc": 10}[tool]; len(lines) != max(n, 9) {
			t.Errorf("%s: %d lines", tool, len(lines))
		}
	}
	if err := of(t, sample(), graph.Head).Write(io.Discard, "eap"); err == nil {
		t.Error("heads have names of inputs")
	}
	if err := of(t, sample(), graph.Head).Write(io.Discard, "gml"); err == nil {
		t.Error("an unknown format is written")
	}
}

// TestRefuses what raspc.json says of no model.
func TestRefuses(t *testing.T) {
	for what, change := range map[string]func(m *manifest.Manifest){
		"no edges":            func(m *manifest.Manifest) { m.Edges = nil },
		"no component":        func(m *manifest.Manifest) { m.Edges[0].From = "attention" },
		"a sign":              func(m *manifest.Manifest) { m.Edges[0].From = "a-1.h0" },
		"a large number":      func(m *manifest.Manifest) { m.Edges[0].To = "m99999999999999999999" },
		"from the logits":     func(m *manifest.Manifest) { m.Edges[0].From = "logits" },
		"from an input":       func(m *manifest.Manifest) { m.Edges[4].From = "a0.h0<q>" },
		"to a head":           func(m *manifest.Manifest) { m.Edges[0].To = "a0.h0" },
		"to the embedding":    func(m *manifest.Manifest) { m.Edges[0].To = "embed" },
		"backwards":           func(m *manifest.Manifest) { m.Edges[0] = manifest.Edge{From: "m0", To: "a0.h0<q>"} },
		"within a layer":      func(m *manifest.Manifest) { m.Edges[0] = manifest.Edge{From: "a0.h1", To: "a0.h0<q>"} },
		"an unknown variable": func(m *manifest.Manifest) { m.Flows[0].From = "z" },
		"to an unknown one":   func(m *manifest.Manifest) { m.Flows[0].To = "z" },
		"a circle":            func(m *manifest.Manifest) { m.Flows[0] = manifest.Flow{From: "y", To: "x"} },
		"a loop":              func(m *manifest.Manifest) { m.Flows[0] = manifest.Flow{From: "y", To: "y"} },
		"from the output":     func(m *manifest.Manifest) { m.Flows[0].From = graph.Output },
	} {
		m := sample()
		change(m)
		_, err := graph.Of(m, graph.Edge)
		if err == nil {
			_, err = graph.Of(m, graph.SOp)
		}
		if !errors.As(err, new(*fault.Error)) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := graph.Of(sample(), "neuron"); err == nil {
		t.Error("an unknown level")
	}
}

// TestHostileNames writes any names so that the formats stay what they are.
func TestHostileNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\"]; x -> y; \"", "\x1b[2J\n", "</title><script>", "a\\", "&#0;"})).Draw(t, "name")
		m := sample()
		m.Program.Name = name
		for i := range m.Variables {
			m.Variables[i].Expr = name
		}
		for i := range m.Edges {
			m.Edges[i].Variables = []string{name}
		}
		for _, level := range graph.Levels() {
			g, err := graph.Of(m, level)
			if err != nil {
				t.Fatal(err)
			}
			var svg, dot, data, lines strings.Builder
			if err := errors.Join(g.SVG(&svg), g.DOT(&dot), g.JSON(&data), g.Text(&lines)); err != nil {
				t.Fatal(err)
			}
			d := xml.NewDecoder(strings.NewReader(svg.String()))
			for err == nil {
				var tok xml.Token
				if tok, err = d.Token(); err == nil {
					if e, ok := tok.(xml.StartElement); ok && !slices.Contains([]string{"svg", "title", "rect", "g", "path", "text"}, e.Name.Local) {
						t.Fatalf("the picture has an element %s", e.Name.Local)
					}
				}
			}
			if err != io.EOF || !json.Valid([]byte(data.String())) {
				t.Fatalf("%v\n%s\n%s", err, svg.String(), data.String())
			}
			if n := strings.Count(lines.String(), "\n"); n != len(g.Links) || strings.ContainsRune(lines.String(), 27) {
				t.Fatalf("%d lines for %d edges: %q", n, len(g.Links), lines.String())
			}
			checkDOT(t, dot.String())
		}
	})
}

// checkDOT finds the ends of quoted strings: outside of them nothing but our own
// letters may stand, and brackets match.
func checkDOT(t *rapid.T, dot string) {
	open, inside := 0, false
	for i := 0; i < len(dot); i++ {
		switch c := dot[i]; {
		case inside && c == '\\':
			i++
		case c == '"':
			inside = !inside
		case inside && c == '\n':
			t.Fatalf("a string goes on in the next line:\n%s", dot)
		case inside:
		case c == '{' || c == '[':
			open++
		case c == '}' || c == ']':
			open--
		}
	}
	if open != 0 || inside {
		t.Fatalf("brackets or quotes do not match:\n%s", dot)
	}
}

// TestPicture keeps nodes of a row apart, and lines out of them.
func TestPicture(t *testing.T) {
	m := &manifest.Manifest{Options: manifest.Options{Output: "y"}, Model: manifest.Sizes{Layers: 3}}
	for l := range 3 {
		for h := range 4 {
			for from := range l {
				m.Edges = append(m.Edges, manifest.Edge{From: fmt.Sprintf("a%d.h%d", from, (h+l)%4), To: fmt.Sprintf("a%d.h%d<k>", l, h), Variables: []string{"x"}})
			}
			m.Edges = append(m.Edges, manifest.Edge{From: "embed", To: fmt.Sprintf("a%d.h%d<v>", l, h), Variables: []string{"x"}})
		}
	}
	type box struct {
		X     float64 `xml:"x,attr"`
		Y     float64 `xml:"y,attr"`
		Width float64 `xml:"width,attr"`
	}
	var picture struct {
		Groups []struct {
			Rect *box `xml:"rect"`
		} `xml:"g"`
	}
	if err := xml.Unmarshal([]byte(text(t, of(t, m, graph.Edge), "svg")), &picture); err != nil {
		t.Fatal(err)
	}
	var boxes []box
	for _, g := range picture.Groups {
		if g.Rect != nil {
			boxes = append(boxes, *g.Rect)
		}
	}
	if len(boxes) != 13 {
		t.Errorf("%d nodes", len(boxes))
	}
	for i, a := range boxes {
		for _, b := range boxes[:i] {
			if a.Y == b.Y && a.X < b.X+b.Width && b.X < a.X+a.Width {
				t.Errorf("%+v and %+v overlap", a, b)
			}
		}
	}
	for range 1 << 14 {
		m.Edges = append(m.Edges, manifest.Edge{From: fmt.Sprintf("m%d", len(m.Edges)), To: "logits", Variables: []string{"x"}})
	}
	if err := of(t, m, graph.Edge).SVG(io.Discard); err == nil || !strings.Contains(err.Error(), "coarser") {
		t.Errorf("a picture of very many nodes: %v", err)
	}
}
