package host

import (
	"cmp"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/raspc/raspc/verify/binary32"
	"github.com/raspc/raspc/verify/certify"
	"github.com/raspc/raspc/verify/network"
)

// Surroundings bound the host's columns, layer by layer, as a proof about the circuit
// goes along. They hold for one proof.
//
// What is kept is the length of the host's part of the stream, and how large the sum of
// its columns is, which moves the mean that norms subtract. The host may read all columns.
// A matrix makes what it reads longer by its norm at most; a head adds a mean over keys.
type Surroundings struct {
	*Parts
	length, sum float64
	next        int // norm
	seen        []Bound
}

// Bound is what was found in front of a norm, of the host's columns.
type Bound struct {
	Layer  int    // len(layers) for the last norm
	Part   string // attention, mlp or output: what reads the norm
	Length float64
	Mean   float64 // of all columns, as far as it is the host's
}

// LimitError says that the host's columns have no bound that is small enough.
type LimitError struct {
	Bound
	What string
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("layer %d, %s: %s: smaller weights of the host would help, as weight decay makes them", e.Layer, e.Part, e.What)
}

// Surroundings returns what stands beside the circuit.
func (p *Parts) Surroundings() *Surroundings {
	s := &Surroundings{Parts: p}
	token, tokenSum, place, placeSum := 0.0, 0.0, 0.0, 0.0
	for _, id := range p.layout.tokens {
		x := p.host(p.whole.Tokens[id])
		token, tokenSum = max(token, vector(x)), max(tokenSum, math.Abs(total(x)))
	}
	for _, row := range p.whole.Positions[:p.maxLen+1] {
		x := p.host(row)
		place, placeSum = max(place, vector(x)), max(placeSum, math.Abs(total(x)))
	}
	s.add(token, tokenSum)
	s.add(place, placeSum)
	return s
}

// host is the host's part of a row of the stream.
func (p *Parts) host(row []float64) []float64 {
	var out []float64
	for c, x := range row {
		if p.layout.at[c] < 0 {
			out = append(out, x)
		}
	}
	return out
}

// total is the sum of some numbers, and of what float64 may lose of it.
func total(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum + math.Copysign(rounding(len(x))*math.Sqrt(float64(len(x)))*vector(x), sum)
}

// columns is how many the host has.
func (p *Parts) columns() int { return p.whole.Width - len(p.layout.columns) }

// root is the root of the number of the host's columns: how much larger a sum of them can
// be than their length.
func (s *Surroundings) root() float64 { return math.Sqrt(float64(s.columns())) }

// add adds something of a length and a sum to the stream, which float32 rounds.
func (s *Surroundings) add(length, sum float64) {
	s.length = up((s.length + length) * (1 + binary32.Unit))
	s.sum = up(s.sum + sum + binary32.Unit*s.root()*s.length)
}

// Norm implements certify.Surroundings: the parts of the network are followed that stand
// between this norm and the next one.
func (s *Surroundings) Norm(own []float64) (certify.Ambient, error) {
	i := s.next / 2
	l, at := &s.whole.Layers[i], Bound{Layer: i, Part: "attention", Length: s.length}
	norm, follow := l.AttnNorm, s.attention
	if s.next%2 == 1 {
		at.Part, norm, follow = "mlp", l.MLPNorm, s.mlp
	}
	s.next++
	d := s.whole.Width
	at.Mean = up((s.sum + binary32.Mean(d)*s.root()*s.length) / float64(d))
	s.seen = append(s.seen, at)
	ambient := certify.Ambient{Columns: s.columns(), Sum: s.sum, Length: s.length}
	v, err := s.view(norm, own)
	if err == nil {
		err = follow(i, v)
	}
	if err != nil {
		return ambient, &LimitError{at, err.Error()}
	}
	return ambient, nil
}

// Bounds are what was found so far.
func (s *Surroundings) Bounds() []Bound { return s.seen }

