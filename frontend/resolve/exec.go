package resolve

import (
	"errors"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// errExit ends a file.
var errExit = errors.New("resolve: exit")

// execFile runs the top-level statements of a file. A failed statement is
// reported; those behind it run all the same, unless there are many failures or
// the budget is used up.
func (s *Session) execFile(stmts []syntax.Stmt, e *env) {
	for _, st := range stmts {
		before := s.order
		err := s.exec(st, e)
		switch {
		case err == nil:
			s.ran(st, e)
			continue
		case errors.Is(err, errExit):
			s.ran(st, e)
			return
		}
		s.fail(err)
		if s.exhausted {
			return
		}
		s.poisonNames(st, e, before)
	}
}

// poisonNames binds the names that a failed statement should have bound, and did
// not, so that what uses them is not reported as well. A console has no need of
// that: there a failed statement binds nothing.
func (s *Session) poisonNames(st syntax.Stmt, e *env, before int) {
	if !s.poisons {
		return
	}
	for _, name := range boundBy(st) {
		if !reserved[name.Name] && !libraryNames[name.Name] && e.vars[name.Name].order <= before {
			e.vars[name.Name] = variable{value: poison{}, at: name.Span(), order: e.vars[name.Name].order}
		}
	}
}

// boundBy lists the names that a statement binds in its environment.
func boundBy(st syntax.Stmt) []*syntax.Ident {
	switch st := st.(type) {
	case *syntax.Assign:
		return st.Names
	case *syntax.Def:
		return []*syntax.Ident{st.Name}
	case *syntax.For:
		names := append([]*syntax.Ident(nil), st.Names...)
		for _, inner := range st.Body {
			names = append(names, boundBy(inner)...)
		}
		return names
	}
	return nil
}

// exec runs one statement.
func (s *Session) exec(st syntax.Stmt, e *env) error {
	switch st := st.(type) {
	case *syntax.ExprStmt:
		return s.execExpr(st, e)
	case *syntax.Assign:
		return s.execAssign(st, e)
	case *syntax.Def:
		return s.execDef(st, e)
	case *syntax.For:
		return s.execFor(st, e)
	case *syntax.Load:
		return s.execLoad(st, e)
	case *syntax.Draw:
		return s.execDraw(st, e)
	case *syntax.SetExample:
		return s.execExample(st, e)
	case *syntax.Exit:
		return errExit
	case *syntax.ShowExample, *syntax.Examples, *syntax.FullSeq:
		// They speak to the console, if there is one: execFile tells it.
		return nil
	}
	panic("resolve: unknown statement")
}

func (s *Session) execExpr(st *syntax.ExprStmt, e *env) error {
	v, err := s.eval(st.X, e)
	if err != nil {
		return err
	}
	s.noteOutput(e, shownName(st.X), v, st.X.Span())
	return nil
}

// shownName is how the value of an expression statement is called: a variable
// by its own name.
func shownName(x syntax.Expr) string {
	if id, ok := syntax.Unparen(x).(*syntax.Ident); ok {
		return id.Name
	}
	return outName
}

func (s *Session) execAssign(st *syntax.Assign, e *env) error {
	v, err := s.evalResults(st.Values, e)
	if err != nil {
		return err
	}
	return s.bind(e, st.Names, v, st.Span(), true)
}

// evalResults evaluates E, E, …: one value is taken as it is, several are a list.
func (s *Session) evalResults(exprs []syntax.Expr, e *env) (Value, error) {
	if len(exprs) == 1 {
		return s.eval(exprs[0], e)
	}
	items, err := s.evalAll(exprs, e)
	if err != nil {
		return nil, err
	}
	return &List{Items: items}, nil
}

// bind gives the names of an assignment or loop their values, left to right, so
// that those before a failure stay bound.
func (s *Session) bind(e *env, names []*syntax.Ident, v Value, at diag.Span, assignment bool) error {
	values := []Value{v}
	if len(names) > 1 {
		var err error
		if values, err = s.split(v, len(names), at, assignment); err != nil {
			return err
		}
	}
	for i, name := range names {
		if err := s.assign(e, name, values[i]); err != nil {
			return err
		}
		s.noteOutput(e, name.Name, values[i], name.Span())
	}
	return nil
}

// split takes a value apart for several names. An assignment takes lists,
// strings and dicts; a loop takes lists and strings.
func (s *Session) split(v Value, n int, at diag.Span, assignment bool) ([]Value, error) {
	parts, ok, err := s.parts(v, at)
	if err != nil {
		return nil, err
	}
	if _, dict := v.(*Dict); !ok || dict && !assignment {
		if assignment {
			return nil, diag.New(diag.NothingToSplit, s.place(at), "%s cannot be split over %d names", s.describe(v), n)
		}
		return nil, diag.New(diag.UnpackCount, s.place(at), "%d loop names, but the element is %s", n, s.describe(v))
	}
	if len(parts) != n {
		return nil, diag.New(diag.UnpackCount, s.place(at), "%d names for %s", n, diag.Plural(len(parts), "value"))
	}
	return parts, nil
}

// parts returns what iteration over a list, string or dict yields; false for
// anything else.
func (s *Session) parts(v Value, at diag.Span) ([]Value, bool, error) {
	switch v := v.(type) {
	case *List:
		return v.Items, true, nil
	case *Dict:
		return atoms(v.Keys), true, s.charge(len(v.Keys), at)
	case Atom:
		if v.IsString() {
			return atoms(characters(v.Text())), true, s.charge(len(v.Text()), at)
		}
	}
	return nil, false, nil
}

func (s *Session) execDef(st *syntax.Def, e *env) error {
	for _, p := range st.Params {
		if err := s.mayBind(localOf(e), p); err != nil {
			return err
		}
	}
	var fn Value = &Func{Name: st.Name.Name, Params: identNames(st.Params), def: st, env: e}
	if known, ok := s.knownIdentity(st); ok {
		fn = known
	}
	return s.assign(e, st.Name, fn)
}

// localOf is an empty local environment, for checks.
func localOf(e *env) *env { return &env{scope: localScope, parent: e} }

func identNames(ids []*syntax.Ident) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.Name
	}
	return out
}

