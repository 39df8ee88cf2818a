package onnx

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/export/manifest"
)

// labelled describes the model sample(small()): one head and two neurons of it
// are of use.
func labelled() *manifest.Manifest {
	return &manifest.Manifest{
		Program: manifest.Program{Name: "p.rasp"},
		Options: manifest.Options{Output: "out", MaxLen: 3},
		Tokens:  manifest.Tokens{Vocab: []string{"a", "b", "c"}, BOS: 3, PAD: 4},
		Output:  manifest.Output{Kind: manifest.Categorical, Labels: []manifest.Atom{{Text: "no"}, {Text: "yes"}}},
		Columns: []manifest.Column{
			{Index: 0, Variable: "tokens", Value: "a", Written: "embedding"},
			{Index: 2, Variable: "tokens", Value: "b", Written: "embedding"},
			{Index: 1, Variable: "tokens", Value: "c", Written: "embedding"},
			{Index: 3, Variable: "indices", Written: "position"},
			{Index: 4, Variable: "width#1", Written: "layer 0 attention"},
			{Index: 5, Variable: "out", Written: "layer 0 mlp"},
		},
		Variables: []manifest.Variable{{Name: "width#1", Expr: "selector_width(same)"}, {Name: "out"}},
		Heads:     []manifest.Head{{Layer: 0, Index: 1, SOp: "width#1", Kind: "sum", Selector: "tokens == tokens"}},
		Neurons: []manifest.Neuron{
			{Layer: 0, Index: 0, SOp: "out", Role: "> 1/2"}, {Layer: 0, Index: 2, SOp: "out", Role: "> 3/2"},
			{Layer: 0, Index: 3, SOp: "width#1", Role: "clears width#1"},
		},
	}
}

func TestDocs(t *testing.T) {
	g := parse(t, encode(t, sample(small()), Options{Manifest: labelled(), HiddenStates: true})).GetGraph()
	head := "head 1: width#1 = selector_width(same) (sum), selecting tokens == tokens"
	neurons := "out: neurons 0, 2; clears width#1: neuron 3"
	want := map[string]string{
		"positions/ids":             "the positions, BOS at 0",
		"embedding/tokens":          "embedding writes tokens: columns 0-2",
		"embedding/positions":       "position writes indices: column 3",
		"mask/visible":              "which keys (columns) each query (row) may see",
		"layer0/attention/q/rows":   head,
		"layer0/attention/out":      head,
		"layer0/attention/residual": "layer 0 attention writes width#1 = selector_width(same): column 4",
		"layer0/mlp/pre":            neurons,
		"layer0/mlp/biased":         neurons,
		"layer0/mlp/residual":       "layer 0 mlp writes out: column 5",
		"output/unembedding":        "out, the value whose column is the largest: 0 = no, 1 = yes",
	}
	for _, n := range g.GetNode() {
		if n.GetDocString() == "" {
			t.Errorf("%s says nothing", n.GetName())
		}
		if doc, ok := want[n.GetName()]; ok && doc != n.GetDocString() {
			t.Errorf("%s: %s", n.GetName(), cmp.Diff(doc, n.GetDocString()))
		}
		delete(want, n.GetName())
	}
	if len(want) > 0 {
		t.Errorf("no nodes %v", want)
	}
	got := []string{g.GetDocString()}
	for _, v := range append(g.GetInput(), g.GetOutput()...) {
		got = append(got, v.GetDocString())
	}
	ports := []string{
		"out of p.rasp, for inputs of 1 to 3 tokens behind BOS",
		"BOS (3), the tokens, and PAD (4) on the right: 0 = a, 1 = b, 2 = c",
		"1 where there is a token, 0 on padding",
		"out, the value whose column is the largest: 0 = no, 1 = yes",
		"the residual stream before the first layer\nembedding writes tokens: columns 0-2\nposition writes indices: column 3",
		"the residual stream after layer 0\nlayer 0 attention writes width#1 = selector_width(same): column 4\nlayer 0 mlp writes out: column 5",
	}
	if diff := cmp.Diff(ports, got); diff != "" {
		t.Error(diff)
	}
}

func TestDocsOfPaddingAndNumbers(t *testing.T) {
	man := labelled()
	man.Heads, man.Neurons, man.Output = nil, nil, manifest.Output{Kind: manifest.Numeric}
	g := parse(t, encode(t, sample(small()), Options{Manifest: man})).GetGraph()
	docs := map[string]string{}
	for _, n := range g.GetNode() {
		docs[n.GetName()] = n.GetDocString()
	}
	for name, want := range map[string]string{
		"layer0/attention/scores": idle, "layer0/mlp/post": idle, "output/unembedding": "out, the number itself",
	} {
		if docs[name] != want {
			t.Errorf("%s: %q", name, docs[name])
		}
	}
}

// A file's name may have any bytes.
func TestDocsAreUTF8(t *testing.T) {
	man := labelled()
	man.Program.Name, man.Tokens.Vocab[0], man.Columns[0].Variable = "\xff.rasp", "\xfe", "\xfd"
	for _, o := range []Options{{Manifest: man}, {Manifest: man, Functions: true}} {
		m := parse(t, encode(t, sample(small()), o))
		docs := []string{m.GetGraph().GetDocString(), m.GetGraph().GetInput()[0].GetDocString()}
		for _, n := range m.GetGraph().GetNode() {
			docs = append(docs, n.GetDocString())
		}
		for _, doc := range docs {
			if !utf8.ValidString(doc) {
				t.Errorf("%+q", doc)
			}
		}
	}
}

// A long vocabulary does not end up in the file as a whole.
func TestDocsBreakOff(t *testing.T) {
	texts := make([]string, listed+1)
	for i := range texts {
		texts[i] = fmt.Sprint("t", i)
	}
	if got := numbered(texts); !strings.HasSuffix(got, ", 99 = t99, …") {
		t.Error(got)
	}
	if got := numbered(texts[:listed]); !strings.HasSuffix(got, ", 99 = t99") {
		t.Error(got)
	}
}

func TestNamesOfFunctions(t *testing.T) {
	man := labelled()
	man.Heads = append(man.Heads, manifest.Head{SOp: "a, b"}, manifest.Head{SOp: "b"}, manifest.Head{Layer: 1, SOp: "x"}, manifest.Head{SOp: "c, d"})
	for scope, want := range map[string]string{
		"layer0/attention": "Layer0Attention_a_b_c", "layer1/attention": "Layer1Attention_x", "layer0/mlp": "Layer0Mlp_out", "mask": "Mask",
	} {
		if got := functionName(scope, labels{man}.sops(scope)); got != want {
			t.Errorf("%s: %s, want %s", scope, got, want)
		}
	}
	if got := functionName("layer0/mlp", labels{}.sops("layer0/mlp")); got != "Layer0Mlp" {
		t.Error(got)
	}
}
