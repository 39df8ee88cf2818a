package verify

import (
	"fmt"
	"strings"

	"github.com/raspc/raspc/export/manifest"
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/interp"
	"github.com/raspc/raspc/frontend/resolve"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/tracr"
	"github.com/raspc/raspc/frontend/value"
)

// subject is what the files are compared with: the program, its domain, and
// how ids and logits are to be read.
type subject struct {
	man      *manifest.Manifest
	resolved *resolve.Program
	graph    *sop.Graph
	causal   bool
	assumed  []sop.ID // selectors of which the program claims that they select one position at most
	oracle   *interp.Evaluator
	name     string // of the program's output
	output   sop.ID
	vocab    []value.Value // by token id
	bos      *value.Value  // the program's own
	accept   func([]value.Value) bool
	domain
	maxLen  int
	labels  []value.Value // nil for a numeric output
	program string        // name and hash, for the report
}

// Program is a program given beside the files.
type Program struct {
	Name string
	Text string
	Read func(path string) (string, error) // for load statements
}

// newSubject resolves the program: the given one, or the manifest's own.
func newSubject(m *manifest.Manifest, given *Program) (*subject, error) {
	p, list := specified(m, given)
	if err := list.Err(); err != nil {
		return nil, err
	}
	if p.Output == nil || p.Output.Selector {
		return nil, fmt.Errorf("the program %s computes no s-op", m.Program.Name)
	}
	set := p.Settings
	if !set.Vocab.Set || !set.MaxLen.Set {
		return nil, fmt.Errorf("the program %s has no vocabulary or no maximum length", m.Program.Name)
	}
	s := &subject{
		man: m, resolved: p, output: p.Output.ID, name: p.Output.Name, vocab: set.Alphabet(), maxLen: set.MaxLen.Value, accept: set.Accept(),
		graph: p.Graph, causal: set.Causal.Value,
		oracle:  interp.New(p.Graph, set.Causal.Value, p.Output.ID),
		program: fmt.Sprintf("the program in %s, sha256 %s", manifest.FileName, m.Program.SHA256),
	}
	if given != nil {
		s.program = given.Name
	}
	if set.BOS.Set {
		s.bos = &set.BOS.Value
	}
	var err error
	if s.domain, err = newDomain(set); err != nil {
		return nil, err
	}
	for _, a := range p.Assumptions {
		s.assumed = append(s.assumed, a.ID)
	}
	if given == nil {
		if err := consistent(m.Options, p); err != nil {
			return nil, err
		}
	}
	return s, s.readManifest()
}

// consistent holds the settings that a manifest lists to those of its program.
func consistent(o manifest.Options, p *resolve.Program) error {
	set := p.Settings
	var bos, listed string
	if set.BOS.Set {
		bos = set.BOS.Value.Repr()
	}
	if o.BOS != nil {
		v, err := o.BOS.Value()
		if err != nil {
			return err
		}
		listed = v.Repr()
	}
	for _, s := range []struct{ name, listed, own string }{
		{"max_len", fmt.Sprint(o.MaxLen), fmt.Sprint(set.MaxLen.Value)},
		{"causal", fmt.Sprint(o.Causal), fmt.Sprint(set.Causal.Value)},
		{"output", o.Output, p.Output.Name},
		{"tokens", o.Tokens, set.TokenKind()},
		{"bos", listed, bos},
		{"inputs", o.Inputs, set.Pattern()},
	} {
		if s.listed != s.own {
			return fmt.Errorf("%s lists %s = %s, its program has %s", manifest.FileName, s.name, s.listed, s.own)
		}
	}
	return nil
}

// specified resolves the program under the settings that it was compiled
// with. What a given program sets itself wins.
func specified(m *manifest.Manifest, given *Program) (*resolve.Program, diag.List) {
	name, text := m.Program.Name, m.Program.Source
	opts := resolve.Options{Read: loaded(m.Program.Loaded)}
	if given != nil {
		name, text, opts.Read = given.Name, given.Text, given.Read
	}
	src := diag.NewSource(name, text)
	own, list := tracr.Resolve(src, opts)
	for _, o := range m.Options.Overrides {
		key, _, _ := strings.Cut(o, " ")
		if given == nil || list.Err() == nil && !sets(own.Settings, key) {
			opts.Overrides = append(opts.Overrides, resolve.Override{Flag: "--" + strings.ReplaceAll(key, "_", "-"), Text: o})
		}
	}
	if len(opts.Overrides) == 0 {
		return own, list
	}
	return tracr.Resolve(src, opts)
}

// sets reports whether a program sets a pragma itself.
func sets(s resolve.Settings, key string) bool {
	return map[string]bool{
		"tokens": s.Tokens.Set, "vocab": s.Vocab.Set, "max_len": s.MaxLen.Set,
		"causal": s.Causal.Set, "output": s.Output.Set,
	}[key]
}

// loaded serves load statements from the manifest.
func loaded(files map[string]string) func(string) (string, error) {
	return func(path string) (string, error) {
		if text, ok := files[path]; ok {
			return text, nil
		}
		return "", fmt.Errorf("%s is not among the files that the manifest keeps", path)
	}
}

// readManifest takes over what gives ids and logits a meaning, and checks that
// the files are for this program's inputs.
func (s *subject) readManifest() error {
	vocab := s.man.Options.Vocab
	if len(vocab) != len(s.vocab) || s.man.Options.MaxLen < s.maxLen {
		return fmt.Errorf("the files take %d tokens and %d positions, the program has %d tokens and inputs of up to %d",
			len(vocab), s.man.Options.MaxLen, len(s.vocab), s.maxLen)
	}
	for i, a := range vocab {
		v, err := a.Value()
		if err != nil {
			return err
		}
		if !value.Equal(v, s.vocab[i]) {
			return fmt.Errorf("token %d is %s in the files and %s in the program", i, v.Repr(), s.vocab[i].Repr())
		}
	}
	for _, a := range s.man.Output.Labels {
		v, err := a.Value()
		if err != nil {
			return err
		}
		s.labels = append(s.labels, v)
	}
	return nil
}

// accepts reports whether the program is meant for the input.
func (s *subject) accepts(ids []int) bool {
	return s.accept == nil || s.accept(s.tokens(ids))
}

func (s *subject) tokens(ids []int) []value.Value {
	in := make([]value.Value, len(ids))
	for i, id := range ids {
		in[i] = s.vocab[id]
	}
	return in
}