// view is what is known of a whole stream behind a norm: it is some vector of a length,
// each element of which is multiplied by a scale.
type view struct {
	length float64
	scale  []float64 // nil for 1
}

// view bounds the stream behind a norm where the circuit's columns are of the given sizes.
// A norm makes no row longer than its largest weight and epsilon say, as the distances of
// numbers from their mean are no longer than the numbers. Where no mean is subtracted, each
// column of the circuit is bounded by its own size, so that a large one is none of
// anybody's concern who does not read it.
func (s *Surroundings) view(n *network.Norm, own []float64) (view, error) {
	all, d := up(math.Hypot(s.length, vector(own))), float64(s.whole.Width)
	if !(all*all/d < n.Eps/1024) {
		return view{}, fmt.Errorf("the host's columns may be %.2g long, for which the norms' epsilon of %.2g is too small", s.length, n.Eps)
	}
	largest := 0.0
	for _, w := range n.Weight {
		largest = max(largest, math.Abs(w))
	}
	v, lost, rounded := view{length: all}, binary32.Tiny*(largest+1), square(1+binary32.Mean(s.whole.Width)+8*binary32.Unit)
	if !n.Centres() {
		v = s.columnwise(own, lost*small)
		rounded += 1.0 / small
	}
	v.length = up(v.length*rounded*largest/math.Sqrt(n.Eps) + vector(n.Bias) + lost*math.Sqrt(d))
	return v, nil
}

// small is how much larger than what a norm may lose of a column it is taken to be.
const small = 1 << 20

// columnwise scales the circuit's columns, each at least of some size, so that they are
// together half as long as the host's.
func (s *Surroundings) columnwise(own []float64, least float64) view {
	v := view{length: up(s.length * math.Sqrt(1.25)), scale: make([]float64, s.whole.Width)}
	if s.length == 0 {
		v.length = 1
	}
	share := v.length * math.Sqrt(0.2/float64(len(own)))
	for c, i := range s.layout.at {
		if v.scale[c] = 1; i >= 0 {
			v.scale[c] = up(max(own[i], least) / share)
		}
	}
	return v
}

// reads is a matrix that reads a view, as one that reads a vector of its length.
func (s *Surroundings) reads(l network.Linear, v view) blas64.General {
	m := dense(l, s.whole.Width, nil)
	for c, f := range v.scale {
		for k := range m.Cols {
			m.Data[c*m.Stride+k] *= f
		}
	}
	return m
}

// large reports what may overflow float32.
func large(what string, size float64) error {
	if size < binary32.Huge {
		return nil
	}
	return fmt.Errorf("%s of the host may be as large as %.2g", what, size)
}

// attention adds what the host's heads in layer i add, where they read something of a
// length.
func (s *Surroundings) attention(i int, v view) error {
	l := &s.whole.Layers[i]
	terms := 1 // of a sum over all heads, with its bias
	for h := range l.Heads {
		terms += len(l.Heads[h].V.Columns)
	}
	all := added{terms: terms}
	for h := range l.Heads {
		if s.layout.heads[i][h] {
			continue
		}
		if err := s.head(&l.Heads[h], v, &all); err != nil {
			return err
		}
	}
	s.write(&all, s.host(l.AttnBias))
	return nil
}

// added is what the host's heads or neurons of a layer add to the stream.
type added struct {
	length  float64 // of each head's by itself, together
	inputs  float64 // the squares of the lengths of what is multiplied with outputs
	outputs []blas64.General
	sum     float64 // of the columns, but for rounding
	rounded float64 // the length of what rounding makes
	terms   int     // products in the sum for one column, with its bias
}

// write adds it to the stream, with a bias and the rounding of that.
func (s *Surroundings) write(a *added, bias []float64) {
	rounded := up(a.rounded*(1+1e-3) + binary32.Gamma(a.terms)*vector(bias))
	length := min(a.length, up(norm(stacked(a.outputs, s.columns()))*math.Sqrt(a.inputs)))
	s.add(up(length+rounded+vector(bias)), up(a.sum+s.root()*rounded+math.Abs(total(bias))))
}

