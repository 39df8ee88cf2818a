package resolve

import (
	"sync"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// bindInputs binds what reads the input, and the truth values.
func (s *Session) bindInputs() {
	define := func(name string, v Value) { s.base.vars[name] = variable{value: v} }
	define("True", Atom{value.Bool(true)})
	define("False", Atom{value.Bool(false)})
	for _, r := range []sop.Read{sop.ReadStr, sop.ReadInt, sop.ReadFloat, sop.ReadBool, sop.ReadAsIs} {
		id := s.graph.Tokens(r, sop.Pos{})
		s.graph.SetName(id, r.String())
		define(r.String(), SOp{id})
		if r == s.settings.Tokens.Value {
			s.graph.SetName(id, "tokens")
			define("tokens", SOp{id})
		}
	}
	indices := s.graph.Indices(sop.Pos{})
	s.graph.SetName(indices, "indices")
	define("indices", SOp{indices})
	full := s.graph.Full(sop.Pos{})
	s.graph.SetName(full, "full_s")
	define("full_s", Selector{full})
	length := s.graph.Width(full, sop.Pos{})
	s.graph.SetName(length, "length")
	define("length", SOp{length})
}

// bindIntrinsics binds the functions written in Go.
func (s *Session) bindIntrinsics() {
	for name, fn := range map[string]*Func{
		"selector_width": {Params: []string{"sel"}, intrinsic: selectorWidth},
		"has_focus":      {Params: []string{"sel"}, intrinsic: hasFocus},
		"count":          {Params: []string{"v", "a"}, intrinsic: count},
		"contains":       {Params: []string{"v", "a"}, intrinsic: contains},
		numericalName:    {Params: []string{"x"}, intrinsic: encodeAs(true)},
		categoricalName:  {Params: []string{"x"}, intrinsic: encodeAs(false)},
		uniqueName:       {Params: []string{"sel"}, intrinsic: assumeUnique},
	} {
		fn.Name = name
		s.base.vars[name] = variable{value: fn}
	}
}

// parsedLibrary is the tree of the library's own text, which no session changes.
var parsedLibrary = sync.OnceValue(func() *syntax.File {
	var report diag.Report
	file := syntax.Parse(diag.NewSource("<library>", libraryText), &report)
	if list := report.List(); list.HasErrors() {
		panic("resolve: the library does not parse: " + list.Error())
	}
	return file
})

// bindLibrary runs the library's own text.
func (s *Session) bindLibrary() {
	file := parsedLibrary()
	s.library = file.Source
	for _, st := range file.Stmts {
		def := st.(*syntax.Def)
		s.base.vars[def.Name.Name] = variable{value: &Func{
			Name: def.Name.Name, Params: identNames(def.Params), def: def, env: s.base,
		}}
	}
}

// widthOf is the number of positions that each row of a selector selects.
func (s *Session) widthOf(v Value, at diag.Span, name string) (sop.ID, error) {
	sel, ok := v.(Selector)
	if !ok {
		return 0, diag.New(diag.NotASelector, s.place(at), "`%s` needs a selector, got %s", name, s.describe(v))
	}
	return s.graph.Width(sel.ID, s.pos(at)), nil
}

func selectorWidth(s *Session, args []Value, at diag.Span) (Value, error) {
	id, err := s.widthOf(args[0], at, "selector_width")
	return SOp{id}, err
}

func hasFocus(s *Session, args []Value, at diag.Span) (Value, error) {
	id, err := s.widthOf(args[0], at, "has_focus")
	if err != nil {
		return nil, err
	}
	return SOp{s.positive(id, at)}, nil
}

// positive is x > 0.
func (s *Session) positive(x sop.ID, at diag.Span) sop.ID {
	return s.graph.Compare(value.GT, x, s.constant(value.IntOf(0), at), s.pos(at))
}

func count(s *Session, args []Value, at diag.Span) (Value, error) {
	id, err := s.occurrences(args[0], args[1], at, "count")
	return SOp{id}, err
}

func contains(s *Session, args []Value, at diag.Span) (Value, error) {
	id, err := s.occurrences(args[0], args[1], at, "contains")
	if err != nil {
		return nil, err
	}
	return SOp{s.positive(id, at)}, nil
}

// occurrences counts the positions at which v equals a.
func (s *Session) occurrences(v, a Value, at diag.Span, name string) (sop.ID, error) {
	pos := s.pos(at)
	left, ok := s.lift(v, at)
	if !ok {
		return 0, s.notSOp(v, at, "the first argument of `"+name+"`")
	}
	right, ok := s.lift(a, at)
	if !ok {
		return 0, s.notSOp(a, at, "the second argument of `"+name+"`")
	}
	if _, constant := a.(Atom); !constant {
		// Both vary with the position: compare them there, then count where they agree.
		left, right = s.graph.Compare(value.EQ, left, right, pos), s.constant(value.Bool(true), at)
	}
	return s.graph.Width(s.graph.Select(left, right, value.EQ, pos), pos), nil
}
