package lower_test

import (
	"testing"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
)

// pattern says, of one head and one input, for each query which keys score 0.
type pattern [][]bool

// patterns evaluates the scores of a head on an input, rows and columns with
// BOS in front, and checks what every head promises: a key scores 0 or loses at
// least C, up to the errors of what is read; BOS scores the same for every
// query; and the query at BOS attends BOS alone.
func (s *subject) pattern(t *testing.T, h *craft.Head, x [][]float64) pattern {
	t.Helper()
	q, k := through(h.Q, x, len(h.Score)), through(h.K, x, len(h.Score))
	score := func(i, j int) float64 {
		sum := 0.0
		for d := range h.Score {
			sum += q[i][d] * k[j][d]
		}
		return sum
	}
	for j := 1; j < len(x); j++ {
		if lead := score(0, 0) - score(0, j); lead < 104 {
			t.Fatalf("%s: BOS attends position %d: its own score leads by %g", h.Name, j-1, lead)
		}
	}
	p := make(pattern, len(x)-1)
	for i := range p {
		p[i] = make([]bool, len(x)-1)
		bos := score(i+1, 0)
		for j := range p[i] {
			c := score(i+1, j+1)
			p[i][j] = c > -1
			switch {
			case p[i][j] && (c < -0.01 || c > 0.01):
				t.Fatalf("%s: the selected key %d scores %g for query %d", h.Name, j, c, i)
			case !p[i][j] && (c > -15.9 || h.Kind != craft.Sum && c-bos > bos*0.99):
				t.Fatalf("%s: the key %d scores %g for query %d, BOS %g", h.Name, j, c, i, bos)
			}
		}
		if h.Kind == craft.Sum && bos < 1 || h.Kind != craft.Sum && bos > -15.9 {
			t.Fatalf("%s: BOS scores %g for query %d", h.Name, bos, i)
		}
	}
	return p
}

func through(m craft.Map, x [][]float64, size int) [][]float64 {
	y := make([][]float64, len(x))
	for i := range x {
		y[i] = make([]float64, size)
		for _, e := range m {
			y[i][e.To] += x[i][e.From] * e.W.Float64()
		}
	}
	return y
}

// attention compares the heads of each aggregate, width and total with the
// selector's matrix. The heads of one s-op select disjoint sets whose union is
// the row.
func (s *subject) attention(t *testing.T, inputs [][]int) {
	t.Helper()
	heads := map[sop.ID][]*craft.Head{}
	var nodes []sop.ID
	for _, part := range s.prog.Parts {
		if h := part.Head; h != nil {
			if len(heads[h.SOp]) == 0 {
				nodes = append(nodes, s.selector(h.SOp))
			}
			heads[h.SOp] = append(heads[h.SOp], h)
		}
	}
	oracle := interp.New(s.graph, s.domain.Causal, append(nodes, s.out)...)
	run := craft.NewRunner(s.prog)
	for _, ids := range inputs {
		want, err := oracle.Run(s.tokens(ids))
		if err != nil {
			continue
		}
		got, err := run.Run(ids)
		if err != nil {
			t.Fatal(err)
		}
		for id, hs := range heads {
			s.compareRows(t, ids, hs, want.Matrix(s.selector(id)), got.Residual)
		}
	}
}

// selector is the selector of an aggregate, a width or a total.
func (s *subject) selector(id sop.ID) sop.ID {
	if total := s.table.Total(id); total != nil {
		return total.Selector
	}
	return s.graph.Node(id).Args[0]
}

// adds reports which keys count in a head: all, but in one that counts those
// whose value is 1.
func (s *subject) adds(h *craft.Head, x [][]float64) []bool {
	adds := make([]bool, len(x)-1)
	v := through(h.V, x, len(h.Value))
	for j := range adds {
		adds[j] = s.graph.Node(h.SOp).Op != sop.Width || v[j+1][0] > 0.5
	}
	return adds
}

func (s *subject) compareRows(t *testing.T, ids []int, hs []*craft.Head, want *interp.Matrix, x [][]float64) {
	t.Helper()
	selected := make([][]int, len(ids))
	for i := range selected {
		selected[i] = make([]int, len(ids))
	}
	for _, h := range hs {
		adds := s.adds(h, x)
		for i, row := range s.pattern(t, h, x) {
			for j, ok := range row {
				if ok && adds[j] {
					selected[i][j]++
				}
			}
		}
	}
	for i := range ids {
		for j := range ids {
			times := 0
			if want.At(i, j) {
				times = 1
			}
			if s.prog.Causal && j > i {
				continue // never seen
			}
			if selected[i][j] != times {
				t.Fatalf("%s on %v: query %d selects key %d in %d of %d heads, the program says %t",
					hs[0].Name, ids, i, j, selected[i][j], len(hs), times == 1)
			}
		}
	}
}
