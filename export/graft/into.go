package graft

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/raspc/raspc/backend/decoder"
	"github.com/raspc/raspc/export/artifact"
	"github.com/raspc/raspc/export/hf"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/export/safetensors"
)

// Old is a model of a folder, which is to take a circuit.
type Old struct {
	Arch   string // of Architectures
	Config []byte // config.json, which describes a model of the architecture
	// Tensor returns the elements of a tensor of the given shape, row by row.
	Tensor func(name string, shape ...int) ([]float32, error)
	// Files are those that stay as they are.
	Files []artifact.File
	// Next says that it is a language model.
	Next bool
}

// IntoOptions say where a circuit goes in a model that there is.
type IntoOptions struct {
	At        int    // layer of the model that the circuit's first layer is in
	Seed      uint64 // of weights that are new, and not the circuit's
	IDs       []int  // the model's ids of the circuit's token ids
	Replace   []Slot // parts of the model that make room
	ShardSize int64  // as in hf.Options
}

// Into adds a decoder to a model: columns, heads and neurons behind those that there
// are, or in the slots that are replaced. What the model gives stays the same, but for what
// is replaced. The error is ErrHost where the model cannot take it.
func Into(m *decoder.Model, man *manifest.Manifest, old Old, o IntoOptions) (*Graft, error) {
	c, err := newCircuit(m, old.Arch)
	if err != nil {
		return nil, err
	}
	g := &grown{old: old}
	if err := g.read(); err != nil {
		return nil, err
	}
	place, sizes, err := g.place(c, o)
	if err != nil {
		return nil, err
	}
	place.Tokens = o.IDs
	p := newParts(c.model, place, sizes, Epsilon, old.Next)
	g.parts, g.normed = p, place.Normed
	p.fill = func(w *weight, k kind, sigma float64) filling {
		return kept{grown: g, kind: k, noise: noise{seed: o.Seed, sigma: sigma}}
	}
	p.build(old.Arch)
	if err := g.check(p.all); err != nil {
		return nil, err
	}
	config, err := g.config(sizes)
	if err != nil {
		return nil, err
	}
	out := &Graft{Place: place, Sizes: sizes, Next: old.Next, Host: place.Manifest(old.Arch, sizes, m.Config.BOS, m.Config.PAD)}
	if out.Before, err = g.without(p.all); err != nil {
		return nil, err
	}
	return out, out.files(p.all, man, old.Arch, o.ShardSize, append(slices.Clone(old.Files), config))
}

// grown is a model that has become larger.
type grown struct {
	old     Old
	sizes   decoder.Config // that it had
	eps     float64        // likewise
	replace map[int]replaced
	parts   *parts // of what it becomes
	normed  bool
}

// keys are what architectures call the sizes in their configurations.
type keys struct{ columns, layers, heads, keyHeads, size, inner, positions, eps string }

func keysOf(arch string) keys {
	if arch == hf.Llama {
		return keys{"hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "intermediate_size", "max_position_embeddings", "rms_norm_eps"}
	}
	return keys{"n_embd", "n_layer", "n_head", "", "", "n_inner", "n_positions", "layer_norm_epsilon"}
}

// read reads the sizes from the configuration.
func (g *grown) read() error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(g.old.Config, &all); err != nil {
		return fmt.Errorf("%s: %w", hf.ConfigFile, err)
	}
	k := keysOf(g.old.Arch)
	for key, to := range map[string]any{
		k.columns: &g.sizes.DModel, k.layers: &g.sizes.Layers, k.heads: &g.sizes.Heads, k.size: &g.sizes.DHead, k.inner: &g.sizes.DMLP,
		k.positions: &g.sizes.Positions, k.eps: &g.eps, "vocab_size": &g.sizes.Vocab,
	} {
		if key == "" {
			continue
		}
		if err := json.Unmarshal(all[key], to); err != nil {
			return fmt.Errorf("%s: %s: %w", hf.ConfigFile, key, err)
		}
	}
	if k.size == "" {
		g.sizes.DHead = g.sizes.DModel / g.sizes.Heads
	}
	g.sizes.Outputs = g.sizes.Vocab
	if !g.old.Next {
		var labels map[string]string
		if err := json.Unmarshal(all["id2label"], &labels); err != nil {
			return fmt.Errorf("%s: id2label: %w", hf.ConfigFile, err)
		}
		g.sizes.Outputs = len(labels)
	}
	return nil
}

// config is the configuration with the new sizes.
func (g *grown) config(sizes decoder.Config) (artifact.File, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(g.old.Config, &all); err != nil {
		return artifact.File{}, err
	}
	k := keysOf(g.old.Arch)
	for key, n := range map[string]int{k.columns: sizes.DModel, k.heads: sizes.Heads, k.keyHeads: sizes.Heads, k.inner: sizes.DMLP} {
		all[key] = json.RawMessage(strconv.Itoa(n))
	}
	all[k.eps] = json.RawMessage(strconv.FormatFloat(Epsilon, 'f', 1, 64))
	delete(all, "")
	return artifact.JSON(hf.ConfigFile, all)
}

