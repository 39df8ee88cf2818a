package host

import (
	"fmt"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/verify/network"
)

// Parts are a network taken apart.
type Parts struct {
	// Circuit has the columns, heads and neurons of the circuit, in as many layers as
	// the network has, and rows for the program's tokens, BOS behind them. It has no
	// unembedding, and no norm in front of one.
	Circuit *network.Network
	Columns []int // of the network, by those of the circuit

	whole  *network.Network
	layout *layout
	maxLen int
}

// WeightError is a weight for which the circuit is not apart from the rest.
type WeightError struct {
	Tensor string // in the file
	At     []int  // indices into it
	Weight float64
	Why    string
}

func (e *WeightError) Error() string {
	return fmt.Sprintf("%s%v is %g: %s", e.Tensor, e.At, e.Weight, e.Why)
}

// What a weight does that is in the way.
const (
	readsHost     = "the circuit reads a column of the host"
	writesHost    = "the circuit writes to a column of the host"
	writesCircuit = "the host writes to a column of the circuit"
	gatesCircuit  = "a neuron of the circuit is multiplied by something else than 1"
)

// Split takes apart the network of a file of a stock architecture, for a program of so many
// tokens and inputs of up to maxLen. The error is a fault where the description does not fit the
// network, and a *WeightError where the two parts are not apart.
func Split(n *network.Network, arch string, m *manifest.Host, tokens, maxLen int) (*Parts, error) {
	if names[arch] == nil || m.Arch != arch {
		return nil, wrong("a host is a gpt2 or a llama; the architecture is %q, the file's is %q", m.Arch, arch)
	}
	l, err := newLayout(n, m, tokens)
	if err != nil {
		return nil, err
	}
	if len(n.Positions) <= maxLen {
		return nil, wrong("%d positions for inputs of up to %d and BOS", len(n.Positions), maxLen)
	}
	s := &splitter{layout: l, names: names[arch]}
	c := &network.Network{Width: len(l.columns), Causal: n.Causal, BOS: tokens, Type: n.Type}
	for _, id := range l.tokens {
		c.Tokens = append(c.Tokens, s.row(n.Tokens[id]))
	}
	for _, row := range n.Positions {
		c.Positions = append(c.Positions, s.row(row))
	}
	for i := range n.Layers {
		c.Layers = append(c.Layers, s.layer(i, &n.Layers[i]))
	}
	if s.err != nil {
		return nil, s.err
	}
	return &Parts{Circuit: c, Columns: l.columns, whole: n, layout: l, maxLen: maxLen}, nil
}

// splitter makes the circuit's part. The first weight that is in the way stays.
type splitter struct {
	*layout
	names *naming
	err   error
}

// found notes a weight.
func (s *splitter) found(at place, w float64, why string) {
	if s.err == nil {
		s.err = &WeightError{Tensor: at.tensor, At: at.at, Weight: w, Why: why}
	}
}

// row is the circuit's part of a row of the stream.
func (s *splitter) row(x []float64) []float64 {
	if x == nil {
		return nil
	}
	out := make([]float64, len(s.columns))
	for i, c := range s.columns {
		out[i] = x[c]
	}
	return out
}

// norm is the circuit's part of a norm.
func (s *splitter) norm(n *network.Norm) *network.Norm {
	if n == nil {
		return nil
	}
	return &network.Norm{Weight: s.row(n.Weight), Bias: s.row(n.Bias), Eps: n.Eps}
}

// layer is the circuit's part of a layer.
func (s *splitter) layer(i int, l *network.Layer) network.Layer {
	out := network.Layer{
		AttnNorm: s.norm(l.AttnNorm), AttnBias: s.row(l.AttnBias), Between: s.norm(l.Between),
		MLPNorm: s.norm(l.MLPNorm), Act: l.Act, After: s.norm(l.After),
	}
	for h := range l.Heads {
		if head := &l.Heads[h]; s.heads[i][h] {
			out.Heads = append(out.Heads, s.head(i, h, head))
		} else {
			s.outside(head.O, func(row, col int) place { return s.names.o(i, len(head.O.Columns), h*len(head.V.Columns)+row, col) })
		}
	}
	s.mlp(i, l, &out)
	return out
}

