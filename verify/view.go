package verify

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/fault"
	"github.com/raspc/raspc/verify/network"
	"github.com/raspc/raspc/verify/sparse"
)

// View is a network beside the program that it should compute, for those who show
// both. No verdict rests on it.
type View struct {
	Manifest *manifest.Manifest
	Program  *resolve.Program
	Network  *network.Network // nil where it is not to be shown
	File     string           // that the network was read from; empty for none
	Others   []value.Value    // tokens with logits behind the outputs\', which never are the largest
	Front    int              // layers of the network in front of those that the manifest speaks of
	Held     []Held

	subject *subject
}

// Held is an s-op of the program and the columns that hold it, as the manifest says.
type Held struct {
	manifest.Variable
	Node    sop.ID  // Raw for the input's tokens, which are no node of the graph
	Scale   float64 // by which numbers were divided where they are held; 1 for the other encodings
	Columns []HeldColumn
}

// Raw is the Node of the input's tokens.
const Raw = raw

// HeldColumn is one column of an s-op. Points are those of sparse.Forward, front
// layers included.
type HeldColumn struct {
	Index    int
	Label    string // the value, or the values, as the manifest spells them
	From, To int    // it holds the s-op from the point From on, until before To
}

// NewView puts a network, if there is one, beside the program of a manifest, which lists
// its columns.
func NewView(man *manifest.Manifest, n *network.Network) (*View, error) {
	s, err := newSubject(man, nil)
	if err != nil {
		return nil, err
	}
	return s.view(opened{net: n})
}

// OpenView reads a network from the first file of a folder that has the wanted format
// and holds one, or from the first of all that does where format is empty.
func OpenView(dir, format string) (*View, error) {
	man, err := manifest.Read(dir)
	if err != nil {
		return nil, err
	}
	s, err := newSubject(man, nil)
	if err != nil {
		return nil, err
	}
	var formats []string
	if format != "" {
		formats = []string{format}
	}
	runners, err := open(dir, man, formats)
	if err != nil {
		return nil, err
	}
	for _, r := range runners {
		if r.net == nil {
			err = fault.In(r.file, fault.Or(fault.Unsupported, r.unknown))
			continue
		}
		return s.view(r)
	}
	return nil, fault.Under(dir, err)
}

func (s *subject) view(f opened) (*View, error) {
	n := f.net
	v := &View{Manifest: s.man, Program: s.resolved, Network: n, File: f.file, Others: f.others, subject: s}
	if n == nil {
		return v, nil
	}
	if len(n.Positions) <= s.maxLen || len(n.Tokens) < len(s.vocab) {
		return nil, fmt.Errorf("the network has %d positions and %d tokens, the program has inputs of up to %d and %d tokens",
			len(n.Positions), len(n.Tokens), s.maxLen, len(s.vocab))
	}
	p := newProbe(s, f)
	seen, err := p.observeAll(context.Background(), some(s.affordable(n, 0)))
	if err != nil {
		return nil, err
	}
	p.fit(seen)
	v.Front = p.front
	for _, x := range p.variables {
		h := Held{Variable: x.Variable, Node: x.id, Scale: x.scale}
		for _, c := range x.columns {
			h.Columns = append(h.Columns, HeldColumn{c.index, c.label, p.point(c.from), p.point(c.to)})
		}
		v.Held = append(v.Held, h)
	}
	return v, nil
}

// point is the inverse of stage, for stages that the manifest speaks of: what stands in
// the embedding stands there behind the front layers.
func (p *probe) point(s stage) int { return int(s) + 2*p.front }

// Vocab returns the tokens that inputs are made of, by token id.
func (v *View) Vocab() []value.Value { return v.subject.vocab }

// MaxLen returns the length of the longest input.
func (v *View) MaxLen() int { return v.subject.maxLen }

// Labels returns the values that the outputs stand for; nil of a numeric output.
func (v *View) Labels() []value.Value { return v.subject.labels }

// Inputs returns the automaton of the inputs that the program is meant for, by token
// id, as pattern.Language.Automaton gives it. It is nil where all are, and where it is too
// large: then complete is false.
func (v *View) Inputs() (next []int32, accepting []bool, complete bool) {
	s := v.subject
	if s.accept == nil || !s.exact {
		return nil, nil, s.accept == nil
	}
	next, accepting = s.inputs.Automaton()
	return next, accepting, true
}

// Example returns an input to begin with: the running example that the program sets if it
// is one, else a short one on which the program is defined; nil if none is found.
func (v *View) Example() []value.Value {
	s := v.subject
	if e := s.example(v.Program.Example); e != nil {
		return e
	}
	const usual, tries = 6, 100
	rng := rand.New(rand.NewPCG(0, 0))
	for n := min(usual, s.maxLen); n > 0; n-- {
		if s.inputs.Count(n).IsZero() {
			continue
		}
		ids := make([]int, n)
		for range tries {
			s.inputs.DrawFew(rng, ids)
			if input := s.tokens(ids); s.defined(input) {
				return input
			}
		}
	}
	return nil
}

// example returns a running example as tokens of the program, or nil if it is no input.
func (s *subject) example(given resolve.Value) []value.Value {
	var input []value.Value
	switch e := given.(type) {
	case resolve.Atom:
		for _, r := range e.Text() {
			input = append(input, value.Str(string(r)))
		}
	case *resolve.List:
		for _, item := range e.Items {
			atom, ok := item.(resolve.Atom)
			if !ok {
				return nil
			}
			input = append(input, atom.Value)
		}
	}
	if len(input) == 0 || len(input) > s.maxLen {
		return nil
	}
	for i, v := range input {
		id, ok := s.find(v)
		if !ok {
			return nil
		}
		input[i] = s.vocab[id]
	}
	if !s.defined(input) {
		return nil
	}
	return input
}

// defined reports whether the program is meant for an input and has a meaning on it.
func (s *subject) defined(input []value.Value) bool {
	if s.accept != nil && !s.accept(input) {
		return false
	}
	_, err := s.oracle.Run(input)
	return err == nil
}

// Run returns what the network gives on an input of the program's tokens: the logits of
// each position, BOS's first. It calls visit as sparse.Forward does.
func (v *View) Run(input []value.Value, visit func(point int, xs [][]float32)) ([][]float32, error) {
	ids := make([]int, len(input))
	for i, x := range input {
		id, ok := v.subject.find(x)
		if !ok {
			return nil, fmt.Errorf("the token %s is not in the vocabulary", x.Repr())
		}
		ids[i] = id
	}
	return sparse.Forward(v.Network, ids, visit), nil
}

// Samples returns about n inputs that the program is meant for, of all lengths, the same
// ones every time.
func (v *View) Samples(n int) [][]value.Value {
	var all [][]value.Value
	for _, ids := range makePlan(v.subject, n, 0).all() {
		if v.subject.accepts(ids) {
			all = append(all, v.subject.tokens(ids))
		}
	}
	return all
}
