package certify

import (
	"errors"
	"fmt"
	"math"

	"github.com/raspc/raspc/verify/network"
)

// A network may compute in a rotated stream y = x R, where no column stands for
// anything. The proof is then one of the network in x, whose weights are those of
// the file times R or its transpose, which it is told and does not trust: R has to be
// orthogonal, exactly, and to leave the sum of a row as it is, so that the means of
// norms are those of x. What float32 rounds is y. As R keeps lengths, errors of
// y's columns that are no more than e_1, e_2, ... make errors of x's columns of no
// more than the length of (e_1, e_2, ...), each; one that is relative to y's columns
// is relative to the length of x.

// turn is a rotation, with what is left of the weights in its basis. Columns behind
// those that it turns, which architectures add, are as they are.
type turn struct {
	columns int     // that are turned, the first ones
	grid    float64 // a power of two of which all entries are multiples
	// loose bounds, for each output of a matrix that reads the stream, the length
	// of the weights that are too small to be followed; spill, for each input of
	// one that writes to it.
	loose, spill map[*network.Linear][]float64
	// embedded bounds the errors that embeddings leave in each column, atBOS those
	// at BOS; bias those of each matrix's bias.
	embedded, atBOS float64
	bias            map[*network.Linear]float64
	measured        length // of the view
}

// errRotation says that a rotation cannot be undone.
var errRotation = errors.New("the stream is rotated")

// turns reports whether a column is one of those that are turned.
func (p *proof) turns(c int) bool { return p.turn != nil && c < p.turn.columns }

// unturn undoes the rotation of the network.
func (p *proof) unturn(r [][]float64) error {
	if p.typ.narrow {
		return fmt.Errorf("%w, and proofs of such files are for float32 only", errRotation)
	}
	grid, err := gridOfRotation(r, p.net.Width)
	if err != nil {
		return fmt.Errorf("%w: %w", errRotation, err)
	}
	t := &turn{columns: len(r), grid: grid, loose: map[*network.Linear][]float64{}, spill: map[*network.Linear][]float64{}, bias: map[*network.Linear]float64{}}
	b := basis{r, p.net.Width}
	n := *p.net
	t.embeddings(p, b, &n)
	n.Layers = make([]network.Layer, len(p.net.Layers))
	for i, l := range p.net.Layers {
		l.Heads = make([]network.Head, len(l.Heads))
		to := &n.Layers[i]
		*to = l
		if to.AttnBias = nil; lengthOf(l.AttnBias) != 0 {
			return fmt.Errorf("%w, and heads have a bias", errRotation)
		}
		for k, h := range p.net.Layers[i].Heads {
			to.Heads[k] = h
			for _, m := range []*network.Linear{&to.Heads[k].Q, &to.Heads[k].K, &to.Heads[k].V} {
				t.reader(b, m)
			}
			t.writer(b, &to.Heads[k].O)
		}
		t.reader(b, &to.In)
		t.writer(b, &to.Out)
		for _, norm := range []*network.Norm{l.AttnNorm, l.Between, l.MLPNorm, l.After} {
			err = errors.Join(err, uniform(norm))
		}
	}
	t.reader(b, &n.Unembed)
	p.net, p.turn = &n, t
	return errors.Join(err, uniform(n.EmbedNorm), uniform(n.Final))
}

// uniform reports an error where a norm does not treat all columns alike.
func uniform(n *network.Norm) error {
	if n == nil {
		return nil
	}
	for i, w := range n.Weight {
		if w != n.Weight[0] || n.BiasOf(i) != 0 {
			return fmt.Errorf("%w, and a norm treats its columns in different ways", errRotation)
		}
	}
	return nil
}

// gridOfRotation checks that a matrix is a rotation that leaves sums as they are,
// and returns a power of two of which its entries are multiples. All sums here are
// exact in float64.
func gridOfRotation(r [][]float64, width int) (float64, error) {
	grid := 1.0
	for _, row := range r {
		if len(row) != len(r) || len(r) > width {
			return 0, fmt.Errorf("its matrix has %d rows, one of %d numbers, and the stream %d columns", len(r), len(row), width)
		}
		for _, w := range row {
			if !(math.Abs(w) <= 1) {
				return 0, fmt.Errorf("its matrix has the entry %g", w)
			}
			grid = min(grid, divisorOf(w))
		}
	}
	if float64(len(r)) > (1<<53)*grid*grid {
		return 0, errors.New("the entries of its matrix have too many digits")
	}
	for i := range r {
		sum := 0.0
		for _, w := range r[i] {
			sum += w
		}
		if sum != 1 {
			return 0, fmt.Errorf("row %d of its matrix adds up to %g, not 1", i, sum)
		}
		for k := range i + 1 {
			dot := 0.0
			for j, w := range r[i] {
				dot += w * r[k][j]
			}
			if dot != 0 && k < i || dot != 1 && k == i {
				return 0, fmt.Errorf("its matrix is not orthogonal in rows %d and %d", k, i)
			}
		}
	}
	return grid, nil
}

