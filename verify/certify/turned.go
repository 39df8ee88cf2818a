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
