package resolve

import (
	"strings"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/syntax"
)

// outName is the name of the value evaluated last.
const outName = "out"

// reserved names can never be bound.
var reserved = map[string]bool{
	outName: true, "True": true, "False": true, "indices": true,
	"tokens_str": true, "tokens_int": true, "tokens_float": true, "tokens_bool": true, "tokens_asis": true,
	"get": true, "range": true, "zip": true, "len": true,
}

// libraryNames are reserved at the top level of the program only.
var libraryNames = map[string]bool{
	"length": true, "full_s": true, "selector_width": true, "has_focus": true, "count": true, "contains": true,
	"max": true, "min": true, "average": true, "load_from_location": true, "shift": true,
	"mark_last_instance": true, "mark_first_instance": true, "select_from_last": true, "select_from_first": true,
	"sort": true, "select_next_identical": true,
}

// MayName reports whether a program may bind a name at its top level.
func MayName(name string) bool {
	return !reserved[name] && !libraryNames[name] && !syntax.Keyword(name)
}

// assign binds a name in an environment, if it may be bound there.
func (s *Session) assign(e *env, name *syntax.Ident, v Value) error {
	if err := s.mayBind(e, name); err != nil {
		return err
	}
	s.order++
	e.vars[name.Name] = variable{value: v, at: name.Span(), order: s.order}
	s.nameNode(e, name, v)
	return nil
}

func (s *Session) mayBind(e *env, name *syntax.Ident) error {
	at := name.Span()
	switch {
	case reserved[name.Name]:
		return diag.New(diag.Reserved, at, "`%s` is a reserved name and cannot be bound", name.Name)
	case !libraryNames[name.Name]:
		return nil
	case e.scope == mainScope:
		return diag.New(diag.Reserved, at, "`%s` belongs to the library and cannot be bound here", name.Name).
			WithHelp("choose another name; parameters and names inside functions may be called so")
	}
	if s.shadows[name] { // the body of a function runs at each call
		return nil
	}
	s.shadows[name] = true
	d := diag.New(diag.ShadowsLibrary, at, "`%s` hides the library's `%s` here", name.Name, name.Name)
	if len(s.shadows) <= maxRenamings {
		if fix, ok := s.renaming(name); ok {
			d = d.WithFix(fix)
		}
	}
	s.warn(d)
	return nil
}

// nameNode tells the graph how the program calls an s-op or selector. Names given
// at top level stand; a local name is taken only if there is no other.
func (s *Session) nameNode(e *env, name *syntax.Ident, v Value) {
	id, ok := nodeOf(v)
	if !ok || s.inLibrary(name.Span()) || e.scope == localScope && s.graph.Name(id) != "" {
		return
	}
	s.graph.SetName(id, name.Name)
}

// undefined words the error for a name that is bound nowhere.
func (s *Session) undefined(e *env, name *syntax.Ident) error {
	if s.poisons && e.isPartial() {
		return errPoisoned
	}
	d := diag.New(diag.Undefined, name.Span(), "undefined variable `%s`", cut(name.Name, 60))
	switch name.Name {
	case "true", "false", "TRUE", "FALSE":
		word := strings.ToUpper(name.Name[:1]) + strings.ToLower(name.Name[1:])
		return d.WithHelp("the truth values are `True` and `False`").WithEdit("write `"+word+"`", name.Span(), word)
	case "select", "aggregate", "range", "zip", "len":
		return withoutBlank(d.WithHelp("write `%s(` without a blank before the parenthesis", name.Name))
	case "None", "null":
		return d.WithHelp("RASP has no such value; `aggregate` takes a default as its third operand")
	}
	if near := e.nearest(name.Name); near != "" {
		return d.WithHelp("did you mean `%s`?", near).WithEdit("write `"+near+"`", name.Span(), near)
	}
	return d
}

// withoutBlank takes out the blank between a word and a parenthesis.
func withoutBlank(d diag.Diagnostic) diag.Diagnostic {
	blank := d.Primary.After()
	text := blank.Source.Text()
	blank.End += len(text[blank.End:]) - len(strings.TrimLeft(text[blank.End:], " \t"))
	if !strings.HasPrefix(text[blank.End:], "(") {
		return d
	}
	return d.WithEdit("remove the blank", blank, "")
}