// basis is the matrix of a rotation, which leaves further columns alone.
type basis struct {
	r     [][]float64
	width int
}

// minute is what weights have to exceed to be followed, beside the length of all
// weights of their row: float32 rounds each to within a 2^24th.
const minute = 1.0 / (1 << 23)

// undo returns a row of weights on the stream in the basis of x, without what is
// minute, and a bound on the length of that. Computing it in float64 adds to it.
func (b basis) undo(y []float64) (x []float64, rest float64) {
	x = append([]float64{}, y...)
	all, left := lengthOf(y[:len(b.r)]), 0.0
	for i, row := range b.r {
		sum := 0.0
		for j, w := range row {
			sum += float64(w * y[j])
		}
		if x[i] = sum; math.Abs(sum) <= minute*all {
			left += sum * sum
			x[i] = 0
		}
	}
	if all == 0 || left == 0 && b.exact(y, x) {
		return x, 0
	}
	return x, up(math.Sqrt(left)) + slack*all
}

// exact reports whether x is what undo returns without any rounding: its entries
// give y back.
func (b basis) exact(y, x []float64) bool {
	for j := range b.r {
		sum := 0.0
		for i := range b.r {
			sum += float64(x[i] * b.r[i][j])
		}
		if sum != y[j] {
			return false
		}
	}
	return true
}

// lengthOf bounds the Euclidean length of a row.
func lengthOf(row []float64) float64 {
	sum := 0.0
	for _, x := range row {
		sum += x * x
	}
	return up(math.Sqrt(sum))
}

// lengthOfWeights is lengthOf for the weights of columns that are turned.
func (t *turn) lengthOfWeights(ws []network.Weight) float64 {
	sum := 0.0
	for _, w := range ws {
		if w.Row < t.columns {
			sum += w.W * w.W
		}
	}
	return up(math.Sqrt(sum))
}

// reader changes the basis of a matrix that reads the stream.
func (t *turn) reader(b basis, l *network.Linear) {
	loose := make([]float64, len(l.Columns))
	columns := make([][]network.Weight, len(l.Columns))
	for j, ws := range l.Columns {
		dense := make([]float64, b.width)
		for _, w := range ws {
			dense[w.Row] += w.W
		}
		var x []float64
		x, loose[j] = b.undo(dense)
		for i, w := range x {
			if w != 0 {
				columns[j] = append(columns[j], network.Weight{Row: i, W: w})
			}
		}
	}
	l.Columns = columns
	t.loose[l] = loose
}

// writer changes the basis of a matrix that writes to the stream.
func (t *turn) writer(b basis, l *network.Linear) {
	inputs := 0
	for _, ws := range l.Columns {
		for _, w := range ws {
			inputs = max(inputs, w.Row+1)
		}
	}
	spill := make([]float64, inputs)
	columns := make([][]network.Weight, len(l.Columns))
	for k, outs := range l.Rows(inputs) {
		dense := make([]float64, b.width)
		for _, w := range outs {
			dense[w.Row] += w.W
		}
		var x []float64
		x, spill[k] = b.undo(dense)
		for c, w := range x {
			if w != 0 {
				columns[c] = append(columns[c], network.Weight{Row: k, W: w})
			}
		}
	}
	l.Columns = columns
	t.spill[l] = spill
	if l.Bias != nil && lengthOf(l.Bias) != 0 {
		l.Bias, t.bias[l] = b.undo(l.Bias)
	} else {
		l.Bias = nil
	}
}

