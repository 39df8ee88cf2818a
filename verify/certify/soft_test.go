package certify_test

import (
	"context"
	"math"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/verify/certify"
	"github.com/raspc/raspc/verify/network"
)

// soften makes neurons GELUs of what they read times a factor, and divides what they
// write by it.
func (s *subject) soften(by float64) {
	for i := range s.net.Layers {
		l := &s.net.Layers[i]
		l.Act = network.GELU
		for j, ws := range l.In.Columns {
			for k := range ws {
				ws[k].W *= by
			}
			if l.In.Bias != nil {
				l.In.Bias[j] *= by
			}
		}
		for _, ws := range l.Out.Columns {
			for k := range ws {
				ws[k].W /= by
			}
		}
	}
}

// TestSoftNeuron claims what a GELU is off where it is no ReLU, and nothing elsewhere.
func TestSoftNeuron(t *testing.T) {
	for by, want := range map[float64]float64{1: 0.18, 4: 0.18 / 4, 8: 0.18 / 8, 16: 0, 0x1p40: 0} {
		s := specified(t, "a", copyText)
		s.net = handmade(2, []float64{0, 0}, []float64{1, 0}, []float64{0, 0})
		s.net.Layers = []network.Layer{{In: dense([][]float64{{1}, {0}}, nil), Out: dense([][]float64{{0, 1}}, nil)}}
		s.net.Unembed = dense([][]float64{{0}, {1}}, nil)
		s.spec.Tolerance = 1
		s.soften(by)
		r := certify.Prove(context.Background(), s.spec, s.net)
		if !r.Proved || math.Abs(r.WorstError-want) > 1e-6 {
			t.Errorf("times %g: proved %v with an error of %g, want %g: %v", by, r.Proved, r.WorstError, want, r.Reason)
		}
		s.holds32(t, 100)
	}
}

// TestSoftPrograms proves programs whose neurons are GELUs of large numbers, and what it
// claims of those of small ones holds.
func TestSoftPrograms(t *testing.T) {
	for name, length := range map[string]int{"reverse": 5, "sort": 4, "width_nested": 5} {
		for _, by := range []float64{1, 8, 64, 0x1p10, 0x1p40} {
			s := fixture(t, name, raspc.Options{MaxLen: length})
			s.soften(by)
			r := certify.Prove(context.Background(), s.spec, s.net)
			if by == 0x1p40 && !r.Proved || by == 1 && r.Proved {
				t.Errorf("%s times %g: proved %v: %v", name, by, r.Proved, r.Reason)
			}
			s.holds32(t, 300)
		}
	}
}
