package resolve

import (
	"github.com/raspc/raspc/frontend/diag"
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/syntax"
	"github.com/raspc/raspc/frontend/value"
)

func (s *Session) evalIndex(x *syntax.Index, e *env) (Value, error) {
	v, err := s.eval(x.X, e)
	if err != nil {
		return nil, err
	}
	i, err := s.eval(x.At, e)
	if err != nil {
		return nil, err
	}
	if _, ok := i.(*Applied); ok {
		return nil, s.appliedOperand(x.Span())
	}
	switch v := v.(type) {
	case *List:
		return s.indexList(v.Items, "list", i, x)
	case *Dict:
		return s.indexDict(v, i, x)
	case SOp:
		return s.indexSOp(v, i, x)
	case *Applied:
		return nil, s.appliedOperand(x.Span())
	case Atom:
		if v.IsString() {
			return s.indexString(v.Text(), i, x)
		}
	}
	return nil, diag.New(diag.IndexType, s.place(x.Span()), "only lists, dicts, strings and s-ops can be indexed, not %s", s.describe(v))
}

// indexList takes an element of a list or character of a string; an s-op as index
// looks up elementwise.
func (s *Session) indexList(items []Value, what string, i Value, x *syntax.Index) (Value, error) {
	at := s.place(x.At.Span())
	if sel, ok := i.(SOp); ok {
		elements, err := s.tableOf(items, x)
		if err != nil {
			return nil, err
		}
		return SOp{s.graph.Lookup(&sop.Table{Vals: elements}, sel.ID, s.pos(x.Span()))}, nil
	}
	n, ok := integer(i)
	if !ok {
		return nil, diag.New(diag.IndexType, at, "the index of a %s is an integer or an s-op, got %s", what, s.describe(i))
	}
	k, small := n.Int64()
	length := int64(len(items))
	if !small || k >= length || k < -length {
		return nil, diag.New(diag.IndexRange, at, "index %s out of range for a %s of length %d", n, what, length)
	}
	return items[(k+length)%length], nil
}

// indexString splits the string for each index; it is charged for that.
func (s *Session) indexString(text string, i Value, x *syntax.Index) (Value, error) {
	if err := s.charge(len(text), x.Span()); err != nil {
		return nil, err
	}
	return s.indexList(atoms(characters(text)), "string", i, x)
}

// tableOf returns the atoms that an elementwise lookup may yield.
func (s *Session) tableOf(vals []Value, x *syntax.Index) ([]value.Value, error) {
	if err := s.charge(len(vals), x.Span()); err != nil {
		return nil, err
	}
	out, ok := allAtoms(vals)
	if !ok {
		return nil, diag.New(diag.SequenceElement, s.place(x.X.Span()), "indexed by an s-op, every element must be an atom").
			WithNote("the elements become elements of a sequence")
	}
	return out, nil
}

func (s *Session) indexDict(d *Dict, i Value, x *syntax.Index) (Value, error) {
	switch i := i.(type) {
	case SOp:
		vals, err := s.tableOf(d.Vals, x)
		if err != nil {
			return nil, err
		}
		t := &sop.Table{Dict: true, Keys: d.Keys, Vals: vals}
		return SOp{s.graph.Lookup(t, i.ID, s.pos(x.Span()))}, nil
	case Atom:
		if v, ok := d.Get(i.Value); ok {
			return v, nil
		}
		return nil, s.missingKey(d, i.Value, s.place(x.At.Span()))
	}
	return nil, diag.New(diag.IndexType, s.place(x.At.Span()), "the key of a dict is an atom or an s-op, got %s", s.describe(i))
}

func (s *Session) missingKey(d *Dict, key value.Value, at diag.Span) error {
	err := diag.New(diag.MissingKey, at, "the key %s is not in the dict", quote(key))
	if len(d.Keys) == 0 {
		return err.WithNote("the dict is empty")
	}
	var known []string
	for i, k := range d.Keys {
		if i == 8 {
			known = append(known, "…")
			break
		}
		known = append(known, quote(k))
	}
	return err.WithNote("it has %s", diag.Either(known...))
}

// indexSOp broadcasts one element of an s-op to all positions: the integer 0
// where the sequence is too short.
func (s *Session) indexSOp(v SOp, i Value, x *syntax.Index) (Value, error) {
	k, ok := integer(i)
	if !ok {
		return nil, diag.New(diag.IndexValue, s.place(x.At.Span()), "an s-op is indexed by an integer, got %s", s.describe(i)).
			WithHelp("`load_from_location(x, p)` takes an s-op as position")
	}
	pos := s.pos(x.Span())
	position := s.graph.Const(value.Number(value.KindInt, k), pos)
	if k.Sign() < 0 {
		length := s.graph.Width(s.graph.Full(pos), pos)
		position = s.graph.Map(sop.Add, pos, length, position)
	}
	sel := s.graph.Select(s.graph.Indices(pos), position, value.EQ, pos)
	return SOp{s.graph.Aggregate(sel, v.ID, nil, pos)}, nil
}

// member is `l in r`.
func (s *Session) member(l, r Value, at diag.Span) (Value, error) {
	switch l := l.(type) {
	case SOp:
		return s.memberSOp(l, r, at)
	case Atom:
		return s.memberAtom(l, r, at)
	}
	return nil, diag.New(diag.InOperand, s.place(at), "the left side of `in` must be an s-op or an atom, got %s", s.describe(l))
}

func (s *Session) memberSOp(l SOp, r Value, at diag.Span) (Value, error) {
	list, ok := r.(*List)
	if !ok {
		return nil, diag.New(diag.InOperand, s.place(at), "the right side of `s-op in …` must be a list of atoms, got %s", s.describe(r))
	}
	if err := s.charge(len(list.Items), at); err != nil {
		return nil, err
	}
	elements, ok := allAtoms(list.Items)
	if !ok {
		return nil, diag.New(diag.InOperand, s.place(at), "the right side of `s-op in …` must hold atoms only")
	}
	return SOp{s.graph.In(l.ID, elements, s.pos(at))}, nil
}

// memberAtom looks for an atom in a list, or anywhere in an s-op.
func (s *Session) memberAtom(l Atom, r Value, at diag.Span) (Value, error) {
	switch r := r.(type) {
	case *List:
		for _, item := range r.Items {
			if same, err := s.equal(item, l, at); same || err != nil {
				return Atom{value.Bool(same)}, err
			}
		}
		return Atom{value.Bool(false)}, nil
	case SOp:
		return s.occurs(r.ID, l.Value, at), nil
	}
	return nil, diag.New(diag.InOperand, s.place(at), "the right side of `atom in …` must be a list or an s-op, got %s", s.describe(r))
}
