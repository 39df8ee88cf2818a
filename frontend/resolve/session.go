package resolve

import (
	_ "embed"
	"errors"
	"path/filepath"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// Options are what a program's surroundings decide.
type Options struct {
	// Read returns the text of a file that the program loads; an error that is
	// fs.ErrNotExist lets the next folder be tried. ReadFile reads from the
	// operating system. Without Read every load fails.
	Read func(path string) (string, error)
	// Overrides win over the program's pragmas.
	Overrides []Override
	// Console is told what statements gave; nil where there is none.
	Console Console
	// MaxSteps is a lower limit on evaluated expressions than the usual one of
	// 5,000,000; 0 leaves that.
	MaxSteps int
}

// Override is a pragma given from outside, as by a command-line flag.
type Override struct {
	// Flag is how diagnostics call it, such as "--vocab".
	Flag string
	// Text is the pragma without its `#:`, such as "vocab = 0..9".
	Text string
}

// Session holds the state between statements. It is not safe for concurrent use.
type Session struct {
	opts     Options
	report   *diag.Report
	graph    *sop.Graph
	settings Settings

	base, main *env
	library    *diag.Source
	// site is where in the program the call stands on whose behalf library text
	// runs, which is siteCall.
	site     diag.Span
	siteCall *syntax.Call
	// natures are those of the graph's first nodes.
	natures []nature
	// shadows are the names that were warned of.
	shadows map[*syntax.Ident]bool
	// trees are the files, to find what belongs to a place in them.
	trees map[*diag.Source]*syntax.File

	files []*diag.Source
	// loaded caches what was read, by path; loading is the stack of files being run.
	loaded  map[string]*loadedFile
	loading []string

	output         *Output
	outputSelector *Output
	example        Value
	encodings      []Encoding
	assumptions    []Assumption
	// encoded and assumed find the entries of these two by node.
	encoded map[sop.ID]int
	assumed map[sop.ID]bool

	order, steps, calls, depth, failures int
	// exhausted says that nothing more is to run.
	exhausted bool
	// mostSteps is how far steps may go, mostNodes how large the graph may become.
	mostSteps, mostNodes int
	// poisons says that names which could not be bound are to be poisoned.
	poisons bool
}

//go:embed library.rasp
var libraryText string

// NewSession starts with the library, the settings of the overrides and no
// names. Overrides that are wrong are reported by the first Exec.
func NewSession(opts Options) *Session {
	s := newSession(opts)
	s.settings = s.readSettings(nil)
	s.start()
	return s
}

func newSession(opts Options) *Session {
	steps := maxSteps
	if opts.MaxSteps > 0 {
		steps = min(steps, opts.MaxSteps)
	}
	return &Session{
		opts:   opts,
		report: &diag.Report{},
		graph:  sop.NewGraph(),
		loaded: map[string]*loadedFile{},
		trees:  map[*diag.Source]*syntax.File{},

		shadows: map[*syntax.Ident]bool{},

		mostSteps: steps,
		mostNodes: maxNodes,

		encoded: map[sop.ID]int{},
		assumed: map[sop.ID]bool{},
	}
}

// start binds the library and opens the program's own environment. The settings
// must be known: they say what `tokens` reads.
func (s *Session) start() {
	s.base = newEnv(baseScope, nil)
	s.bindInputs()
	s.bindIntrinsics()
	s.bindLibrary()
	s.main = newEnv(mainScope, s.base)
}

// Exec runs the statements of a source at the program's top level and returns
// the diagnostics that this gave rise to. A failed statement does not stop those
// behind it, unless there are many. Pragmas are read by Run only.
func (s *Session) Exec(src *diag.Source) diag.List {
	defer s.renew()
	file := syntax.Parse(src, s.report)
	if !s.report.HasErrors() {
		s.execMain(file)
	}
	return s.report.List()
}

// Eval evaluates one expression at the program's top level. The value is nil if
// the list holds errors.
func (s *Session) Eval(src *diag.Source) (Value, diag.List) {
	defer s.renew()
	e := syntax.ParseExpr(src, s.report)
	if e == nil || s.report.HasErrors() {
		return nil, s.report.List()
	}
	v, err := s.eval(e, s.main)
	if err != nil {
		s.fail(err)
		return nil, s.report.List()
	}
	return v, s.report.List()
}

// renew begins a new report and a new budget, and forgets the text of files,
// which may be another one when they are loaded again.
func (s *Session) renew() {
	s.report = &diag.Report{}
	s.steps, s.failures, s.exhausted = 0, 0, false
	s.mostNodes = max(s.graph.Len(), min(s.graph.Len()+maxNodes, maxSessionNodes))
	clear(s.loaded)
	clear(s.trees)
	clear(s.shadows)
}

func (s *Session) execMain(file *syntax.File) {
	s.trees[file.Source] = file
	s.loading = append(s.loading, filepath.Clean(file.Source.Name()))
	defer func() { s.loading = s.loading[:len(s.loading)-1] }()
	s.execFile(file.Stmts, s.main)
}

// fail reports an error unless it only follows from another.
func (s *Session) fail(err error) {
	var d diag.Diagnostic
	switch {
	case errors.Is(err, errPoisoned):
	case errors.As(err, &d):
		s.failures++
		s.exhausted = s.exhausted || s.failures >= maxFailures
		s.report.Add(d)
		s.failed(d)
	default:
		panic("resolve: error without diagnostic: " + err.Error())
	}
}

// warn reports advice about the program's text; that of the library needs none.
func (s *Session) warn(d diag.Diagnostic) {
	if !s.inLibrary(d.Primary) {
		s.report.Add(d)
	}
}

func (s *Session) inLibrary(at diag.Span) bool { return at.Source == s.library }

// place is where a thing happens as the user sees it: library text happens at the
// call that led into it.
func (s *Session) place(at diag.Span) diag.Span {
	if s.inLibrary(at) && !s.site.IsZero() {
		return s.site
	}
	return at
}

// pos is place in the graph's terms.
func (s *Session) pos(at diag.Span) sop.Pos {
	at = s.place(at)
	if at.IsZero() {
		return sop.Pos{}
	}
	p := at.Pos()
	return sop.Pos{File: at.Source.Name(), Line: p.Line, Col: p.Column}
}

// nodeOf returns the node of an s-op or selector.
func nodeOf(v Value) (sop.ID, bool) {
	switch v := v.(type) {
	case SOp:
		return v.ID, true
	case Selector:
		return v.ID, true
	}
	return 0, false
}

// lift turns an s-op or atom into a node; an atom becomes a constant.
func (s *Session) lift(v Value, at diag.Span) (sop.ID, bool) {
	switch v := v.(type) {
	case SOp:
		return v.ID, true
	case Atom:
		return s.constant(v.Value, at), true
	}
	return 0, false
}

func (s *Session) constant(v value.Value, at diag.Span) sop.ID {
	return s.graph.Const(v, s.pos(at))
}