// place appends the circuit to the model.
func (g *grown) place(c *circuit, o IntoOptions) (*Place, decoder.Config, error) {
	var err error
	if g.replace, err = c.replaced(g.sizes, o); err != nil {
		return nil, g.sizes, err
	}
	if err := c.admits(g.sizes, o.At); err != nil {
		return nil, g.sizes, err
	}
	p := &Place{
		Columns: span(g.sizes.DModel, c.model.Config.DModel), Normed: c.normed, Front: c.front, Unread: slices.Clone(c.unread),
		Layers: span(o.At, len(c.model.Layers)), Whole: make([]bool, len(c.model.Layers)),
	}
	for i, at := range p.Unread {
		p.Unread[i] = g.sizes.DModel + at
	}
	sizes := g.sizes
	for i := range c.model.Layers {
		r := g.replace[o.At+i]
		slots, first := r.heads, g.sizes.DMLP
		if slots == nil {
			slots = span(g.sizes.Heads, c.heads[i])
		}
		if r.mlp {
			first = 0
		}
		p.Heads, p.Neurons, p.Whole[i] = append(p.Heads, slots), append(p.Neurons, span(first, c.neurons[i])), r.mlp
		sizes.Heads, sizes.DMLP = max(sizes.Heads, 1+largest(slots)), max(sizes.DMLP, first+c.neurons[i])
	}
	need := g.sizes.DModel + len(p.Columns)
	if g.old.Arch == hf.Llama {
		sizes.DModel = (need + sizes.Heads - 1) / sizes.Heads * sizes.Heads
	} else {
		sizes.Heads = max(sizes.Heads, (need+sizes.DHead-1)/sizes.DHead)
		sizes.DModel = sizes.Heads * sizes.DHead
	}
	return p, sizes, nil
}

// admits says what is too small in a model that cannot grow there.
func (c *circuit) admits(s decoder.Config, at int) error {
	return least([]need{
		{"the model's number of layers" + begun(at), s.Layers, at + len(c.model.Layers)},
		{"the length of its inputs", s.Positions - 1, c.model.Config.Positions - 1},
		{"the size of its heads", s.DHead, c.headSize()},
	})
}

// check holds the model's tensors to what can be kept: there is one for each, and its norms
// change nothing.
func (g *grown) check(all []*weight) error {
	for _, w := range all {
		old, err := g.tensor(w)
		if err != nil {
			return err
		}
		k, ok := w.host.(kept)
		if !ok || k.kind != norm {
			continue
		}
		want := float32(math.Sqrt(g.eps))
		if w.circuit == nil {
			want = 0 // it is a bias
		}
		if g.eps < leastEpsilon || slices.ContainsFunc(old, func(x float32) bool { return x != want }) {
			return fmt.Errorf("%w: %s is that of a norm that divides rows by their deviation (epsilon %g), behind which no column keeps its value; "+
				"only models whose norms are identities can take a program, as raspc export and raspc graft make them", ErrHost, w.name, g.eps)
		}
	}
	return nil
}

// leastEpsilon is the smallest of norms that change nothing, of exports in float32.
const leastEpsilon = 1 << 40

// tensor reads the tensor that has become w.
func (g *grown) tensor(w *weight) ([]float32, error) {
	rows, cols := g.length(w.rowsOf, w.rows), g.length(w.colsOf, w.cols)
	if w.vector {
		return g.old.Tensor(w.name, cols)
	}
	return g.old.Tensor(w.name, rows, cols)
}

// length is how many rows or columns there were where there are n now.
func (g *grown) length(a axis, n int) int {
	switch a {
	case stream:
		return g.sizes.DModel
	case heads:
		return g.sizes.Heads * g.sizes.DHead
	case qkv:
		return 3 * g.sizes.Heads * g.sizes.DHead
	case neurons:
		return g.sizes.DMLP
	}
	return n
}

// before returns where rows or columns were, -1 for those that are new or replaced.
func (g *grown) before(a axis, layer, n int) []int {
	all := span(0, n)
	had, r := g.length(a, n), g.replace[layer]
	if a == qkv {
		had, n = had/3, n/3
	}
	for i := range all {
		part, at := i/n, i%n
		gone := a == neurons && r.mlp || (a == heads || a == qkv) && slices.Contains(r.heads, at/max(1, g.sizes.DHead))
		if all[i] = part*had + at; at >= had || gone {
			all[i] = -1
		}
	}
	return all
}

// without is the file of the weights that the model had, but for what is replaced, where
// they are 0.
func (g *grown) without(all []*weight) (artifact.File, error) {
	var tensors []safetensors.Tensor
	for _, w := range all {
		tensors = append(tensors, safetensors.Tensor{Name: w.name, Source: values{&weight{
			name: w.name, rows: g.length(w.rowsOf, w.rows), cols: g.length(w.colsOf, w.cols), vector: w.vector, host: was{g, w},
		}}})
	}
	return safetensors.File(hf.WeightsFile, tensors, nil)
}

// was are the weights of a model in what became of them, without what is replaced.
type was struct {
	*grown
	now *weight
}

// start implements filling.
func (b was) start(w *weight) (func(int, []float32), error) {
	old, err := b.tensor(b.now)
	rows, cols := b.places(b.now.rowsOf, b.now.rows), b.places(b.now.colsOf, b.now.cols)
	return func(r int, row []float32) {
		for c := range row {
			if at, to := rows[r], cols[c]; at >= 0 && to >= 0 && !b.dropped(to) {
				row[c] = old[r*w.cols+c]
			}
		}
	}, err
}

// dropped reports whether the biases of an MLP go, of which the circuit has the whole.
func (b was) dropped(col int) bool {
	return b.now.vector && b.now.colsOf == stream && b.now.colsFrozen != nil && b.now.colsFrozen[col]
}

// places returns where rows or columns that there were are now, -1 for those that are gone.
func (b was) places(a axis, n int) []int {
	all := slices.Repeat([]int{-1}, b.length(a, n))
	for i, at := range b.before(a, b.now.layer, n) {
		if at >= 0 {
			all[at] = i
		}
	}
	return all
}
