package certify

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/sop/soptest"
	"github.com/raspc/raspc/frontend/value"
)

// TestAttackSets compares what is found of random programs with all their runs:
// the values of each s-op, and how many positions each selector selects.
func TestAttackSets(t *testing.T) {
	programs, nodes, skipped := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		g := soptest.Graph(24).Draw(t, "graph")
		vocab := [][]value.Value{
			{value.IntOf(0), value.IntOf(1)}, {value.IntOf(1), value.IntOf(0), value.IntOf(3)}, {value.Str("a"), value.Str("b")},
			{value.IntOf(-1), value.Number(value.KindFloat, value.IntOf(1).Rat().Quo(value.IntOf(2).Rat()))},
		}[rapid.IntRange(0, 3).Draw(t, "vocab")]
		out := nodeID(-1)
		for id := nodeID(g.Len() - 1); id >= 0; id-- {
			if !g.Node(id).Selector() {
				out = id
				break
			}
		}
		s := Spec{Graph: g, Output: out, Causal: rapid.Bool().Draw(t, "causal"), MaxLen: rapid.IntRange(1, 4).Draw(t, "length"), Vocab: vocab}
		if rapid.IntRange(0, 4).Draw(t, "bos") == 0 {
			s.BOS = &vocab[0]
		}
		if g.FormulaSize(out, 1) < 0 {
			return
		}
		p, err := newProgram(s)
		if err != nil {
			skipped++
			return
		}
		programs++
		var ids, sels []nodeID
		sets := map[nodeID]map[value.Key]bool{}
		for _, id := range p.order {
			if p.g.Node(id).Selector() {
				sels = append(sels, id)
				continue
			}
			vals, err := p.set(id)
			if err != nil {
				continue
			}
			ids = append(ids, id)
			sets[id] = map[value.Key]bool{}
			for _, v := range vals {
				sets[id][v.Key()] = true
			}
		}
		nodes += len(ids)
		oracle := interp.New(g, s.Causal, append(ids, sels...)...)
		all := interp.New(g, s.Causal, out)
		for n := 1; n <= s.MaxLen; n++ {
			at := make([]int32, n)
			for more := true; more; more = increment(at, len(vocab)) {
				in := make([]value.Value, n)
				ok := true
				for i, k := range at {
					in[i] = vocab[k]
					ok = ok && (s.BOS == nil || (i == 0) == value.Equal(in[i], *s.BOS))
				}
				if !ok {
					continue
				}
				if _, err := all.Run(in); err != nil {
					continue
				}
				r, err := oracle.Run(in)
				if err != nil {
					continue
				}
				for _, id := range ids {
					for i, v := range r.Sequence(id) {
						if !sets[id][v.Key()] {
							t.Fatalf("%s\nnode %d is %s at %d of %v", sop.Dump(g), id, v.Repr(), i, in)
						}
					}
				}
				for _, id := range sels {
					f := p.fact(id)
					for q := range n {
						w := r.Matrix(id).Width(q)
						if f.single && w > 1 || f.nonempty && w == 0 || w > f.most || w < f.least {
							t.Fatalf("%s\nselector %d selects %d at %d of %v, %+v", sop.Dump(g), id, w, q, in, f)
						}
					}
				}
			}
		}
	})
	t.Logf("%d programs, %d s-ops, %d refused", programs, nodes, skipped)
}
