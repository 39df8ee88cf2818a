package resolve

import (
	"github.com/raspc/raspc/frontend/sop"
	"github.com/raspc/raspc/frontend/value"
)

// elements is what the elements of an s-op plainly are.
type elements uint8

const (
	otherElements elements = iota // numbers, or not plain
	boolElements
	stringElements
)

// nature is what is known of an s-op's elements.
type nature struct {
	elements elements
	// large says that a number beyond 2^53 goes into them.
	large bool
}

func (s *Session) kindOf(id sop.ID) elements { return s.natureOf(id).elements }

func (s *Session) isLarge(id sop.ID) bool { return s.natureOf(id).large }

// natureOf looks at each node once: arguments stand before what reads them.
func (s *Session) natureOf(id sop.ID) nature {
	for next := len(s.natures); next <= int(id); next++ {
		s.natures = append(s.natures, s.natureFrom(s.graph.Node(sop.ID(next))))
	}
	return s.natures[id]
}

func (s *Session) natureFrom(n *sop.Node) nature {
	arg := func(i int) nature { return s.natures[n.Args[i]] }
	switch n.Op {
	case sop.Tokens:
		return s.natureOfTokens(n.Read)
	case sop.Const:
		return natureOfValues(n.Value)
	case sop.Lookup:
		return natureOfValues(n.Table.Vals...)
	case sop.Compare, sop.And, sop.Or, sop.Not, sop.In:
		return nature{elements: boolElements}
	case sop.If:
		return arg(1).or(arg(2))
	case sop.Add, sop.Sub, sop.Mul:
		return nature{large: arg(0).large || arg(1).large}
	case sop.Neg, sop.Div, sop.Mod, sop.Round:
		return nature{large: arg(0).large}
	case sop.Aggregate:
		// Where none is selected there is the default, and else possibly a mean.
		return nature{large: arg(1).large || natureOfValues(n.Value).large}
	}
	return nature{}
}

// or is the nature of elements that are of one or the other.
func (n nature) or(m nature) nature {
	both := nature{large: n.large || m.large}
	if n.elements == m.elements {
		both.elements = n.elements
	}
	return both
}

func natureOfValues(vs ...value.Value) nature {
	var all nature
	for i, v := range vs {
		one := nature{}
		switch {
		case v.IsString():
			one.elements = stringElements
		case v.Kind() == value.KindBool:
			one.elements = boolElements
		default:
			one.large = v.Rat().Abs().Cmp(exactInFloat) > 0
		}
		if i == 0 {
			all = one
		}
		all = all.or(one)
	}
	return all
}

func (s *Session) natureOfTokens(r sop.Read) nature {
	switch r {
	case sop.ReadStr:
		return nature{elements: stringElements}
	case sop.ReadBool:
		return nature{elements: boolElements}
	}
	return nature{large: natureOfValues(s.settings.Vocab.Value...).large}
}
