package resolve

import (
	"cmp"
	"slices"
	"strings"

	"github.com/raspc/raspc/frontend/diag"
)

// scope says which rules hold for the names of an environment.
type scope uint8

const (
	// baseScope holds the library and the input.
	baseScope scope = iota
	// mainScope is the top level of the program itself: library names are reserved.
	mainScope
	// fileScope is the top level of a loaded file.
	fileScope
	// localScope belongs to a function call or a comprehension.
	localScope
)

// env maps names to values; free names are looked up in the parent, at the time
// of use.
type env struct {
	scope  scope
	parent *env
	depth  int // how many environments are around it
	vars   map[string]variable
	// out is the value of the expression evaluated last.
	out Value
	// partial is set once a load failed: names may be missing that are not the
	// program's fault.
	partial bool
}

type variable struct {
	value  Value
	at     diag.Span
	order  int
	loaded bool
}

func newEnv(sc scope, parent *env) *env {
	e := &env{scope: sc, parent: parent, vars: map[string]variable{}}
	if parent != nil {
		e.depth = parent.depth + 1
	}
	return e
}

func (e *env) lookup(name string) (Value, bool) {
	for ; e != nil; e = e.parent {
		if name == outName {
			if e.out != nil {
				return e.out, true
			}
			continue
		}
		if v, ok := e.vars[name]; ok {
			return v.value, true
		}
	}
	return nil, false
}

// isPartial reports whether a load failed in e or around it.
func (e *env) isPartial() bool {
	for ; e != nil; e = e.parent {
		if e.partial {
			return true
		}
	}
	return false
}

// visible returns all names that can be looked up, sorted.
func (e *env) visible() []string {
	var names []string
	for ; e != nil; e = e.parent {
		for name := range e.vars {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// nearest returns the visible name that a misspelt one was most likely meant to
// be, or "". For very long names it does not look: that takes time by the square
// of the length.
func (e *env) nearest(name string) string {
	const most = 100
	if len(name) > most {
		return ""
	}
	return diag.Nearest(name, e.visible())
}

// named is a variable with its name.
type named struct {
	name string
	variable
}

// inOrder returns the variables of e alone by last assignment.
func (e *env) inOrder() []named {
	out := make([]named, 0, len(e.vars))
	for name, v := range e.vars {
		out = append(out, named{name, v})
	}
	slices.SortFunc(out, func(a, b named) int {
		return cmp.Or(cmp.Compare(a.order, b.order), strings.Compare(a.name, b.name))
	})
	return out
}
