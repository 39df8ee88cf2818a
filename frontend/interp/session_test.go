package interp_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
)

// TestSession: on inputs that are like those before, a session gives what Run
// gives, of every node, errors included.
func TestSession(t *testing.T) {
	changed := 0
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(12).Draw(t, "graph")
		root := sop.ID(rapid.IntRange(0, g.Len()-1).Draw(t, "root"))
		e := interp.New(g, rapid.Bool().Draw(t, "causal"), root)
		s := e.Session()
		input := soptest.Input(6).Draw(t, "input")
		if rapid.Bool().Draw(t, "long") { // more than one word of positions
			for len(input) < 70 {
				input = append(input, input...)
			}
		}
		for range rapid.IntRange(2, 8).Draw(t, "runs") {
			want, wantErr := e.Run(input)
			got, err := s.Run(input)
			for id := range sop.ID(g.Len()) {
				if wantErr == nil && want.Sequence(id) == nil && want.Matrix(id) == nil {
					continue // not evaluated
				}
				if w, g := spell(g, want, wantErr, id), spell(g, got, err, id); w != g {
					t.Fatalf("n%d on %v: a session gives %s, Run %s", id, input, g, w)
				}
				if wantErr != nil {
					break
				}
				if want.Type(id) != got.Type(id) {
					t.Fatalf("n%d on %v: a session gives %s, Run %s", id, input, got.Type(id), want.Type(id))
				}
			}
			if rapid.IntRange(0, 4).Draw(t, "another") == 0 {
				input = soptest.Input(6).Draw(t, "input")
				continue
			}
			input = append([]value.Value(nil), input...)
			for range rapid.IntRange(0, 2).Draw(t, "changes") {
				input[rapid.IntRange(0, len(input)-1).Draw(t, "at")] = soptest.Atom().Draw(t, "token")
				changed++
			}
		}
	})
	if changed == 0 {
		t.Error("no input was like the one before")
	}
}

// TestSessionForgetsLongValues: their memory counts in every run.
func TestSessionForgetsLongValues(t *testing.T) {
	g := sop.NewGraph()
	tokens := g.Tokens(sop.ReadAsIs, sop.Pos{})
	s := interp.New(g, false, tokens)
	s.Limit(1<<20, 1500)
	session := s.Session()
	long := value.Str(strings.Repeat("a", 600))
	short := value.Str("a")
	for _, tt := range []struct {
		input []value.Value
		holds bool
	}{
		{[]value.Value{long, short}, true}, {[]value.Value{long, value.Str("b")}, true}, {[]value.Value{long, long, long}, false},
		{[]value.Value{short, long}, true}, {[]value.Value{long, long}, true}, {[]value.Value{short, short}, true},
	} {
		if _, err := session.Run(tt.input); (err == nil) != tt.holds {
			t.Errorf("%d tokens: %v", len(tt.input), err)
		}
	}
}

// BenchmarkSession sorts all inputs of 8 digits below 8, or the first of them.
func BenchmarkSession(b *testing.B) {
	for _, tt := range []struct{ name, graph string }{
		{"hist", "n0 = tokens_int\nn1 = select n0 == n0\nn2 = width n1\n"},
		{"sort", sortDigits},
	} {
		b.Run(tt.name, func(b *testing.B) {
			g, roots, err := sop.Parse(tt.graph)
			if err != nil {
				b.Fatal(err)
			}
			if len(roots) == 0 {
				roots = []sop.ID{sop.ID(g.Len() - 1)}
			}
			s := interp.New(g, false, roots...).Session()
			input := make([]value.Value, 8)
			number := 0
			for b.Loop() {
				for i := range input {
					input[len(input)-1-i] = value.IntOf(int64(number >> (3 * i) & 7))
				}
				number++
				if _, err := s.Run(input); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sequences/s")
		})
	}
}
