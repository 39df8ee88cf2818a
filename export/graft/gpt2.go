package graft

import (
	"fmt"
	"math"
	"slices"
)

// gpt2 adds the tensors of a GPT-2. Its own layers (Conv1D) keep a weight as [in, out].
//
// What writes to the stream begins with a smaller deviation in a deeper model, as
// transformers has it. A norm would give the sum of the two tables a variance of 1.
func (p *parts) gpt2() {
	half := math.Sqrt(0.5)
	p.table("transformer.wte.weight", p.sizes.Vocab, p.tokens(), half)
	p.table("transformer.wpe.weight", p.sizes.Positions, moved(p.circuit.Position, same, at(p.place.Columns), 1), half)
	for i := range p.sizes.Layers {
		p.gpt2Layer(fmt.Sprintf("transformer.h.%d.", i), i)
	}
	p.layerNorm("transformer.ln_f")
	p.head("lm_head", "classifier")
}

// gpt2Layer adds one block.
func (p *parts) gpt2Layer(name string, i int) {
	d, size, layer := p.sizes.DModel, p.sizes.DHead, p.circuitLayer(i)
	slots, cols := p.slots(i), at(p.place.Columns)
	deep := initial / math.Sqrt(2*float64(p.sizes.Layers))

	in := &weight{name: name + "attn.c_attn.weight", rows: d, cols: 3 * d, rowsOf: stream, colsOf: qkv, layer: i}
	out := &weight{name: name + "attn.c_proj.weight", rows: d, cols: d, rowsOf: heads, colsOf: stream, layer: i, rowsFrozen: flags(d, p.dims(slots, 0)), colsFrozen: p.stream()}
	for h, s := range slots {
		head, to := layer.Heads[h], s*size
		in.circuit = slices.Concat(in.circuit,
			moved(head.Q, cols, from(to), math.Sqrt(float64(size))),
			moved(head.K, cols, from(d+to), 1),
			moved(head.V, cols, from(2*d+to), 1))
		out.circuit = append(out.circuit, moved(head.O, from(to), cols, 1)...)
	}
	in.colsFrozen = flags(3*d, slices.Concat(p.dims(slots, 0), p.dims(slots, d), p.dims(slots, 2*d)))
	p.layerNorm(name + "ln_1")
	p.add(in, reader, initial)
	p.vector(name+"attn.c_attn.bias", 3*d, qkv, i, in.colsFrozen, nil, inside)
	p.add(out, writer, deep)
	p.vector(name+"attn.c_proj.bias", d, stream, i, p.stream(), nil, writer)

	own := p.neurons(i)
	mine, closed := p.taken(i)
	p.layerNorm(name + "ln_2")
	p.add(&weight{
		name: name + "mlp.c_fc.weight", rows: d, cols: p.sizes.DMLP, rowsOf: stream, colsOf: neurons, layer: i, colsFrozen: mine,
		circuit: moved(layer.In, cols, at(own), 1),
	}, reader, initial)
	p.vector(name+"mlp.c_fc.bias", p.sizes.DMLP, neurons, i, mine, nil, inside)
	p.add(&weight{
		name: name + "mlp.c_proj.weight", rows: p.sizes.DMLP, cols: d, rowsOf: neurons, colsOf: stream, layer: i, rowsFrozen: mine, colsFrozen: p.stream(),
		circuit: moved(layer.Out, at(own), cols, 1),
	}, writer, deep)
	p.vector(name+"mlp.c_proj.bias", d, stream, i, closed, moved(layer.OutBias, same, cols, 1), writer)
}

// layerNorm adds a norm that changes nothing.
func (p *parts) layerNorm(name string) {
	p.norm(name+".weight", p.gain)
	p.norm(name+".bias", 0)
}
