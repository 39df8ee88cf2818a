package craft_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/craft/crafttest"
	"github.com/raspc/raspc/frontend/value"
)

// program lowers a program with heads of all kinds and an MLP.
func program(t testing.TB) *craft.Program {
	t.Helper()
	return crafttest.Lower(t, `#: tokens = int
		#: vocab = [0, 1, 3]
		#: max_len = 4
		h = selector_width(select(tokens, tokens, ==));
		p = aggregate(select(indices, indices - 1, ==), tokens, 7);
		m = aggregate(select(indices, indices, <=), tokens);
		x = h > 2 or p + m > 5;`)
}

// head and mlp find a part of a kind; the part may be changed.
func head(p *craft.Program, kind craft.HeadKind) *craft.Head {
	for _, part := range p.Parts {
		if part.Head != nil && part.Head.Kind == kind {
			return part.Head
		}
	}
	panic("no such head")
}

func mlp(p *craft.Program) *craft.MLP {
	for _, part := range p.Parts {
		if part.MLP != nil {
			return part.MLP
		}
	}
	panic("no mlp")
}

// TestCheck breaks one invariant at a time.
func TestCheck(t *testing.T) {
	one := value.Int(1)
	for name, tt := range map[string]struct {
		harm func(p *craft.Program)
		want string
	}{
		"nothing":                   {func(p *craft.Program) {}, ""},
		"no residual space":         {func(p *craft.Program) { p.Residual = p.Residual[:1] }, "bos and real"},
		"a gap between variables":   {func(p *craft.Program) { p.Variables[1].First++ }, "starts at"},
		"a variable less":           {func(p *craft.Program) { p.Variables = p.Variables[:len(p.Variables)-1] }, "the residual space"},
		"a code at BOS less":        {func(p *craft.Program) { v := &p.Variables[0]; v.AtBOS = v.AtBOS[1:] }, "codes at BOS"},
		"an entry outside":          {func(p *craft.Program) { p.Unembed[0].To = 99 }, "unembedding: entry"},
		"a negative entry":          {func(p *craft.Program) { p.Embed[0].From = -1 }, "embedding: entry"},
		"a position too far":        {func(p *craft.Program) { p.Position[len(p.Position)-1].From = p.MaxLen + 1 }, "position: entry"},
		"a zero":                    {func(p *craft.Program) { head(p, craft.Move).Q[0].W = value.Int(0) }, "is zero"},
		"entries out of order":      {func(p *craft.Program) { m := head(p, craft.Sum).K; m[0], m[1] = m[1], m[0] }, "not sorted"},
		"an entry twice":            {func(p *craft.Program) { m := &mlp(p).In; *m = append(*m, (*m)[len(*m)-1]) }, "not sorted"},
		"a part that is nothing":    {func(p *craft.Program) { p.Parts[0] = craft.Part{} }, "exactly one"},
		"a part that is both":       {func(p *craft.Program) { p.Parts[0].Head, p.Parts[0].MLP = head(p, craft.Move), mlp(p) }, "exactly one"},
		"a write after a read":      {func(p *craft.Program) { slices.Reverse(p.Parts) }, "after it was read"},
		"a neuron that is on":       {func(p *craft.Program) { switchOn(&mlp(p).In) }, "at BOS"},
		"a default that is no code": {func(p *craft.Program) { head(p, craft.Move).V[0].W = value.Int(5) }, "at BOS"},
		"a wrong code":              {func(p *craft.Program) { p.Variables[len(p.Variables)-1].AtBOS[0] = value.Int(9) }, "its code is 9"},
		"BOS that looks elsewhere": {func(p *craft.Program) {
			h := head(p, craft.Mean)
			h.Q = craft.NewMap(append(h.Q, craft.Entry{From: craft.BOS, To: 0, W: one}))
		}, "which other keys have"},
		"BOS that hardly sees itself": {func(p *craft.Program) {
			h := head(p, craft.Mean)
			for i := range h.Q {
				if h.Q[i].From == craft.BOS && h.Q[i].W.Sign() > 0 {
					h.Q[i].W = value.Int(103)
				}
			}
		}, "less than 104"},
		"an input that reaches BOS": {func(p *craft.Program) {
			p.Embed = craft.NewMap(append(p.Embed, craft.Entry{From: len(p.Vocab), To: craft.Real, W: one}))
		}, "at BOS"},
	} {
		t.Run(name, func(t *testing.T) {
			p := program(t)
			tt.harm(p)
			err := craft.Check(p)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want something about %q", err, tt.want)
			}
		})
	}
}

