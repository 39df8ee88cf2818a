package lower

import (
	"fmt"
	"math"
	"slices"

	"github.com/raspc/raspc/craft"
	"github.com/raspc/raspc/frontend/value"
)

// mostMarkNoise bounds the error that the marks of a variable may bring into the
// score of a selected key, in units of C: the BOS key stands C/2 below.
const mostMarkNoise = 1.0 / 32

// recode holds choices that MLPs make as their readers read them. A head that
// moves a value, such as the one that finds the position of each rank, reads
// by few sets which of many values a variable has (see covers). Where nothing
// else reads the variable, the MLP writes for each set a direction that is 1
// in it and 0 elsewhere, a mark, instead of one for each value: n values of
// which any two are told apart take about log2 n marks.
//
// Maps compose: what a neuron writes to a mark is the sum of what it writes to
// the directions, each times its weight in the mark.
func (b *builder) recode() {
	if b.opts.MaterializeAll {
		return
	}
	for i := range b.prog.Parts {
		if part := b.prog.Parts[i]; part.MLP != nil {
			b.recodeMLP(part.MLP)
		}
	}
}

// mark is a set of a variable's values, by the weights of the directions that
// tell whether a value is in it: 1 or 0 is their sum over what a value's code
// has on, plus the constant.
type mark struct {
	in       []bool
	weights  map[int]value.Rat // by direction
	constant value.Rat
}

// read is one column of a head's map into its scores, constant + weight 1_S,
// and the map of the other side.
type read struct {
	m, other         *craft.Map
	to               int
	mark             int
	constant, weight value.Rat
}

func (b *builder) recodeMLP(mlp *craft.MLP) {
	id, made := b.choices[mlp]
	if !made || b.opts.Keeps(b.v(id).SOp) {
		return
	}
	marks, reads, ok := b.marks(id)
	if !ok || len(marks) >= b.columnsRead(id) {
		return
	}
	noise := b.markNoise(id, mlp, marks)
	if scoreNoise(reads, noise) > mostMarkNoise*float64(b.exactPenalty()) {
		return // the score of a selected key would come near that of BOS
	}
	old, first := *b.v(id), len(b.prog.Residual)
	held := b.marked(&old, marks, noise)
	mlp.Out = rewritten(mlp.Out, &old, marks, first, false)
	mlp.Bias = rewritten(mlp.Bias, &old, marks, first, true)
	for _, r := range reads {
		f := functional{}
		var rest craft.Map
		for _, e := range *r.m {
			switch {
			case e.To != r.to:
				rest = append(rest, e)
			case e.From < old.First || e.From >= old.First+old.Size():
				f = f.plus(functional{e.From: e.W}, value.Int(1))
			}
		}
		f = f.plus(functional{first + r.mark: r.weight, craft.Real: r.constant, craft.BOS: r.constant}, value.Int(1))
		*r.m = craft.NewMap(append(rest, f.entries(r.to)...))
	}
	b.replace(id, held)
}

// marked appends the directions of a variable's marks, and returns the variable
// that they are. Its first direction is still to be set.
func (b *builder) marked(old *craft.Variable, marks []mark, noise []float64) craft.Variable {
	held := *old
	held.Encoding, held.AtBOS, held.Noise, held.L1 = craft.Marks, nil, 0, 0
	for k, s := range marks {
		var set []int
		for at, in := range s.in {
			if in {
				set = append(set, at)
			}
		}
		atBOS := s.constant
		for d, w := range s.weights {
			atBOS = atBOS.Add(w.Mul(old.AtBOS[d-old.First]))
		}
		held.Sets, held.AtBOS = append(held.Sets, set), append(held.AtBOS, atBOS)
		held.Noise, held.L1 = max(held.Noise, noise[k]), held.L1+noise[k]
		b.prog.Residual = append(b.prog.Residual, craft.Direction{Variable: held.Name, Value: spell(old, set)})
	}
	return held
}

