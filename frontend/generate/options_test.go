package generate_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/generate"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

func TestCheck(t *testing.T) {
	if err := generate.Default().Check(); err != nil {
		t.Error(err)
	}
	type options = generate.Options
	type r = generate.Range
	for _, c := range []struct {
		want string
		set  func(*options)
	}{
		{"Size is 0..3", func(o *options) { o.Size = r{0, 3} }},
		{"Size is 5..3", func(o *options) { o.Size = r{5, 3} }},
		{"Size is 5..65", func(o *options) { o.Size = r{5, 65} }},
		{"Depth is -1..3", func(o *options) { o.Depth = r{-1, 3} }},
		{"Depth is 0..9", func(o *options) { o.Depth = r{0, 9} }},
		{"6 operators or more", func(o *options) { o.Depth, o.Size = r{3, 3}, r{3, 5} }},
		{"MaxLen is 1..4", func(o *options) { o.MaxLen = r{1, 4} }},
		{"MaxLen is 4..33", func(o *options) { o.MaxLen = r{4, 33} }},
		{"VocabSize is 1..4", func(o *options) { o.VocabSize = r{1, 4} }},
		{"VocabSize is 4..27", func(o *options) { o.VocabSize = r{4, 27} }},
		{"Ints is 1.5", func(o *options) { o.Ints = 1.5 }},
		{"Causal is NaN", func(o *options) { o.Causal = math.NaN() }},
		{"Causal is -0.1", func(o *options) { o.Causal = -0.1 }},
		{"Vocab has 1", func(o *options) { o.Vocab = []value.Value{value.IntOf(1)} }},
		{"holds 1 and 'a'", func(o *options) { o.Vocab = []value.Value{value.IntOf(1), value.Str("a")} }},
		{"holds 1 twice", func(o *options) { o.Vocab = []value.Value{value.IntOf(1), value.IntOf(1)} }},
		{"holds True", func(o *options) { o.Vocab = []value.Value{value.Bool(true), value.Bool(false)} }},
		{"no way to write", func(o *options) { o.Vocab = []value.Value{value.Str("a"), value.Str("b\"")} }},
		{"no way to write", func(o *options) { o.Vocab = []value.Value{value.Str("a"), value.Str("b\n")} }},
		{"no way to write", func(o *options) { o.Vocab = []value.Value{value.Str("a"), value.Str("\xff")} }},
		{"Mix.Width is -1", func(o *options) { o.Mix.Width = -1 }},
		{"Mix.Not is NaN", func(o *options) { o.Mix.Not = math.NaN() }},
		{"Mix.Map is +Inf", func(o *options) { o.Mix.Map = math.Inf(1) }},
		{"for s-ops are 0", func(o *options) { o.Mix = generate.Mix{Equal: 1} }},
		{"the weights of both", func(o *options) { o.Mix.Aggregate, o.Mix.Width = 0, 0 }},
		{"read selectors", func(o *options) { o.Mix.Equal, o.Mix.Unequal, o.Mix.Order, o.Mix.Full = 0, 0, 0, 0 }},
	} {
		o := generate.Default()
		c.set(&o)
		err := o.Check()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v is not about %q", err, c.want)
		}
		if _, again := generate.Sample(o, 0); again == nil || again.Error() != err.Error() {
			t.Errorf("Sample gives %v", again)
		}
		if _, again := generate.Mutate("a = indices + 1;", o, 0); again == nil || again.Error() != err.Error() {
			t.Errorf("Mutate gives %v", again)
		}
	}
}

// TestRanges samples at the ends of what the options allow.
func TestRanges(t *testing.T) {
	type r = generate.Range
	type options = generate.Options
	for _, set := range []func(*options){
		func(o *options) { o.Size, o.Depth = r{1, 2}, r{0, 0} },
		func(o *options) { o.Size, o.Depth = r{2, 3}, r{1, 1} },
		func(o *options) { o.Size, o.Depth = r{10, 11}, r{5, 5} },
		func(o *options) { o.Size, o.Depth, o.MaxLen = r{20, 30}, r{2, 5}, r{4, 5} },
		func(o *options) { o.MaxLen, o.Depth = r{2, 2}, r{1, 2} },
		func(o *options) { o.MaxLen, o.Depth, o.Size = r{20, 20}, r{1, 1}, r{2, 6} },
		func(o *options) { o.VocabSize = r{12, 12} },
		func(o *options) { o.Causal, o.Ints = 1, 1 },
		func(o *options) { o.Vocab = []value.Value{value.IntOf(-3), value.IntOf(5)} },
		func(o *options) { o.Vocab = []value.Value{value.Str("a b"), value.Str("%"), value.Str("")} },
	} {
		o := generate.Default()
		set(&o)
		for i := range uint64(15) {
			p := sample(t, o, i)
			checkSample(t, p, o)
			if o.Causal == 1 && !p.Causal || o.Ints == 1 && p.Vocab[0].IsString() ||
				len(o.Vocab) > 0 && !slices.EqualFunc(o.Vocab, p.Vocab, value.Identical) ||
				len(o.Vocab) == 0 && (len(p.Vocab) < o.VocabSize.Min || len(p.Vocab) > o.VocabSize.Max) {
				t.Errorf("the options %+v give\n%s", o, p.Source)
			}
		}
	}
}

