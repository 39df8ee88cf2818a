package hfrun

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/hfrun/ggfile"
	"github.com/raspc/raspc/verify/hfrun/stfile"
	"github.com/raspc/raspc/verify/network"
)

// GGUFFile is the file of an export that llama.cpp reads.
const GGUFFile = "gguf/model.gguf"

// GGUF is a model as llama.cpp runs it in float32, with what its file says of ids.
// Its outputs are those of the file's own order, and behind them, where they are
// labels, the logits of all other tokens.
type GGUF struct {
	*Model
	Kind      string // of the outputs: GGUFLabel, GGUFNumber or GGUFToken
	Outputs   []int  // token id of each output
	Others    []int  // ids of the logits behind them
	Tokenizer *GGUFTokenizer
}

// What outputs are, as raspc.output says.
const (
	GGUFLabel  = "label"  // the largest logit is that of the program's output
	GGUFNumber = "number" // the one logit is the number itself
	GGUFToken  = "token"  // the largest logit is that of the token that follows
)

// GGUFTokenizer is how text becomes token ids; nil where there are only ids.
type GGUFTokenizer struct {
	Model                  string
	Texts                  []string // of each id
	Types                  []int32
	Scores                 []float32
	BOS, EOS, PAD, Unknown int
	AddBOS, AddEOS         bool
	AddSpace, MergeSpaces  bool
}

// OpenGGUF reads GGUFFile in the export folder dir.
func OpenGGUF(dir string) (*GGUF, error) {
	path := filepath.Join(dir, filepath.FromSlash(GGUFFile))
	f, err := ggfile.Open(path)
	if err != nil {
		return nil, err
	}
	g, err := loadGGUF(f)
	return g, fault.In(path, unnamed(err))
}

// ParseGGUF is OpenGGUF on the content of a file, which must not change afterwards.
func ParseGGUF(data []byte) (*GGUF, error) {
	f, err := ggfile.Parse(data)
	if err != nil {
		return nil, err
	}
	g, err := loadGGUF(f)
	return g, unnamed(err)
}

// singles is a file of float32 tensors alone.
type singles struct{ *ggfile.File }

// Has reports whether a type is float32.
func (f singles) Has(t stfile.Type) bool { return t == stfile.F32 }

// Values returns the elements of a tensor, which are float32.
func (f singles) Values(name string, as stfile.Type, shape ...int) ([]float32, error) {
	if !f.Has(as) {
		return nil, fault.New(fault.WrongType, "tensor %q holds %s, not %s", name, stfile.F32, as)
	}
	return f.Float32s(name, shape...)
}

// unnamed leaves out the name of the only file.
func unnamed(err error) error {
	if f, ok := err.(*fault.FileError); ok {
		return f.Err
	}
	return err
}

// loadGGUF builds the model that a file describes.
func loadGGUF(f *ggfile.File) (*GGUF, error) {
	s := &keys{file: f, read: map[string]bool{}}
	arch := s.text("general.architecture")
	if s.err == nil && arch != "gpt2" {
		s.fail(fault.Setting, "the architecture %q is not gpt2, which can be run here", arch)
	}
	g := &GGUF{Model: &Model{arch: arch, weights: GGUFFile}}
	g.Tokenizer, g.sizes.vocab = s.tokenizer()
	n := &gpt2{d: s.size("gpt2.embedding_length", 1), act: network.GELU}
	layers, inner, heads := s.size("gpt2.block_count", 1), s.size("gpt2.feed_forward_length", 1), s.size("gpt2.attention.head_count", 1)
	n.attention = attention{heads: heads, causal: s.flag("gpt2.attention.causal")}
	eps := float64(s.float("gpt2.attention.layer_norm_epsilon"))
	g.sizes.positions = s.size("gpt2.context_length", 1)
	g.Kind = s.text("raspc.output")
	if s.err == nil && !slices.Contains([]string{GGUFLabel, GGUFNumber, GGUFToken}, g.Kind) {
		s.fail(fault.Setting, "raspc.output is %q, which is unknown", g.Kind)
	}
	g.readOutputs(s.text("raspc.outputs"), s)
	if s.err == nil && n.d%heads != 0 {
		s.fail(fault.Setting, "gpt2.embedding_length %d is not a multiple of gpt2.attention.head_count %d", n.d, heads)
	}
	if s.err == nil && !(eps > 0) {
		s.fail(fault.Setting, "gpt2.attention.layer_norm_epsilon is %g", eps)
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	n.attention.size = n.d / heads
	w := &weights{all: allIn(GGUFFile, singles{f}), used: map[string]bool{}}
	n.loadGGUF(w, g, layers, inner, eps)
	g.sizes.outputs = len(g.Outputs) + len(g.Others)
	g.net = n
	return g, w.finish()
}

// readOutputs reads the ids of the outputs.
func (g *GGUF) readOutputs(text string, s *keys) {
	if s.err != nil {
		return
	}
	if most := g.sizes.vocab; strings.Count(text, ",") >= most {
		s.fail(fault.Disagreeing, "raspc.outputs has more outputs than there are tokens, which are %d", most)
		return
	}
	seen := map[int]bool{}
	for t := range strings.SplitSeq(text, ",") {
		id, err := strconv.Atoi(t)
		if err != nil || id < 0 || id >= g.sizes.vocab || seen[id] {
			s.fail(fault.Setting, "raspc.outputs has %q, which is no token id, or twice", t)
			return
		}
		seen[id] = true
		g.Outputs = append(g.Outputs, id)
	}
	if g.Kind == GGUFNumber {
		return
	}
	for id := range g.sizes.vocab {
		if !seen[id] {
			g.Others = append(g.Others, id)
		}
	}
}

// loadGGUF takes the weights.
func (n *gpt2) loadGGUF(w *weights, g *GGUF, layers, inner int, eps float64) {
	n.tokens, n.positions = w.tensor("token_embd.weight", g.sizes.vocab, n.d), w.tensor("position_embd.weight", g.sizes.positions, n.d)
	n.final = w.norm("output_norm", n.d, eps)
	for i := 0; i < layers && w.err == nil; i++ {
		name := fmt.Sprintf("blk.%d.", i)
		n.layers = append(n.layers, gpt2Layer{
			norm1: w.norm(name+"attn_norm", n.d, eps),
			qkv:   w.linear(name+"attn_qkv", n.d, 3*n.d),
			proj:  w.linear(name+"attn_output", n.d, n.d),
			norm2: w.norm(name+"ffn_norm", n.d, eps),
			in:    w.linear(name+"ffn_up", n.d, inner),
			out:   w.linear(name+"ffn_down", inner, n.d),
		})
	}
	all := w.tensor("output.weight", g.sizes.vocab, n.d)
	if w.err != nil {
		return
	}
	var rows []float64 // of the outputs, in their order
	for _, id := range slices.Concat(g.Outputs, g.Others) {
		rows = append(rows, all[id*n.d:(id+1)*n.d]...)
	}
	outputs := len(g.Outputs) + len(g.Others)
	n.head = newLinear(n.d, outputs, transpose(rows, outputs, n.d), make([]float64, outputs))
}