// replace puts a variable, whose directions are the last ones, in the place of
// another one, whose directions nothing reads or writes any more.
func (b *builder) replace(id varID, held craft.Variable) {
	first, size, n := b.v(id).First, b.v(id).Size(), len(held.Sets)
	last := len(b.prog.Residual) - n
	moved := func(d int) int {
		switch {
		case d >= last:
			return d - last + first
		case d >= first+size:
			return d - size + n
		}
		return d
	}
	space := make(craft.Space, len(b.prog.Residual)-size)
	for d, name := range b.prog.Residual {
		if d < first || d >= first+size {
			space[moved(d)] = name
		}
	}
	b.prog.Residual = space
	for i := range b.prog.Variables {
		v := &b.prog.Variables[i]
		v.First = moved(v.First)
	}
	held.First = first
	b.prog.Variables[id] = held
	from := func(m *craft.Map) {
		for i := range *m {
			(*m)[i].From = moved((*m)[i].From)
		}
		*m = craft.NewMap(*m)
	}
	to := func(m *craft.Map) {
		for i := range *m {
			(*m)[i].To = moved((*m)[i].To)
		}
		*m = craft.NewMap(*m)
	}
	for _, es := range [][]craft.Entry{b.embed, b.pos} {
		for i := range es {
			es[i].To = moved(es[i].To)
		}
	}
	from(&b.prog.Unembed)
	for _, part := range b.prog.Parts {
		if h := part.Head; h != nil {
			from(&h.Q)
			from(&h.K)
			from(&h.V)
			to(&h.O)
		} else {
			from(&part.MLP.In)
			to(&part.MLP.Out)
			to(&part.MLP.Bias)
		}
	}
}

// scoreNoise bounds the error that marks bring into the score of a selected
// key: for each value of the other side, that of the marks which it meets.
func scoreNoise(reads []read, noise []float64) float64 {
	worst := 0.0
	for _, m := range otherSides(reads) {
		each, always := map[int]float64{}, 0.0
		for _, r := range reads {
			if r.other != m {
				continue
			}
			for _, e := range *m {
				if e.To != r.to {
					continue
				}
				met := math.Abs(e.W.Mul(r.weight).Float64()) * noise[r.mark]
				if e.From == craft.Real {
					always += met
				} else {
					each[e.From] += met
				}
			}
		}
		for _, x := range each {
			worst = max(worst, always+x)
		}
	}
	return worst
}

func otherSides(reads []read) []*craft.Map {
	var all []*craft.Map
	for _, r := range reads {
		if !slices.Contains(all, r.other) {
			all = append(all, r.other)
		}
	}
	return all
}

// rewritten makes a map write marks instead of the directions of a variable.
func rewritten(m craft.Map, old *craft.Variable, marks []mark, first int, bias bool) craft.Map {
	var out craft.Map
	sums := map[[2]int]value.Rat{}
	var order [][2]int
	add := func(from, to int, w value.Rat) {
		at := [2]int{from, to}
		if _, ok := sums[at]; !ok {
			order = append(order, at)
		}
		sums[at] = sums[at].Add(w)
	}
	for _, e := range m {
		if e.To < old.First || e.To >= old.First+old.Size() {
			out = append(out, e)
			continue
		}
		for k, s := range marks {
			if w, ok := s.weights[e.To]; ok {
				add(e.From, first+k, e.W.Mul(w))
			}
		}
	}
	if bias {
		for k, s := range marks {
			add(0, first+k, s.constant)
		}
	}
	for _, at := range order {
		if w := sums[at]; w.Sign() != 0 {
			out = append(out, craft.Entry{From: at[0], To: at[1], W: w})
		}
	}
	return craft.NewMap(out)
}

