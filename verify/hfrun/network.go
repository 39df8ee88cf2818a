package hfrun

import (
	"math"

	"github.com/raspc/raspc/verify/network"
)

// Network returns the model's weights in the order in which they act.
func (m *Model) Network(bos int) *network.Network {
	var n *network.Network
	switch net := m.net.(type) {
	case *gpt2:
		n = net.network(m.sizes)
	case *bert:
		n = net.network(m.sizes)
	}
	n.BOS = bos
	return n
}

// network is m's; see there.
func (g *gpt2) network(s sizes) *network.Network {
	n := &network.Network{
		Width: g.d, Causal: true, Tokens: split(g.tokens, s.vocab, g.d), Positions: split(g.positions, s.positions, g.d),
		Final: g.final.plain(), Unembed: g.classifier.plain(),
	}
	for _, l := range g.layers {
		qkv := l.qkv.plain()
		n.Layers = append(n.Layers, network.Layer{
			AttnNorm: l.norm1.plain(),
			Heads:    g.attention.plain(qkv.Outputs(0, g.d), qkv.Outputs(g.d, 2*g.d), qkv.Outputs(2*g.d, 3*g.d), l.proj),
			AttnBias: l.proj.bias,
			MLPNorm:  l.norm2.plain(), In: l.in.plain(), Out: l.out.plain(),
		})
	}
	return n
}

// network is m's; see there.
func (b *bert) network(s sizes) *network.Network {
	n := &network.Network{
		Width: b.d, Tokens: split(b.tokens, s.vocab, b.d), Positions: split(b.positions, s.positions, b.d),
		TokenType: b.tokenType[:b.d], EmbedNorm: b.embedNorm.plain(), Unembed: b.classifier.plain(),
	}
	for _, l := range b.layers {
		n.Layers = append(n.Layers, network.Layer{
			Heads:    b.attention.plain(l.query.plain(), l.key.plain(), l.value.plain(), l.proj),
			AttnBias: l.proj.bias, Between: l.norm1.plain(),
			In: l.in.plain(), Out: l.out.plain(), After: l.norm2.plain(),
		})
	}
	return n
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
			Scale: round(1 / math.Sqrt(float64(a.size))),
		}
	}
	return heads
}

// plain returns a norm.
func (n norm) plain() *network.Norm {
	return &network.Norm{Weight: n.weight, Bias: n.bias, Eps: n.eps}
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
