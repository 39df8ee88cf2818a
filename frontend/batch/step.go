package batch

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// step is a node, with what it gives on the inputs at hand and what its operator
// is known to give.
type step struct {
	e    *Evaluator
	node *sop.Node
	args [3]*step

	values values     // that an s-op has taken
	seq    []*numbers // of an s-op, by position
	mat    []*rows    // of a selector, by query position

	results table     // of the operator
	kept    [2]table  // own numbers of values that are handed on: of If's branches, of what Aggregate selects alone
	means   *averages // of Aggregate
}

// fit makes room for columns.
func (s *step) fit(length, lanes int) {
	if s.node.Selector() {
		s.mat = columns[uint64](length, lanes)
	} else {
		s.seq = columns[uint16](length, lanes)
	}
}

// run evaluates the node. It reports whether its tables had room.
func (s *step) run() bool {
	if s.node.Selector() {
		return s.selector()
	}
	ok := true
	switch s.node.Op {
	case sop.Indices, sop.Const:
		s.leaf()
	case sop.Width:
		ok = s.width()
	case sop.Aggregate:
		ok = s.aggregate()
	case sop.If:
		ok = s.choose()
	default:
		ok = s.elementwise()
	}
	s.check()
	return ok
}

// check fails the inputs on which the s-op mixes strings and numbers.
func (s *step) check() {
	if s.e.mixed || !s.values.kinds.mixed() {
		return
	}
	for i := range s.e.count {
		if s.kinds(i).mixed() {
			s.e.fail(i, false)
		}
	}
}

// kinds returns the kinds of values that an s-op takes on an input.
func (s *step) kinds(i int) kinds {
	var all kinds
	for _, c := range s.seq {
		all |= kindOf(s.values.all[c.at(i)])
	}
	return all
}

// number returns the number of one of the s-op's values, and none where it is not
// to be remembered.
func (s *step) number(v value.Value) uint16 { return s.e.number(&s.values, v) }

func (s *step) leaf() {
	for i, c := range s.seq {
		v := s.node.Value
		if s.node.Op == sop.Indices {
			v = value.IntOf(int64(i))
		}
		c.set(s.number(v))
		if c.of[0] == none {
			s.e.fail(0, true)
		}
	}
}

// nothing is the second argument of operators of one.
var nothing = &numbers{of: []uint16{none}}

// elementwise applies an operator to one or two s-ops.
func (s *step) elementwise() bool {
	x, y := s.args[0], s.args[1]
	columns := 1
	if y != nil {
		columns = len(y.values.all)
	}
	if !s.e.room(&s.results, len(x.values.all), columns) {
		return false
	}
	for p, out := range s.seq {
		a, b := x.seq[p], nothing
		if y != nil {
			b = y.seq[p]
		}
		out.shape(a.same() && b.same(), s.e.count)
		for i := range out.of {
			cell := s.results.cell(a.at(i), b.at(i))
			if *cell == none {
				if *cell = s.apply(a.at(i), b.at(i)); *cell == none {
					s.e.fail(i, out.same())
				}
			}
			out.of[i] = *cell
		}
	}
	return true
}

// apply applies the operator to values that are new to it.
func (s *step) apply(a, b uint16) uint16 {
	if a == none || s.args[1] != nil && b == none {
		return none
	}
	var v value.Value
	var err error
	x := s.args[0].values.all[a]
	switch {
	case s.node.Op == sop.Tokens:
		v, err = s.node.Read.Of(x)
	case s.args[1] == nil:
		v, err = s.node.Apply(x)
	default:
		v, err = s.node.Apply(x, s.args[1].values.all[b])
	}
	if err != nil {
		return none
	}
	return s.number(v)
}

// choose takes the value of one s-op or another.
func (s *step) choose() bool {
	condition, branches := s.args[0], s.args[1:]
	for k, b := range branches {
		if !s.e.room(&s.kept[k], len(b.values.all), 1) {
			return false
		}
	}
	for p, out := range s.seq {
		c := condition.seq[p]
		out.shape(c.same() && branches[0].seq[p].same() && branches[1].seq[p].same(), s.e.count)
		for i := range out.of {
			k := 1
			if condition.values.all[c.at(i)].Truth() {
				k = 0
			}
			if out.of[i] = s.keep(k, branches[k], branches[k].seq[p].at(i)); out.of[i] == none {
				s.e.fail(i, out.same())
			}
		}
	}
	return true
}

// keep is the own number of an argument's value.
func (s *step) keep(k int, arg *step, a uint16) uint16 {
	cell := s.kept[k].cell(a, none)
	if *cell == none && a != none {
		*cell = s.number(arg.values.all[a])
	}
	return *cell
}
