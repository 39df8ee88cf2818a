package verify

import (
	"math"
	"testing"

	"github.com/raspc/raspc/frontend/value"
)

// TestAllowed: whatever the tolerance, no number passes for another.
func TestAllowed(t *testing.T) {
	fractions := func(parts ...int64) (all []value.Value) {
		for _, p := range parts {
			all = append(all, value.Number(value.KindFloat, value.Frac(p, 8)))
		}
		return all
	}
	var many []value.Value
	for i := range int64(maxSeen + 1) {
		many = append(many, fractions(i)...)
	}
	for name, tt := range map[string]struct {
		values    []value.Value
		tolerance float64
		want      float64
	}{
		"integers":                    {[]value.Value{value.IntOf(0), value.IntOf(1_000_000)}, 2e-5, 0.49},
		"one integer":                 {[]value.Value{value.IntOf(-1_000_000)}, 2e-5, 0.49},
		"integers and a little":       {[]value.Value{value.IntOf(0), value.IntOf(1000)}, 1e-5, 1e-2},
		"fractions":                   {fractions(0, 9, 8, 800), 1e-3, 0.49 / 8},
		"fractions as float32 has":    {fractions(1<<23-1, 1<<23), 1, 0.25},
		"whole numbers of kind float": {fractions(0, 16), 1, 0.49},
		"fractions, closely":          {fractions(0, 9), 1e-5, 1.125e-5},
		"many fractions":              {many, 0.01, 1.28},
		"strings":                     {[]value.Value{value.Str("a")}, 1e-5, 1e-5},
		"no value":                    {nil, 1e-5, 1e-5},
	} {
		n, parts := newNumbers(), newNumbers()
		for i := range tt.values {
			n.see(&tt.values[i])
			one := newNumbers()
			one.see(&tt.values[i])
			parts.add(one)
		}
		for _, got := range []float64{n.allowed(tt.tolerance), parts.allowed(tt.tolerance)} {
			if math.Abs(got-tt.want) > 1e-12 {
				t.Errorf("%s: %g, want %g", name, got, tt.want)
			}
		}
	}
}
