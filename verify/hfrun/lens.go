package hfrun

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun/stfile"
	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/strictjson"
)

// LensFolder is the folder of an export that TransformerLens reads: ConfigFile,
// whose member cfg is the configuration, and WeightsFile, the state dict.
const LensFolder = "transformerlens"

// Lens is a HookedTransformer, with what its configuration says of ids and
// logits.
type Lens struct {
	*Model
	Tokens   []json.RawMessage // the value of each id, BOS and PAD not among them
	BOS, PAD int
	Labels   []json.RawMessage // the value of each logit; none where the logit is the value
}

// OpenLens reads LensFolder in the export folder dir. It reads nothing outside
// of it, wherever links lead.
func OpenLens(dir string) (*Lens, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	folder, err := root.OpenRoot(LensFolder)
	if err != nil {
		return nil, fault.Under(dir, fault.In(LensFolder, noFolder(err)))
	}
	defer folder.Close()
	l, err := readLens(folder)
	if err != nil {
		return nil, fault.Under(filepath.Join(dir, LensFolder), err)
	}
	return l, nil
}

// noFolder says what is wrong with a folder that cannot be opened.
func noFolder(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Missing, "no such folder")
	}
	return fault.New(fault.OutsideFolder, "not a folder of the export: %w", err)
}

func readLens(folder *os.Root) (*Lens, error) {
	config, err := fault.ReadIn(folder, ConfigFile, maxConfig)
	if err != nil {
		return nil, err
	}
	f, err := stfile.OpenIn(folder, WeightsFile)
	if err != nil {
		return nil, err
	}
	return loadLens(config, single(f))
}

// ParseLens reads the two files of LensFolder from memory, ConfigFile's and WeightsFile's
// content. The Lens keeps weights, which must not change afterwards.
func ParseLens(config, weights []byte) (*Lens, error) {
	f, err := stfile.Parse(weights)
	if err != nil {
		return nil, fault.In(WeightsFile, err)
	}
	return loadLens(config, single(f))
}