// switchOn makes the first neuron read BOS itself.
func switchOn(m *craft.Map) {
	*m = craft.NewMap(append(*m, craft.Entry{From: craft.BOS, To: 0, W: value.Int(1000)}))
}

func TestNewMap(t *testing.T) {
	e := func(from, to int, w int64) craft.Entry { return craft.Entry{From: from, To: to, W: value.Int(w)} }
	got := craft.NewMap([]craft.Entry{e(2, 0, 5), e(0, 1, 1), e(0, 0, 7), e(0, 1, 2), e(1, 1, 4), e(1, 1, -4), e(2, 0, 1)})
	want := craft.Map{e(0, 0, 7), e(0, 1, 3), e(2, 0, 6)}
	if diff := cmp.Diff(want, got, cmp.Comparer(value.Rat.Equal)); diff != "" {
		t.Error(diff)
	}
	if m := craft.NewMap(nil); len(m) != 0 {
		t.Errorf("got %v", m)
	}
}

func TestNames(t *testing.T) {
	for want, d := range map[string]craft.Direction{
		"x=1": {Variable: "x", Value: "1"}, "x>=1": {Variable: "x", Value: "1", Step: true}, "x": {Variable: "x"},
	} {
		if d.String() != want {
			t.Errorf("got %s, want %s", d, want)
		}
	}
	p := program(t)
	seen := map[craft.Direction]bool{}
	for _, d := range p.Residual {
		if seen[d] {
			t.Errorf("two directions are called %s", d)
		}
		seen[d] = true
	}
}

// TestReadsAndWrites lists what a part touches.
func TestReadsAndWrites(t *testing.T) {
	p := program(t)
	for _, part := range p.Parts {
		var reads, writes []craft.Map
		if h := part.Head; h != nil {
			reads, writes = []craft.Map{h.Q, h.K, h.V}, []craft.Map{h.O}
		} else {
			reads, writes = []craft.Map{part.MLP.In}, []craft.Map{part.MLP.Out, part.MLP.Bias}
		}
		for _, m := range reads {
			for _, e := range m {
				if !slices.Contains(part.Reads(), e.From) {
					t.Errorf("%s reads %d", part.Name(), e.From)
				}
			}
		}
		for _, m := range writes {
			for _, e := range m {
				if !slices.Contains(part.Writes(), e.To) {
					t.Errorf("%s writes %d", part.Name(), e.To)
				}
			}
		}
	}
}

func TestRunnerRefuses(t *testing.T) {
	r := craft.NewRunner(program(t))
	for name, ids := range map[string][]int{"nothing": {}, "too much": {0, 0, 0, 0, 0}, "BOS": {3}, "a negative id": {-1}, "an unknown id": {0, 9}} {
		if _, err := r.Run(ids); err == nil {
			t.Errorf("%s: ran", name)
		}
	}
}

// TestRunIsRepeatable keeps no state between runs.
func TestRunIsRepeatable(t *testing.T) {
	r := craft.NewRunner(program(t))
	first, err := r.Run([]int{0, 2, 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run([]int{1}); err != nil {
		t.Fatal(err)
	}
	again, err := r.Run([]int{0, 2, 1})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
}

func TestDecode(t *testing.T) {
	o := craft.Output{Encoding: craft.Categorical, Labels: []value.Value{value.Str("a"), value.Str("b"), value.Str("c")}}
	for _, tt := range []struct {
		logits []float64
		want   string
		margin float64
	}{{[]float64{3, 1, 2}, "a", 1}, {[]float64{1, 3, 2.5}, "b", 0.5}, {[]float64{-1, -3, -0.5}, "c", 0.5}, {[]float64{1, 1, 0}, "a", 0}} {
		if got, margin := o.Decode(tt.logits); got.Text() != tt.want || margin != tt.margin {
			t.Errorf("%v: %s by %g", tt.logits, got.Repr(), margin)
		}
	}
	one := craft.Output{Encoding: craft.Categorical, Labels: o.Labels[:1]}
	if got, margin := one.Decode([]float64{-2}); got.Text() != "a" || !math.IsInf(margin, 1) {
		t.Errorf("one label: %s by %g", got.Repr(), margin)
	}
	n := craft.Output{Encoding: craft.Numeric}
	if got, x := n.Decode([]float64{0.25}); !value.Equal(got, value.Number(value.KindFloat, value.Frac(1, 4))) || x != 0.25 {
		t.Errorf("number: %s, %g", got.Repr(), x)
	}
}
