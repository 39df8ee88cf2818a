package certify_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/certify"
	"github.com/raspc/raspc/verify/network"
)

// The columns of the networks of these tests.
const (
	isA   = iota // 1 where the token is a
	refer        // 0
	copied
	opposite // minus the sum of the others
	width
)

// copier is a network that copies a column to another one, in a layer of one neuron behind
// a norm.
func copier() *network.Network {
	root := math.Ldexp(1, 40)
	norm := func() *network.Norm {
		return &network.Norm{Weight: []float64{root, root, root, root}, Bias: make([]float64, width), Eps: root * root}
	}
	n := &network.Network{
		Width: width, Causal: true, BOS: 2,
		Tokens: [][]float64{{isA: 1, opposite: -1}, make([]float64, width), make([]float64, width)},
	}
	for range 4 {
		n.Positions = append(n.Positions, make([]float64, width))
	}
	n.Layers = []network.Layer{{
		AttnNorm: norm(), MLPNorm: norm(),
		In:  network.Linear{Columns: [][]network.Weight{{{Row: isA, W: 1}, {Row: refer, W: -1}}}},
		Out: network.Linear{Columns: [][]network.Weight{copied: {{W: 1}}, opposite: {{W: -1}}}, Bias: make([]float64, width)},
	}}
	return n
}

// code is 1 for a value, and 0 for others.
func code(one bool) func(value.Value) (float64, bool) {
	return func(v value.Value) (float64, bool) {
		if value.Equal(v, value.Bool(one)) {
			return 1, true
		}
		return 0, true
	}
}

// copies says that a network's last column holds whether the token is a.
func copies(t *testing.T) certify.Spec {
	s := specified(t, "copies.rasp", "#: vocab = \"ab\"\n#: max_len = 3\n#: causal = on\nx = tokens == \"a\";\n").spec
	s.Held = []certify.Held{{Node: s.Output, Scale: 1, Columns: []certify.HeldColumn{{Index: copied, From: 2, To: 3, Code: code(true)}}}}
	s.Labels = []value.Value{value.Bool(false), value.Bool(true)}
	return s
}

// TestHeld proves what columns hold, and refuses what they do not.
func TestHeld(t *testing.T) {
	for _, c := range []struct {
		what   string
		change func(s *certify.Spec, n *network.Network)
		why    string // there is no proof; empty where there is one
	}{
		{"as it is", func(*certify.Spec, *network.Network) {}, ""},
		{"from the start, too", func(s *certify.Spec, _ *network.Network) {
			s.Held[0].Columns = append(s.Held[0].Columns, certify.HeldColumn{Index: isA, To: 3, Code: code(true)})
		}, ""},
		{"in half", func(s *certify.Spec, _ *network.Network) { s.Held[0].Scale = 0.4 }, "copied"},
		{"the other way round", func(s *certify.Spec, _ *network.Network) { s.Held[0].Columns[0].Code = code(false) }, "layer 0, neurons: x: column 2 may be off by 1"},
		{"too early", func(s *certify.Spec, _ *network.Network) { s.Held[0].Columns[0].From = 1 }, "layer 0, heads: x: column 2"},
		{"not until the end", func(s *certify.Spec, _ *network.Network) { s.Held[0].Columns[0].To = 2; s.Held[0].Columns[0].From = 1 }, "until the end"},
		{"nothing of the output", func(s *certify.Spec, _ *network.Network) { s.Held[0].Node = certify.Input }, "until the end"},
		{"the same for all values", func(s *certify.Spec, _ *network.Network) {
			s.Held[0].Columns[0].Code = func(value.Value) (float64, bool) { return 0, true }
		}, "the same for"},
		{"a code that is not known", func(s *certify.Spec, _ *network.Network) {
			s.Held[0].Columns[0].Code = func(v value.Value) (float64, bool) { return 1, value.Equal(v, value.Bool(true)) }
		}, "is not known"},
		{"a column that is not there", func(s *certify.Spec, _ *network.Network) { s.Held[0].Columns[0].Index = width }, "column 4"},
		{"a negative column", func(s *certify.Spec, _ *network.Network) { s.Held[0].Columns[0].Index = -1 }, "column -1"},
		{"a point that is not there", func(s *certify.Spec, _ *network.Network) { s.Held[0].Columns[0].From = 3 }, "point 3"},
		{"no time at all", func(s *certify.Spec, _ *network.Network) { s.Held[0].Columns[0].To = 2 }, "point 2 to 2"},
		{"a little more", func(_ *certify.Spec, n *network.Network) { n.Layers[0].Out.Bias[copied] = 0.25 }, ""},
		{"far too much", func(_ *certify.Spec, n *network.Network) { n.Layers[0].Out.Bias[copied] = 0.75 }, "may be off by 0.75"},
		{"another reader", func(_ *certify.Spec, n *network.Network) { n.Layers[0].In.Columns[0][0].Row = copied }, "may be off by 1"},
		{"a gate", func(_ *certify.Spec, n *network.Network) { n.Layers[0].Up.Columns = n.Layers[0].In.Columns }, "multiplied"},
	} {
		s, n := copies(t), copier()
		c.change(&s, n)
		r := certify.Prove(context.Background(), s, n)
		switch {
		case c.why == "" && !r.Proved:
			t.Errorf("%s: %v", c.what, r.Reason)
		case c.why == "copied": // what a column holds is to be multiplied
			if r.Proved || r.Reason == nil {
				t.Errorf("%s is proved", c.what)
			}
		case c.why != "" && (r.Proved || !strings.Contains(r.Reason.Error(), c.why)):
			t.Errorf("%s: proved %v: %v", c.what, r.Proved, r.Reason)
		case c.what == "a little more" && !(r.Held[0] >= 0.25 && r.Held[0] < 0.26):
			t.Errorf("%s: off by %g", c.what, r.Held[0])
		}
	}
}