// head is a head of the circuit.
func (s *splitter) head(i, h int, l *network.Head) network.Head {
	size := len(l.Q.Columns)
	from := func(part int) func(row, col int) place {
		return func(row, col int) place { return s.names.qkv(i, len(s.at), part, row, h*size+col) }
	}
	return network.Head{
		Q: s.reader(l.Q, from(0)), K: s.reader(l.K, from(1)), V: s.reader(l.V, from(2)),
		O:     s.writer(l.O, func(row, col int) place { return s.names.o(i, len(s.at), h*size+row, col) }),
		Scale: l.Scale, Turn: l.Turn,
	}
}

// mlp is the circuit's part of a layer's neurons.
func (s *splitter) mlp(i int, l *network.Layer, out *network.Layer) {
	var in network.Linear
	var mine []int                               // the circuit's neurons
	renumbered := make([]int, len(l.In.Columns)) // what these are in the circuit
	for j := range l.In.Columns {
		if !s.neurons[i][j] {
			continue
		}
		renumbered[j] = len(mine)
		mine = append(mine, j)
		in.Columns, in.Bias = append(in.Columns, l.In.Columns[j]), append(in.Bias, l.In.BiasOf(j))
		s.ungated(i, j, l)
	}
	out.In = s.reader(in, func(row, k int) place { return s.names.in(i, row, mine[k]) })
	name := func(row, col int) place { return s.names.out(i, row, col) }
	circuit, host := parted(l.Out, s.neurons[i])
	s.outside(host, name)
	out.Out = s.writer(circuit, name)
	for _, ws := range out.Out.Columns {
		for k := range ws {
			ws[k].Row = renumbered[ws[k].Row]
		}
	}
	out.Out.Bias = s.row(l.Out.Bias)
}

// parted parts a matrix by its inputs: those that are the circuit's, and the others.
func parted(l network.Linear, mine []bool) (circuit, host network.Linear) {
	circuit.Columns, host.Columns = make([][]network.Weight, len(l.Columns)), make([][]network.Weight, len(l.Columns))
	for c, ws := range l.Columns {
		for _, w := range ws {
			if mine[w.Row] {
				circuit.Columns[c] = append(circuit.Columns[c], w)
			} else {
				host.Columns[c] = append(host.Columns[c], w)
			}
		}
	}
	return circuit, host
}

// ungated wants a neuron of the circuit to be multiplied by 1.
func (s *splitter) ungated(i, j int, l *network.Layer) {
	if len(l.Up.Columns) == 0 {
		return
	}
	for _, w := range l.Up.Columns[j] {
		s.found(s.names.up(i, w.Row, j), w.W, gatesCircuit)
	}
	if b := l.Up.BiasOf(j); b != 1 {
		s.found(s.names.upBias(i, j), b, gatesCircuit)
	}
}

// reader is a matrix of the circuit that reads the stream.
func (s *splitter) reader(l network.Linear, name func(row, col int) place) network.Linear {
	out := network.Linear{Columns: make([][]network.Weight, len(l.Columns)), Bias: l.Bias}
	for j, ws := range l.Columns {
		for _, w := range ws {
			if s.at[w.Row] < 0 {
				s.found(name(w.Row, j), w.W, readsHost)
				continue
			}
			out.Columns[j] = append(out.Columns[j], network.Weight{Row: s.at[w.Row], W: w.W})
		}
	}
	return out
}

// writer is a matrix of the circuit that writes to the stream.
func (s *splitter) writer(l network.Linear, name func(row, col int) place) network.Linear {
	out := network.Linear{Columns: make([][]network.Weight, len(s.columns))}
	for c, ws := range l.Columns {
		if s.at[c] < 0 {
			for _, w := range ws {
				s.found(name(w.Row, c), w.W, writesHost)
			}
			continue
		}
		out.Columns[s.at[c]] = append([]network.Weight(nil), ws...)
	}
	return out
}

// outside wants a matrix of the host to write to no column of the circuit.
func (s *splitter) outside(l network.Linear, name func(row, col int) place) {
	for _, c := range s.columns {
		for _, w := range l.Columns[c] {
			s.found(name(w.Row, c), w.W, writesCircuit)
		}
	}
}