// embeddings changes the basis of embeddings and positions, and bounds what rounding
// their sums leaves.
func (t *turn) embeddings(p *proof, b basis, n *network.Network) {
	old, spill, placeSpill := p.net, 0.0, 0.0
	kind, kindSpill := make([]float64, old.Width), 0.0
	if old.TokenType != nil {
		copy(kind, old.TokenType)
		n.TokenType, kindSpill = b.undo(kind)
	}
	n.Tokens, n.Positions = make([][]float64, len(old.Tokens)), make([][]float64, len(old.Positions))
	var rest float64
	for id, row := range old.Tokens {
		if n.Tokens[id], rest = b.undo(row); id == old.BOS {
			t.atBOS += rest
		} else {
			spill = max(spill, rest)
		}
	}
	for i, row := range old.Positions {
		if n.Positions[i], rest = b.undo(row); i == 0 {
			t.atBOS += rest
		} else {
			placeSpill = max(placeSpill, rest)
		}
	}
	lost, bosLost := make([]float64, old.Width), make([]float64, old.Width)
	tokens, places := make([]float64, len(p.spec.Vocab)), make([]float64, p.spec.MaxLen)
	for c := range b.r {
		for id := range tokens {
			tokens[id] = old.Tokens[id][c]
		}
		for i := range places {
			places[i] = old.Positions[i+1][c]
		}
		lost[c] = lostIn(tokens, kind[c:c+1], places)
		bosLost[c] = lostIn(old.Tokens[old.BOS][c:c+1], kind[c:c+1], old.Positions[0][c:c+1])
	}
	t.embedded = spill + placeSpill + kindSpill + lengthOf(lost)
	t.atBOS += kindSpill + lengthOf(bosLost)
}

// length bounds the length of what is turned of a stream, errors included.
type length struct {
	x, bos float64
	// grid is a power of two of which all columns are multiples; 0 where they are
	// not exact.
	grid float64
}

// most is the larger of both.
func (l length) most() float64 { return max(l.x, l.bos) }

// measure bounds the length of what is turned of a stream.
func (p *proof) measure(s *stream) length {
	m := length{grid: math.Inf(1)}
	squares, bos, off, bosOff := []*lin(nil), 0.0, 0.0, 0.0
	for i := range p.turn.columns {
		c := &s.cols[i]
		squares = append(squares, p.square(c.l))
		bos += c.bos * c.bos
		e := p.offOf(c)
		off, bosOff = off+e*e, bosOff+c.bosNoise*c.bosNoise
		if !c.exact() || c.bosNoise != 0 {
			m.grid = 0
		} else if m.grid > 0 {
			m.grid = min(m.grid, p.divisor(c.l, 1), divisorOf(c.bos))
		}
	}
	_, hi := p.span(combine(squares, repeated(1, len(squares))))
	root := math.Sqrt(float64(p.turn.columns))
	m.x = up(math.Sqrt(max(hi, 0)) + math.Sqrt(off) + root*s.common)
	m.bos = up(math.Sqrt(bos) + math.Sqrt(bosOff) + root*s.bosCommon)
	if s.common != 0 || s.bosCommon != 0 {
		m.grid = 0
	}
	p.bounded(m.most())
	return m
}

// square bounds the square of a function by another one.
func (p *proof) square(l *lin) *lin {
	if a, ok := l.single(); ok {
		table := make([]float64, len(l.tabs[0].table))
		for i, v := range l.tabs[0].table {
			table[i] = (v + l.c) * (v + l.c)
		}
		return tabulated(a, table)
	}
	size := p.size(l)
	return constant(size * size)
}

// readsOf returns what output j of a matrix reads from the view.
func (p *proof) readsOf(l *network.Linear, j int) read {
	ws, bias := l.Columns[j], l.BiasOf(j)
	r := p.reads(ws, bias)
	if p.turn == nil {
		return r
	}
	loose, v := p.turn.loose[l][j], p.turn.measured
	long := p.turn.lengthOfWeights(ws) + loose
	grid, besides := divisorOf(bias), []network.Weight(nil)
	for _, w := range ws {
		if w.Row < p.turn.columns {
			grid = min(grid, v.grid*divisorOf(w.W)*p.turn.grid*p.turn.grid)
		} else {
			c := &p.view.cols[w.Row]
			grid = min(grid, p.divisor(c.l, w.W), divisorOf(w.W*c.bos))
			besides = append(besides, w)
		}
	}
	rest := p.reads(besides, bias)
	r.abs = combine([]*lin{rest.abs, constant(up(long * v.x))}, []float64{1, 1})
	r.bosAbs = rest.bosAbs + up(long*v.bos)
	r.slip, r.bosSlip = rest.slip+up(loose*v.x), rest.bosSlip+up(loose*v.bos)
	r.terms = p.turn.columns + len(besides) + 1
	r.exact = r.exact && loose == 0 && grid > 0 && exactly(grid, max(p.size(r.abs), r.bosAbs))
	return r
}

// mixed is what a part adds to a rotated stream, as far as rounding goes.
type mixed struct {
	products, bosProducts float64 // sum of the lengths of what is added
	spill, bosSpill       float64 // of weights that are not followed
	terms                 int
	grid                  float64 // a power of two of which all is a multiple; 0 where it is not exact
}

