package transformerlens

import (
	"fmt"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/tensor"
)

// state gathers the state dict.
type state struct {
	cfg cfg
	*tensor.List
}

// stateDict returns the tensors under the names that a HookedTransformer has
// for them. A bias that the decoder does not have is 0.
func stateDict(m *decoder.Model, c cfg) ([]tensor.Named, error) {
	s := state{c, tensor.NewList(tensor.Float32)}
	s.matrix("embed.W_E", c.Vocab, c.DModel, m.Embed)
	s.matrix("pos_embed.W_pos", c.Positions, c.DModel, m.Position)
	for i := range c.Layers {
		var l decoder.Layer // of zeros, where the decoder has none
		if i < len(m.Layers) {
			l = m.Layers[i]
		}
		s.attention(fmt.Sprintf("blocks.%d.attn.", i), l.Heads)
		s.neurons(fmt.Sprintf("blocks.%d.mlp.", i), l)
	}
	s.matrix("unembed.W_U", c.DModel, c.Outputs, m.Unembed)
	s.zeros("unembed.b_U", c.Outputs)
	return s.Tensors()
}

// attention adds the heads of a layer.
func (s state) attention(name string, heads []decoder.Head) {
	c := s.cfg
	q, k, v, o := make([]decoder.Matrix, len(heads)), make([]decoder.Matrix, len(heads)), make([]decoder.Matrix, len(heads)), make([]decoder.Matrix, len(heads))
	for i, h := range heads {
		q[i], k[i], v[i], o[i] = h.Q, h.K, h.V, h.O
	}
	s.stack(name+"W_Q", c.DModel, c.DHead, attnScale, q)
	s.stack(name+"W_K", c.DModel, c.DHead, 1, k)
	s.stack(name+"W_V", c.DModel, c.DHead, 1, v)
	s.stack(name+"W_O", c.DHead, c.DModel, 1, o)
	for _, bias := range []string{"b_Q", "b_K", "b_V"} {
		s.zeros(name+bias, c.Heads, c.DHead)
	}
	s.zeros(name+"b_O", c.DModel)
}

// neurons adds the MLP of a layer.
func (s state) neurons(name string, l decoder.Layer) {
	c := s.cfg
	s.matrix(name+"W_in", c.DModel, c.DMLP, l.In)
	s.zeros(name+"b_in", c.DMLP)
	s.matrix(name+"W_out", c.DMLP, c.DModel, l.Out)
	s.Vector(name+"b_out", c.DModel, tensor.Block{M: l.OutBias})
}

// matrix adds a matrix, which zeros fill up to the size.
func (s state) matrix(name string, rows, cols int, m decoder.Matrix) {
	s.Matrix(name, rows, cols, tensor.Block{M: m})
}

// stack adds a tensor of one matrix for each head.
func (s state) stack(name string, rows, cols int, scale float64, heads []decoder.Matrix) {
	blocks := make([]tensor.Block, len(heads))
	for h, m := range heads {
		blocks[h] = tensor.Block{M: m, Row: h * rows, Scale: scale}
	}
	s.Stack(name, s.cfg.Heads, rows, cols, blocks...)
}

// zeros adds a tensor of zeros.
func (s state) zeros(name string, shape ...int) { s.Constant(name, 0, shape...) }
