package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"github.com/raspc/raspc"
	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// Row is a program in Parquet. All columns have the same type in each dataset: a value of
// RASP, whatever it is, stands as its JSON text.
type Row struct {
	ID     string `parquet:"id"`
	Index  int64  `parquet:"index"`
	Base   int64  `parquet:"base"` // the index of what it is a copy of, with one change; else its own
	Name   string `parquet:"name"`
	Source string `parquet:"source"`
	Graph  string `parquet:"graph"` // as package sop dumps it

	MaxLen    int32    `parquet:"max_len"`
	Causal    bool     `parquet:"causal"`    // as the program says
	Attention string   `parquet:"attention"` // of the model: causal where all selectors look back, too; else full
	Vocab     []string `parquet:"vocab,list"`
	Output    string   `parquet:"output"`      // name of the s-op
	Kind      string   `parquet:"output_kind"` // manifest.Categorical or Numeric
	Labels    []string `parquet:"labels,list"`

	Layers    int32 `parquet:"layers"`
	Heads     int32 `parquet:"heads"`
	DModel    int32 `parquet:"d_model"`
	DHead     int32 `parquet:"d_head"`
	DMLP      int32 `parquet:"d_mlp"`
	Params    int64 `parquet:"params"`
	NonZero   int64 `parquet:"nonzero"`
	Operators int32 `parquet:"operators"` // nodes of the graph that read others

	Verdict      string `parquet:"verdict"`
	InputsTried  int64  `parquet:"inputs_tried"`
	ExhaustiveTo int32  `parquet:"exhaustive_to"`

	Samples  []Sample `parquet:"samples,list"`
	Manifest string   `parquet:"manifest"` // JSON, as in raspc.json
	Config   string   `parquet:"config"`   // JSON, as in TransformerLens's config.json

	Weights   string        `parquet:"weights"` // name of the file, beside this one
	Tensors   []TensorShape `parquet:"tensors,list"`
	Behaviour string        `parquet:"behaviour"`
	GraphHash string        `parquet:"graph_hash"`
}

// Sample is an input and the program's output, each value as JSON.
type Sample struct {
	Input  []string `parquet:"input,list"`
	Output []string `parquet:"output,list"`
}

// TensorShape is a tensor of a state dict.
type TensorShape struct {
	Name  string  `parquet:"name"`
	Shape []int32 `parquet:"shape,list"`
}

// row describes a model. Its weights are placed later.
func (o Options) row(p Program, resolved *resolve.Program, l *raspc.Lens, v verdict, r *Record) (*Row, error) {
	man, graph := l.Manifest(), resolved.Graph
	var text bytes.Buffer
	if err := man.Encode(&text); err != nil {
		return nil, err
	}
	tensors, err := shapesOf(l.Weights)
	if err != nil {
		return nil, err
	}
	m := man.Model
	row := &Row{
		ID: r.ID(), Index: int64(p.Index), Base: int64(p.Base), Name: p.Name, Source: p.Text, Graph: sop.Dump(graph, resolved.Output.ID),
		MaxLen: int32(man.Options.MaxLen), Causal: man.Options.Causal, Attention: m.Attention, Output: man.Options.Output, Kind: man.Output.Kind,
		Layers: int32(m.Layers), Heads: int32(m.Heads), DModel: int32(m.DModel), DHead: int32(m.DHead), DMLP: int32(m.DMLP),
		Params: m.Params, NonZero: m.NonZero, Operators: operators(graph, resolved.Output.ID),
		Verdict: v.word, InputsTried: int64(v.inputs), ExhaustiveTo: int32(v.exhaustiveTo),
		Manifest: text.String(), Config: string(l.Config), Tensors: tensors,
		Behaviour: r.Behaviour.String(), GraphHash: r.Graph.String(),
	}
	vocab, err := valuesOf(man.Options.Vocab)
	if err != nil {
		return nil, err
	}
	if row.Vocab, err = texts(vocab); err != nil {
		return nil, err
	}
	labels, err := valuesOf(man.Output.Labels)
	if err != nil {
		return nil, err
	}
	if row.Labels, err = texts(labels); err != nil {
		return nil, err
	}
	row.Samples, err = o.samples(resolved, r, labels)
	return row, err
}

func operators(g *sop.Graph, output sop.ID) int32 {
	n := int32(0)
	for _, id := range g.Reachable(output) {
		if len(g.Node(id).Args) > 0 {
			n++
		}
	}
	return n
}

func valuesOf(of []manifest.Atom) ([]value.Value, error) {
	values := make([]value.Value, len(of))
	for i, a := range of {
		v, err := a.Value()
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

// texts are the JSON texts of values.
func texts(of []value.Value) ([]string, error) {
	out := make([]string, len(of))
	for i, v := range of {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		out[i] = string(text)
	}
	return out, nil
}

// samples runs the program on random inputs, which its behaviour and its domain choose, each of them once.
// Inputs on which it is undefined, or for which it is not meant, are left out, so that there may be
// fewer. Outputs are spelled as labels are: where 1 is one, True is written so, too.
func (o Options) samples(p *resolve.Program, r *Record, labels []value.Value) ([]Sample, error) {
	const tries = 8 // for each
	s := p.Settings
	vocab, accept := s.Alphabet(), s.Accept()
	eval := interp.New(p.Graph, s.Causal.Value, p.Output.ID)
	rng := rand.New(rand.NewPCG(seedOf(r.Behaviour[:])))
	all, seen := []Sample{}, map[string]bool{}
	for range o.Samples * tries {
		if len(all) == o.Samples {
			break
		}
		in := make([]value.Value, 1+rng.IntN(s.MaxLen.Value))
		for i := range in {
			in[i] = vocab[rng.IntN(len(vocab))]
		}
		input, err := texts(in)
		if err != nil {
			return nil, err
		}
		key := fmt.Sprint(input)
		if seen[key] || accept != nil && !accept(in) {
			continue
		}
		seen[key] = true
		result, err := eval.Run(in)
		if err != nil {
			continue
		}
		output, err := texts(asLabels(result.Sequence(p.Output.ID), labels))
		if err != nil {
			return nil, err
		}
		all = append(all, Sample{input, output})
	}
	return all, nil
}

// asLabels are values, or the labels that are equal to them.
func asLabels(of, labels []value.Value) []value.Value {
	out := slices.Clone(of)
	for i, v := range of {
		if k := slices.IndexFunc(labels, func(l value.Value) bool { return value.Equal(l, v) }); k >= 0 {
			out[i] = labels[k]
		}
	}
	return out
}

// seedOf makes two seeds of bytes.
func seedOf(b []byte) (uint64, uint64) {
	h := fnv.New128a()
	h.Write(b)
	sum := h.Sum(nil)
	return be64(sum), be64(sum[8:])
}
