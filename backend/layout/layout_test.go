package layout_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/backend/schedule"
	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/crafttest"
)

// placed compiles a program to a layout.
func placed(t testing.TB, text string) (*craft.Program, *layout.Layout) {
	t.Helper()
	p := craft.Prune(crafttest.Lower(t, text))
	return p, layout.Make(p, schedule.Make(p), layout.Options{})
}

// uneven has layers of unlike width: three heads and two MLPs in the first,
// one head and one MLP in the second, and none in the third but an MLP.
const uneven = `
	#: tokens = int
	#: vocab = [0, 1, 3]
	#: max_len = 4
	h = selector_width(select(tokens, tokens, ==));
	g = selector_width(select(tokens, 1, ==));
	p = aggregate(select(indices, indices - 1, ==), tokens);
	a = h % 3; b = g % 2;
	c = selector_width(select(a, b, ==) and select(p, p, ==));
	x = (c + p) % 3;`

func TestPlaces(t *testing.T) {
	p, l := placed(t, uneven)
	if err := layout.Check(p, l); err != nil {
		t.Fatal(err)
	}
	c := l.Model.Config
	heads, neurons, seen := map[int]int{}, map[int]int{}, map[string]bool{}
	for _, h := range l.Heads {
		heads[h.Layer]++
		if h.Index >= c.Heads || seen[fmt.Sprint("head", h.Layer, h.Index)] {
			t.Errorf("head %+v", h)
		}
		seen[fmt.Sprint("head", h.Layer, h.Index)] = true
	}
	for _, n := range l.Neurons {
		neurons[n.Layer]++
		if n.Index >= c.DMLP || seen[fmt.Sprint("neuron", n.Layer, n.Index)] {
			t.Errorf("neuron %+v", n)
		}
		seen[fmt.Sprint("neuron", n.Layer, n.Index)] = true
	}
	if heads[0] != 3 || heads[1] != 1 || c.Layers < 2 || c.Heads != 3 || c.DMLP != max(neurons[0], neurons[1], neurons[2]) {
		t.Errorf("heads %v, neurons %v in %+v", heads, neurons, c)
	}
	columns := 0
	for i, read := range p.Read() {
		if want := columns; read && l.Columns[i] != want || !read && l.Columns[i] != -1 {
			t.Errorf("direction %d, read: %t, is in column %d", i, read, l.Columns[i])
		}
		if read {
			columns++
		}
	}
	if c.Vocab != 5 || c.BOS != 3 || c.PAD != 4 || c.Positions != 5 || c.Outputs != len(p.Output.Labels) || c.DModel != columns {
		t.Errorf("got %+v", c)
	}
}

func identity(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// TestWeights finds every weight of the program in its place, rounded once, and
// no other.
func TestWeights(t *testing.T) {
	p, l := placed(t, uneven)
	want := int64(len(p.Embed) + len(p.Position) + len(p.Unembed))
	stay := identity(1 << 10)
	compare := func(what string, m craft.Map, at decoder.Matrix, rows, cols []int, row, col int) {
		t.Helper()
		for _, e := range m {
			if got := weight(at, rows[e.From]+row, cols[e.To]+col); got != e.W.Float32() {
				t.Errorf("%s: (%d, %d) is %g, want %s", what, rows[e.From]+row, cols[e.To]+col, got, e.W)
			}
		}
	}
	compare("embedding", p.Embed, l.Model.Embed, stay, l.Columns, 0, 0)
	compare("position", p.Position, l.Model.Position, stay, l.Columns, 0, 0)
	compare("unembedding", p.Unembed, l.Model.Unembed, l.Columns, stay, 0, 0)
	for _, place := range l.Heads {
		h, at := p.Parts[place.Part].Head, l.Model.Layers[place.Layer].Heads[place.Index]
		compare("Q", h.Q, at.Q, l.Columns, stay, 0, 0)
		compare("K", h.K, at.K, l.Columns, stay, 0, 0)
		compare("V", h.V, at.V, l.Columns, stay, 0, 0)
		compare("O", h.O, at.O, stay, l.Columns, 0, 0)
		want += int64(len(h.Q) + len(h.K) + len(h.V) + len(h.O))
	}
	for _, place := range l.Neurons {
		m, at := p.Parts[place.Part].MLP, l.Model.Layers[place.Layer]
		shift := place.Index - place.Neuron
		if place.Neuron == 0 {
			compare("in", m.In, at.In, l.Columns, stay, 0, shift)
			compare("out", m.Out, at.Out, stay, l.Columns, shift, 0)
			compare("bias", m.Bias, at.OutBias, stay, l.Columns, 0, 0)
			want += int64(len(m.In) + len(m.Out) + len(m.Bias))
		}
	}
	if _, nonzero := l.Model.Params(); nonzero != want {
		t.Errorf("%d weights, the program has %d", nonzero, want)
	}
}

func weight(m decoder.Matrix, row, col int) float32 {
	for _, e := range m.Entries {
		if e.Row == row && e.Col == col {
			return e.W
		}
	}
	return float32(math.NaN())
}

// TestPadding leaves what is unused empty.
func TestPadding(t *testing.T) {
	p, l := placed(t, uneven)
	used := map[[2]int]bool{}
	for _, h := range l.Heads {
		used[[2]int{h.Layer, h.Index}] = true
	}
	padded := 0
	for i, layer := range l.Model.Layers {
		for k, h := range layer.Heads {
			if n := len(h.Q.Entries) + len(h.K.Entries) + len(h.V.Entries) + len(h.O.Entries); (n == 0) == used[[2]int{i, k}] {
				t.Errorf("layer %d head %d: %d weights, used %t", i, k, n, used[[2]int{i, k}])
			} else if n == 0 {
				padded++
			}
		}
	}
	if padded == 0 || len(p.Parts) == 0 {
		t.Error("no head is padding")
	}
}

func TestCheck(t *testing.T) {
	for name, tt := range map[string]struct {
		harm func(l *layout.Layout)
		want string
	}{
		"nothing":                  {func(l *layout.Layout) {}, ""},
		"two heads in one place":   {func(l *layout.Layout) { l.Heads[1].Index = l.Heads[0].Index }, "places"},
		"two neurons in one":       {func(l *layout.Layout) { l.Neurons[1] = l.Neurons[0] }, "places"},
		"a head without a place":   {func(l *layout.Layout) { l.Heads = l.Heads[1:] }, "places"},
		"a neuron without a place": {func(l *layout.Layout) { l.Neurons = l.Neurons[:len(l.Neurons)-1] }, "places"},
		"a broken decoder":         {func(l *layout.Layout) { l.Model.Config.DModel++ }, "embedding"},
	} {
		p, l := placed(t, uneven)
		tt.harm(l)
		err := layout.Check(p, l)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want something about %q", name, err, tt.want)
		}
	}
}

// TestEmptyModel has no layers at all.
func TestEmptyModel(t *testing.T) {
	p, l := placed(t, "#: vocab = \"ab\"\n#: max_len = 2\nx = tokens;")
	if err := layout.Check(p, l); err != nil {
		t.Fatal(err)
	}
	if want := []int{-1, -1, 0, 1}; !slices.Equal(l.Columns, want) { // nothing reads bos and real
		t.Errorf("columns %v, want %v", l.Columns, want)
	}
	want := decoder.Config{DModel: 2, Vocab: 4, BOS: 2, PAD: 3, Positions: 3, Outputs: 2, Causal: true}
	if diff := cmp.Diff(want, l.Model.Config); diff != "" {
		t.Error(diff)
	}
}
