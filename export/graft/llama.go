package graft

import (
	"fmt"
	"math"

	"github.com/raspc/raspc/backend/decoder"
)

// llama adds the tensors of a Llama. All its layers are torch Linear layers, which keep a
// weight as [out, in].
func (p *parts) llama() {
	p.table("model.embed_tokens.weight", p.sizes.Vocab, p.tokens(), 1)
	for i := range p.sizes.Layers {
		p.llamaLayer(fmt.Sprintf("model.layers.%d.", i), i)
	}
	p.norm("model.norm.weight", p.gain)
	p.head("lm_head", "score")
}

// llamaLayer adds one block. The circuit's neurons are multiplied by 1.
func (p *parts) llamaLayer(name string, i int) {
	d, size, layer := p.sizes.DModel, p.sizes.DHead, p.circuitLayer(i)
	slots, cols, all := p.slots(i), at(p.place.Columns), p.sizes.Heads*p.sizes.DHead
	mine := flags(all, p.dims(slots, 0))
	entries := func(of func(decoder.Head) decoder.Matrix, scale float64) (moves []decoder.Entry) {
		for h, s := range slots {
			moves = append(moves, transposed(moved(of(layer.Heads[h]), cols, from(s*size), scale))...)
		}
		return moves
	}
	p.norm(name+"input_layernorm.weight", p.gain)
	for _, in := range []struct {
		name  string
		of    func(decoder.Head) decoder.Matrix
		scale float64
	}{
		{"q_proj", func(h decoder.Head) decoder.Matrix { return h.Q }, math.Sqrt(float64(size))},
		{"k_proj", func(h decoder.Head) decoder.Matrix { return h.K }, 1},
		{"v_proj", func(h decoder.Head) decoder.Matrix { return h.V }, 1},
	} {
		p.add(&weight{name: name + "self_attn." + in.name + ".weight", rows: all, cols: d, rowsOf: heads, colsOf: stream, layer: i, rowsFrozen: mine, colsFrozen: p.unread(), circuit: entries(in.of, in.scale)}, reader, initial)
	}
	out := &weight{name: name + "self_attn.o_proj.weight", rows: d, cols: all, rowsOf: stream, colsOf: heads, layer: i, rowsFrozen: p.stream(), colsFrozen: mine}
	for h, s := range slots {
		out.circuit = append(out.circuit, transposed(moved(layer.Heads[h].O, from(s*size), cols, 1))...)
	}
	p.add(out, writer, initial)
	p.norm(name+"post_attention_layernorm.weight", p.gain)
	p.llamaMLP(name+"mlp.", i)
}

// llamaMLP adds the neurons of a block.
func (p *parts) llamaMLP(name string, i int) {
	d, n, cols := p.sizes.DModel, p.sizes.DMLP, at(p.place.Columns)
	layer, own := p.circuitLayer(i), p.neurons(i)
	mine, closed := p.taken(i)
	var ones []decoder.Entry
	for _, k := range own {
		ones = append(ones, decoder.Entry{Col: k, W: 1})
	}
	p.add(&weight{name: name + "gate_proj.weight", rows: n, cols: d, rowsOf: neurons, colsOf: stream, layer: i, rowsFrozen: mine, colsFrozen: p.unread(), circuit: transposed(moved(layer.In, cols, at(own), 1))}, reader, initial)
	p.vector(name+"gate_proj.bias", n, neurons, i, mine, nil, inside)
	p.add(&weight{name: name + "up_proj.weight", rows: n, cols: d, rowsOf: neurons, colsOf: stream, layer: i, rowsFrozen: mine, colsFrozen: p.unread()}, reader, initial)
	p.vector(name+"up_proj.bias", n, neurons, i, mine, ones, inside)
	p.add(&weight{
		name: name + "down_proj.weight", rows: d, cols: n, rowsOf: stream, colsOf: neurons, layer: i, rowsFrozen: p.stream(), colsFrozen: mine,
		circuit: transposed(moved(layer.Out, at(own), cols, 1)),
	}, writer, initial)
	p.vector(name+"down_proj.bias", d, stream, i, closed, moved(layer.OutBias, same, cols, 1), writer)
}
