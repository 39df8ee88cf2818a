package interp_test

import (
	"testing"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// BenchmarkHist counts equal tokens among 10: width(select(tokens, tokens, ==)).
func BenchmarkHist(b *testing.B) {
	g := sop.NewGraph()
	tokens := g.Tokens(sop.ReadStr, sop.Pos{})
	hist := g.Width(g.Select(tokens, tokens, value.EQ, sop.Pos{}), sop.Pos{})
	input := make([]value.Value, 10)
	for i := range input {
		input[i] = value.Str(string("hello worl"[i]))
	}
	e := interp.New(g, false, hist)
	b.ReportAllocs()
	for b.Loop() {
		r, err := e.Run(input)
		if err != nil || len(r.Sequence(hist)) != 10 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sequences/s")
}

// BenchmarkSort sorts 10 digits with ties: a selector of two comparisons, its
// width, and a move.
func BenchmarkSort(b *testing.B) {
	g, roots, err := sop.Parse(`n0 = tokens_int
n1 = indices
n2 = select n0 < n0
n3 = select n0 == n0
n4 = select n1 < n1
n5 = sel_and n3 n4
n6 = sel_or n2 n5
n7 = width n6
n8 = select n7 == n1
n9 = aggregate n8 n0
roots n9
`)
	if err != nil {
		b.Fatal(err)
	}
	input := make([]value.Value, 10)
	for i := range input {
		input[i] = value.IntOf(int64("3141592653"[i] - '0'))
	}
	e := interp.New(g, false, roots...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Run(input); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sequences/s")
}
