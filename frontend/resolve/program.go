package resolve

import (
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
)

// Program is a resolved program.
type Program struct {
	// Graph holds every s-op and selector that the program built.
	Graph *sop.Graph
	// Bindings are the names at the program's top level, by last assignment.
	Bindings []Binding
	// Output is the s-op to compile; nil if the program has neither s-op nor selector.
	Output *Output
	// Settings are the pragmas and overrides.
	Settings Settings
	// Encodings and Assumptions are claims about nodes, in the order of the text.
	Encodings   []Encoding
	Assumptions []Assumption
	// Files are the program and what it loaded, each once, the program first.
	Files []*diag.Source
	// Example is the console's running example as set last, nil if never.
	Example Value

	session *Session
}

// Binding is a name at the program's top level.
type Binding struct {
	Name  string
	Value Value
	// At is where the name was bound last.
	At diag.Span
	// Loaded says that a loaded file bound it.
	Loaded bool
}

// Output is the s-op or selector that a program is taken to compute.
type Output struct {
	Name     string
	ID       sop.ID
	Selector bool
	// At is where it was assigned, evaluated or asked for.
	At diag.Span
}

// Encoding is a wish about how an s-op is held in the model.
type Encoding struct {
	ID      sop.ID
	Numeric bool // else categorical
	Hint    bool // it holds only where every s-op has a subspace of its own
	At      diag.Span
}

// Assumption is the claim that each row of a selector selects at most one
// position.
type Assumption struct {
	ID sop.ID
	At diag.Span
}

// Run resolves a program. The list holds warnings and errors; the program, which
// is never nil, is complete only if there are no errors.
func Run(src *diag.Source, opts Options) (*Program, diag.List) {
	return newSession(opts).resolve(src)
}

func (s *Session) resolve(src *diag.Source) (*Program, diag.List) {
	s.poisons = true
	file := syntax.Parse(src, s.report)
	s.settings = s.readSettings(file.Pragmas)
	s.start()
	s.files = append(s.files, src)
	if !s.report.HasErrors() {
		s.execMain(file)
		s.claims(file.Pragmas, s.main)
		if !s.exhausted {
			s.chooseOutput()
		}
	}
	list := s.report.List()
	s.renew()
	s.poisons = false
	return s.program(), list
}

func (s *Session) program() *Program {
	p := &Program{
		Graph: s.graph, Output: s.output, Settings: s.settings,
		Encodings: s.encodings, Assumptions: s.assumptions,
		Files: s.files, Example: s.example, session: s,
	}
	for _, v := range s.main.inOrder() {
		if _, failed := v.value.(poison); failed {
			continue
		}
		p.Bindings = append(p.Bindings, Binding{Name: v.name, Value: v.value, At: v.at, Loaded: v.loaded})
	}
	return p
}

// Lookup finds a name bound at the program's top level.
func (p *Program) Lookup(name string) (Binding, bool) {
	for _, b := range p.Bindings {
		if b.Name == name {
			return b, true
		}
	}
	return Binding{}, false
}

// Eval evaluates one more expression among the program's names. It may add
// nodes to the graph. The value is nil if the list holds errors.
func (p *Program) Eval(text string) (Value, diag.List) {
	return p.session.Eval(diag.NewSource("<expression>", text))
}

// noteOutput records an s-op or selector that the program itself assigns or
// evaluates at its top level: the last s-op is the default output.
func (s *Session) noteOutput(e *env, name string, v Value, at diag.Span) {
	if e != s.main {
		return
	}
	switch v := v.(type) {
	case SOp:
		s.output = &Output{Name: name, ID: v.ID, At: at}
	case Selector:
		s.outputSelector = &Output{Name: name, ID: v.ID, Selector: true, At: at}
	}
}

// chooseOutput settles which s-op the program computes.
func (s *Session) chooseOutput() {
	want := s.settings.Output
	if !want.Set {
		if s.output == nil {
			s.output = s.outputSelector
		}
		return
	}
	v, ok := s.main.lookup(want.Value)
	if !ok {
		if !s.main.isPartial() {
			s.report.Add(s.unknownTarget(want.At, want.Value, s.main))
		}
		return
	}
	switch v := v.(type) {
	case SOp:
		s.output = &Output{Name: want.Value, ID: v.ID, At: want.At}
	case Selector:
		s.output = &Output{Name: want.Value, ID: v.ID, Selector: true, At: want.At}
	case poison:
	default:
		s.report.Add(diag.New(diag.OutputNotSOp, want.At, "the output `%s` is %s, not an s-op", want.Value, s.describe(v)))
	}
}

// unknownTarget words the error for a pragma that names nothing.
func (s *Session) unknownTarget(at diag.Span, name string, e *env) diag.Diagnostic {
	d := diag.New(diag.UnknownTarget, at, "the program binds no `%s`", name)
	if near := e.nearest(name); near != "" {
		return inFile(d.WithHelp("did you mean `%s`?", near), "write `"+near+"`", at, near)
	}
	return d
}