// join adds what another head adds.
func (a *mixed) join(b *mixed) {
	a.products, a.bosProducts = a.products+b.products, a.bosProducts+b.bosProducts
	a.spill, a.bosSpill = a.spill+b.spill, a.bosSpill+b.bosSpill
	a.terms, a.grid = a.terms+b.terms, min(a.grid, b.grid)
}

// roundTurned adds to all columns what float32 rounds when a part is added to the
// rotated stream, whose length was as given.
func (p *proof) roundTurned(before length, a *mixed) {
	if a.products == 0 && a.bosProducts == 0 && a.spill == 0 && a.bosSpill == 0 {
		return
	}
	after := p.measure(&p.stream)
	grid := min(before.grid, after.grid, a.grid) * p.turn.grid
	exact := a.spill == 0 && a.bosSpill == 0 && grid > 0
	if exact && exactly(grid, max(before.x+a.products, before.bos+a.bosProducts)) {
		return
	}
	g := gamma(a.terms + 1)
	rounding := func(products, length, spill float64) float64 {
		lost := g * products
		return up(lost + unit*(length+lost) + spill + float64(a.terms)*tiny*math.Sqrt(float64(p.turn.columns)))
	}
	x, bos := rounding(a.products, after.x, a.spill), rounding(a.bosProducts, after.bos, a.bosSpill)
	for i := range p.turn.columns {
		c := &p.stream.cols[i]
		c.err = combine([]*lin{c.err, constant(x)}, []float64{1, 1})
		c.bosNoise += bos
	}
}

// mix notes the products of a head, whose values are at most as given.
func (p *proof) mix(a *mixed, o *network.Linear, values []float64) {
	rows := o.Rows(len(values))
	for k, v := range values {
		spill := 0.0
		if all := p.turn.spill[o]; k < len(all) {
			spill = all[k]
		}
		size := up(v * (p.turn.lengthOfWeights(rows[k]) + spill))
		a.products, a.bosProducts = a.products+size, a.bosProducts+size
		a.spill, a.bosSpill = a.spill+v*spill, a.bosSpill+v*spill
		if len(rows[k]) > 0 {
			a.terms++
		}
	}
}

// mix notes the products of a head, and of what they are multiples if it copies.
func (h *head) mix(a *mixed) {
	p := h.p
	sizes := make([]float64, len(h.values))
	for k, v := range h.values {
		most := p.most(v)
		if h.sums { // which weighs keys little, and BOS much
			share := float64(p.prog.maxLen) * (math.Exp(h.selected+h.off) + math.Exp(h.rest))
			most = min(most, share*most+math.Abs(v.bos)+v.bosOff())
		}
		sizes[k] = up(most * (1 + h.softmaxError()))
	}
	p.mix(a, &h.O, sizes)
	for _, ws := range h.O.Columns[:p.turn.columns] {
		for _, w := range ws {
			v := h.values[w.Row]
			if !v.exact {
				a.grid = 0
			}
			a.grid = min(a.grid, p.divisor(v.l, w.W), divisorOf(v.bos*w.W))
		}
	}
}

