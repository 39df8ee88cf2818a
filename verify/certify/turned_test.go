package certify_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/verify/certify"
)

// TestRotatedErrors runs rotated networks in float32, in random orders of summation,
// and compares what stands along the direction of each column with the same in
// float64: both are within the bound of what should.
func TestRotatedErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		o    raspc.Options
	}{
		{"dyck1", raspc.Options{}},
		{"causal_dyck1", raspc.Options{}},
		{"frac_prevs", raspc.Options{}},
		{"hist", raspc.Options{}},
		{"mean_threshold", raspc.Options{}},
		{"select_or", raspc.Options{}},
		{"sort", raspc.Options{}},
		{"induction", raspc.Options{MaxLen: 6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Disguise = raspc.Disguise{Rotate: 7}
			s := fixture(t, c.name, c.o)
			for range s.net.Width {
				s.spec.Named = append(s.spec.Named, len(s.spec.Named))
			}
			s.spec.Tolerance = 1e-3
			r := certify.Prove(context.Background(), s.spec, s.net)
			if !r.Proved {
				t.Fatalf("not proved: %v", r.Reason)
			}
			rng, largest := rand.New(rand.NewPCG(3, 4)), 0.0
			for range 200 {
				ids := make([]int, 1+rng.IntN(s.spec.MaxLen))
				for i := range ids {
					ids[i] = rng.IntN(len(s.spec.Vocab))
				}
				if s.accept != nil && !s.accept(s.tokens(ids)) {
					continue
				}
				rounded, exact := float32s(rng).forward(s.net, ids), float64s.forward(s.net, ids)
				for i := range ids {
					for col, direction := range s.spec.Rotation {
						off := 0.0
						for k, w := range direction {
							off += w * (rounded[i+1][k] - exact[i+1][k])
						}
						if off = math.Abs(off); off > 2*r.Columns[col]+1e-12 {
							t.Fatalf("column %d is off by %g on %v, %g is claimed", col, off, ids, r.Columns[col])
						}
						largest = max(largest, off/r.Columns[col])
					}
				}
			}
			if largest == 0 {
				t.Error("nothing was rounded")
			}
			t.Logf("errors of up to %.2g of the bound", largest)
		})
	}
}
