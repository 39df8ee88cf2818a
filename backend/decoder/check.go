package decoder

import (
	"errors"
	"fmt"
	"math"
)

// Check verifies shapes, sorted entries and finite weights.
func Check(m *Model) error {
	c := m.Config
	errs := []error{
		c.check(),
		m.Embed.check("embedding", c.Vocab, c.DModel),
		m.Position.check("position", c.Positions, c.DModel),
		m.Unembed.check("unembedding", c.DModel, c.Outputs),
	}
	if len(m.Layers) != c.Layers {
		errs = append(errs, fmt.Errorf("%d layers, the configuration says %d", len(m.Layers), c.Layers))
	}
	for l, layer := range m.Layers {
		errs = append(errs, layer.check(l, c))
	}
	return errors.Join(errs...)
}

func (c Config) check() error {
	switch {
	case c.DModel < 1 || c.Vocab < 1 || c.Positions < 1 || c.Outputs < 1:
		return fmt.Errorf("sizes must be positive: %+v", c)
	case c.Layers < 0 || c.Heads < 0 || c.DHead < 0 || c.DMLP < 0 || c.Heads > 0 && c.DHead == 0:
		return fmt.Errorf("sizes do not fit: %+v", c)
	case c.BOS < 0 || c.BOS >= c.Vocab || c.PAD < 0 || c.PAD >= c.Vocab || c.BOS == c.PAD:
		return fmt.Errorf("BOS %d and PAD %d are not two ids below %d", c.BOS, c.PAD, c.Vocab)
	}
	return nil
}

func (l Layer) check(n int, c Config) error {
	if len(l.Heads) != c.Heads {
		return fmt.Errorf("layer %d has %d heads, the configuration says %d", n, len(l.Heads), c.Heads)
	}
	name := fmt.Sprintf("layer %d ", n)
	errs := []error{
		l.In.check(name+"in", c.DModel, c.DMLP),
		l.Out.check(name+"out", c.DMLP, c.DModel),
		l.OutBias.check(name+"out bias", 1, c.DModel),
	}
	for h, head := range l.Heads {
		hn := fmt.Sprintf("%shead %d ", name, h)
		errs = append(errs,
			head.Q.check(hn+"Q", c.DModel, c.DHead), head.K.check(hn+"K", c.DModel, c.DHead),
			head.V.check(hn+"V", c.DModel, c.DHead), head.O.check(hn+"O", c.DHead, c.DModel))
	}
	return errors.Join(errs...)
}

func (m Matrix) check(name string, rows, cols int) error {
	if m.Rows != rows || m.Cols != cols {
		return fmt.Errorf("%s is %d x %d, want %d x %d", name, m.Rows, m.Cols, rows, cols)
	}
	for i, e := range m.Entries {
		w := float64(e.W)
		switch {
		case e.Row < 0 || e.Row >= rows || e.Col < 0 || e.Col >= cols:
			return fmt.Errorf("%s: entry (%d, %d) is outside %d x %d", name, e.Row, e.Col, rows, cols)
		case w == 0 || math.IsNaN(w) || math.IsInf(w, 0):
			return fmt.Errorf("%s: entry (%d, %d) is %g", name, e.Row, e.Col, w)
		case i > 0 && !before(m.Entries[i-1], e):
			return fmt.Errorf("%s: entries are not sorted at (%d, %d)", name, e.Row, e.Col)
		}
	}
	return nil
}

func before(a, b Entry) bool { return a.Row < b.Row || a.Row == b.Row && a.Col < b.Col }

// Params returns the number of weights of the dense model, and how many of
// them are not zero.
func (m *Model) Params() (dense, nonzero int64) {
	for _, x := range m.matrices() {
		dense += int64(x.Rows) * int64(x.Cols)
		nonzero += int64(len(x.Entries))
	}
	return dense, nonzero
}

func (m *Model) matrices() []Matrix {
	all := []Matrix{m.Embed, m.Position, m.Unembed}
	for _, l := range m.Layers {
		for _, h := range l.Heads {
			all = append(all, h.Q, h.K, h.V, h.O)
		}
		all = append(all, l.In, l.Out, l.OutBias)
	}
	return all
}
