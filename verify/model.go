package verify

import (
	"fmt"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/value"
)

// Model is an exported model that can be run on inputs of its program.
type Model struct {
	subject *subject
	runner  opened
}

// OpenModel opens the first file of a folder that has the wanted format, or
// the first of all where format is empty.
func OpenModel(dir, format string) (*Model, error) {
	m, err := manifest.Read(dir)
	if err != nil {
		return nil, err
	}
	s, err := newSubject(m, nil)
	if err != nil {
		return nil, err
	}
	var formats []string
	if format != "" {
		formats = []string{format}
	}
	runners, err := open(dir, m, formats)
	if err != nil {
		return nil, err
	}
	return &Model{s, runners[0]}, nil
}

// Vocab returns the tokens that inputs are made of.
func (m *Model) Vocab() []value.Value { return m.subject.vocab }

// MaxLen returns the length of the longest input.
func (m *Model) MaxLen() int { return m.subject.maxLen }

// Accepts reports whether the program is meant for an input.
func (m *Model) Accepts(input []value.Value) bool {
	return m.subject.accept == nil || m.subject.accept(input)
}

// Output returns the name of the s-op that the model computes.
func (m *Model) Output() string { return m.subject.man.Options.Output }

// Run executes the file on one input, which must be made of Vocab.
func (m *Model) Run(input []value.Value) ([]value.Value, error) {
	c := &comparison{subject: m.subject, cases: []testCase{{ids: make([]int, len(input))}}}
	for i, v := range input {
		id, ok := m.subject.find(v)
		if !ok {
			return nil, fmt.Errorf("the token %s is not in the vocabulary", v.Repr())
		}
		c.cases[0].ids[i] = id
	}
	logits, err := m.runner.Run(c.rows([]int{0}))
	if err != nil {
		return nil, err
	}
	out := make([]value.Value, len(input))
	for i := range out {
		got, err := m.subject.read(logits[0][i+1], m.runner.others)
		if err != nil {
			return nil, fmt.Errorf("%s: position %d: %w", m.runner.file, i, err)
		}
		out[i] = got
	}
	return out, nil
}

// find returns the token id of a value, if it has one.
func (s *subject) find(v value.Value) (int, bool) {
	for id, t := range s.vocab {
		if value.Equal(t, v) {
			return id, true
		}
	}
	return 0, false
}

// read returns the value that the logits of one position stand for.
func (s *subject) read(row []float32, others []value.Value) (value.Value, error) {
	r, err := s.reading(row, others)
	if err != nil {
		return value.Value{}, err
	}
	got := s.got(r, others)
	if got == nil {
		return value.Value{}, fmt.Errorf("the logits are not finite numbers")
	}
	return *got, nil
}
