package squeeze

import (
	"maps"
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// vector is a vector of the residual stream, by direction.
type vector map[int]value.Rat

// term is a multiple of a direction.
type term struct {
	direction int
	factor    value.Rat
}

// relation says that a direction is the sum of multiples of others, wherever all are
// complete.
type relation struct {
	direction int
	terms     []term
}

// related finds the directions of an order that are, in all of some vectors, sums of
// multiples of those in front of them.
func related(vectors []vector, order []int) []relation {
	e := newEchelon(order)
	for _, v := range vectors {
		e.add(v)
	}
	return slices.DeleteFunc(e.relations(), func(r relation) bool {
		return slices.ContainsFunc(vectors, func(v vector) bool { return !r.holds(v) })
	})
}

// holds reports whether a vector obeys the relation.
func (r relation) holds(v vector) bool {
	total := value.Int(0)
	for _, t := range r.terms {
		total = total.Add(t.factor.Mul(v[t.direction]))
	}
	return total.Equal(v[r.direction])
}

// coded lists what a variable and the two constants can be together: the codes of all
// values, and that of BOS. It has none for one that is not exact, or is a number.
func coded(v *craft.Variable) []vector {
	if v.Noise != 0 || !binary(v) {
		return nil
	}
	atBOS := vector{craft.BOS: value.Int(1)}
	for k, x := range v.AtBOS {
		atBOS[v.First+k] = x
	}
	all := []vector{atBOS}
	for i := range v.Values {
		code := vector{craft.Real: value.Int(1)}
		for k := range v.Size() {
			if on(v, k, i) {
				code[v.First+k] = value.Int(1)
			}
		}
		all = append(all, code)
	}
	return all
}

// binary reports whether the directions of a variable hold 0 or 1.
func binary(v *craft.Variable) bool {
	return v.Encoding == craft.Categorical || v.Encoding == craft.Steps || v.Encoding == craft.Marks
}

// on reports whether direction k of a variable is 1 where it has value number i.
func on(v *craft.Variable, k, i int) bool {
	switch v.Encoding {
	case craft.Categorical:
		return i == k
	case craft.Steps:
		return i > k
	}
	return slices.Contains(v.Sets[k], i)
}

// written lists vectors of which all that the stream can hold is a sum of multiples, at
// every moment: those that it begins with at a position, BOS or a token at its place,
// and each that a head or a neuron writes a multiple of. Weights are rounded as files
// have them.
func written(p *craft.Program, a craft.Arithmetic) []vector {
	round := func(m craft.Map, from int) map[int]vector {
		rows := map[int]vector{}
		for _, e := range m {
			if rows[e.From+from] == nil {
				rows[e.From+from] = vector{}
			}
			rows[e.From+from][e.To] = value.FromFloat(a.Round(e.W.Float64()))
		}
		return rows
	}
	tokens, places := round(p.Embed, 0), round(p.Position, 0)
	all := []vector{sum(tokens[len(p.Vocab)], places[0], 1)}
	for id := range p.Vocab {
		all = append(all, sum(tokens[id], tokens[0], -1))
	}
	for i := 1; i <= p.MaxLen; i++ {
		all = append(all, sum(tokens[0], places[i], 1))
	}
	for _, part := range p.Parts {
		var outs []map[int]vector
		if part.Head != nil {
			outs = append(outs, round(part.Head.O, 0))
		} else {
			outs = append(outs, round(part.MLP.Out, 0), round(part.MLP.Bias, 0))
		}
		for _, rows := range outs {
			for _, i := range slices.Sorted(maps.Keys(rows)) {
				all = append(all, rows[i])
			}
		}
	}
	return all
}

// sum is a + s b.
func sum(a, b vector, s int64) vector {
	out := vector{}
	maps.Copy(out, a)
	for d, x := range b {
		out[d] = out[d].Add(x.Mul(value.Int(s)))
	}
	return out
}
