package sparse

import (
	"errors"
	"fmt"

	"github.com/raspc/raspc/verify/network"
)

// Check reports matrices and vectors of a network whose sizes do not fit
// together. Sessions are for networks without an error.
func Check(n *network.Network) error {
	var errs []error
	fail := func(what string) { errs = append(errs, fmt.Errorf("the sizes of %s do not fit the network's", what)) }
	vector := func(what string, x []float64, size int) {
		if len(x) != size {
			fail(what)
		}
	}
	norm := func(what string, m *network.Norm) {
		if m != nil && (len(m.Weight) != n.Width || m.Bias != nil && len(m.Bias) != n.Width) {
			fail(what)
		}
	}
	linear := func(what string, l network.Linear, rows, columns int) {
		if !fits(l, rows, columns) {
			fail(what)
		}
	}
	for _, x := range n.Tokens {
		vector("the tokens' embedding", x, n.Width)
	}
	for _, x := range n.Positions {
		vector("the positions' embedding", x, n.Width)
	}
	if n.TokenType != nil {
		vector("the token type", n.TokenType, n.Width)
	}
	norm("the embedding's norm", n.EmbedNorm)
	for i, l := range n.Layers {
		part := func(name string) string { return fmt.Sprintf("layer %d's %s", i, name) }
		for _, h := range l.Heads {
			size := len(h.Q.Columns)
			linear(part("queries"), h.Q, n.Width, size)
			linear(part("keys"), h.K, n.Width, size)
			linear(part("values"), h.V, n.Width, len(h.V.Columns))
			linear(part("head outputs"), h.O, len(h.V.Columns), n.Width)
		}
		if l.AttnBias != nil {
			vector(part("bias"), l.AttnBias, n.Width)
		}
		linear(part("neurons"), l.In, n.Width, len(l.In.Columns))
		if len(l.In.Columns) > 0 || len(l.Out.Columns) > 0 || l.Out.Bias != nil {
			linear(part("neurons' outputs"), l.Out, len(l.In.Columns), n.Width)
		}
		if len(l.Up.Columns) > 0 {
			errs = append(errs, fmt.Errorf("%s are multiplied by what is not 1", part("neurons")))
		}
		for _, m := range []*network.Norm{l.AttnNorm, l.Between, l.MLPNorm, l.After} {
			norm(part("norm"), m)
		}
	}
	norm("the last norm", n.Final)
	linear("the unembedding", n.Unembed, n.Width, len(n.Unembed.Columns))
	if n.BOS < 0 || n.BOS >= len(n.Tokens) {
		errs = append(errs, fmt.Errorf("BOS is token %d of %d", n.BOS, len(n.Tokens)))
	}
	return errors.Join(errs...)
}

// fits reports whether a matrix has so many rows and columns.
func fits(l network.Linear, rows, columns int) bool {
	if len(l.Columns) != columns || l.Bias != nil && len(l.Bias) != columns {
		return false
	}
	for _, column := range l.Columns {
		for _, w := range column {
			if w.Row < 0 || w.Row >= rows {
				return false
			}
		}
	}
	return true
}