// head adds a head. What it averages may be off by the rounding of values, of weights and
// of sums, which is relative to lengths without signs: those of matrices' elements.
func (s *Surroundings) head(h *network.Head, v view, a *added) error {
	d, n := s.whole.Width, s.maxLen+1
	value, o, bias := s.reads(h.V, v), dense(h.O, len(h.V.Columns), s.isHost), h.V.Bias
	most := up(length(value)*v.length + vector(bias))
	if err := cmp.Or(large("scores", s.scores(h, v)), large("values", most*float64(n)*(1+length(o)))); err != nil {
		return err
	}
	a.length += normOfProduct(value, o)*v.length + applied(bias, o)
	a.inputs += square(up(norm(value)*v.length + vector(bias)))
	a.outputs = append(a.outputs, o)
	sums := rowSums(o)
	a.sum += weighted(value, sums)*v.length + product(bias, sums)
	relative := binary32.Gamma(d+1) + binary32.Softmax(n) + binary32.Gamma(a.terms)
	a.rounded += relative*most*length(o) + float64((n+d+a.terms)*d)*binary32.Tiny*(1+length(o))
	return nil
}

// scores bounds the scores of a head, and what they are sums of.
func (s *Surroundings) scores(h *network.Head, v view) float64 {
	read := func(l network.Linear) float64 { return length(s.reads(l, v))*v.length + vector(l.Bias) }
	return up(2 * read(h.Q) * read(h.K) * max(1, h.Scale))
}

// mlp adds what the host's neurons in layer i add.
func (s *Surroundings) mlp(i int, v view) error {
	l, mine := &s.whole.Layers[i], s.layout.neurons[i]
	in, d, n := only(l.In, mine), s.whole.Width, len(mine)
	w := s.reads(in, v)
	most := length(w)*v.length + vector(in.Bias)
	hidden := up(norm(w)*v.length + vector(in.Bias) + binary32.Gamma(d+1)*most + float64(n*d)*binary32.Tiny)
	if len(l.Up.Columns) > 0 {
		times := s.gates(only(l.Up, mine), v)
		most, hidden = most*times, up(hidden*times*(1+binary32.Unit)+float64(n*d)*binary32.Tiny*(1+hidden))
	}
	_, writes := parted(l.Out, mine)
	o := dense(writes, n, s.isHost)
	if err := large("neurons", 2*max(most, hidden)*(1+length(o))); err != nil {
		return err
	}
	s.write(&added{
		length: norm(o) * hidden, inputs: square(hidden), outputs: []blas64.General{o}, terms: n + 1,
		sum: vector(rowSums(o)) * hidden, rounded: binary32.Gamma(n+1)*length(o)*hidden + float64(n*d)*binary32.Tiny,
	}, s.host(l.Out.Bias))
	return nil
}

// gates bounds what neurons are multiplied by.
func (s *Surroundings) gates(l network.Linear, v view) float64 {
	w, most := s.reads(l, v), 0.0
	for j := range w.Cols {
		column := make([]float64, w.Rows)
		for c := range column {
			column[c] = w.Data[c*w.Stride+j]
		}
		most = max(most, vector(column)*v.length+math.Abs(l.BiasOf(j)))
	}
	return up(most*(1+binary32.Gamma(s.whole.Width+1)) + float64(s.whole.Width)*binary32.Tiny)
}

// only returns the neurons that are not the circuit's.
func only(l network.Linear, mine []bool) network.Linear {
	var out network.Linear
	for j, ws := range l.Columns {
		if !mine[j] {
			out.Columns, out.Bias = append(out.Columns, ws), append(out.Bias, l.BiasOf(j))
		}
	}
	return out
}

// isHost reports whether a column is the host's.
func (s *Surroundings) isHost(c int) bool { return s.layout.at[c] < 0 }
