package certify

import (
	"fmt"
	"slices"

	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// reach is what occurs on all inputs of a program that is meant for some inputs
// only, or rests on assumptions: their values together, found by running it.
type reach struct {
	p    *program
	runs []occurrence // one a position
	at   []assignment // of each
	all  int          // inputs
	err  error
}

// occurrence is one position of one input.
type occurrence struct {
	run *interp.Result
	pos int
	n   int // length of the input
}

// newReach runs the program on all its inputs; nil where those are too many.
func newReach(p *program, s Spec) *reach {
	if !s.fewInputs() {
		return nil
	}
	var nodes []nodeID
	for _, id := range p.order {
		if !p.g.Node(id).Selector() {
			nodes = append(nodes, id)
		}
	}
	r := &reach{p: p}
	oracle := interp.New(p.g, s.Causal, nodes...)
	s.everyInput(func(ids []int32) { r.run(oracle, s, ids) })
	return r
}

// run adds the positions of one input, if it is one of the program's.
func (r *reach) run(oracle *interp.Evaluator, s Spec, ids []int32) {
	in := make([]value.Value, len(ids))
	for i, id := range ids {
		in[i] = s.Vocab[id]
	}
	if !s.admits(in) {
		return
	}
	result, err := oracle.Run(in)
	if err != nil {
		return // the program is undefined, and nothing is to be proved
	}
	r.all++
	for i, id := range ids {
		r.runs = append(r.runs, occurrence{result, i, len(ids)})
		r.at = append(r.at, assignment{id, int32(i), int32(len(ids) - 1)})
	}
}

// add gives every position its value of a new atom.
func (r *reach) add(a *atom, of func(occurrence) value.Value) {
	number := make(map[value.Key]int32, len(a.values))
	for i, v := range a.values {
		number[v.Key()] = int32(i)
	}
	for i, o := range r.runs {
		v := of(o)
		k, ok := number[v.Key()]
		if !ok && r.err == nil && a.listed() {
			r.err = fmt.Errorf("certify: %s has the value %s, which the analysis excludes", a.name, v.Repr())
		}
		r.at[i] = append(r.at[i], k)
	}
}

// total evaluates a sum at a position.
func (r *reach) total(d summation) func(occurrence) value.Value {
	f := d.formula()
	return func(o occurrence) value.Value {
		sum := value.Int(0)
		for k := range r.keys(o) {
			if r.selects(f, o, k) {
				if d.source == none {
					sum = sum.Add(value.Int(1))
				} else {
					sum = sum.Add(o.run.Sequence(d.source)[k].Rat())
				}
			}
		}
		return value.Number(value.KindFloat, sum)
	}
}

// keys is how many keys a position sees.
func (r *reach) keys(o occurrence) int {
	if r.p.causal {
		return o.pos + 1
	}
	return o.n
}

func (r *reach) selects(f sop.Formula, o occurrence, k int) bool {
	return f.Eval(func(a sop.Atom) bool {
		return holds(a, o.run.Sequence(a.Key)[k], o.run.Sequence(a.Query)[o.pos])
	})
}

// single reports whether each row of a selector selects at most one position.
func (r *reach) single(f sop.Formula) bool {
	for _, o := range r.runs {
		found := 0
		for k := range r.keys(o) {
			if r.selects(f, o, k) {
				found++
			}
		}
		if found > 1 {
			return false
		}
	}
	return true
}

// states picks one position for each combination of values of the leaves.
func (r *reach) states(all []leaf) []assignment {
	seen := map[string]bool{}
	var out []assignment
	sums := make([]float64, len(all))
	for _, at := range r.at {
		for i, l := range all {
			sums[i] = 0
			for _, t := range l {
				sums[i] += t.table[at[t.atom]]
			}
		}
		if key := keyOf(sums); !seen[key] {
			seen[key] = true
			out = append(out, slices.Clone(at))
		}
	}
	return out
}