// loadLens builds the model that a configuration and tensors describe.
func loadLens(config []byte, all *tensors) (*Lens, error) {
	members, err := strictjson.Object(config)
	if err != nil {
		return nil, fault.In(ConfigFile, err)
	}
	var cfg map[string]json.RawMessage
	l := &Lens{Model: &Model{arch: "HookedTransformer", weights: all.start}}
	s := &settings{file: ConfigFile, members: members, read: map[string]bool{}}
	for key, to := range map[string]any{"cfg": &cfg, "tokens": &l.Tokens, "labels": &l.Labels, "bos": &l.BOS, "pad": &l.PAD} {
		if !s.decode(key, to) {
			s.fail(fault.Missing, "%s is missing", key)
		}
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	s = &settings{file: ConfigFile, members: cfg, read: map[string]bool{}}
	return l, l.load(s, &weights{all: all, used: map[string]bool{}})
}

// load reads the configuration and the weights.
func (m *Model) load(s *settings, w *weights) error {
	m.sizes = sizes{vocab: s.size("d_vocab", 1), positions: s.size("n_ctx", 1), outputs: s.size("d_vocab_out", 1)}
	h := &hooked{d: s.size("d_model", 1)}
	layers, inner := s.size("n_layers", 1), s.size("d_mlp", 1)
	h.attention = attention{heads: s.size("n_heads", 1), size: s.size("d_head", 1)}
	h.attention.divisor = s.positive("attn_scale")
	if half, _ := math.Frexp(h.attention.divisor); half != 0.5 {
		s.fail(fault.Setting, "attn_scale is %g, not a power of two", h.attention.divisor)
	}
	s.text("act_fn", "relu")
	s.text("positional_embedding_type", "standard")
	s.text("attention_dir", "causal", "bidirectional")
	h.attention.causal = string(s.members["attention_dir"]) == `"causal"`
	if _, ok := s.members["normalization_type"]; !ok {
		s.fail(fault.Missing, "normalization_type is missing, which asks for layer norms")
	}
	s.optional("normalization_type", "null")
	s.harmless("seed", "device", "init_weights", "model_name")
	if err := s.finish(); err != nil {
		return err
	}
	h.tokens, h.positions = w.tensor("embed.W_E", m.sizes.vocab, h.d), w.tensor("pos_embed.W_pos", m.sizes.positions, h.d)
	for i := 0; i < layers && w.err == nil; i++ {
		h.layers = append(h.layers, h.loadLayer(w, fmt.Sprintf("blocks.%d.", i), inner))
	}
	h.unembed = newLinear(h.d, m.sizes.outputs, w.tensor("unembed.W_U", h.d, m.sizes.outputs), w.tensor("unembed.b_U", m.sizes.outputs))
	m.net = h
	return w.finish()
}

// hooked is a HookedTransformer without norms: learned positions, blocks of
// attention and MLP, and an unembedding.
type hooked struct {
	arithmetic        // of float32
	d                 int
	tokens, positions []float64 // rows of d
	layers            []hookedLayer
	unembed           linear
	attention         attention
}

// hookedLayer is one block; the matrices of all heads stand side by side.
type hookedLayer struct {
	query, key, value, proj linear
	in, out                 linear
}

// causal implements architecture.
func (h *hooked) causal() bool { return h.attention.causal }

// loadLayer takes the weights of one block.
func (h *hooked) loadLayer(w *weights, name string, inner int) hookedLayer {
	attn, mlp := name+"attn.", name+"mlp."
	all := h.attention.heads * h.attention.size
	return hookedLayer{
		query: h.projection(w, attn, "Q"), key: h.projection(w, attn, "K"), value: h.projection(w, attn, "V"),
		proj: newLinear(all, h.d, w.tensor(attn+"W_O", h.attention.heads, h.attention.size, h.d), w.tensor(attn+"b_O", h.d)),
		in:   newLinear(h.d, inner, w.tensor(mlp+"W_in", h.d, inner), w.tensor(mlp+"b_in", inner)),
		out:  newLinear(inner, h.d, w.tensor(mlp+"W_out", inner, h.d), w.tensor(mlp+"b_out", h.d)),
	}
}

// projection takes queries, keys or values, whose weight is stored as
// [head, in, out].
func (h *hooked) projection(w *weights, name, kind string) linear {
	heads, size := h.attention.heads, h.attention.size
	stored := w.tensor(name+"W_"+kind, heads, h.d, size)
	bias := w.tensor(name+"b_"+kind, heads, size)
	if w.err != nil {
		return linear{}
	}
	side := make([]float64, len(stored))
	for head := range heads {
		for row := range h.d {
			copy(side[row*heads*size+head*size:], stored[(head*h.d+row)*size:][:size])
		}
	}
	return newLinear(h.d, heads*size, side, bias)
}

// forward implements architecture.
func (h *hooked) forward(in batch) ([]float64, error) {
	x := make([]float64, 0, len(in.ids)*h.d)
	for t, id := range in.ids {
		at, pos := int(id)*h.d, t%in.n*h.d
		x = append(x, h.tokens[at:at+h.d]...)
		if err := h.add(x[t*h.d:], h.positions[pos:pos+h.d]); err != nil {
			return nil, err
		}
	}
	for i, l := range h.layers {
		if err := h.block(l, in, x); err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
	}
	return h.unembed.apply(x)
}

// block adds a block's two parts to x.
func (h *hooked) block(l hookedLayer, in batch, x []float64) error {
	var parts [3]rows
	for i, p := range []linear{l.query, l.key, l.value} {
		y, err := p.apply(x)
		if err != nil {
			return err
		}
		parts[i] = rows{data: y, stride: p.out}
	}
	mixed, err := h.attention.apply(in, parts[0], parts[1], parts[2])
	if err != nil {
		return err
	}
	attended, err := l.proj.apply(mixed)
	if err != nil {
		return err
	}
	if err := h.add(x, attended); err != nil {
		return err
	}
	out, err := mlp(l.in, l.out, network.ReLU, x)
	if err != nil {
		return err
	}
	return h.add(x, out)
}

// network is the Model's; see there.
func (h *hooked) network(s sizes) (*network.Network, error) {
	n := &network.Network{
		Width: h.d, Causal: h.attention.causal, Unembed: h.unembed.plain(),
		Tokens: split(h.tokens, s.vocab, h.d), Positions: split(h.positions, s.positions, h.d),
	}
	for _, l := range h.layers {
		n.Layers = append(n.Layers, network.Layer{
			Heads:    h.attention.plain(l.query.plain(), l.key.plain(), l.value.plain(), l.proj),
			AttnBias: l.proj.bias, In: l.in.plain(), Out: l.out.plain(),
		})
	}
	return n, nil
}
