package tensor

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/raspc/raspc/backend/decoder"
)

// Block is a sparse matrix at a place of a larger dense one.
type Block struct {
	M decoder.Matrix
	// Row and Col are where the block's upper left corner stands.
	Row, Col int
	// Transpose writes the block with its rows and columns exchanged.
	Transpose bool
	// Scale multiplies each weight; 0 stands for 1. A power of two is exact,
	// any other product is formed in float64 and rounded to float32 once.
	Scale float64
}

// size returns the rows and columns that the block covers.
func (b Block) size() (rows, cols int) {
	if b.Transpose {
		return b.M.Cols, b.M.Rows
	}
	return b.M.Rows, b.M.Cols
}

// weight returns an entry's scaled weight. A weight that leaves the range of
// float32, in either direction, is an error: the file would hold another
// model.
func (b Block) weight(e decoder.Entry) (float32, error) {
	w := e.W
	if b.Scale != 0 {
		w = float32(float64(e.W) * b.Scale)
	}
	if math.IsInf(float64(w), 0) || math.IsNaN(float64(w)) {
		return 0, fmt.Errorf("tensor: weight %g at (%d,%d) times %g is not finite in float32", e.W, e.Row, e.Col, b.Scale)
	}
	if w == 0 && e.W != 0 {
		return 0, fmt.Errorf("tensor: weight %g at (%d,%d) times %g underflows float32", e.W, e.Row, e.Col, b.Scale)
	}
	return w, nil
}

// Matrix returns m as a dense float32 tensor of shape [m.Rows, m.Cols].
func Matrix(m decoder.Matrix) (Source, error) {
	return Place(m.Rows, m.Cols, Block{M: m})
}

// Beside returns the matrices side by side, left to right. All need the same
// number of rows; the shape is [rows, sum of columns].
func Beside(ms ...decoder.Matrix) (Source, error) {
	var blocks []Block
	rows, cols := 0, 0
	for i, m := range ms {
		if i > 0 && m.Rows != rows {
			return nil, fmt.Errorf("tensor: matrix %d has %d rows, not %d", i, m.Rows, rows)
		}
		blocks = append(blocks, Block{M: m, Col: cols})
		rows, cols = m.Rows, cols+m.Cols
	}
	return Place(rows, cols, blocks...)
}

// Below returns the matrices one below the other, first on top. All need the
// same number of columns; the shape is [sum of rows, columns].
func Below(ms ...decoder.Matrix) (Source, error) {
	var blocks []Block
	rows, cols := 0, 0
	for i, m := range ms {
		if i > 0 && m.Cols != cols {
			return nil, fmt.Errorf("tensor: matrix %d has %d columns, not %d", i, m.Cols, cols)
		}
		blocks = append(blocks, Block{M: m, Row: rows})
		rows, cols = rows+m.Rows, m.Cols
	}
	return Place(rows, cols, blocks...)
}

// Place returns a float32 tensor of shape [rows, cols] that holds the blocks
// at their places and 0 elsewhere. Blocks must lie inside and must not
// overlap.
func Place(rows, cols int, blocks ...Block) (Source, error) {
	if _, err := checkShape([]int{rows, cols}); err != nil {
		return nil, err
	}
	for i, b := range blocks {
		r, c := b.size()
		if b.Row < 0 || b.Col < 0 || r < 0 || c < 0 || r > rows-b.Row || c > cols-b.Col {
			return nil, fmt.Errorf("tensor: block %d (%dx%d at %d,%d) leaves the %dx%d matrix", i, r, c, b.Row, b.Col, rows, cols)
		}
		if math.IsInf(b.Scale, 0) || math.IsNaN(b.Scale) {
			return nil, fmt.Errorf("tensor: block %d has scale %g", i, b.Scale)
		}
		for j, a := range blocks[:i] {
			if overlap(a, b) {
				return nil, fmt.Errorf("tensor: blocks %d and %d overlap", j, i)
			}
		}
	}
	return placed{rows: rows, cols: cols, blocks: slices.Clone(blocks)}, nil
}

// overlap reports whether two blocks share a cell.
func overlap(a, b Block) bool {
	ar, ac := a.size()
	br, bc := b.size()
	return a.Row < b.Row+br && b.Row < a.Row+ar && a.Col < b.Col+bc && b.Col < a.Col+ac
}

// placed is the Source of Place.
type placed struct {
	rows, cols int
	blocks     []Block
}

// Shape returns [rows, cols].
func (p placed) Shape() []int { return []int{p.rows, p.cols} }

// DType returns Float32.
func (p placed) DType() DType { return Float32 }

// WriteTo writes the dense matrix. It needs memory for the non-zero weights
// of this tensor and one buffer.
func (p placed) WriteTo(w io.Writer) (int64, error) {
	cells, err := p.cells()
	if err != nil {
		return 0, err
	}
	return writeSparse(w, int64(p.rows)*int64(p.cols), cells)
}

// cell is one element, at its row-major offset.
type cell struct {
	at int64
	w  float32
}

// cells returns the non-zero elements in the order of the file.
func (p placed) cells() ([]cell, error) {
	n := 0
	for _, b := range p.blocks {
		n += len(b.M.Entries)
	}
	cells := make([]cell, 0, n)
	for _, b := range p.blocks {
		for _, e := range b.M.Entries {
			if e.Row < 0 || e.Row >= b.M.Rows || e.Col < 0 || e.Col >= b.M.Cols {
				return nil, fmt.Errorf("tensor: entry (%d,%d) is outside its %dx%d matrix", e.Row, e.Col, b.M.Rows, b.M.Cols)
			}
			weight, err := b.weight(e)
			if err != nil {
				return nil, err
			}
			row, col := e.Row, e.Col
			if b.Transpose {
				row, col = col, row
			}
			cells = append(cells, cell{int64(b.Row+row)*int64(p.cols) + int64(b.Col+col), weight})
		}
	}
	return sortCells(cells)
}

// sortCells sorts by offset and refuses two weights for one element.
func sortCells(cells []cell) ([]cell, error) {
	order := func(a, b cell) int { return cmp.Compare(a.at, b.at) }
	if !slices.IsSortedFunc(cells, order) {
		slices.SortFunc(cells, order)
	}
	for i := 1; i < len(cells); i++ {
		if cells[i].at == cells[i-1].at {
			return nil, fmt.Errorf("tensor: two weights for element %d", cells[i].at)
		}
	}
	return cells, nil
}