// TestHeldNumber holds numbers to the tolerance where there are no labels, and else to
// half of what tells them apart.
func TestHeldNumber(t *testing.T) {
	for _, c := range []struct {
		off     float64
		labels  bool
		proved  bool
		because string
	}{
		{0, false, true, ""}, {1e-6, false, true, ""}, {1e-3, false, false, "the tolerance is 2e-05"}, {1e-3, true, true, ""}, {0.6, true, false, "half of what"},
	} {
		s := specified(t, "number.rasp", "#: vocab = \"ab\"\n#: max_len = 3\n#: causal = on\nx = indices / 2;\n").spec
		s.Held = []certify.Held{{Node: s.Output, Number: true, Scale: 4, Columns: []certify.HeldColumn{{Index: copied, To: 3, Code: func(v value.Value) (float64, bool) {
			return v.Rat().Float64(), true
		}}}}}
		if c.labels {
			s.Labels = []value.Value{value.IntOf(0), value.IntOf(1)}
		}
		n := copier()
		n.Layers[0].Out.Columns[copied] = nil
		for i := range 3 {
			n.Positions[i+1][copied] = float64(float32((float64(i)/2 + c.off*float64(i)/2) / 4))
		}
		r := certify.Prove(context.Background(), s, n)
		if r.Proved != c.proved || r.Reason != nil && !strings.Contains(r.Reason.Error(), c.because) {
			t.Errorf("off by %g: proved %v: %v", c.off, r.Proved, r.Reason)
		}
	}
}

// surroundings are the same in front of all norms.
type surroundings struct {
	certify.Ambient
	err error
	own [][]float64
}

func (s *surroundings) Norm(own []float64) (certify.Ambient, error) {
	s.own = append(s.own, own)
	return s.Ambient, s.err
}

// TestBeside has columns beside those of a network, which move means and add to
// variances.
func TestBeside(t *testing.T) {
	for _, c := range []struct {
		what   string
		beside certify.Ambient
		err    error
		change func(n *network.Network)
		why    string
	}{
		{"nothing", certify.Ambient{}, nil, nil, ""},
		{"a little", certify.Ambient{Columns: 60, Sum: 1, Length: 10}, nil, nil, ""},
		{"much", certify.Ambient{Columns: 60, Sum: 1e6, Length: 1e6}, nil, nil, ""},
		{"too much for float32", certify.Ambient{Columns: 60, Sum: 1e9, Length: 1e9}, nil, nil, "may be off by"},
		{"more than epsilon", certify.Ambient{Columns: 60, Length: 1e13}, nil, nil, "a layer norm is no identity"},
		{"no bound", certify.Ambient{Columns: 60, Length: math.Inf(1)}, nil, nil, "a layer norm is no identity"},
		{"no number", certify.Ambient{Columns: 60, Sum: math.NaN(), Length: 1}, nil, nil, "may be off by"},
		{"an error", certify.Ambient{}, errors.New("there is no telling"), nil, "there is no telling"},
		{"a reader that sees the mean", certify.Ambient{Columns: 60, Sum: 64, Length: 10}, nil, func(n *network.Network) {
			n.Layers[0].In.Columns[0] = n.Layers[0].In.Columns[0][:1]
		}, "may be off by 1"},
		{"a reader that sees little of it", certify.Ambient{Columns: 60, Sum: 1, Length: 10}, nil, func(n *network.Network) {
			n.Layers[0].In.Columns[0] = n.Layers[0].In.Columns[0][:1]
		}, ""},
		{"no mean to be seen", certify.Ambient{Columns: 60, Sum: 64, Length: 10}, nil, func(n *network.Network) {
			n.Layers[0].In.Columns[0] = n.Layers[0].In.Columns[0][:1]
			n.Layers[0].AttnNorm.Bias, n.Layers[0].MLPNorm.Bias = nil, nil
		}, ""},
		{"a narrow type", certify.Ambient{}, nil, func(n *network.Network) { n.Type = network.Float16 }, "float32 only"},
		{"a norm behind", certify.Ambient{}, nil, func(n *network.Network) { n.Layers[0].After = n.Layers[0].MLPNorm }, "in front of norms"},
	} {
		s, n, around := copies(t), copier(), &surroundings{Ambient: c.beside, err: c.err}
		s.Beside = around
		if c.change != nil {
			c.change(n)
		}
		r := certify.Prove(context.Background(), s, n)
		if r.Proved != (c.why == "") || c.why != "" && !strings.Contains(r.Reason.Error(), c.why) {
			t.Errorf("%s: proved %v: %v", c.what, r.Proved, r.Reason)
		}
		if r.Proved && (len(around.own) != 2 || around.own[1][isA] < 1 || around.own[1][opposite] < 1) {
			t.Errorf("%s: the sizes %v", c.what, around.own)
		}
	}
}
