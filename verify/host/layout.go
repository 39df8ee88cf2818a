package host

import (
	"fmt"
	"slices"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/network"
)

// layout says where a circuit stands in a network. What is not the circuit's is the
// host's.
type layout struct {
	columns []int    // of the circuit, in increasing order
	at      []int    // of each column of the network: which of the circuit's it is, or -1
	heads   [][]bool // of each layer of the network: whether a head is the circuit's
	neurons [][]bool // likewise
	tokens  []int    // ids of the circuit's tokens in the network, BOS behind them
}

// newLayout checks a description of a circuit in a network, for a program of some tokens.
// Its errors are faults.
func newLayout(n *network.Network, m *manifest.Host, tokens int) (*layout, error) {
	l := &layout{at: make([]int, n.Width)}
	if m.DModel != n.Width || m.Layers != len(n.Layers) {
		return nil, wrong("%d columns and %d layers, the file has %d and %d", m.DModel, m.Layers, n.Width, len(n.Layers))
	}
	columns, err := numbers(m.Columns, n.Width)
	if err != nil {
		return nil, wrong("columns: %v", err)
	}
	for _, extra := range []*int{m.Compensation, m.Reference} {
		if extra == nil {
			continue
		}
		if *extra < 0 || *extra >= n.Width || slices.Contains(columns, *extra) {
			return nil, wrong("the column %d of %d stands twice, or nowhere", *extra, n.Width)
		}
		columns = append(columns, *extra)
	}
	if len(columns) == 0 {
		return nil, wrong("the circuit has no columns")
	}
	slices.Sort(columns)
	for c := range l.at {
		l.at[c] = -1
	}
	for i, c := range columns {
		l.at[c] = i
	}
	l.columns = columns
	if err := l.layers(n, m); err != nil {
		return nil, err
	}
	return l, l.ids(n, m.Tokens, tokens)
}

// layers finds the circuit's heads and neurons.
func (l *layout) layers(n *network.Network, m *manifest.Host) error {
	if len(m.HeadsAt) != len(m.LayersAt) || len(m.NeuronsAt) != len(m.LayersAt) {
		return wrong("%d layers with heads in %d and neurons in %d", len(m.LayersAt), len(m.HeadsAt), len(m.NeuronsAt))
	}
	for i := range n.Layers {
		l.heads = append(l.heads, make([]bool, len(n.Layers[i].Heads)))
		l.neurons = append(l.neurons, make([]bool, len(n.Layers[i].In.Columns)))
		if heads, neurons := len(l.heads[i]), len(l.neurons[i]); m.Heads != heads || m.DMLP != neurons {
			return wrong("%d heads and %d neurons in a layer, the file has %d and %d", m.Heads, m.DMLP, heads, neurons)
		}
	}
	last := -1
	for i, at := range m.LayersAt {
		if at <= last || at >= len(n.Layers) {
			return wrong("layer %d of %d stands behind layer %d", at, len(n.Layers), last)
		}
		last = at
		if err := mark(l.heads[at], m.HeadsAt[i]); err != nil {
			return wrong("the heads of layer %d: %v", at, err)
		}
		if err := mark(l.neurons[at], m.NeuronsAt[i]); err != nil {
			return wrong("the neurons of layer %d: %v", at, err)
		}
	}
	return nil
}

// mark marks what stands in runs.
func mark(mine []bool, runs manifest.Runs) error {
	all, err := numbers(runs, len(mine))
	for _, k := range all {
		mine[k] = true
	}
	return err
}

// ids takes over the ids of tokens: each of the program's, BOS's and PAD's.
func (l *layout) ids(n *network.Network, ids []int, tokens int) error {
	if len(ids) != tokens+2 {
		return wrong("%d token ids for %d tokens, BOS and PAD", len(ids), tokens)
	}
	seen := map[int]bool{}
	for _, id := range ids {
		if id < 0 || id >= len(n.Tokens) || seen[id] {
			return wrong("the token id %d of %d stands twice, or nowhere", id, len(n.Tokens))
		}
		seen[id] = true
	}
	l.tokens = ids[:tokens+1]
	return nil
}

// numbers lists the numbers below some limit that stand in runs.
func numbers(runs manifest.Runs, limit int) ([]int, error) {
	var all []int
	if len(runs)%2 != 0 {
		return nil, fmt.Errorf("a run without an end")
	}
	for i, next := 0, 0; i < len(runs); i += 2 {
		first, last := runs[i], runs[i+1]
		if first < next || last < first || last >= limit {
			return nil, fmt.Errorf("the run from %d to %d, of %d", first, last, limit)
		}
		for k := first; k <= last; k++ {
			all = append(all, k)
		}
		next = last + 1
	}
	return all, nil
}

// wrong is a fault of a description.
func wrong(format string, args ...any) error {
	return fault.New(fault.Disagreeing, "host: "+format, args...)
}
