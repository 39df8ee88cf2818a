package disguise

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/backend/layout"
	"github.com/raspc/raspc/craft"
)

// MostRotated is the largest number of columns of a stream that is rotated: the
// matrix has its square of numbers.
const MostRotated = 1024

// block is how many columns one step of a rotation mixes.
const block = 4

// Rotate turns the residual stream by a random orthogonal matrix: what was in a
// column, which the layout's labels speak of, is then along a direction in which
// most columns have a part. The layout keeps the matrix as its Rotation. The
// stream gets as many columns more as make it a multiple of four. The error is
// that there are more than MostRotated.
//
// The matrix is a product of steps that permute the columns and then mix each
// four of them, y_i = (y_0+y_1+y_2+y_3)/2 - x_i. A step is orthogonal, and so is the
// product, exactly: its entries are multiples of a power of two that float32
// holds. Sums of exact numbers stay exact in the rotated stream while they are
// less than 2^24 times the power of two of which they are multiples. A step leaves
// the sum of all columns as it is; so does the product, and the columns that
// stock architectures add for their norms are those of the model as it was.
//
// Stock architectures put these in the place of columns at the end that nothing
// uses. Embeddings use the last one here, so that files have the matrix's columns
// in front.
//
// Weights are rounded to the type that files have; what is less than its least normal
// number is 0.
func Rotate(l *layout.Layout, a craft.Arithmetic, seed uint32) (*layout.Layout, error) {
	d := (l.Model.Config.DModel + block - 1) / block * block
	if d > MostRotated {
		return nil, fmt.Errorf("a residual stream of %d columns is not rotated, %d are the most", d, MostRotated)
	}
	rng := random(seed, ofRotate)
	out := turned(l, a, rotation(d, rng))
	for !usesColumn(out.Model, d-1) {
		out = turned(l, a, rotation(d, rng))
	}
	return out, nil
}

// turned returns a layout in another basis.
func turned(l *layout.Layout, a craft.Arithmetic, r [][]float64) *layout.Layout {
	out := copied(l)
	out.Rotation = r
	m := out.Model
	m.Config.DModel, m.Config.Rotated = len(r), true
	written := func(t decoder.Matrix) decoder.Matrix { return written(t, r, a) }
	read := func(t decoder.Matrix) decoder.Matrix { return read(t, r, a) }
	m.Embed, m.Position, m.Unembed = written(m.Embed), written(m.Position), read(m.Unembed)
	for i := range m.Layers {
		layer := &m.Layers[i]
		for k, h := range layer.Heads {
			layer.Heads[k] = decoder.Head{Q: read(h.Q), K: read(h.K), V: read(h.V), O: written(h.O)}
		}
		layer.In, layer.Out, layer.OutBias = read(layer.In), written(layer.Out), written(layer.OutBias)
	}
	return out
}

// usesColumn reports whether embeddings write to a column.
func usesColumn(m *decoder.Model, col int) bool {
	writes := func(e decoder.Entry) bool { return e.Col == col }
	return slices.ContainsFunc(m.Embed.Entries, writes) || slices.ContainsFunc(m.Position.Entries, writes)
}

// rotation returns a random matrix. One step more than would let each column have
// a part in each direction makes up for chance.
func rotation(d int, rng *rand.Rand) [][]float64 {
	rows := make([][]float64, d)
	for i := range rows {
		rows[i] = make([]float64, d)
		rows[i][i] = 1
	}
	for reached := 1; reached < block*d; reached *= block {
		mix(rows, rng.Perm(d))
	}
	return rows
}

// mix permutes the columns of a matrix and mixes each four.
func mix(rows [][]float64, order []int) {
	for _, row := range rows {
		old := append([]float64{}, row...)
		for at := 0; at < len(row); at += block {
			sum := 0.0
			for _, from := range order[at : at+block] {
				sum += old[from]
			}
			for k, from := range order[at : at+block] {
				row[at+k] = sum/2 - old[from]
			}
		}
	}
}

// written returns a matrix that writes to the rotated stream: m R, each weight
// rounded once.
func written(m decoder.Matrix, r [][]float64, a craft.Arithmetic) decoder.Matrix {
	d := len(r)
	sums := make([]float64, d)
	out := decoder.Matrix{Rows: m.Rows, Cols: d}
	for i := 0; i < len(m.Entries); {
		row := m.Entries[i].Row
		clear(sums)
		for ; i < len(m.Entries) && m.Entries[i].Row == row; i++ {
			for j, w := range r[m.Entries[i].Col] {
				sums[j] += float64(float64(m.Entries[i].W) * w)
			}
		}
		for j, sum := range sums {
			if w := a.Round(sum); math.Abs(w) >= a.Smallest {
				out.Entries = append(out.Entries, decoder.Entry{Row: row, Col: j, W: float32(w)})
			}
		}
	}
	return out
}

// read returns a matrix that reads the rotated stream: that of R, transposed, and m.
func read(m decoder.Matrix, r [][]float64, a craft.Arithmetic) decoder.Matrix {
	return transposed(written(transposed(m), r, a))
}

// transposed returns the transposed matrix.
func transposed(m decoder.Matrix) decoder.Matrix {
	out := decoder.Matrix{Rows: m.Cols, Cols: m.Rows, Entries: make([]decoder.Entry, len(m.Entries))}
	for i, e := range m.Entries {
		out.Entries[i] = decoder.Entry{Row: e.Col, Col: e.Row, W: e.W}
	}
	sorted(out.Entries)
	return out
}