// turnedNorm is normed for a rotated stream.
func (p *proof) turnedNorm(n *network.Norm) (stream, error) {
	m, d, turned := p.measure(&p.stream), float64(p.net.Width), math.Sqrt(float64(p.turn.columns))
	// Sums over all columns: of what they hold, its absolute values and squares.
	var ls []*lin
	abs, squares, noise := turned*m.x, m.most()*m.most(), 0.0
	bosAbs, bosNoise, bos := turned*m.bos, 0.0, 0.0
	grid := m.grid * p.turn.grid
	for i := range p.stream.cols {
		c := &p.stream.cols[i]
		ls = append(ls, c.l)
		noise, bosNoise, bos = noise+p.offOf(c), bosNoise+c.bosNoise, bos+c.bos
		if i < p.turn.columns {
			continue
		}
		size, at := p.held(c)
		abs, bosAbs, squares = abs+size, bosAbs+at, squares+max(size, at)*max(size, at)
		if !c.exact() || c.bosNoise != 0 {
			grid = 0
		}
		grid = min(grid, p.divisor(c.l, 1), divisorOf(c.bos))
	}
	variance := squares / d
	if !(variance < n.Eps/1024) {
		return stream{}, errNorm
	}
	sum := combine(ls, repeated(1, len(ls)))
	exact, tiniest := exactNorm(n, variance), tiny*math.Sqrt(n.Eps)
	if exact && !n.Centres() {
		return p.keptTurned(n, m.grid*p.turn.grid >= tiniest), nil
	}
	if exact && bos == 0 && p.size(sum) == 0 && grid >= tiniest && exactly(grid, max(abs, bosAbs)) {
		return p.stream, nil
	}
	mean, common, bosCommon := combine([]*lin{sum}, []float64{1 / d}), noise/d+gamma(len(ls)+1)*abs/d, bosNoise/d+gamma(len(ls)+1)*bosAbs/d
	if size := p.size(mean); size <= near {
		mean, common = nil, common+size
	}
	if bos /= d; math.Abs(bos) <= near {
		bos, bosCommon = 0, bosCommon+math.Abs(bos)
	}
	if !n.Centres() {
		mean, common, bos, bosCommon = nil, p.stream.common, 0, p.stream.bosCommon
	}
	relative := variance/(2*n.Eps) + normRounding
	if exact {
		relative = unit // of x - mean
	}
	f := n.Weight[0] / math.Sqrt(n.Eps)
	scale := math.Abs(f) * (1 + relative)
	out := stream{cols: make([]column, len(p.stream.cols)), common: up(scale * common), bosCommon: up(scale * bosCommon)}
	away, bosAway := p.size(mean)+common, math.Abs(bos)+bosCommon
	for i := range out.cols {
		c, to := &p.stream.cols[i], &out.cols[i]
		size, at := p.held(c)
		lost, bosLost := relative*(size+away)+tiniest, relative*(at+bosAway)+tiniest
		if i < p.turn.columns {
			lost, bosLost = relative*(m.x+turned*away)+turned*tiniest, relative*(m.bos+turned*bosAway)+turned*tiniest
		}
		to.l = combine([]*lin{c.l, mean}, []float64{f, -f})
		to.bos = f * (c.bos - bos)
		to.err = combine([]*lin{c.err, constant(up(max(math.Abs(f), 1) * lost))}, []float64{up(scale), 1})
		to.bosNoise = up(scale*c.bosNoise + max(math.Abs(f), 1)*bosLost)
	}
	return out, nil
}

// keptTurned is kept for a rotated stream, of which nothing is lost if it is whole.
func (p *proof) keptTurned(n *network.Norm, whole bool) stream {
	out := p.kept(n)
	if whole {
		copy(out.cols[:p.turn.columns], p.stream.cols)
		return out
	}
	lost := tiny * math.Sqrt(n.Eps) * math.Sqrt(float64(p.turn.columns))
	for i := range p.turn.columns {
		c := &out.cols[i]
		c.err = combine([]*lin{c.err, constant(lost)}, []float64{1, 1})
		c.bosNoise += lost
	}
	return out
}

// The columns beside the stream in which neurons note the lengths of what they add,
// and of what is too small to be followed.
const (
	lengths = -1
	spilled = -2
)

// besides returns what a neuron writes, with these columns where the stream is
// rotated.
func (p *proof) besides(l *network.Layer, j int, outs []network.Weight) []network.Weight {
	if p.turn == nil {
		return outs
	}
	spill := 0.0
	if all := p.turn.spill[&l.Out]; j < len(all) {
		spill = all[j]
	}
	all := append([]network.Weight{{Row: lengths, W: up(p.turn.lengthOfWeights(outs) + spill)}}, outs...)
	if spill != 0 {
		all = append(all, network.Weight{Row: spilled, W: spill})
	}
	return all
}

// mixedBy is what the neurons of a layer add, as far as rounding goes.
func (p *proof) mixedBy(l *network.Layer, eff map[int]*effect) *mixed {
	spill := p.turn.bias[&l.Out]
	bias := spill
	if l.Out.Bias != nil {
		bias += lengthOf(l.Out.Bias[:p.turn.columns])
	}
	a := &mixed{products: bias, bosProducts: bias, spill: spill, bosSpill: spill, grid: gridStep, terms: 1}
	for c := range p.turn.columns {
		if e := eff[c]; e != nil && (e.rough || e.bosRough) || !onGrid(l.Out.BiasOf(c)) {
			a.grid = 0
		}
	}
	if e := eff[lengths]; e != nil {
		a.products, a.bosProducts = a.products+e.size, a.bosProducts+e.bosSize
		a.terms += max(e.terms, e.bosTerms) // a neuron that is off adds nothing to round
	}
	if e := eff[spilled]; e != nil {
		a.spill, a.bosSpill = a.spill+e.size, a.bosSpill+e.bosSize
	}
	return a
}