// TestShares: of the programs of some numbers, as many have integers and look back as the options say,
// whatever is hard to find.
func TestShares(t *testing.T) {
	const number = 400
	o := generate.Default()
	o.Ints, o.Causal, o.Size = 0.5, 0.5, generate.Range{Min: 2, Max: 4}
	ints, causal := 0, 0
	for i := range uint64(number) {
		p := sample(t, o, i)
		if p.Causal {
			causal++
		}
		if !p.Vocab[0].IsString() {
			ints++
		}
	}
	for name, n := range map[string]int{"integers": ints, "causal": causal} {
		if n < number*45/100 || n > number*55/100 {
			t.Errorf("%s: %d of %d programs, not half of them", name, n, number)
		}
	}
}

// TestMix takes each weight away, and what it is for does not occur; elsewhere it
// does.
func TestMix(t *testing.T) {
	usual := nodes(t, generate.Default(), 300)
	for _, c := range []struct {
		name string
		off  func(*generate.Mix)
		is   func(*sop.Node) bool
	}{
		{"Arithmetic", func(m *generate.Mix) { m.Arithmetic = 0 }, func(n *sop.Node) bool { return n.Op >= sop.Add && n.Op <= sop.Neg || n.Op == sop.Round }},
		{"Comparison", func(m *generate.Mix) { m.Comparison = 0 }, func(n *sop.Node) bool { return n.Op == sop.Compare }},
		{"Boolean", func(m *generate.Mix) { m.Boolean = 0 }, func(n *sop.Node) bool {
			return n.Op == sop.And || n.Op == sop.Or || n.Op == sop.Not || n.Op == sop.Indicator
		}},
		{"Conditional", func(m *generate.Mix) { m.Conditional = 0 }, func(n *sop.Node) bool { return n.Op == sop.If }},
		{"Map", func(m *generate.Mix) { m.Map = 0 }, func(n *sop.Node) bool { return n.Op == sop.Lookup || n.Op == sop.In }},
		{"Aggregate", func(m *generate.Mix) { m.Aggregate = 0 }, func(n *sop.Node) bool { return n.Op == sop.Aggregate }},
		{"Width", func(m *generate.Mix) { m.Width = 0 }, func(n *sop.Node) bool { return n.Op == sop.Width }},
		{"Equal", func(m *generate.Mix) { m.Equal, m.Full = 0, 0 }, func(n *sop.Node) bool { return n.Op == sop.Select && n.Cmp == value.EQ }},
		{"Unequal", func(m *generate.Mix) { m.Unequal = 0 }, func(n *sop.Node) bool { return n.Op == sop.Select && n.Cmp == value.NE }},
		{"Order", func(m *generate.Mix) { m.Order = 0 }, func(n *sop.Node) bool { return n.Op == sop.Select && n.Cmp >= value.LT }},
		{"And", func(m *generate.Mix) { m.And = 0 }, func(n *sop.Node) bool { return n.Op == sop.SelAnd }},
		{"Or", func(m *generate.Mix) { m.Or = 0 }, func(n *sop.Node) bool { return n.Op == sop.SelOr }},
		{"Not", func(m *generate.Mix) { m.Not = 0 }, func(n *sop.Node) bool { return n.Op == sop.SelNot }},
	} {
		if n := count(usual, c.is); n < 3 {
			t.Errorf("%s occurs %d times", c.name, n)
		}
		o := generate.Default()
		c.off(&o.Mix)
		if n := count(nodes(t, o, 25), c.is); n > 0 {
			t.Errorf("without %s it occurs %d times", c.name, n)
		}
	}
}

// nodes are what the outputs of samples are computed from.
func nodes(t *testing.T, o generate.Options, samples uint64) []*sop.Node {
	t.Helper()
	var all []*sop.Node
	for i := range samples {
		p := read(t, sample(t, o, i).Source)
		for _, id := range p.Graph.Reachable(p.Output.ID) {
			all = append(all, p.Graph.Node(id))
		}
	}
	return all
}

func count(nodes []*sop.Node, is func(*sop.Node) bool) int {
	n := 0
	for _, node := range nodes {
		if is(node) {
			n++
		}
	}
	return n
}

func TestWeightsCount(t *testing.T) {
	few, many := generate.Default(), generate.Default()
	few.Mix.Width, many.Mix.Width = 0.2, 20
	width := func(n *sop.Node) bool { return n.Op == sop.Width }
	if a, b := count(nodes(t, few, 40), width), count(nodes(t, many, 40), width); b < 3*a {
		t.Errorf("with a hundred times the weight there are %d instead of %d", b, a)
	}
}

func TestExhausted(t *testing.T) {
	o := generate.Default()
	o.Mix = generate.Mix{Boolean: 1} // nothing gives truth values to begin with
	o.Depth = generate.Range{}
	_, err := generate.Sample(o, 3)
	var exhausted *generate.ExhaustedError
	if !errors.As(err, &exhausted) || exhausted.Index != 3 || !strings.Contains(err.Error(), "operators of the mix") {
		t.Errorf("%v", err)
	}
	o.Mix, o.Size = generate.Mix{Arithmetic: 1}, generate.Range{Min: 64, Max: 64}
	o.MaxLen = generate.Range{Min: 2, Max: 2}
	if _, err := generate.Sample(o, 3); !errors.As(err, &exhausted) || exhausted.Reason == "" {
		t.Errorf("%v", err)
	}
}
