package manifest

import (
	"encoding/json"

	"github.com/raspc/raspc/frontend/value"
	"github.com/raspc/raspc/verify/fault"
)

// kinds are the names of atom kinds in the file.
var kinds = [...]value.Kind{value.KindString, value.KindBool, value.KindInt, value.KindFloat, value.KindNone, value.KindTuple}

// AtomOf describes a value.
func AtomOf(v value.Value) Atom {
	a := Atom{Kind: v.Kind().String(), Text: v.Display()}
	switch {
	case v.IsString():
		a.Exact = v.Text()
	case v.IsNumber():
		a.Exact = v.Rat().String()
	case v.Kind() == value.KindTuple:
		text, err := json.Marshal(AtomsOf(v.Elements()))
		if err != nil {
			panic("manifest: atoms that are no JSON: " + err.Error())
		}
		a.Exact = string(text)
	}
	return a
}

// AtomsOf describes values.
func AtomsOf(vs []value.Value) []Atom {
	atoms := make([]Atom, len(vs))
	for i, v := range vs {
		atoms[i] = AtomOf(v)
	}
	return atoms
}

// Value returns the value that the atom describes.
func (a Atom) Value() (value.Value, error) {
	for _, k := range kinds {
		if k.String() != a.Kind {
			continue
		}
		switch k {
		case value.KindString:
			return value.Str(a.Exact), nil
		case value.KindNone:
			return value.None(), nil
		case value.KindTuple:
			return a.tuple()
		}
		r, ok := value.ParseRat(a.Exact)
		if !ok || k == value.KindInt && !r.IsInt() || k == value.KindBool && !r.Equal(value.Int(0)) && !r.Equal(value.Int(1)) {
			return value.Value{}, fault.New(fault.WrongType, "%q is no %s", a.Exact, a.Kind)
		}
		return value.Number(k, r), nil
	}
	return value.Value{}, fault.New(fault.WrongType, "an atom of unknown kind %q", a.Kind)
}

func (a Atom) tuple() (value.Value, error) {
	var atoms []Atom
	if err := json.Unmarshal([]byte(a.Exact), &atoms); err != nil {
		return value.Value{}, fault.New(fault.WrongType, "%q is no tuple", a.Exact)
	}
	elements := make([]value.Value, len(atoms))
	for i, item := range atoms {
		v, err := item.Value()
		if err != nil {
			return v, err
		}
		elements[i] = v
	}
	return value.Tuple(elements), nil
}