func (s *Session) execFor(st *syntax.For, e *env) error {
	v, err := s.eval(st.Iter, e)
	if err != nil {
		return err
	}
	items, err := s.iterate(v, st.Iter.Span(), "a loop")
	if err != nil {
		return err
	}
	for _, item := range items {
		if err := s.charge(1, st.Span()); err != nil {
			return err
		}
		if err := s.bind(e, st.Names, item, st.Iter.Span(), false); err != nil {
			return err
		}
		for _, inner := range st.Body {
			if err := s.exec(inner, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// iterate returns the elements of a list or the keys of a dict.
func (s *Session) iterate(v Value, at diag.Span, what string) ([]Value, error) {
	switch v := v.(type) {
	case *List:
		return v.Items, nil
	case *Dict:
		return atoms(v.Keys), s.charge(len(v.Keys), at)
	}
	d := diag.New(diag.NotIterable, s.place(at), "%s needs a list or dict to iterate over, got %s", what, s.describe(v))
	if a, ok := v.(Atom); ok && a.IsString() {
		d = d.WithHelp("index the string: `[s[i] for i in range(n)]`")
	}
	return nil, d
}

func (s *Session) execDraw(st *syntax.Draw, e *env) error {
	v, err := s.eval(st.X, e)
	if err != nil {
		return err
	}
	x, ok := v.(SOp)
	if !ok {
		return diag.New(diag.DrawOperand, st.X.Span(), "`draw` needs an s-op, got %s", s.describe(v))
	}
	var input []value.Value
	if st.Input != nil {
		in, err := s.eval(st.Input, e)
		if err != nil {
			return err
		}
		if input, err = s.input(in, st.Input.Span()); err != nil {
			return err
		}
	}
	if s.opts.Console != nil {
		s.opts.Console.Draw(x, input)
		return nil
	}
	s.warn(diag.New(diag.ConsoleOnly, st.Span(), "`draw` is ignored outside the console").
		WithFix(diag.Fix{Title: "remove it", Edits: []diag.Edit{diag.Remove(st.Span())}}))
	return nil
}

func (s *Session) execExample(st *syntax.SetExample, e *env) error {
	v, err := s.eval(st.X, e)
	if err != nil {
		return err
	}
	input, err := s.input(v, st.X.Span())
	if err != nil {
		return diag.New(diag.ExampleOperand, st.X.Span(), "an example is a string or a list of atoms and not empty, got %s", s.describe(v))
	}
	if st.Scope != syntax.SelectorScope {
		s.example = v
	}
	if s.opts.Console != nil {
		s.opts.Console.SetExample(st.Scope, v, input)
	}
	return nil
}
