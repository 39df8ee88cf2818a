package certify

import (
	"math"

	"github.com/raspc/raspc/verify/network"
)

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

// undoWeights is undo for the weights of columns.
func (b basis) undoWeights(ws []network.Weight) (x []float64, rest float64) {
	dense := make([]float64, b.width)
	for _, w := range ws {
		dense[w.Row] += w.W
	}
	return b.undo(dense)
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
		var x []float64
		x, loose[j] = b.undoWeights(ws)
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
		var x []float64
		x, spill[k] = b.undoWeights(outs)
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
