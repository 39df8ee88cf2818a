package resolve

import (
	"fmt"

	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

// Value is what an expression can yield. Values are immutable.
type Value interface{ isValue() }

type (
	// Atom is a string, bool, int or float.
	Atom struct{ value.Value }

	// SOp is a node of the graph that is an s-op.
	SOp struct{ ID sop.ID }

	// Selector is a node of the graph that is a selector.
	Selector struct{ ID sop.ID }

	// List may hold values of any kinds.
	List struct{ Items []Value }

	// Dict keeps its keys in the order in which they were first given. Keys are
	// equal as RASP's == has it, so that 1, 1.0 and True are one key.
	Dict struct {
		Keys []value.Value
		Vals []Value
		at   map[value.Key]int
	}

	// Func is a function of the program or of the library.
	Func struct {
		Name   string
		Params []string
		def    *syntax.Def
		env    *env
		// intrinsic is set instead of def and env for functions written in Go.
		intrinsic intrinsic
	}

	// Applied is an s-op or selector applied to an input: a finished result, which
	// can be shown but not computed with.
	Applied struct {
		ID       sop.ID
		Selector bool
		Input    []value.Value
	}

	// poison is bound to names whose statement failed, so that their later use does
	// not lead to further errors.
	poison struct{}
)

// intrinsic computes a library function. The number of arguments is checked by
// the caller; at is the call.
type intrinsic func(s *Session, args []Value, at diag.Span) (Value, error)

func (Atom) isValue()     {}
func (SOp) isValue()      {}
func (Selector) isValue() {}
func (*List) isValue()    {}
func (*Dict) isValue()    {}
func (*Func) isValue()    {}
func (*Applied) isValue() {}
func (poison) isValue()   {}

// newDict builds a dict; of equal keys the first stays and the last value wins.
func newDict() *Dict { return &Dict{at: map[value.Key]int{}} }

func (d *Dict) set(key value.Value, v Value) {
	if i, ok := d.at[key.Key()]; ok {
		d.Vals[i] = v
		return
	}
	d.at[key.Key()] = len(d.Keys)
	d.Keys = append(d.Keys, key)
	d.Vals = append(d.Vals, v)
}

// Get returns the value for a key.
func (d *Dict) Get(key value.Value) (Value, bool) {
	i, ok := d.at[key.Key()]
	if !ok {
		return nil, false
	}
	return d.Vals[i], true
}

// atoms turns plain values into RASP values.
func atoms(vs []value.Value) []Value {
	out := make([]Value, len(vs))
	for i, v := range vs {
		out[i] = Atom{v}
	}
	return out
}

// characters splits a string as iteration over it does.
func characters(s string) []value.Value {
	var out []value.Value
	for _, r := range s {
		out = append(out, value.Str(string(r)))
	}
	return out
}

// allAtoms returns the atoms of a list, or false if it holds anything else.
func allAtoms(vs []Value) ([]value.Value, bool) {
	out := make([]value.Value, len(vs))
	for i, v := range vs {
		a, ok := v.(Atom)
		if !ok {
			return nil, false
		}
		out[i] = a.Value
	}
	return out, true
}

// truth is Python's truthiness.
func truth(v Value) bool {
	switch v := v.(type) {
	case Atom:
		return v.Truth()
	case *List:
		return len(v.Items) > 0
	case *Dict:
		return len(v.Keys) > 0
	}
	return true
}

// describe names a value in an error message.
func (s *Session) describe(v Value) string {
	switch v := v.(type) {
	case Atom:
		return fmt.Sprintf("the %s %s", v.Kind(), quote(v.Value))
	case SOp:
		return s.describeNode("s-op", v.ID)
	case Selector:
		return s.describeNode("selector", v.ID)
	case *List:
		return fmt.Sprintf("a list of %s", diag.Plural(len(v.Items), "element"))
	case *Dict:
		return fmt.Sprintf("a dict of %s", diag.Plural(len(v.Keys), "key"))
	case *Func:
		return fmt.Sprintf("the function `%s`", v.Name)
	case *Applied:
		return "the result of an application"
	}
	return "nothing"
}

func (s *Session) describeNode(class string, id sop.ID) string {
	if name := s.graph.Name(id); name != "" {
		return fmt.Sprintf("the %s `%s`", class, name)
	}
	if class == "s-op" {
		return "an s-op"
	}
	return "a selector"
}

// quote shows an atom as a program writes it, cut if it is long.
func quote(v value.Value) string {
	text := cut(v.Display(), 40)
	if v.IsString() {
		return `"` + text + `"`
	}
	return text
}

// cut returns at most so many characters of a text.
func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