// marks collects what reads a variable, or fails where it is not by sets in the
// scores of heads that move values.
func (b *builder) marks(id varID) ([]mark, []read, bool) {
	v := b.v(id)
	reads := func(e craft.Entry) bool { return e.From >= v.First && e.From < v.First+v.Size() }
	var marks []mark
	var all []read
	index := map[string]int{}
	none := func(ms ...craft.Map) bool {
		for _, m := range ms {
			for _, e := range m {
				if reads(e) {
					return false
				}
			}
		}
		return true
	}
	if !none(b.prog.Unembed) {
		return nil, nil, false
	}
	for i := range b.prog.Parts {
		h := b.prog.Parts[i].Head
		if h == nil {
			if !none(b.prog.Parts[i].MLP.In) {
				return nil, nil, false
			}
			continue
		}
		if !none(h.V) || h.Kind != craft.Move && !none(h.Q, h.K) {
			return nil, nil, false
		}
		for _, sides := range [][2]*craft.Map{{&h.Q, &h.K}, {&h.K, &h.Q}} {
			m := sides[0]
			columns := map[int]map[int]value.Rat{}
			var order []int
			for _, e := range *m {
				if !reads(e) {
					continue
				}
				if columns[e.To] == nil {
					columns[e.To] = map[int]value.Rat{}
					order = append(order, e.To)
				}
				columns[e.To][e.From] = e.W
			}
			for _, to := range order {
				s, constant, weight, ok := b.markOf(v, columns[to])
				if !ok {
					return nil, nil, false
				}
				key := fmt.Sprint(s.in)
				k, known := index[key]
				if !known {
					k = len(marks)
					index[key] = k
					marks = append(marks, s)
				}
				all = append(all, read{m, sides[1], to, k, constant, weight})
			}
		}
	}
	return marks, all, len(marks) > 0
}

// markOf writes a functional of a variable's directions as constant + weight
// 1_S for a set S that lacks the first value, or fails where it has more than
// two values.
func (b *builder) markOf(v *craft.Variable, w map[int]value.Rat) (s mark, constant, weight value.Rat, ok bool) {
	at := make([]value.Rat, len(v.Values))
	for i := range at {
		switch {
		case v.Encoding == craft.Categorical:
			at[i] = w[v.First+i]
		case i > 0:
			at[i] = at[i-1].Add(w[v.First+i-1])
		}
	}
	s.in = make([]bool, len(at))
	constant = at[0]
	for i, x := range at {
		d := x.Sub(constant)
		switch {
		case d.Sign() == 0:
		case weight.Sign() == 0:
			weight = d
		case !d.Equal(weight):
			return s, constant, weight, false
		}
		s.in[i] = d.Sign() != 0
	}
	if weight.Sign() == 0 {
		return s, constant, weight, false
	}
	s.weights = map[int]value.Rat{}
	for d, x := range w {
		s.weights[d] = x.Quo(weight)
	}
	s.constant = constant.Quo(weight).Neg()
	return s, constant, weight, true
}

// columnsRead counts the directions of a variable that something reads.
func (b *builder) columnsRead(id varID) int {
	v, n := b.v(id), 0
	read := b.prog.Read()
	for k := range v.Size() {
		if read[v.First+k] {
			n++
		}
	}
	return n
}

// markNoise bounds the error of each mark: of steps, that of all that touch it
// on one side of the pivot, of rectangles that of the one that is on.
func (b *builder) markNoise(id varID, mlp *craft.MLP, marks []mark) []float64 {
	noise := make([]float64, len(marks))
	steps, ok := b.steps[mlp]
	for k, s := range marks {
		if !ok {
			noise[k] = b.v(id).Noise
			continue
		}
		for _, left := range []bool{false, true} {
			sum := opening{grid: 1}
			for _, j := range steps {
				if j.left == left && s.in[j.from] != s.in[j.to] {
					sum.add(j, value.Int(1))
				}
			}
			noise[k] = max(noise[k], b.nearest(sum.noise()))
		}
	}
	return noise
}
