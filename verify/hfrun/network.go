package hfrun

import (
	"errors"
	"fmt"
	"slices"

	"github.com/raspc/raspc/verify/network"
)

// Network returns the model's weights in the order in which they act. It is an
// error if the model computes more than a network holds that can be evaluated.
func (m *Model) Network(bos int) (*network.Network, error) {
	n, err := m.Gated(bos)
	if err != nil {
		return nil, err
	}
	for i := range n.Layers {
		if len(n.Layers[i].Up.Columns) > 0 {
			return nil, m.beyond(errGated)
		}
	}
	return n, nil
}

// Gated is Network, with layers whose neurons are multiplied by what is not 1.
func (m *Model) Gated(bos int) (*network.Network, error) {
	n, err := m.net.network(m.sizes)
	if err != nil {
		return nil, m.beyond(err)
	}
	n.BOS = bos
	return n, nil
}

// beyond says that a model computes more than a network holds.
func (m *Model) beyond(err error) error {
	return fmt.Errorf("the %s computes more than is understood: %w", m.arch, err)
}

// What architectures can do beyond a network.
var (
	errScaled = errors.New("what stands for its norms scales columns")
	errTyped  = errors.New("its token type is not 0")
	errTurned = errors.New("its positions turn queries and keys")
	errGated  = errors.New("its neurons are multiplied by what is not 1")
)

// norms collects norms of networks. The first error stays.
type norms struct{ err error }

func (ns *norms) plain(n norm) *network.Norm {
	plain, err := n.plain()
	if ns.err == nil {
		ns.err = err
	}
	return plain
}

// network implements architecture.
func (g *gpt2) network(s sizes) (*network.Network, error) {
	var ns norms
	n := &network.Network{
		Type: g.Type, Width: g.d, Causal: g.attention.causal, Tokens: split(g.tokens, s.vocab, g.d), Positions: split(g.positions, s.positions, g.d),
		Final: ns.plain(g.final), Unembed: g.head.plain(),
	}
	for _, l := range g.layers {
		qkv := l.qkv.plain()
		n.Layers = append(n.Layers, network.Layer{
			AttnNorm: ns.plain(l.norm1),
			Heads:    g.attention.plain(qkv.Outputs(0, g.d), qkv.Outputs(g.d, 2*g.d), qkv.Outputs(2*g.d, 3*g.d), l.proj),
			AttnBias: l.proj.bias,
			MLPNorm:  ns.plain(l.norm2), In: l.in.plain(), Out: l.out.plain(), Act: g.act,
		})
	}
	return n, ns.err
}

// network implements architecture.
func (b *bert) network(s sizes) (*network.Network, error) {
	var ns norms
	n := &network.Network{
		Type: b.Type, Width: b.d, Tokens: split(b.tokens, s.vocab, b.d), Positions: split(b.positions, s.positions, b.d),
		TokenType: b.tokenType[:b.d], EmbedNorm: ns.plain(b.embedNorm), Unembed: b.classifier.plain(),
	}
	if b.typesLast && !allZero(n.TokenType) {
		return nil, errTyped // a network adds it in front
	}
	for _, l := range b.layers {
		n.Layers = append(n.Layers, network.Layer{
			Heads:    b.attention.plain(l.query.plain(), l.key.plain(), l.value.plain(), l.proj),
			AttnBias: l.proj.bias, Between: ns.plain(l.norm1),
			In: l.in.plain(), Out: l.out.plain(), After: ns.plain(l.norm2),
		})
	}
	return n, ns.err
}

// stillAngle bounds the angles by which queries and keys may be turned in a
// network that holds none: what a float32 loses beside its largest element.
const stillAngle = 1.0 / (1 << 62)

// mostPositions bounds the positions of a network, where no tensor does.
const mostPositions = 1 << 16

// network implements architecture.
func (l *llama) network(s sizes) (*network.Network, error) {
	var ns norms
	positions := min(s.positions, mostPositions)
	turn := l.rotary.angle(positions)
	if turn > stillAngle {
		return nil, errTurned
	}
	n := &network.Network{
		Type: l.Type, Width: l.d, Causal: true, Tokens: split(l.tokens, s.vocab, l.d), Positions: slices.Repeat([][]float64{make([]float64, l.d)}, positions),
		Final: ns.plain(l.final), Unembed: l.head.plain(),
	}
	for _, b := range l.layers {
		heads := l.attention.plain(b.query.plain(), b.key.plain(), b.value.plain(), b.proj)
		for h := range heads {
			heads[h].Turn = turn
		}
		n.Layers = append(n.Layers, network.Layer{
			AttnNorm: ns.plain(b.norm1), Heads: heads,
			MLPNorm: ns.plain(b.norm2), In: b.gate.plain(), Out: b.down.plain(), Up: b.up.unlessOne(),
		})
	}
	return n, ns.err
}

// unlessOne is plain, without columns for a layer that gives 1 whatever it reads.
func (l linear) unlessOne() network.Linear {
	plain := l.plain()
	for j, ws := range plain.Columns {
		if len(ws) > 0 || l.bias[j] != 1 {
			return plain
		}
	}
	return network.Linear{}
}

// plain returns the heads' weights.
func (a attention) plain(q, k, v network.Linear, proj linear) []network.Head {
	o := proj.plain()
	o.Bias = nil
	heads := make([]network.Head, a.heads)
	for h := range heads {
		lo, hi := h*a.size, (h+1)*a.size
		heads[h] = network.Head{
			Q: q.Outputs(lo, hi), K: k.Outputs(lo, hi), V: v.Outputs(lo, hi), O: o.Inputs(lo, hi),
			Scale: a.scale(),
		}
	}
	return heads
}

// plain returns the weights that are not 0.
func (l linear) plain() network.Linear {
	if l.dense != nil {
		return network.LinearOf(l.dense, l.out, l.bias)
	}
	out := network.Linear{Columns: make([][]network.Weight, l.out), Bias: l.bias}
	for row, ts := range l.terms {
		for _, t := range ts {
			out.Columns[t.col] = append(out.Columns[t.col], network.Weight{Row: row, W: t.w})
		}
	}
	return out
}

// split returns the rows of a table.
func split(data []float64, rows, d int) [][]float64 {
	out := make([][]float64, rows)
	for i := range out {
		out[i] = data[i*d : (i+1)*d]
	}
	return out
}
