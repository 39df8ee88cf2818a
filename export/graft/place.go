package graft

import (
	"slices"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/manifest"
)

// Place says where in a host the parts of a circuit stand. All are indices of the host.
type Place struct {
	// Columns are those of the circuit's, in order; the last two are the compensation
	// and the reference where Normed is set.
	Columns []int
	Normed  bool
	Layers  []int   // of each of the circuit's layers
	Heads   [][]int // the slots of each layer's heads
	Neurons [][]int // likewise
	Whole   []bool  // of each layer, whether the circuit has the whole MLP; nil for nowhere
	Tokens  []int   // by the circuit's token ids
	// Unread are columns that the host does not read either: what they hold is so large that
	// it would drown all else.
	Unread []int
	// Front is how many of the layers are in front of those that labels number.
	Front int
}

// used returns the sizes of a circuit that are in use: columns, heads in a layer,
// and neurons in a layer.
func used(m *decoder.Model) (heads, neurons []int) {
	for _, l := range m.Layers {
		h := 0
		for i, head := range l.Heads {
			if len(head.O.Entries) > 0 {
				h = i + 1
			}
		}
		n := 0
		for _, e := range l.Out.Entries {
			n = max(n, e.Row+1)
		}
		for _, e := range l.In.Entries {
			n = max(n, e.Col+1)
		}
		heads, neurons = append(heads, h), append(neurons, n)
	}
	return heads, neurons
}

// Manifest describes the place, and the host around it.
func (p *Place) Manifest(arch string, host decoder.Config, bos, pad int) *manifest.Host {
	h := &manifest.Host{
		Arch: arch, DModel: host.DModel, Layers: host.Layers, Heads: host.Heads, DMLP: host.DMLP,
		LayersAt: slices.Clone(p.Layers), HeadsAt: runs(p.Heads), NeuronsAt: runs(p.Neurons),
	}
	if h.LayersAt == nil {
		h.LayersAt = []int{}
	}
	cols := p.Columns
	if p.Normed {
		n := len(cols) - 2
		h.Compensation, h.Reference, cols = &p.Columns[n], &p.Columns[n+1], cols[:n]
	}
	h.Columns = manifest.RunsOf(cols)
	for id, at := range p.Tokens {
		if id != bos && id != pad {
			h.Tokens = append(h.Tokens, at)
		}
	}
	h.Tokens = append(h.Tokens, p.Tokens[bos], p.Tokens[pad])
	return h
}

func runs(all [][]int) []manifest.Runs {
	out := make([]manifest.Runs, len(all))
	for i, numbers := range all {
		out[i] = append(manifest.Runs{}, manifest.RunsOf(numbers)...)
	}
	return out
}

// span is n numbers from first on.
func span(first, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = first + i
	}
	return out
}
